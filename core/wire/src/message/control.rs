//! cancel and claim.

use bytes::Bytes;

use crate::{Malformed, Tracing, cursor::Cursor, frame::FrameType, malformed::Field};

/// Longest reason in bytes that `put_cancel` writes; longer ones are cut.
pub const MAX_CANCEL_WHY: usize = 255;

/// The caller no longer wants an answer to the call with this frame's id.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Cancel {
    /// In milliseconds; without a known use.
    pub ttl: u32,
    /// The call's trace context.
    pub tracing: Tracing,
    /// Reason, for logs. Meant to be UTF-8.
    pub why: Bytes,
}

impl Cancel {
    /// Decodes a body; the reason shares its memory. An empty body is a cancel without a reason; bytes behind the
    /// reason are ignored.
    pub fn decode(body: &Bytes) -> Result<Self, Malformed> {
        if body.is_empty() {
            return Ok(Self::default());
        }
        Self::read(body).map_err(|malformed| malformed.within(FrameType::Cancel))
    }

    fn read(body: &Bytes) -> Result<Self, Malformed> {
        let mut cursor = Cursor::new(body);
        let ttl = cursor.u32(Field::Ttl)?;
        let tracing = Tracing::decode(cursor.array(Field::Tracing)?);
        let why = body.slice_ref(cursor.long(Field::Why)?);
        Ok(Self { ttl, tracing, why })
    }
}

/// Another worker has taken the call that the tracing names; the frame's id means nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Claim {
    /// In milliseconds.
    pub ttl: u32,
    /// Trace context of the call that was taken.
    pub tracing: Tracing,
}

impl Claim {
    /// Decodes a body; bytes behind the tracing are ignored.
    pub fn decode(body: &Bytes) -> Result<Self, Malformed> {
        Self::read(body).map_err(|malformed| malformed.within(FrameType::Claim))
    }

    fn read(body: &[u8]) -> Result<Self, Malformed> {
        let mut cursor = Cursor::new(body);
        let ttl = cursor.u32(Field::Ttl)?;
        let tracing = Tracing::decode(cursor.array(Field::Tracing)?);
        Ok(Self { ttl, tracing })
    }
}

#[cfg(test)]
mod tests;
