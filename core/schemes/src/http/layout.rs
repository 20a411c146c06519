//! The parts of an arg2, borrowed from it and not yet looked into.

use alloc::string::String;
use alloc::vec::Vec;

use super::LengthOrder;
use super::error::{Error, Part};

/// Reads forward over an arg2.
pub(super) struct Cursor<'a> {
    arg2: &'a [u8],
    rest: &'a [u8],
}

impl<'a> Cursor<'a> {
    pub(super) fn new(arg2: &'a [u8]) -> Self {
        Self { arg2, rest: arg2 }
    }

    pub(super) fn u16(&mut self, part: Part) -> Result<u16, Error> {
        self.array(part).map(u16::from_be_bytes)
    }

    pub(super) fn short(&mut self, part: Part) -> Result<&'a [u8], Error> {
        let [len] = self.array(part)?;
        self.take(part, usize::from(len))
    }

    pub(super) fn long(&mut self, part: Part) -> Result<&'a [u8], Error> {
        let len = self.u16(part)?;
        self.take(part, usize::from(len))
    }

    /// `x~N`, its length read in `order`.
    pub(super) fn varied(&mut self, part: Part, order: LengthOrder) -> Result<&'a [u8], Error> {
        let at = self.at();
        let Some((len, rest)) = order.take(self.rest) else {
            let left = self.rest.len();
            return Err(if left < 5 {
                Error::Truncated { part, at, needed: left + 1, left }
            } else {
                Error::Length { part, at }
            });
        };
        self.rest = rest;
        self.take(part, len)
    }

    /// The headers up to the end of arg2, known to be whole: their number and their bytes.
    pub(super) fn headers(mut self) -> Result<(usize, &'a [u8]), Error> {
        let count = self.u16(Part::HeaderCount)?;
        let bytes = self.rest;
        for _ in 0..count {
            self.long(Part::HeaderName)?;
            self.long(Part::HeaderValue)?;
        }
        match self.rest.len() {
            0 => Ok((usize::from(count), bytes)),
            left => Err(Error::LeftOver { left }),
        }
    }

    fn at(&self) -> usize {
        self.arg2.len() - self.rest.len()
    }

    fn array<const N: usize>(&mut self, part: Part) -> Result<[u8; N], Error> {
        let Some((bytes, rest)) = self.rest.split_first_chunk() else { return Err(self.truncated(part, N)) };
        self.rest = rest;
        Ok(*bytes)
    }

    fn take(&mut self, part: Part, len: usize) -> Result<&'a [u8], Error> {
        let Some((bytes, rest)) = self.rest.split_at_checked(len) else {
            return Err(self.truncated(part, len));
        };
        self.rest = rest;
        Ok(bytes)
    }

    fn truncated(&self, part: Part, needed: usize) -> Error {
        Error::Truncated { part, at: self.at(), needed, left: self.rest.len() }
    }
}

/// A part that is a text.
pub(super) fn text(part: Part, bytes: &[u8]) -> Result<String, Error> {
    core::str::from_utf8(bytes).map(String::from).map_err(|_| Error::NotUtf8(part))
}

pub(super) fn put_short(out: &mut Vec<u8>, part: Part, text: &str) -> Result<(), Error> {
    let len = u8::try_from(text.len()).map_err(|_| Error::TooLong { part, len: text.len(), limit: 0xFF })?;
    out.push(len);
    out.extend_from_slice(text.as_bytes());
    Ok(())
}

pub(super) fn put_long(out: &mut Vec<u8>, part: Part, bytes: &[u8]) -> Result<(), Error> {
    let too_long = |_| Error::TooLong { part, len: bytes.len(), limit: 0xFFFF };
    out.extend_from_slice(&u16::try_from(bytes.len()).map_err(too_long)?.to_be_bytes());
    out.extend_from_slice(bytes);
    Ok(())
}
