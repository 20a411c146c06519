//! The types of values, as the wire names them.

use core::fmt;

/// Type of a value on the wire: the byte before a field, and in the heads of containers.
///
/// A string and a binary look the same. An enum is an `i32`, an exception and a union are structs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Type {
    /// 2: one byte, 0 or 1; any other is read as true.
    Bool,
    /// 3: a signed byte.
    I8,
    /// 4: eight bytes, IEEE 754.
    Double,
    /// 6: two bytes, signed.
    I16,
    /// 8: four bytes, signed.
    I32,
    /// 10: eight bytes, signed.
    I64,
    /// 11: a length and that many bytes, UTF-8 or not.
    Binary,
    /// 12: fields up to a stop.
    Struct,
    /// 13: pairs of one key type and one value type.
    Map,
    /// 14: items of one type.
    Set,
    /// 15: items of one type.
    List,
}

impl Type {
    /// Names a type byte; `None` for one that this protocol does not have.
    pub const fn from_byte(byte: u8) -> Option<Self> {
        Some(match byte {
            2 => Self::Bool,
            3 => Self::I8,
            4 => Self::Double,
            6 => Self::I16,
            8 => Self::I32,
            10 => Self::I64,
            11 => Self::Binary,
            12 => Self::Struct,
            13 => Self::Map,
            14 => Self::Set,
            15 => Self::List,
            _ => return None,
        })
    }

    /// The type byte.
    pub const fn byte(self) -> u8 {
        match self {
            Self::Bool => 2,
            Self::I8 => 3,
            Self::Double => 4,
            Self::I16 => 6,
            Self::I32 => 8,
            Self::I64 => 10,
            Self::Binary => 11,
            Self::Struct => 12,
            Self::Map => 13,
            Self::Set => 14,
            Self::List => 15,
        }
    }

    /// Fewest bytes that a value of this type takes: 1 or more.
    pub const fn min_size(self) -> usize {
        match self {
            Self::Bool | Self::I8 | Self::Struct => 1,
            Self::I16 => 2,
            Self::I32 | Self::Binary => 4,
            Self::Set | Self::List => 5,
            Self::Map => 6,
            Self::Double | Self::I64 => 8,
        }
    }

    /// Bytes that every value of this type takes; `None` where it depends on the value.
    pub const fn fixed_size(self) -> Option<usize> {
        match self {
            Self::Bool | Self::I8 | Self::I16 | Self::I32 | Self::I64 | Self::Double => Some(self.min_size()),
            Self::Binary | Self::Struct | Self::Map | Self::Set | Self::List => None,
        }
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Bool => "bool",
            Self::I8 => "i8",
            Self::Double => "double",
            Self::I16 => "i16",
            Self::I32 => "i32",
            Self::I64 => "i64",
            Self::Binary => "string",
            Self::Struct => "struct",
            Self::Map => "map",
            Self::Set => "set",
            Self::List => "list",
        })
    }
}
