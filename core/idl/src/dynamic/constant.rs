//! Defaults as JSON.

use serde_json::{Number, Value as Json};

use super::Codec;
use crate::model::{Type, Value};

impl Codec<'_> {
    /// A constant of type `ty`.
    pub(super) fn constant(self, ty: &Type, constant: &Value) -> Json {
        match constant {
            Value::Bool(value) => (*value).into(),
            Value::I8(value) => (*value).into(),
            Value::I16(value) => (*value).into(),
            Value::I32(value) => (*value).into(),
            Value::I64(value) => (*value).into(),
            Value::Double(value) => Number::from_f64(*value).map_or(Json::Null, Json::Number),
            Value::String(value) => value.as_str().into(),
            Value::Enum(id, number) => self.enum_to_json(*id, *number),
            Value::List(items) => {
                let (Type::List(item) | Type::Set(item)) = self.known.resolved(ty) else { return Json::Null };
                items.iter().map(|value| self.constant(item, value)).collect()
            }
            Value::Map(pairs) => {
                let Type::Map(types) = self.known.resolved(ty) else { return Json::Null };
                let pairs = pairs.iter();
                let pairs = pairs.map(|(k, v)| (self.constant(&types.0, k), self.constant(&types.1, v)));
                self.map_to_json(&types.0, pairs.collect())
            }
            Value::Struct(id, fields) => {
                let declared = self.known[*id].fields.iter().zip(fields);
                let there = declared.filter_map(|(field, value)| Some((field, value.as_ref()?)));
                let there =
                    there.map(|(field, value)| (field.name.to_string(), self.constant(&field.ty, value)));
                Json::Object(there.collect())
            }
        }
    }
}

/// How many values a constant consists of.
pub(super) fn weight(constant: &Value) -> usize {
    1 + match constant {
        Value::List(items) => items.iter().map(weight).sum(),
        Value::Map(pairs) => pairs.iter().map(|(key, value)| weight(key) + weight(value)).sum(),
        Value::Struct(_, fields) => fields.iter().flatten().map(weight).sum(),
        Value::Bool(_)
        | Value::I8(_)
        | Value::I16(_)
        | Value::I32(_)
        | Value::I64(_)
        | Value::Double(_)
        | Value::String(_)
        | Value::Enum(..) => 0_usize,
    }
}
