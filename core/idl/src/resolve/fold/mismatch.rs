//! What to say of a value that is none of the type expected.

use crate::Fault;
use crate::model::{Definitions, StructKind, Type};
use crate::syntax::tree::ValueKind;

/// A value of `ty` was expected, something else was found.
pub(super) fn fault(known: &Definitions, ty: &Type, found: String) -> Fault {
    Fault::expected(wanted(known, ty), found)
}

/// What is expected where `ty` is.
fn wanted(known: &Definitions, ty: &Type) -> String {
    let words = match ty {
        Type::Bool => "`true` or `false`",
        Type::I8 => "a number from -128 to 127",
        Type::I16 => "a number from -32768 to 32767",
        Type::I32 => "a number from -2^31 to 2^31 - 1",
        Type::I64 => "a number from -2^63 to 2^63 - 1",
        Type::Double
        | Type::String
        | Type::Binary
        | Type::List(_)
        | Type::Set(_)
        | Type::Map(_)
        | Type::Struct(_)
        | Type::Enum(_)
        | Type::Typedef(_) => return named(known, ty),
    };
    words.into()
}

/// What a value of `ty` is called.
pub(super) fn named(known: &Definitions, ty: &Type) -> String {
    match known.resolved(ty) {
        Type::Bool => "a bool".into(),
        Type::I8 => "an i8".into(),
        Type::I16 => "an i16".into(),
        Type::I32 => "an i32".into(),
        Type::I64 => "an i64".into(),
        Type::Double => "a double".into(),
        Type::String => "a string in quotes".into(),
        Type::Binary => "a binary, as a string in quotes".into(),
        Type::List(_) => "a list".into(),
        Type::Set(_) => "a set, written as a list".into(),
        Type::Map(_) => "a map".into(),
        Type::Enum(id) => format!("a value of the enum {}", known[*id].name),
        Type::Struct(id) => {
            let kind = match known[*id].kind {
                StructKind::Struct => "struct",
                StructKind::Union => "union",
                StructKind::Exception => "exception",
            };
            format!("a {kind} {}, written as a map", known[*id].name)
        }
        Type::Typedef(id) => known[*id].name.to_string(),
    }
}

/// What stands in the file.
pub(super) fn shown(written: &ValueKind) -> String {
    match written {
        ValueKind::Int(number) => format!("`{number}`"),
        ValueKind::Double(number) => format!("`{number}`"),
        ValueKind::Text(_) => "a string".into(),
        ValueKind::Reference(name) => format!("`{name}`"),
        ValueKind::List(_) => "a list".into(),
        ValueKind::Map(_) => "a map".into(),
    }
}
