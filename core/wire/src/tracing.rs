//! The 25 tracing bytes of calls, cancels, claims and errors.

/// Trace context of a call: `spanid:8 parentid:8 traceid:8 flags:1`. All zeros mean that there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Tracing {
    /// This call's own span.
    pub span_id: u64,
    /// The span that caused it; 0 for none.
    pub parent_id: u64,
    /// The trace that both belong to.
    pub trace_id: u64,
    /// Bit 0x01: sampled. The other bits are carried as they are.
    pub flags: u8,
}

impl Tracing {
    /// Encoded length in bytes.
    pub const LEN: usize = 25;
    /// No trace.
    pub const ZERO: Self = Self { span_id: 0, parent_id: 0, trace_id: 0, flags: 0 };

    /// Whether the trace is to be recorded.
    pub const fn is_sampled(self) -> bool {
        self.flags & SAMPLED != 0
    }

    /// Reads the 25 bytes; every value is legal.
    #[inline]
    pub const fn decode(bytes: [u8; Self::LEN]) -> Self {
        let [
            s0,
            s1,
            s2,
            s3,
            s4,
            s5,
            s6,
            s7,
            p0,
            p1,
            p2,
            p3,
            p4,
            p5,
            p6,
            p7,
            t0,
            t1,
            t2,
            t3,
            t4,
            t5,
            t6,
            t7,
            flags,
        ] = bytes;
        Self {
            span_id: u64::from_be_bytes([s0, s1, s2, s3, s4, s5, s6, s7]),
            parent_id: u64::from_be_bytes([p0, p1, p2, p3, p4, p5, p6, p7]),
            trace_id: u64::from_be_bytes([t0, t1, t2, t3, t4, t5, t6, t7]),
            flags,
        }
    }

    /// Writes the 25 bytes.
    #[inline]
    pub fn encode(&self) -> [u8; Self::LEN] {
        let mut bytes = [0; Self::LEN];
        bytes[..8].copy_from_slice(&self.span_id.to_be_bytes());
        bytes[8..16].copy_from_slice(&self.parent_id.to_be_bytes());
        bytes[16..24].copy_from_slice(&self.trace_id.to_be_bytes());
        bytes[24] = self.flags;
        bytes
    }
}

const SAMPLED: u8 = 0x01;

#[cfg(test)]
mod tests;
