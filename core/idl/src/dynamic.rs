//! Calls and answers of any method, with JSON-shaped values.
//!
//! | Thrift | JSON |
//! |---|---|
//! | bool | `true`, `false` |
//! | i8, i16, i32, i64 | a whole number in the type's range |
//! | double | any number; `"NaN"`, `"Infinity"`, `"-Infinity"` |
//! | string | a string |
//! | binary | a string where the bytes are UTF-8, else `{"base64": ".."}`; an array of bytes is taken, too |
//! | enum | the value's name; its number, which one without a name is read as |
//! | list, set | an array |
//! | map | an object where keys are strings, binaries, numbers, bools or enums; else, and always taken, `[[key, value], ..]` |
//! | struct, exception | an object by the names of the fields; `null` is a field that is not there |
//! | union | an object with exactly one field |
//! | arguments of a method | an object by their names |
//! | void | `null` |
//!
//! What has a default and is not there is its default, when written and when read. The items of a set, and the pairs of a
//! map, are written in ascending order and once each, as the types of generated code do it, so that both give the same
//! bytes; where doubles are in the keys there is no such order, and the order is the given one.
//!
//! JSON takes more memory than what it was read from: a message is refused whose values would take more than
//! [`memory_for`](tchannel_schemes::thrift::memory_for) it allows.

mod binary;
mod constant;
mod decode;
mod encode;
mod key;
mod method;
mod order;
mod service;

pub use method::{Method, Request, RequestError, Thrown};
pub use service::{Service, UnknownName};

use tchannel_schemes::thrift::Type as Kind;

use crate::model::{Definitions, Type};

/// What values are read and written by.
#[derive(Clone, Copy)]
struct Codec<'a> {
    known: &'a Definitions,
    /// Whether required fields have to be there, and others may not.
    strict: bool,
}

impl Codec<'_> {
    /// The type on the wire.
    fn kind(self, ty: &Type) -> Kind {
        match self.known.resolved(ty) {
            Type::Bool => Kind::Bool,
            Type::I8 => Kind::I8,
            Type::I16 => Kind::I16,
            Type::I32 | Type::Enum(_) => Kind::I32,
            Type::I64 => Kind::I64,
            Type::Double => Kind::Double,
            Type::String | Type::Binary => Kind::Binary,
            Type::List(_) => Kind::List,
            Type::Set(_) => Kind::Set,
            Type::Map(_) => Kind::Map,
            Type::Struct(_) => Kind::Struct,
            // `resolved` gives none.
            Type::Typedef(id) => self.kind(&self.known[*id].ty),
        }
    }

    /// The name of a struct's type; nothing for other types.
    fn type_name(self, ty: &Type) -> String {
        if let Type::Struct(id) = self.known.resolved(ty) {
            self.known[*id].name.to_string()
        } else {
            String::new()
        }
    }
}
