//! Values that are written as the name of another.

use super::{Fold, mismatch};
use crate::model::{Type, Value};
use crate::resolve::{Error, Fault, FileId, Position};

impl Fold<'_> {
    pub(super) fn reference(
        &mut self,
        expected: &Type,
        file: FileId,
        at: Position,
        name: &str,
    ) -> Result<Value, Error> {
        let known = self.known;
        let expected = known.resolved(expected);
        if let (Type::Bool, "true" | "false") = (expected, name) {
            return Ok(Value::Bool(name == "true"));
        }
        if let Some(id) = self.names.constant(file, name) {
            if !self.fits(expected, &self.constants[id.0].ty) {
                let ty = mismatch::named(known, &self.constants[id.0].ty);
                let found = format!("the constant `{name}`, which is {ty}");
                return Err(self.names.error(file, at, mismatch::fault(known, expected, found)));
            }
            return self.constant(id, expected);
        }
        if let Some(value) = self.member(expected, file, name) {
            return Ok(value);
        }
        let Type::Enum(id) = expected else {
            return Err(self.names.unknown(file, at, name, "a constant"));
        };
        let one = &known[*id];
        let names = || one.members.iter().map(|member| format!("`{}.{}`", one.name, member.name));
        let hint = if one.number(name).is_some() {
            format!("; did you mean `{}.{name}`?", one.name)
        } else {
            format!("; there are {}", names().take(MAX_HINTS).collect::<Vec<_>>().join(", "))
        };
        let fault = Fault::Unknown { expected: "a value of the enum", name: name.into(), hint };
        Err(self.names.error(file, at, fault))
    }

    /// A value of an enum, where that enum or a number is expected.
    fn member(&self, expected: &Type, file: FileId, name: &str) -> Option<Value> {
        let found = self.names.member(file, name);
        let number = found.and_then(|(id, member)| Some((id, self.known[id].number(member)?)));
        match (expected, number) {
            (Type::Enum(expected), Some((id, number))) if *expected == id => Some(Value::Enum(id, number)),
            (Type::Enum(id), None) => {
                // The reference compiler looks at the last part of the name alone, and files rely on it.
                let (_, member) = found?;
                self.known[*id].number(member).map(|number| Value::Enum(*id, number))
            }
            (_, Some((_, number))) => self.number(expected, number.into()),
            (_, None) => None,
        }
    }

    /// Whether a constant of type `given` may stand for a value of type `expected`.
    fn fits(&self, expected: &Type, given: &Type) -> bool {
        let is_int = |ty: &Type| matches!(ty, Type::I8 | Type::I16 | Type::I32 | Type::I64);
        match (expected, self.known.resolved(given)) {
            (Type::Bool, given) => is_int(given) || *given == Type::Bool,
            (Type::Double, given) => is_int(given) || *given == Type::Double,
            (Type::Enum(id), given) => is_int(given) || *given == Type::Enum(*id),
            (Type::I8 | Type::I16 | Type::I32 | Type::I64, given) => {
                is_int(given) || matches!(given, Type::Enum(_))
            }
            (Type::String | Type::Binary, given) => matches!(given, Type::String | Type::Binary),
            (Type::List(_) | Type::Set(_), given) => matches!(given, Type::List(_) | Type::Set(_)),
            (Type::Map(_), given) => matches!(given, Type::Map(_)),
            (Type::Struct(id), given) => *given == Type::Struct(*id),
            (Type::Typedef(_), _) => false,
        }
    }
}

/// Names that a message lists.
const MAX_HINTS: usize = 10;
