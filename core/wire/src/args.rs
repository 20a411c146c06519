//! The chunks of arguments in one call frame.

use core::fmt;

use bytes::{Bytes, BytesMut};

use crate::{
    Checksum, ChecksumKind, EncodeError, MAX_BODY,
    cursor::Cursor,
    malformed::{Field, Malformed, Problem},
};

/// `chunk~2 …` to the end of a frame: at least one chunk, all of them known to be whole.
#[derive(Clone, PartialEq, Eq)]
pub struct Chunks {
    bytes: Bytes,
    count: usize,
}

impl Chunks {
    /// Takes the encoded chunks at the end of a body, sharing its memory.
    pub fn decode(bytes: Bytes) -> Result<Self, Malformed> {
        let mut cursor = Cursor::new(&bytes);
        let count = check(&mut cursor)?;
        Ok(Self { bytes, count })
    }

    /// Encodes `parts`, one chunk each.
    ///
    /// Refuses an empty list, and one that is too long for any frame.
    pub fn encode<P: AsRef<[u8]>>(parts: impl IntoIterator<Item = P>) -> Result<Self, EncodeError> {
        let mut bytes = BytesMut::new();
        let mut count = 0;
        for part in parts {
            let part = part.as_ref();
            let size = bytes.len().saturating_add(2).saturating_add(part.len());
            let len = u16::try_from(part.len()).ok().filter(|_| size <= MAX_BODY);
            let Some(len) = len else { return Err(EncodeError::FrameSize { size }) };
            bytes.extend_from_slice(&len.to_be_bytes());
            bytes.extend_from_slice(part);
            count += 1;
        }
        if count == 0 {
            return Err(EncodeError::NoChunks);
        }
        Ok(Self { bytes: bytes.freeze(), count })
    }

    /// The chunks, borrowed.
    #[inline]
    pub fn view(&self) -> ChunksView<'_> {
        ChunksView { bytes: &self.bytes, count: self.count }
    }

    /// Each chunk in turn, sharing the frame's memory.
    pub fn iter(&self) -> impl Iterator<Item = Bytes> + '_ {
        let mut at = 0;
        self.iter_slices().map(move |slice| {
            let start = at + 2;
            at = start + slice.len();
            self.bytes.slice(start..at)
        })
    }

    /// Each chunk in turn, borrowed.
    pub fn iter_slices(&self) -> impl Iterator<Item = &[u8]> + Clone {
        self.view().iter()
    }

    /// How many chunks there are: 1 or more.
    pub fn count(&self) -> usize {
        self.count
    }

    /// Bytes of all chunks together, without their lengths.
    pub fn total_len(&self) -> usize {
        self.view().total_len()
    }

    /// The chunks as encoded.
    pub fn as_bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// Gives the encoded chunks up.
    pub fn into_bytes(self) -> Bytes {
        self.bytes
    }

    /// The running checksum behind this frame, when it was `seed` before it (0 for the first frame of a message).
    #[inline]
    pub fn checksum(&self, kind: ChecksumKind, seed: u32) -> u32 {
        self.view().checksum(kind, seed)
    }
}

/// The chunks of a frame where they lie.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct ChunksView<'a> {
    bytes: &'a [u8],
    count: usize,
}

impl<'a> ChunksView<'a> {
    /// `csumtype:1 (csum:4)? chunk~2 …` to the end of the body.
    #[inline]
    pub(crate) fn read(cursor: &mut Cursor<'a>) -> Result<(Checksum, Self), Malformed> {
        let checksum = Checksum::read(cursor)?;
        let bytes = cursor.rest();
        let count = check(cursor)?;
        Ok((checksum, Self { bytes, count }))
    }

    /// Each chunk in turn.
    #[inline]
    pub fn iter(self) -> impl Iterator<Item = &'a [u8]> + Clone {
        Slices { rest: self.bytes }
    }

    /// The chunks of a frame that has exactly three, as that of a whole message has.
    #[inline]
    pub fn three(self) -> Option<[&'a [u8]; 3]> {
        let mut chunks = Slices { rest: self.bytes };
        let three = [chunks.next()?, chunks.next()?, chunks.next()?];
        chunks.rest.is_empty().then_some(three)
    }

    /// How many chunks there are: 1 or more.
    pub fn count(self) -> usize {
        self.count
    }

    /// Bytes of all chunks together, without their lengths.
    pub fn total_len(self) -> usize {
        self.bytes.len() - 2 * self.count
    }

    /// The running checksum behind this frame, when it was `seed` before it (0 for the first frame of a message).
    #[inline]
    pub fn checksum(self, kind: ChecksumKind, seed: u32) -> u32 {
        match kind {
            ChecksumKind::None => seed,
            ChecksumKind::Crc32 | ChecksumKind::Crc32c => {
                self.iter().fold(seed, |running, chunk| kind.update(running, chunk))
            }
            // Only the last chunk counts, and there always is one.
            ChecksumKind::FarmHash => self.iter().last().map_or(seed, |chunk| kind.update(seed, chunk)),
        }
    }

    /// The same chunks, sharing the memory of `body`.
    ///
    /// # Panics
    ///
    /// If they lie elsewhere.
    pub fn share(self, body: &Bytes) -> Chunks {
        Chunks { bytes: body.slice_ref(self.bytes), count: self.count }
    }
}

impl<'a> From<&'a Chunks> for ChunksView<'a> {
    fn from(chunks: &'a Chunks) -> Self {
        chunks.view()
    }
}

impl fmt::Debug for ChunksView<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

impl fmt::Debug for Chunks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

/// Walks the chunks up to the end of the body; gives their number.
#[inline]
pub(crate) fn check(cursor: &mut Cursor<'_>) -> Result<usize, Malformed> {
    if cursor.rest().is_empty() {
        return Err(Malformed::new(Field::Chunk, cursor.at(), Problem::Missing));
    }
    let mut count = 0;
    while !cursor.rest().is_empty() {
        cursor.long(Field::Chunk)?;
        count += 1;
    }
    Ok(count)
}

#[derive(Clone)]
struct Slices<'a> {
    rest: &'a [u8],
}

impl<'a> Iterator for Slices<'a> {
    type Item = &'a [u8];

    #[inline]
    fn next(&mut self) -> Option<&'a [u8]> {
        let (len, rest) = self.rest.split_first_chunk::<2>()?;
        let (chunk, rest) = rest.split_at_checked(usize::from(u16::from_be_bytes(*len)))?;
        self.rest = rest;
        Some(chunk)
    }
}

#[cfg(test)]
mod tests;
