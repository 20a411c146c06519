//! Bounds-checked reading of the binary protocol.

use bytes::Bytes;

use super::error::{DecodeError, Problem};
use super::path::Step;
use super::walk::Field;
use super::{MAX_DEPTH, Type, Wire};

/// Reads forward over one message.
///
/// Nothing is allocated because a length says so, nothing nests deeper than [`MAX_DEPTH`], and binaries are slices of the
/// message. A byte on the wire may stand for a large value in memory: what items, pairs and boxes take is counted, and
/// at most [`memory_for`] the message, or what [`with_memory`](Self::with_memory) says. After an error the reader stands
/// somewhere within the message and is of no more use.
#[derive(Debug)]
pub struct Reader<'a> {
    message: &'a Bytes,
    rest: &'a [u8],
    depth: usize,
    /// Bytes that values may still take.
    memory: usize,
}

impl<'a> Reader<'a> {
    /// Stands at the first byte of a message.
    pub fn new(message: &'a Bytes) -> Self {
        Self::with_memory(message, memory_for(message.len()))
    }

    /// Stands at the first byte of a message whose values may take about `memory` bytes.
    pub fn with_memory(message: &'a Bytes, memory: usize) -> Self {
        Self { message, rest: message, depth: 0, memory }
    }

    /// Counts the memory of `count` values that are about to be kept, each a `T`; refuses them when it is too much.
    ///
    /// Containers and boxes do this. It is for types that keep values in memory of their own.
    pub fn claim<T>(&mut self, count: usize) -> Result<(), DecodeError> {
        let needed = count.saturating_mul(size_of::<T>());
        match self.memory.checked_sub(needed) {
            Some(left) => self.memory = left,
            None => return Err(self.too_large(needed)),
        }
        Ok(())
    }

    /// Where the next byte is, in bytes from the start of the message.
    #[inline]
    pub fn at(&self) -> usize {
        self.message.len() - self.rest.len()
    }

    /// Bytes not read yet.
    #[inline]
    pub fn left(&self) -> usize {
        self.rest.len()
    }

    /// Everything read since `start`, which [`at`](Self::at) gave; shares the message's memory.
    pub fn since(&self, start: usize) -> Bytes {
        let end = self.at();
        self.message.slice(start.min(end)..end)
    }

    /// Reads a bool: any byte but 0 is true.
    #[inline]
    pub fn bool(&mut self) -> Result<bool, DecodeError> {
        self.array().map(|[byte]| byte != 0)
    }

    /// Reads a signed byte.
    #[inline]
    pub fn i8(&mut self) -> Result<i8, DecodeError> {
        self.array().map(i8::from_be_bytes)
    }

    /// Reads two bytes, signed.
    #[inline]
    pub fn i16(&mut self) -> Result<i16, DecodeError> {
        self.array().map(i16::from_be_bytes)
    }

    /// Reads four bytes, signed.
    #[inline]
    pub fn i32(&mut self) -> Result<i32, DecodeError> {
        self.array().map(i32::from_be_bytes)
    }

    /// Reads eight bytes, signed.
    #[inline]
    pub fn i64(&mut self) -> Result<i64, DecodeError> {
        self.array().map(i64::from_be_bytes)
    }

    /// Reads a double.
    #[inline]
    pub fn double(&mut self) -> Result<f64, DecodeError> {
        self.array().map(f64::from_be_bytes)
    }

    /// Reads a string; it has to be UTF-8.
    pub fn text(&mut self) -> Result<&'a str, DecodeError> {
        let start = self.at();
        core::str::from_utf8(self.slice()?).map_err(|_| DecodeError::new(start, Problem::NotUtf8))
    }

    /// Reads a binary, sharing the message's memory. Keeping it keeps the whole message.
    pub fn binary(&mut self) -> Result<Bytes, DecodeError> {
        let slice = self.slice()?;
        let end = self.at();
        Ok(self.message.slice(end - slice.len()..end))
    }

    /// Reads the value of a field that should be a `T`. A value of another type is an error that has the field's name.
    pub fn value<T: Wire>(&mut self, field: Field, name: &'static str) -> Result<T, DecodeError> {
        let value =
            if field.kind == T::TYPE { T::read(self) } else { Err(self.wrong_type(T::TYPE, field.kind)) };
        value.map_err(|error| error.within(Step::field(field.id, name)))
    }

    /// Skips the value of a field that nobody knows.
    pub fn skip_field(&mut self, field: Field) -> Result<(), DecodeError> {
        self.skip(field.kind).map_err(|error| error.within(Step::unnamed(field.id)))
    }

    /// Gives the value of a required field, or the error that it is missing. To be asked behind the struct's end.
    pub fn required<T>(&self, value: Option<T>, id: i16, name: &'static str) -> Result<T, DecodeError> {
        value.ok_or_else(|| DecodeError::new(self.at(), Problem::Missing).within(Step::field(id, name)))
    }

    /// Refuses bytes behind the end of the outermost struct.
    pub fn end(&self) -> Result<(), DecodeError> {
        match self.left() {
            0 => Ok(()),
            left => Err(DecodeError::new(self.at(), Problem::LeftOver(left))),
        }
    }

    /// The error that a value here has another type than its place.
    #[cold]
    pub(crate) fn wrong_type(&self, expected: Type, got: Type) -> DecodeError {
        DecodeError::new(self.at(), Problem::WrongType { expected, got })
    }

    /// Counts one level of nesting for as long as `body` runs.
    pub(crate) fn nested<R>(
        &mut self,
        body: impl FnOnce(&mut Self) -> Result<R, DecodeError>,
    ) -> Result<R, DecodeError> {
        if self.depth == MAX_DEPTH {
            return Err(DecodeError::new(self.at(), Problem::TooDeep));
        }
        self.depth += 1;
        let result = body(self);
        self.depth -= 1;
        result
    }

    #[inline]
    pub(crate) fn take(&mut self, len: usize) -> Result<&'a [u8], DecodeError> {
        let Some((bytes, rest)) = self.rest.split_at_checked(len) else { return Err(self.truncated(len)) };
        self.rest = rest;
        Ok(bytes)
    }

    /// The bytes of a string or binary.
    pub(crate) fn slice(&mut self) -> Result<&'a [u8], DecodeError> {
        let start = self.at();
        let len = self.i32()?;
        let len = usize::try_from(len).map_err(|_| DecodeError::new(start, Problem::Negative(len)))?;
        self.take(len)
    }

    #[inline]
    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], DecodeError> {
        let Some((bytes, rest)) = self.rest.split_first_chunk::<N>() else { return Err(self.truncated(N)) };
        self.rest = rest;
        Ok(*bytes)
    }

    #[cold]
    fn too_large(&self, needed: usize) -> DecodeError {
        DecodeError::new(self.at(), Problem::TooLarge { needed, left: self.memory })
    }

    #[cold]
    fn truncated(&self, needed: usize) -> DecodeError {
        DecodeError::new(self.at(), Problem::Truncated { needed, left: self.left() })
    }
}

/// Bytes of memory that the values of a message of `len` bytes may take: 64 MiB and eight times its size.
///
/// Well-meant values pass eightfold growth only where most fields of large structs are absent; up to the 64 MiB that does
/// not matter. A hostile message takes one byte for each empty struct of a list.
pub const fn memory_for(len: usize) -> usize {
    len.saturating_mul(8).saturating_add(64 << 20)
}

#[cfg(test)]
mod tests;
