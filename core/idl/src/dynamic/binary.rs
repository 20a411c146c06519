//! Binaries in JSON.

use bytes::Bytes;
use data_encoding::BASE64;
use serde_json::{Value as Json, json};

/// What stands for a binary.
pub(super) const EXPECTED: &str = "a string, an array of bytes, or {\"base64\": \"..\"}";

/// The bytes that stand in JSON.
pub(super) fn from_json(json: &Json) -> Option<Bytes> {
    match json {
        Json::String(text) => Some(text.clone().into()),
        Json::Array(bytes) => {
            let bytes = bytes.iter().map(|byte| u8::try_from(byte.as_u64()?).ok());
            bytes.collect::<Option<Vec<u8>>>().map(Bytes::from)
        }
        Json::Object(object) if object.len() == 1 => {
            let text = object.get("base64")?.as_str()?;
            BASE64.decode(text.as_bytes()).ok().map(Bytes::from)
        }
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::Object(_) => None,
    }
}

/// Bytes as JSON: text if they are UTF-8.
pub(super) fn to_json(bytes: &[u8]) -> Json {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.into(),
        Err(_) => json!({ "base64": BASE64.encode(bytes) }),
    }
}
