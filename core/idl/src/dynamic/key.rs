//! Keys of maps as the names of an object, where they are of a type that has a text.

use serde_json::{Map as Object, Value as Json};

use super::Codec;
use crate::model::Type;

impl Codec<'_> {
    /// The key that the name of an object's entry stands for; the name itself if it stands for none.
    pub(super) fn key_of(self, ty: &Type, name: &str) -> Json {
        let text = || Json::from(name);
        match self.known.resolved(ty) {
            Type::Bool => name.parse::<bool>().map_or_else(|_| text(), Json::from),
            Type::I8 | Type::I16 | Type::I32 | Type::I64 => number(name).unwrap_or_else(text),
            Type::Double => {
                name.parse::<f64>().ok().filter(|key| key.is_finite()).map_or_else(text, Json::from)
            }
            Type::Enum(id) if self.known[*id].number(name).is_none() => number(name).unwrap_or_else(text),
            Type::Enum(_)
            | Type::String
            | Type::Binary
            | Type::List(_)
            | Type::Set(_)
            | Type::Map(_)
            | Type::Struct(_)
            | Type::Typedef(_) => text(),
        }
    }

    /// A map as an object; as an array of pairs where a key has no text.
    pub(super) fn map_to_json(self, key: &Type, pairs: Vec<(Json, Json)>) -> Json {
        if pairs.iter().all(|pair| self.has_name(key, &pair.0)) {
            return Json::Object(
                pairs.into_iter().map(|(key, value)| (name(key), value)).collect::<Object<_, _>>(),
            );
        }
        Json::Array(pairs.into_iter().map(|(key, value)| Json::Array(vec![key, value])).collect())
    }

    fn has_name(self, ty: &Type, key: &Json) -> bool {
        match self.known.resolved(ty) {
            Type::Bool | Type::I8 | Type::I16 | Type::I32 | Type::I64 | Type::String | Type::Enum(_) => true,
            Type::Binary => key.is_string(),
            Type::Double
            | Type::List(_)
            | Type::Set(_)
            | Type::Map(_)
            | Type::Struct(_)
            | Type::Typedef(_) => false,
        }
    }
}

fn number(name: &str) -> Option<Json> {
    name.parse::<i64>().ok().map(Json::from)
}

fn name(key: Json) -> String {
    match key {
        Json::String(name) => name,
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::Array(_) | Json::Object(_) => key.to_string(),
    }
}
