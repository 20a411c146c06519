//! Bytes on the command line, and in JSON.

use data_encoding::{BASE64, HEXLOWER, HEXLOWER_PERMISSIVE};
use serde_json::{Value, json};
use tchannel_rpc::Bytes;

use crate::exit::Failure;

/// How bytes of the scheme `raw` are given and shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Shown {
    /// As they are; those that are no text are shown as `{"base64": ".."}`.
    Text,
    /// As hexadecimal digits.
    Hex,
}

impl Shown {
    pub(super) fn read(self, given: &[u8]) -> Result<Bytes, Failure> {
        match self {
            Shown::Text => Ok(Bytes::copy_from_slice(given)),
            Shown::Hex => {
                let digits: Vec<u8> =
                    given.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
                let bytes = HEXLOWER_PERMISSIVE.decode(&digits);
                bytes.map(Bytes::from).map_err(|error| {
                    Failure::local(format!("--hex takes two hexadecimal digits for each byte: {error}"))
                })
            }
        }
    }

    pub(super) fn show(self, bytes: &[u8]) -> Value {
        match (self, std::str::from_utf8(bytes)) {
            (Shown::Hex, _) => HEXLOWER.encode(bytes).into(),
            (Shown::Text, Ok(text)) => text.into(),
            (Shown::Text, Err(_)) => base64(bytes),
        }
    }
}

/// Bytes that are no text.
pub(super) fn base64(bytes: &[u8]) -> Value {
    json!({ "base64": BASE64.encode(bytes) })
}
