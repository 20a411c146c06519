//! Bodies of responses that are not ok.

use alloc::string::String;

use bytes::Bytes;
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::{Map, Value};

use super::error::{DecodeError, EncodeError};

/// What goes wrong in a way that the endpoint foresees: the body of a response with code 1.
#[derive(Debug, Clone, Default, PartialEq, Eq, thiserror::Error)]
#[error("{kind}: {message}")]
pub struct JsonError {
    /// `type`: a fixed text that programs tell errors by.
    pub kind: String,
    /// A text for people.
    pub message: String,
    /// All other fields.
    pub extra: Map<String, Value>,
}

/// The body of a response that is not ok, as received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotOk {
    /// An object with the texts `type` and `message`, as it should be.
    Error(JsonError),
    /// Any other value: not every server keeps to that.
    Other(Value),
}

impl JsonError {
    /// An error without other fields.
    pub fn new(kind: impl Into<String>, message: impl Into<String>) -> Self {
        Self { kind: kind.into(), message: message.into(), extra: Map::new() }
    }

    /// Encodes arg3. Refuses other fields that are called `type` or `message`.
    pub fn encode(&self) -> Result<Bytes, EncodeError> {
        if let Some(name) = [KIND, MESSAGE].into_iter().find(|name| self.extra.contains_key(*name)) {
            return Err(EncodeError::new(name.into(), &"is a field of every error already"));
        }
        super::encode(self)
    }
}

impl Serialize for JsonError {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut fields = to.serialize_map(Some(2 + self.extra.len()))?;
        fields.serialize_entry(KIND, &self.kind)?;
        fields.serialize_entry(MESSAGE, &self.message)?;
        for (name, value) in &self.extra {
            fields.serialize_entry(name, value)?;
        }
        fields.end()
    }
}

impl NotOk {
    /// Decodes arg3.
    pub fn decode(arg3: &[u8]) -> Result<Self, DecodeError> {
        Ok(match super::decode(arg3)? {
            Value::Object(mut fields) => match (text(&fields, KIND), text(&fields, MESSAGE)) {
                (Some(kind), Some(message)) => {
                    fields.shift_remove(KIND);
                    fields.shift_remove(MESSAGE);
                    Self::Error(JsonError { kind, message, extra: fields })
                }
                (_, _) => Self::Other(Value::Object(fields)),
            },
            other
            @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_)) => {
                Self::Other(other)
            }
        })
    }
}

fn text(fields: &Map<String, Value>, name: &str) -> Option<String> {
    fields.get(name)?.as_str().map(String::from)
}

const KIND: &str = "type";
const MESSAGE: &str = "message";

#[cfg(test)]
mod tests;
