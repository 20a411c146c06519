//! Structs, lists and maps, part by part.

use super::error::{DecodeError, Problem};
use super::path::Step;
use super::{Reader, Type};

/// The head of a struct's field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Field {
    /// Its id.
    pub id: i16,
    /// Type of its value.
    pub kind: Type,
}

/// The head of a list or a set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ListHead {
    /// Type of the items.
    pub item: Type,
    /// How many there are; the bytes that are left may hold them.
    pub len: usize,
}

/// The head of a map.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct MapHead {
    /// Type of the keys.
    pub key: Type,
    /// Type of the values.
    pub value: Type,
    /// How many pairs there are; the bytes that are left may hold them.
    pub len: usize,
}

impl Reader<'_> {
    /// Reads the head of a list or a set. The items follow; [`each_item`](Self::each_item) walks them.
    pub fn list(&mut self) -> Result<ListHead, DecodeError> {
        let start = self.at();
        let [item, len @ ..] = self.array::<5>()?;
        let item = known(start, item)?;
        let len = self.count(start, i32::from_be_bytes(len), item.min_size())?;
        Ok(ListHead { item, len })
    }

    /// Reads the head of a map. The pairs follow; [`each_pair`](Self::each_pair) walks them.
    pub fn map(&mut self) -> Result<MapHead, DecodeError> {
        let start = self.at();
        let [key, value, len @ ..] = self.array::<6>()?;
        let (key, value) = (known(start, key)?, known(start, value)?);
        let len = self.count(start, i32::from_be_bytes(len), key.min_size() + value.min_size())?;
        Ok(MapHead { key, value, len })
    }

    /// Reads a struct, giving the head of each field to `each`, which has to read or [`skip`](Self::skip_field) its value.
    pub fn fields(
        &mut self,
        mut each: impl FnMut(&mut Self, Field) -> Result<(), DecodeError>,
    ) -> Result<(), DecodeError> {
        self.nested(|from| {
            while let Some(field) = from.field()? {
                each(from, field)?;
            }
            Ok(())
        })
    }

    /// Reads the items behind the head of a list or a set, each by `each`.
    pub fn each_item(
        &mut self,
        head: ListHead,
        mut each: impl FnMut(&mut Self) -> Result<(), DecodeError>,
    ) -> Result<(), DecodeError> {
        self.nested(|from| {
            for item in 0..head.len {
                each(from).map_err(|error| error.within(Step::Item(item)))?;
            }
            Ok(())
        })
    }

    /// Reads the pairs behind the head of a map: each key by `key`, the rest of the pair by `value`.
    pub fn each_pair<K>(
        &mut self,
        head: MapHead,
        mut key: impl FnMut(&mut Self) -> Result<K, DecodeError>,
        mut value: impl FnMut(&mut Self, K) -> Result<(), DecodeError>,
    ) -> Result<(), DecodeError> {
        self.nested(|from| {
            for pair in 0..head.len {
                let key = key(from).map_err(|error| error.within(Step::Key(pair)))?;
                value(from, key).map_err(|error| error.within(Step::Value(pair)))?;
            }
            Ok(())
        })
    }

    fn field(&mut self) -> Result<Option<Field>, DecodeError> {
        let start = self.at();
        let [kind] = self.array()?;
        if kind == STOP {
            return Ok(None);
        }
        let id = self.i16()?;
        let kind = known(start, kind).map_err(|error| error.within(Step::unnamed(id)))?;
        Ok(Some(Field { id, kind }))
    }

    fn count(&self, start: usize, len: i32, size: usize) -> Result<usize, DecodeError> {
        let count = usize::try_from(len).map_err(|_| DecodeError::new(start, Problem::Negative(len)))?;
        if count > self.left() / size {
            return Err(DecodeError::new(start, Problem::TooMany { count, size, left: self.left() }));
        }
        Ok(count)
    }
}

fn known(at: usize, byte: u8) -> Result<Type, DecodeError> {
    Type::from_byte(byte).ok_or_else(|| DecodeError::new(at, Problem::UnknownType(byte)))
}

/// Stands where a field's type would, behind the last one.
pub(crate) const STOP: u8 = 0;

#[cfg(test)]
mod tests;
