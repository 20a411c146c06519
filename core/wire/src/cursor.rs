//! Bounds-checked reading of a frame's body.

use crate::malformed::{Field, Malformed, Problem};

/// Reads forward over a body; a read past the end is a [`Malformed`] with field and offset, and moves nothing.
pub(crate) struct Cursor<'a> {
    body: &'a [u8],
    rest: &'a [u8],
}

impl<'a> Cursor<'a> {
    #[inline]
    pub(crate) const fn new(body: &'a [u8]) -> Self {
        Self { body, rest: body }
    }

    /// Offset of the next byte.
    #[inline]
    pub(crate) const fn at(&self) -> usize {
        self.body.len() - self.rest.len()
    }

    /// Everything not read yet.
    #[inline]
    pub(crate) const fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// Everything read since the offset `start`.
    pub(crate) fn since(&self, start: usize) -> &'a [u8] {
        self.body.get(start..self.at()).unwrap_or_default()
    }

    #[inline]
    pub(crate) fn array<const N: usize>(&mut self, field: Field) -> Result<[u8; N], Malformed> {
        match self.rest.split_first_chunk::<N>() {
            Some((bytes, rest)) => {
                self.rest = rest;
                Ok(*bytes)
            }
            None => Err(self.truncated(field, N)),
        }
    }

    #[inline]
    pub(crate) fn u8(&mut self, field: Field) -> Result<u8, Malformed> {
        self.array(field).map(u8::from_be_bytes)
    }

    #[inline]
    pub(crate) fn u16(&mut self, field: Field) -> Result<u16, Malformed> {
        self.array(field).map(u16::from_be_bytes)
    }

    #[inline]
    pub(crate) fn u32(&mut self, field: Field) -> Result<u32, Malformed> {
        self.array(field).map(u32::from_be_bytes)
    }

    #[inline]
    pub(crate) fn bytes(&mut self, field: Field, len: usize) -> Result<&'a [u8], Malformed> {
        match self.rest.split_at_checked(len) {
            Some((bytes, rest)) => {
                self.rest = rest;
                Ok(bytes)
            }
            None => Err(self.truncated(field, len)),
        }
    }

    /// `x~1`: a length of one byte and that many bytes.
    #[inline]
    pub(crate) fn short(&mut self, field: Field) -> Result<&'a [u8], Malformed> {
        let len = self.u8(field)?;
        self.bytes(field, usize::from(len))
    }

    /// `x~2`: a length of two bytes and that many bytes.
    #[inline]
    pub(crate) fn long(&mut self, field: Field) -> Result<&'a [u8], Malformed> {
        let len = self.u16(field)?;
        self.bytes(field, usize::from(len))
    }

    #[cold]
    fn truncated(&self, field: Field, needed: usize) -> Malformed {
        Malformed::new(field, self.at(), Problem::Truncated { needed, left: self.rest.len() })
    }
}

#[cfg(test)]
mod tests;
