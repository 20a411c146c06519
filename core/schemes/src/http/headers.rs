//! Headers of a request or response.

use alloc::string::String;
use alloc::vec::Vec;

use bytes::Bytes;

use super::error::{Error, Part};
use super::layout::{Cursor, put_long, text};

/// Headers in the order of the wire. Names may repeat, keep their case, and are compared without it.
///
/// Values are bytes: HTTP does not say that they are UTF-8.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Headers(Vec<(String, Bytes)>);

impl Headers {
    /// No headers.
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Adds a header behind all others, whatever their names.
    pub fn push(&mut self, name: impl Into<String>, value: impl Into<Bytes>) {
        self.0.push((name.into(), value.into()));
    }

    /// The value of the first header of this name.
    pub fn get(&self, name: &str) -> Option<&Bytes> {
        self.0.iter().find_map(|(key, value)| key.eq_ignore_ascii_case(name).then_some(value))
    }

    /// The values of all headers of this name, in order.
    pub fn get_all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Bytes> {
        self.0.iter().filter_map(move |(key, value)| key.eq_ignore_ascii_case(name).then_some(value))
    }

    /// Removes all headers of this name.
    pub fn remove(&mut self, name: &str) {
        self.0.retain(|(key, _)| !key.eq_ignore_ascii_case(name));
    }

    /// Names and values, in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &Bytes)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// How many there are, repeated names counted each time.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Reads headers that are whole, from the part of `arg2` that they are.
    pub(super) fn read(arg2: &Bytes, (count, bytes): (usize, &[u8])) -> Result<Self, Error> {
        let mut from = Cursor::new(bytes);
        let mut headers = Self::new();
        for _ in 0..count {
            let name = text(Part::HeaderName, from.long(Part::HeaderName)?)?;
            let value = from.long(Part::HeaderValue)?;
            headers.push(name, arg2.slice_ref(value));
        }
        Ok(headers)
    }

    pub(super) fn put(&self, out: &mut Vec<u8>) -> Result<(), Error> {
        let too_many = |_| Error::TooLong { part: Part::HeaderCount, len: self.len(), limit: 0xFFFF };
        out.extend_from_slice(&u16::try_from(self.len()).map_err(too_many)?.to_be_bytes());
        for (name, value) in &self.0 {
            put_long(out, Part::HeaderName, name.as_bytes())?;
            put_long(out, Part::HeaderValue, value)?;
        }
        Ok(())
    }
}

impl<K: Into<String>, V: Into<Bytes>> FromIterator<(K, V)> for Headers {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(pairs: I) -> Self {
        Self(pairs.into_iter().map(|(name, value)| (name.into(), value.into())).collect())
    }
}

#[cfg(test)]
mod tests;
