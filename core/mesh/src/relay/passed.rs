//! A frame on its way out.

use bytes::{Bytes, BytesMut};
use smallvec::SmallVec;
use tchannel_wire::{FRAME_HEADER, FrameHeader, FrameType};

/// A frame to be passed on. All but its first bytes share the memory that it came in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passed {
    /// The frame's type: the one that it came with.
    pub kind: FrameType,
    /// The message id on the other connection.
    pub id: u32,
    /// The first bytes of the body, as they are now.
    front: SmallVec<[u8; 8]>,
    /// The body behind them.
    rest: Bytes,
}

impl Passed {
    /// `body` with its first bytes replaced by `front`, which is no longer.
    pub(super) fn new(kind: FrameType, id: u32, front: &[u8], body: &Bytes) -> Self {
        let rest = body.get(front.len()..).unwrap_or_default();
        Passed { kind, id, front: front.into(), rest: body.slice_ref(rest) }
    }

    /// Bytes of the whole frame.
    pub fn size(&self) -> usize {
        FRAME_HEADER + self.front.len() + self.rest.len()
    }

    /// The frame but for its long shared part, which follows it on the wire.
    pub fn head(&self) -> SmallVec<[u8; 24]> {
        // As large as it came, so it fits.
        let size = u16::try_from(self.size()).unwrap_or(u16::MAX);
        let header = FrameHeader { size, kind: self.kind.byte(), id: self.id };
        let mut head = SmallVec::from_slice(&header.encode());
        head.extend_from_slice(&self.front);
        head
    }

    /// The shared part of the frame.
    pub fn rest(&self) -> &Bytes {
        &self.rest
    }

    /// Writes the whole frame, by a copy.
    pub fn put(&self, out: &mut BytesMut) {
        out.reserve(self.size());
        out.extend_from_slice(&self.head());
        out.extend_from_slice(&self.rest);
    }
}
