//! From JSON to values.

use std::borrow::Cow;

use serde_json::{Map as Object, Value as Json};
use tchannel_schemes::thrift::{self, EncodeError, Fault, List, MAX_DEPTH, Map, Step, Value};

use super::{Codec, binary};
use crate::model::{Fields, Presence, StructId, StructKind, Type};

/// A value that breaks a rule, in words that follow on its name.
#[cold]
pub(super) fn invalid(words: impl Into<Cow<'static, str>>) -> EncodeError {
    EncodeError::new(Fault::Invalid(words.into()))
}

/// A field that has to be there.
#[cold]
pub(super) fn missing(id: i16, name: &str) -> EncodeError {
    invalid("is missing").within(step(id, name))
}

/// Into a field.
pub(super) fn step(id: i16, name: &str) -> Step {
    Step::Field { id, name: Cow::Owned(name.to_owned()) }
}

impl Codec<'_> {
    /// The arguments of a method.
    pub(super) fn arguments(self, declared: &Fields, given: &Json) -> Result<thrift::Fields, EncodeError> {
        match given {
            Json::Object(given) => self.fields(declared, StructKind::Struct, given, 1),
            Json::Null => self.fields(declared, StructKind::Struct, &Object::new(), 1),
            Json::Bool(_) | Json::Number(_) | Json::String(_) | Json::Array(_) => {
                Err(unexpected(given, "an object with the arguments by their names"))
            }
        }
    }

    /// The value of a field.
    pub(super) fn field(self, id: i16, name: &str, ty: &Type, json: &Json) -> Result<Value, EncodeError> {
        self.value(ty, json, 1).map_err(|error| error.within(step(id, name)))
    }

    /// Any value; `depth` counts the values around it.
    fn value(self, ty: &Type, json: &Json, depth: usize) -> Result<Value, EncodeError> {
        if depth > MAX_DEPTH {
            return Err(EncodeError::new(Fault::TooDeep));
        }
        match self.known.resolved(ty) {
            Type::List(item) => self.items(item, json, depth).map(Value::List),
            Type::Set(item) => {
                let mut list = self.items(item, json, depth)?;
                self.sort_items(item, &mut list.items);
                Ok(Value::Set(list))
            }
            Type::Map(types) => self.pairs(&types.0, &types.1, json, depth).map(Value::Map),
            Type::Struct(id) => self.structure(*id, json, depth).map(Value::Struct),
            scalar @ (Type::Bool
            | Type::I8
            | Type::I16
            | Type::I32
            | Type::I64
            | Type::Double
            | Type::String
            | Type::Binary
            | Type::Enum(_)
            | Type::Typedef(_)) => {
                self.scalar(scalar, json).ok_or_else(|| unexpected(json, &self.expected(scalar)))
            }
        }
    }

    fn scalar(self, ty: &Type, json: &Json) -> Option<Value> {
        match ty {
            Type::Bool => json.as_bool().map(Value::Bool),
            Type::I8 => int(json).map(Value::I8),
            Type::I16 => int(json).map(Value::I16),
            Type::I32 => int(json).map(Value::I32),
            Type::I64 => int(json).map(Value::I64),
            Type::Double => double(json).map(Value::Double),
            Type::String => json.as_str().map(|text| Value::Binary(text.to_owned().into())),
            Type::Binary => binary::from_json(json).map(Value::Binary),
            Type::Enum(id) => match json.as_str() {
                Some(name) => self.known[*id].number(name).map(Value::I32),
                None => int(json).map(Value::I32),
            },
            Type::List(_) | Type::Set(_) | Type::Map(_) | Type::Struct(_) | Type::Typedef(_) => None,
        }
    }

    /// What has to be given for a value that is no container.
    fn expected(self, ty: &Type) -> Cow<'static, str> {
        match ty {
            Type::Bool => "true or false".into(),
            Type::I8 => "a whole number from -128 to 127".into(),
            Type::I16 => "a whole number from -32768 to 32767".into(),
            Type::I32 => "a whole number from -2^31 to 2^31 - 1".into(),
            Type::I64 => "a whole number from -2^63 to 2^63 - 1".into(),
            Type::Double => "a number".into(),
            Type::String => "a string".into(),
            Type::Binary => binary::EXPECTED.into(),
            Type::Enum(id) => {
                let names: Vec<&str> = self.known[*id].members.iter().map(|member| &*member.name).collect();
                format!("one of {}, or a number", names.join(", ")).into()
            }
            Type::Struct(id) => format!("an object with fields of {}", self.known[*id].name).into(),
            Type::List(_) | Type::Set(_) => "an array".into(),
            Type::Map(_) => "an object, or an array of pairs [key, value]".into(),
            Type::Typedef(id) => self.expected(&self.known[*id].ty),
        }
    }

    fn items(self, item: &Type, json: &Json, depth: usize) -> Result<List, EncodeError> {
        let Json::Array(items) = json else { return Err(unexpected(json, "an array")) };
        let items = items.iter().enumerate().map(|(at, json)| {
            self.value(item, json, depth + 1).map_err(|error| error.within(Step::Item(at)))
        });
        Ok(List { item: self.kind(item), items: items.collect::<Result<_, _>>()? })
    }

    fn pairs(self, key: &Type, value: &Type, json: &Json, depth: usize) -> Result<Map, EncodeError> {
        let pair = |at: usize, key_json: &Json, value_json: &Json| {
            let key = self.value(key, key_json, depth + 1).map_err(|error| error.within(Step::Key(at)))?;
            let value = self.value(value, value_json, depth + 1);
            Ok((key, value.map_err(|error| error.within(Step::Value(at)))?))
        };
        let pairs: Result<Vec<(Value, Value)>, EncodeError> = match json {
            Json::Object(object) => {
                let object = object.iter().enumerate();
                object.map(|(at, (name, value))| pair(at, &self.key_of(key, name), value)).collect()
            }
            Json::Array(list) => {
                let list = list.iter().enumerate();
                list.map(|(at, json)| match json.as_array().map(Vec::as_slice) {
                    Some([key, value]) => pair(at, key, value),
                    Some(_) | None => Err(unexpected(json, "a pair [key, value]").within(Step::Item(at))),
                })
                .collect()
            }
            Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => {
                Err(unexpected(json, "an object, or an array of pairs [key, value]"))
            }
        };
        let mut pairs = pairs?;
        self.sort_pairs(key, &mut pairs);
        Ok(Map { key: self.kind(key), value: self.kind(value), pairs })
    }

    fn structure(self, id: StructId, json: &Json, depth: usize) -> Result<thrift::Fields, EncodeError> {
        let one = &self.known[id];
        let Json::Object(given) = json else {
            return Err(unexpected(json, &self.expected(&Type::Struct(id))));
        };
        if one.kind == StructKind::Union {
            let there = given.values().filter(|json| !json.is_null()).count();
            if there != 1 {
                return Err(invalid(format!("has {there} fields, a union has exactly one")));
            }
        }
        self.fields(&one.fields, one.kind, given, depth + 1)
    }

    fn fields(
        self,
        declared: &Fields,
        kind: StructKind,
        given: &Object<String, Json>,
        depth: usize,
    ) -> Result<thrift::Fields, EncodeError> {
        let is_union = kind == StructKind::Union;
        let unknown = given.keys().find(|name| declared.with_name(name).is_none());
        if let Some(unknown) = unknown.filter(|_| self.strict) {
            let words = format!("is unknown; there are {}", declared.listed());
            return Err(invalid(words).within(step(0, unknown)));
        }
        let mut fields = Vec::with_capacity(declared.len());
        for field in declared.iter() {
            let given = given.get(&*field.name).filter(|json| !json.is_null()).map(Cow::Borrowed);
            let default = || field.default.as_ref().map(|value| Cow::Owned(self.constant(&field.ty, value)));
            if let Some(json) = given.or_else(|| default().filter(|_| !is_union)) {
                let value = self.value(&field.ty, &json, depth);
                let value = value.map_err(|error| error.within(step(field.id, &field.name)))?;
                fields.push((field.id, value));
            } else if self.strict && !is_union && field.presence() == Presence::Required {
                return Err(missing(field.id, &field.name));
            }
        }
        Ok(thrift::Fields(fields))
    }
}

fn int<T: TryFrom<i64>>(json: &Json) -> Option<T> {
    json.as_i64().and_then(|number| T::try_from(number).ok())
}

fn double(json: &Json) -> Option<f64> {
    match json.as_str() {
        Some("NaN") => Some(f64::NAN),
        Some("Infinity") => Some(f64::INFINITY),
        Some("-Infinity") => Some(f64::NEG_INFINITY),
        Some(_) => None,
        None => json.as_f64(),
    }
}

/// Something else is given than what is expected.
#[cold]
pub(super) fn unexpected(json: &Json, expected: &str) -> EncodeError {
    let shown = match json {
        Json::Array(_) => "an array".into(),
        Json::Object(_) => "an object".into(),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => {
            let text = json.to_string();
            let start: String = text.chars().take(MAX_SHOWN).collect();
            if start.len() < text.len() { start + ".." } else { start }
        }
    };
    invalid(format!("is {shown}, expected {expected}"))
}

/// Characters of a value that a message shows.
const MAX_SHOWN: usize = 60;
