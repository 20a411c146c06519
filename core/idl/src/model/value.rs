//! Values of constants and defaults.

use super::{EnumId, StructId};

/// A constant value of a type, with references to other constants followed.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Of a bool.
    Bool(bool),
    /// Of an i8.
    I8(i8),
    /// Of an i16.
    I16(i16),
    /// Of an i32.
    I32(i32),
    /// Of an i64.
    I64(i64),
    /// Of a double; finite.
    Double(f64),
    /// Of a string, or of a binary: its bytes are those of the text.
    String(String),
    /// Of an enum: the number of one of its values.
    Enum(EnumId, i32),
    /// Of a list or a set.
    List(Vec<Value>),
    /// Of a map.
    Map(Vec<(Value, Value)>),
    /// Of a struct: one for each field, nothing for those that are left out and have no default. Of a union's fields,
    /// exactly one has a value.
    Struct(StructId, Vec<Option<Value>>),
}
