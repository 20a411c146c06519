//! Passing over values that nobody asked for.

use super::error::DecodeError;
use super::walk::{ListHead, MapHead};
use super::{Reader, Type};

impl Reader<'_> {
    /// Skips one value, whatever is in it, as long as it is whole and not nested too deeply.
    pub fn skip(&mut self, kind: Type) -> Result<(), DecodeError> {
        if let Some(size) = kind.fixed_size() {
            return self.take(size).map(drop);
        }
        match kind {
            Type::Struct => self.fields(Self::skip_field),
            Type::Map => {
                let MapHead { key, value, len } = self.map()?;
                match (key.fixed_size(), value.fixed_size()) {
                    (Some(key), Some(value)) => self.skip_many(len, key + value),
                    (_, _) => self.each_pair(
                        MapHead { key, value, len },
                        |from| from.skip(key),
                        |from, ()| from.skip(value),
                    ),
                }
            }
            Type::Set | Type::List => {
                let ListHead { item, len } = self.list()?;
                match item.fixed_size() {
                    Some(size) => self.skip_many(len, size),
                    None => self.each_item(ListHead { item, len }, |from| from.skip(item)),
                }
            }
            Type::Bool | Type::I8 | Type::Double | Type::I16 | Type::I32 | Type::I64 | Type::Binary => {
                self.slice().map(drop)
            }
        }
    }

    /// Skips `len` values of `size` bytes each; the head has been checked to have them.
    fn skip_many(&mut self, len: usize, size: usize) -> Result<(), DecodeError> {
        self.nested(|from| from.take(len * size).map(drop))
    }
}

#[cfg(test)]
mod tests;
