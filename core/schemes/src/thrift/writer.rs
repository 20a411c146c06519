//! Writing the binary protocol.

use alloc::vec::Vec;

use bytes::Bytes;

use super::error::{EncodeError, Fault};
use super::path::Step;
use super::walk::STOP;
use super::{MAX_DEPTH, Type, Wire};

/// Writes one message, or a part of one.
///
/// After an error it holds half a struct: nothing of that may be sent.
#[derive(Debug, Default)]
pub struct Writer {
    out: Vec<u8>,
    depth: usize,
}

impl Writer {
    /// Writes into memory of its own.
    pub fn new() -> Self {
        Self::behind(Vec::with_capacity(SMALL))
    }

    /// Writes behind what `out` holds.
    pub fn behind(out: Vec<u8>) -> Self {
        Self { out, depth: 0 }
    }

    /// What was written.
    pub fn into_bytes(self) -> Bytes {
        self.out.into()
    }

    /// What was written, behind what was there before.
    pub fn into_vec(self) -> Vec<u8> {
        self.out
    }

    /// Writes a bool.
    #[inline]
    pub fn bool(&mut self, value: bool) {
        self.out.push(value.into());
    }

    /// Writes a signed byte.
    #[inline]
    pub fn i8(&mut self, value: i8) {
        self.put(value.to_be_bytes());
    }

    /// Writes two bytes, signed.
    #[inline]
    pub fn i16(&mut self, value: i16) {
        self.put(value.to_be_bytes());
    }

    /// Writes four bytes, signed.
    #[inline]
    pub fn i32(&mut self, value: i32) {
        self.put(value.to_be_bytes());
    }

    /// Writes eight bytes, signed.
    #[inline]
    pub fn i64(&mut self, value: i64) {
        self.put(value.to_be_bytes());
    }

    /// Writes a double.
    #[inline]
    pub fn double(&mut self, value: f64) {
        self.put(value.to_be_bytes());
    }

    /// Writes a string.
    pub fn text(&mut self, value: &str) -> Result<(), EncodeError> {
        self.binary(value.as_bytes())
    }

    /// Writes a binary.
    pub fn binary(&mut self, value: &[u8]) -> Result<(), EncodeError> {
        self.len(value.len())?;
        self.out.extend_from_slice(value);
        Ok(())
    }

    /// Writes a struct: its fields by `body`, then the stop.
    pub fn fields(
        &mut self,
        body: impl FnOnce(&mut Self) -> Result<(), EncodeError>,
    ) -> Result<(), EncodeError> {
        self.nested(body)?;
        self.out.push(STOP);
        Ok(())
    }

    /// Writes one field of a struct.
    pub fn field<T: Wire>(&mut self, id: i16, name: &'static str, value: &T) -> Result<(), EncodeError> {
        self.field_head(id, T::TYPE);
        value.write(self).map_err(|error| error.within(Step::field(id, name)))
    }

    /// Writes the head of a struct's field. Its value has to follow.
    pub fn field_head(&mut self, id: i16, kind: Type) {
        self.out.push(kind.byte());
        self.i16(id);
    }

    /// Writes a list or a set: the head, then each item by `each`.
    pub fn items<T>(
        &mut self,
        item: Type,
        items: impl ExactSizeIterator<Item = T>,
        mut each: impl FnMut(&mut Self, T) -> Result<(), EncodeError>,
    ) -> Result<(), EncodeError> {
        self.out.push(item.byte());
        self.len(items.len())?;
        self.nested(|to| {
            for (at, item) in items.enumerate() {
                each(to, item).map_err(|error| error.within(Step::Item(at)))?;
            }
            Ok(())
        })
    }

    /// Writes a map: the head, then each pair by `key` and `value`.
    pub fn pairs<K, V>(
        &mut self,
        (key_type, value_type): (Type, Type),
        pairs: impl ExactSizeIterator<Item = (K, V)>,
        mut key: impl FnMut(&mut Self, K) -> Result<(), EncodeError>,
        mut value: impl FnMut(&mut Self, V) -> Result<(), EncodeError>,
    ) -> Result<(), EncodeError> {
        self.out.push(key_type.byte());
        self.out.push(value_type.byte());
        self.len(pairs.len())?;
        self.nested(|to| {
            for (at, (k, v)) in pairs.enumerate() {
                key(to, k).map_err(|error| error.within(Step::Key(at)))?;
                value(to, v).map_err(|error| error.within(Step::Value(at)))?;
            }
            Ok(())
        })
    }

    fn nested(&mut self, body: impl FnOnce(&mut Self) -> Result<(), EncodeError>) -> Result<(), EncodeError> {
        if self.depth == MAX_DEPTH {
            return Err(EncodeError::new(Fault::TooDeep));
        }
        self.depth += 1;
        let result = body(self);
        self.depth -= 1;
        result
    }

    fn len(&mut self, len: usize) -> Result<(), EncodeError> {
        let value = i32::try_from(len).map_err(|_| EncodeError::new(Fault::TooLong(len)))?;
        self.i32(value);
        Ok(())
    }

    #[inline]
    fn put<const N: usize>(&mut self, bytes: [u8; N]) {
        self.out.extend_from_slice(&bytes);
    }
}

/// Most messages fit into this without their memory being moved.
const SMALL: usize = 128;

#[cfg(test)]
mod tests;
