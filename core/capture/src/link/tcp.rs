//! One TCP segment.

use core::net::SocketAddr;

use super::ip::Carried;
use super::{Without, number};

/// A segment, where it lies in its packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Segment<'a> {
    pub(crate) from: SocketAddr,
    pub(crate) to: SocketAddr,
    /// Number of the first byte; of the SYN, which counts as one, where there is one.
    pub(crate) seq: u32,
    /// Number of the byte that the sender waits for.
    pub(crate) ack: Option<u32>,
    pub(crate) flags: Flags,
    /// What was kept of the bytes that it carries.
    pub(crate) bytes: &'a [u8],
    /// Bytes behind them that were not.
    pub(crate) cut: usize,
}

/// What a segment says beside its bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Flags {
    /// The stream begins here.
    pub(crate) syn: bool,
    /// The stream ends behind the bytes.
    pub(crate) fin: bool,
    /// The connection is broken.
    pub(crate) rst: bool,
}

pub(super) fn read<'a>(carried: &Carried<'a>) -> Result<Segment<'a>, Without> {
    let head: &[u8; 20] = carried.bytes.first_chunk().ok_or(Without::Sense)?;
    let start = usize::from(head[12] >> 4) * 4;
    if start < head.len() {
        return Err(Without::Sense);
    }
    let has = |bit: u8| head[13] & bit != 0;
    let [_, _, _, _, s0, s1, s2, s3, a0, a1, a2, a3, ..] = *head;
    Ok(Segment {
        from: SocketAddr::new(carried.from, number(head, 0)?),
        to: SocketAddr::new(carried.to, number(head, 2)?),
        seq: u32::from_be_bytes([s0, s1, s2, s3]),
        ack: has(0x10).then(|| u32::from_be_bytes([a0, a1, a2, a3])),
        flags: Flags { syn: has(0x02), fin: has(0x01), rst: has(0x04) },
        bytes: carried.bytes.get(start..).unwrap_or_default(),
        // Options may be missing, too.
        cut: carried.cut.saturating_sub(start.saturating_sub(carried.bytes.len())),
    })
}
