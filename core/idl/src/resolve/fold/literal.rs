//! Values that are written out.

use std::collections::HashMap;

use super::{Fold, mismatch};
use crate::model::{Requiredness, StructId, StructKind, Type, Value};
use crate::resolve::types::duplicate;
use crate::resolve::{Error, Fault, FileId, Position, tree};
use crate::syntax::tree::ValueKind;

type Pair = (tree::Value, tree::Value);

impl Fold<'_> {
    pub(super) fn literal(
        &mut self,
        expected: &Type,
        file: FileId,
        at: Position,
        written: &ValueKind,
    ) -> Result<Value, Error> {
        let known = self.known;
        match (known.resolved(expected), written) {
            (Type::String | Type::Binary, ValueKind::Text(text)) => Ok(Value::String(text.clone())),
            (Type::Double, ValueKind::Double(number)) => Ok(Value::Double(*number)),
            (Type::List(item) | Type::Set(item), ValueKind::List(items)) => {
                let items = items.iter().map(|written| self.value(item, file, written));
                items.collect::<Result<_, _>>().map(Value::List)
            }
            (Type::Map(types), ValueKind::Map(pairs)) => {
                let (key, value) = &**types;
                let pairs = pairs.iter().map(|written| {
                    Ok((self.value(key, file, &written.0)?, self.value(value, file, &written.1)?))
                });
                pairs.collect::<Result<_, _>>().map(Value::Map)
            }
            (Type::List(_) | Type::Set(_), ValueKind::Map(none)) if none.is_empty() => {
                Ok(Value::List(Vec::new()))
            }
            (Type::Map(_), ValueKind::List(none)) if none.is_empty() => Ok(Value::Map(Vec::new())),
            (Type::Struct(id), ValueKind::Map(pairs)) => self.structure(*id, file, at, pairs),
            (ty, ValueKind::Int(number)) => match self.number(ty, *number) {
                Some(value) => Ok(value),
                None => Err(self.names.error(file, at, mismatch::fault(known, ty, format!("`{number}`")))),
            },
            (ty, written) => {
                Err(self.names.error(file, at, mismatch::fault(known, ty, mismatch::shown(written))))
            }
        }
    }

    /// A whole number as a value of a type that has it.
    pub(super) fn number(&self, ty: &Type, number: i64) -> Option<Value> {
        match ty {
            Type::Bool => match number {
                0 => Some(Value::Bool(false)),
                1 => Some(Value::Bool(true)),
                _ => None,
            },
            Type::I8 => i8::try_from(number).ok().map(Value::I8),
            Type::I16 => i16::try_from(number).ok().map(Value::I16),
            Type::I32 => i32::try_from(number).ok().map(Value::I32),
            Type::I64 => Some(Value::I64(number)),
            // The nearest double is what the number means.
            Type::Double => number.to_string().parse().ok().map(Value::Double),
            Type::Enum(id) => {
                let number = i32::try_from(number).ok()?;
                self.known[*id].name_of(number).map(|_| Value::Enum(*id, number))
            }
            Type::String
            | Type::Binary
            | Type::List(_)
            | Type::Set(_)
            | Type::Map(_)
            | Type::Struct(_)
            | Type::Typedef(_) => None,
        }
    }

    fn structure(
        &mut self,
        id: StructId,
        file: FileId,
        at: Position,
        pairs: &[Pair],
    ) -> Result<Value, Error> {
        let known = self.known;
        let one = &known[id];
        let mut given = HashMap::new();
        for (key, value) in pairs {
            let fail = |fault| Err(self.names.error(file, key.at, fault));
            let ValueKind::Text(name) = &key.kind else {
                return fail(Fault::expected("the name of a field in quotes", mismatch::shown(&key.kind)));
            };
            if one.fields.with_name(name).is_none() {
                let hint = format!("; {} has {}", one.name, one.fields.listed());
                return fail(Fault::Unknown { expected: "a field", name: name.clone(), hint });
            }
            if let Some((first, _)) = given.insert(name.as_str(), (key.at, value)) {
                return fail(duplicate("name for the field", name, first));
            }
        }
        if one.kind == StructKind::Union && given.len() != 1 {
            let expected = format!("exactly one field of the union {}", one.name);
            return Err(self.names.error(file, at, Fault::expected(expected, given.len().to_string())));
        }
        let mut fields = Vec::with_capacity(one.fields.len());
        for (index, field) in one.fields.iter().enumerate() {
            let value = match given.get(&*field.name) {
                Some((_, written)) => Some(self.value(&field.ty, file, written)?),
                None if one.kind == StructKind::Union => None,
                None => self.default(id, index)?,
            };
            if value.is_none()
                && field.requiredness == Requiredness::Required
                && one.kind != StructKind::Union
            {
                let expected = format!("the required field `{}` of {}", field.name, one.name);
                return Err(self.names.error(file, at, Fault::expected(expected, "none")));
            }
            fields.push(value);
        }
        Ok(Value::Struct(id, fields))
    }
}
