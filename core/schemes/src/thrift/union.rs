//! Unions: structs of which exactly one field is there.

use alloc::format;

use super::error::{DecodeError, Problem};
use super::{Field, Reader};

impl Reader<'_> {
    /// Reads a union: `variant` reads the value of a field, or gives `None` without reading for one that it does not know.
    ///
    /// Fields that nobody knows are skipped. Of the others there has to be exactly one.
    pub fn union<T>(
        &mut self,
        mut variant: impl FnMut(&mut Self, Field) -> Result<Option<T>, DecodeError>,
    ) -> Result<T, DecodeError> {
        let start = self.at();
        let (mut found, mut count) = (None, 0_usize);
        self.fields(|from, field| match variant(from, field)? {
            Some(value) => {
                found = Some(value);
                count += 1;
                Ok(())
            }
            None => from.skip_field(field),
        })?;
        found.filter(|_| count == 1).ok_or_else(|| {
            let words = format!("has {count} known fields, a union has exactly one");
            DecodeError::new(start, Problem::Invalid(words.into()))
        })
    }
}

#[cfg(test)]
mod tests;
