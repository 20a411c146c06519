//! call req continue and call res continue: the frames of a message behind its first.

use bytes::Bytes;

use super::Flags;
use crate::{Checksum, Chunks, ChunksView, Malformed, cursor::Cursor, malformed::Field};

/// Further frame of a request or response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Continue {
    /// Whether more frames follow.
    pub flags: Flags,
    /// Checksum of this frame's chunks; it continues from the frame before.
    pub checksum: Checksum,
    /// The next part of the arguments. The first chunk belongs to the argument that the last frame ended in.
    pub chunks: Chunks,
}

impl Continue {
    /// Decodes a body; chunks share its memory. The error does not name the frame type, as the body does not tell it.
    #[inline]
    pub fn decode(body: &Bytes) -> Result<Self, Malformed> {
        let ContinueView { flags, checksum, chunks } = ContinueView::decode(body)?;
        Ok(Self { flags, checksum, chunks: chunks.share(body) })
    }
}

/// Further frame of a request or response, its chunks where they lie in the body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ContinueView<'a> {
    /// As in [`Continue`].
    pub flags: Flags,
    /// As in [`Continue`].
    pub checksum: Checksum,
    /// As in [`Continue`].
    pub chunks: ChunksView<'a>,
}

impl<'a> ContinueView<'a> {
    /// Decodes a body. The error does not name the frame type, as the body does not tell it.
    #[inline]
    pub fn decode(body: &'a [u8]) -> Result<Self, Malformed> {
        let mut cursor = Cursor::new(body);
        let flags = Flags(cursor.u8(Field::Flags)?);
        let (checksum, chunks) = ChunksView::read(&mut cursor)?;
        Ok(Self { flags, checksum, chunks })
    }
}

#[cfg(test)]
mod tests;
