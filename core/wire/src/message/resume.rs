//! call req continue and call res continue: the frames of a message behind its first.

use bytes::Bytes;

use super::{Flags, call::read_args};
use crate::{Checksum, Chunks, Malformed, cursor::Cursor, malformed::Field};

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
        let mut cursor = Cursor::new(body);
        let flags = Flags(cursor.u8(Field::Flags)?);
        let (checksum, chunks) = read_args(body, &mut cursor)?;
        Ok(Self { flags, checksum, chunks })
    }
}

#[cfg(test)]
mod tests;
