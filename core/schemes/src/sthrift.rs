//! Scheme `sthrift`: arg3 is a stream of structs, each in a chunk `n:4` and that many bytes.
//!
//! Arg1 and arg2 are those of scheme `thrift`. A method whose request streams has exactly one argument, a struct; one
//! whose response streams returns a struct. An exception comes before the first result, and is then an answer of scheme
//! [`thrift`](crate::thrift). Frames may cut a chunk anywhere, and hold many.
//!
//! ```
//! use bytes::Bytes;
//! use tchannel_schemes::sthrift::{Chunks, encode};
//! use tchannel_schemes::thrift::{Fields, Value, decode};
//!
//! let one = Fields(vec![(1, Value::I32(1))]);
//! let arg3 = encode(&one)?;
//! let mut chunks = Chunks::new();
//! for mut part in [arg3.slice(..6), arg3.slice(6..)] {
//!     while let Some(chunk) = chunks.take(&mut part)? {
//!         assert_eq!(decode::<Fields>(&chunk)?, one);
//!     }
//! }
//! chunks.end()?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use alloc::vec::Vec;

use bytes::{Buf, Bytes, BytesMut};

use crate::thrift::{EncodeError, Struct, Writer};

/// Most bytes that the struct in a chunk may take: 16 MiB.
pub const MAX_CHUNK: usize = 16 << 20;

const HEAD: usize = 4;

/// Encodes a struct as one chunk.
pub fn encode<T: Struct>(value: &T) -> Result<Bytes, Error> {
    let mut to = Writer::behind(Vec::from([0; HEAD]));
    value.write(&mut to).map_err(|error| error.of(T::NAME))?;
    let mut chunk = to.into_vec();
    let size = chunk.len() - HEAD;
    let len = u32::try_from(size).ok().filter(|_| size <= MAX_CHUNK).ok_or(Error::TooLong { len: size })?;
    chunk[..HEAD].copy_from_slice(&len.to_be_bytes());
    Ok(chunk.into())
}

/// Takes whole chunks off the parts of an arg3 as they arrive.
///
/// It keeps what it has of one chunk, and never more than came in.
#[derive(Debug, Default)]
pub struct Chunks {
    /// The head and the first bytes of a chunk that was cut; empty between chunks.
    partial: BytesMut,
}

impl Chunks {
    /// Stands before the first chunk.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next chunk, without its length, or all of `part` where it is not whole yet.
    ///
    /// A chunk that lies in one part shares its memory. A chunk over [`MAX_CHUNK`] is an error, again each time.
    pub fn take(&mut self, part: &mut Bytes) -> Result<Option<Bytes>, Error> {
        if self.partial.is_empty()
            && let Some(size) = size(part)?
            && part.len() >= size
        {
            let mut chunk = part.split_to(size);
            chunk.advance(HEAD);
            return Ok(Some(chunk));
        }
        self.fill(HEAD, part);
        let Some(size) = size(&self.partial)? else { return Ok(None) };
        self.fill(size, part);
        if self.partial.len() < size {
            return Ok(None);
        }
        let mut chunk = core::mem::take(&mut self.partial).freeze();
        chunk.advance(HEAD);
        Ok(Some(chunk))
    }

    /// Says whether the stream may end here: not within a chunk.
    pub fn end(&self) -> Result<(), Error> {
        match self.partial.len() {
            0 => Ok(()),
            got => Err(Error::Truncated { got }),
        }
    }

    /// Moves bytes until there are `size` of them, or no more.
    fn fill(&mut self, size: usize, part: &mut Bytes) {
        let missing = size.saturating_sub(self.partial.len()).min(part.len());
        self.partial.extend_from_slice(&part.split_to(missing));
    }
}

/// Size of the chunk that begins here, its head included; `None` while the head is not whole.
fn size(bytes: &[u8]) -> Result<Option<usize>, Error> {
    let Some((head, _)) = bytes.split_first_chunk::<HEAD>() else { return Ok(None) };
    let len = usize::try_from(u32::from_be_bytes(*head)).unwrap_or(usize::MAX);
    if len > MAX_CHUNK { Err(Error::TooLong { len }) } else { Ok(Some(HEAD + len)) }
}

/// A stream that is none, or a struct that cannot be a chunk.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// A chunk that is too long.
    #[error("a chunk has {len} bytes, at most {MAX_CHUNK} are allowed")]
    TooLong {
        /// Its length in bytes.
        len: usize,
    },
    /// The stream ended within a chunk.
    #[error("the stream ends within a chunk, {got} bytes after its start")]
    Truncated {
        /// Bytes of the chunk that arrived, those of its length included.
        got: usize,
    },
    /// A struct that cannot be written.
    #[error(transparent)]
    Encode(#[from] EncodeError),
}

#[cfg(test)]
mod tests;
