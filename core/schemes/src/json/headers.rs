//! arg2: application headers.

use alloc::string::String;

use bytes::Bytes;
use serde_json::{Map, Value};

use super::error::{DecodeError, EncodeError, Part};
use crate::tracing::{TRACING_PREFIX, is_tracing};

/// Application headers in the order of the wire. We send texts; what else a peer sends is kept as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Headers(Map<String, Value>);

impl Headers {
    /// No headers.
    pub fn new() -> Self {
        Self::default()
    }

    /// Decodes arg2: an object, `null`, or no bytes at all.
    pub fn decode(arg2: &[u8]) -> Result<Self, DecodeError> {
        match super::read(arg2) {
            Ok(Value::Null) => Ok(Self::new()),
            Ok(Value::Object(headers)) => Ok(Self(headers)),
            Ok(Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_)) => {
                Err(DecodeError::new(Part::Head, &"expected an object or null"))
            }
            Err(error) => Err(DecodeError::new(Part::Head, &error)),
        }
    }

    /// Encodes arg2. Refuses values that are not texts, which some peers do not take.
    pub fn encode(&self) -> Result<Bytes, EncodeError> {
        if self.0.is_empty() {
            return Ok(Bytes::from_static(b"{}"));
        }
        if let Some((name, _)) = self.0.iter().find(|(_, value)| !value.is_string()) {
            return Err(EncodeError::new(name.clone(), &"headers have to be texts"));
        }
        super::encode(&self.0)
    }

    /// The text of a header; `None` also where its value is none.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.as_str()
    }

    /// The value of a header, whatever it is.
    pub fn value(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// Gives a header a text, in its place where there is one of its name.
    pub fn set(&mut self, name: impl Into<String>, text: impl Into<String>) {
        self.0.insert(name.into(), Value::String(text.into()));
    }

    /// Removes a header, and gives its value.
    pub fn remove(&mut self, name: &str) -> Option<Value> {
        self.0.shift_remove(name)
    }

    /// Names and values, in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &Value)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What carries a trace, where it is text: names without [`TRACING_PREFIX`], and texts.
    pub fn tracing(&self) -> impl Iterator<Item = (&str, &str)> {
        self.iter().filter_map(|(name, value)| Some((name.strip_prefix(TRACING_PREFIX)?, value.as_str()?)))
    }

    /// Removes what carries a trace.
    pub fn strip_tracing(&mut self) {
        self.0.retain(|name, _| !is_tracing(name));
    }

    /// Replaces what carries a trace, given without [`TRACING_PREFIX`]. Forwarded headers with other names stay.
    pub fn set_tracing<'a>(&mut self, pairs: impl IntoIterator<Item = (&'a str, &'a str)>) {
        for (name, text) in pairs {
            self.set([TRACING_PREFIX, name].concat(), text);
        }
    }
}

impl<K: Into<String>, V: Into<String>> FromIterator<(K, V)> for Headers {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(pairs: I) -> Self {
        Self(pairs.into_iter().map(|(name, text)| (name.into(), Value::String(text.into()))).collect())
    }
}

#[cfg(test)]
mod tests;
