//! As much of Thrift's binary protocol as discovery needs. Reading is total; unknown fields are skipped.

use core::str;

use thiserror::Error;

/// Why bytes are not the struct that was wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("{problem}, {left} bytes before the end")]
pub struct ThriftError {
    /// What is wrong.
    pub problem: ThriftProblem,
    /// Bytes that were not read yet.
    pub left: usize,
}

/// What is wrong with a struct.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ThriftProblem {
    /// The bytes end too early.
    #[error("cut off")]
    Truncated,
    /// A length or a count that is negative, or larger than what could follow.
    #[error("a length of {0}, which cannot be")]
    Length(i32),
    /// A type that the protocol does not name.
    #[error("unknown type {0}")]
    UnknownType(u8),
    /// A known field has another type than it must have.
    #[error("field {field} has type {kind}")]
    WrongType {
        /// Its id.
        field: i16,
        /// The type that it came with.
        kind: u8,
    },
    /// A field that every such struct has is not there.
    #[error("field {0} is missing")]
    Missing(i16),
    /// A number that means nothing there.
    #[error("field {field} is {value}, which cannot be")]
    OutOfRange {
        /// The field's id.
        field: i16,
        /// Its value.
        value: i32,
    },
    /// A text that is not UTF-8.
    #[error("a text that is not UTF-8")]
    NotText,
    /// Structs and containers lie too deep in each other.
    #[error("more than 64 levels")]
    TooDeep,
    /// Something follows the struct.
    #[error("the struct is over")]
    LeftOver,
}

/// The types of values.
pub(super) mod kind {
    pub(in super::super) const I32: u8 = 8;
    pub(in super::super) const STRING: u8 = 11;
    pub(in super::super) const STRUCT: u8 = 12;
    pub(in super::super) const LIST: u8 = 15;
}

/// The start of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Field {
    pub(super) kind: u8,
    pub(super) id: i16,
}

#[derive(Debug)]
pub(super) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Reader { rest: bytes }
    }

    /// The next field of a struct; `None` at its end.
    pub(super) fn field(&mut self) -> Result<Option<Field>, ThriftError> {
        let [kind] = self.array()?;
        if kind == STOP {
            return Ok(None);
        }
        Ok(Some(Field { kind, id: i16::from_be_bytes(self.array()?) }))
    }

    /// Refuses a known field that has another type.
    pub(super) fn check(&self, field: Field, kind: u8) -> Result<(), ThriftError> {
        if field.kind == kind {
            return Ok(());
        }
        Err(self.error(ThriftProblem::WrongType { field: field.id, kind: field.kind }))
    }

    pub(super) fn i32(&mut self) -> Result<i32, ThriftError> {
        self.array().map(i32::from_be_bytes)
    }

    pub(super) fn text(&mut self) -> Result<&'a str, ThriftError> {
        let bytes = self.string()?;
        str::from_utf8(bytes).map_err(|_| self.error(ThriftProblem::NotText))
    }

    /// The start of a list: the type of its elements, and how many there are.
    pub(super) fn list(&mut self) -> Result<(u8, usize), ThriftError> {
        let [kind] = self.array()?;
        Ok((kind, self.length(min_size(kind))?))
    }

    /// Skips the value of a field that nobody knows.
    pub(super) fn skip(&mut self, kind: u8) -> Result<(), ThriftError> {
        self.skip_within(kind, MAX_DEPTH)
    }

    pub(super) fn end(&self) -> Result<(), ThriftError> {
        if self.rest.is_empty() { Ok(()) } else { Err(self.error(ThriftProblem::LeftOver)) }
    }

    pub(super) fn error(&self, problem: ThriftProblem) -> ThriftError {
        ThriftError { problem, left: self.rest.len() }
    }

    fn skip_within(&mut self, kind: u8, depth: u8) -> Result<(), ThriftError> {
        match kind {
            BOOL | BYTE | DOUBLE | I16 | kind::I32 | I64 => self.take(min_size(kind)).map(drop),
            kind::STRING => self.string().map(drop),
            kind::STRUCT | MAP | SET | kind::LIST => {
                let below = depth.checked_sub(1);
                self.skip_deep(kind, below.ok_or_else(|| self.error(ThriftProblem::TooDeep))?)
            }
            unknown => Err(self.error(ThriftProblem::UnknownType(unknown))),
        }
    }

    fn skip_deep(&mut self, kind: u8, depth: u8) -> Result<(), ThriftError> {
        if kind == kind::STRUCT {
            while let Some(field) = self.field()? {
                self.skip_within(field.kind, depth)?;
            }
            return Ok(());
        }
        let (keys, values, count) = if kind == MAP {
            let [keys, values] = self.array()?;
            (Some(keys), values, self.length(min_size(keys) + min_size(values))?)
        } else {
            let (values, count) = self.list()?;
            (None, values, count)
        };
        for _ in 0..count {
            if let Some(keys) = keys {
                self.skip_within(keys, depth)?;
            }
            self.skip_within(values, depth)?;
        }
        Ok(())
    }

    fn string(&mut self) -> Result<&'a [u8], ThriftError> {
        let len = self.length(1)?;
        self.take(len)
    }

    /// A length or count of things that take `each` bytes or more.
    fn length(&mut self, each: usize) -> Result<usize, ThriftError> {
        let declared = self.i32()?;
        let most = self.rest.len() / each.max(1);
        let length = usize::try_from(declared).ok().filter(|length| *length <= most);
        length.ok_or_else(|| self.error(ThriftProblem::Length(declared)))
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], ThriftError> {
        let Some((array, rest)) = self.rest.split_first_chunk() else {
            return Err(self.error(ThriftProblem::Truncated));
        };
        self.rest = rest;
        Ok(*array)
    }

    fn take(&mut self, len: usize) -> Result<&'a [u8], ThriftError> {
        let Some((taken, rest)) = self.rest.split_at_checked(len) else {
            return Err(self.error(ThriftProblem::Truncated));
        };
        self.rest = rest;
        Ok(taken)
    }
}

/// Fewest bytes of a value; 1 for types that do not exist, which are refused when they are read.
const fn min_size(kind: u8) -> usize {
    match kind {
        I16 => 2,
        kind::I32 | kind::STRING => 4,
        I64 | DOUBLE => 8,
        SET | kind::LIST => 5,
        MAP => 6,
        _ => 1,
    }
}

const STOP: u8 = 0;
const BOOL: u8 = 2;
const BYTE: u8 = 3;
const DOUBLE: u8 = 4;
const I16: u8 = 6;
const I64: u8 = 10;
const MAP: u8 = 13;
const SET: u8 = 14;

/// How deep structs and containers may lie in each other.
const MAX_DEPTH: u8 = 64;

#[cfg(test)]
mod tests;
