//! Scheme `json`: arg1 is the endpoint, arg2 an object of texts, arg3 any value.
//!
//! ```
//! use tchannel_schemes::json::{Headers, decode, encode};
//!
//! let arg2 = Headers::new().encode()?;
//! let arg3 = encode(&[("q", 1)].into_iter().collect::<std::collections::BTreeMap<_, _>>())?;
//! assert_eq!((&arg2[..], &arg3[..]), (&b"{}"[..], &br#"{"q":1}"#[..]));
//! let body: serde_json::Value = decode(&arg3)?;
//! assert_eq!(body["q"], 1);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Values nest 127 arrays and objects at most, on the way in. Of a key that is there twice the last value counts.
//! Integers of 64 bits are exact; other numbers are doubles. What the values of a body take in memory is counted, and at
//! most 64 MiB and sixteen times its size.

mod bounded;
mod error;
mod exact;
mod headers;
mod not_ok;

pub use error::{DecodeError, EncodeError, Part};
pub use headers::Headers;
pub use not_ok::{JsonError, NotOk};
pub use serde_json::{Map, Value};

use alloc::string::{String, ToString};

use bytes::Bytes;
use serde::Serialize;
use serde::de::DeserializeOwned;

use bounded::{Bounded, Memory};
use exact::{Exact, Trail};

/// Text of the `unexpected error` that answers a call whose handler failed.
pub const HANDLER_FAILED: &str = "unexpected error";

/// Encodes a body, without spaces and without escapes for what is not ASCII.
///
/// Refuses numbers that JSON cannot hold: NaN, infinities, and integers of more than 64 bits.
pub fn encode<T: Serialize + ?Sized>(body: &T) -> Result<Bytes, EncodeError> {
    let trail = Trail::default();
    let written = serde_json::to_vec(&Exact { value: body, trail: &trail });
    written.map(Bytes::from).map_err(|error| EncodeError::new(trail.to_string(), &error))
}

/// Decodes a body. No bytes at all are `null`.
pub fn decode<T: DeserializeOwned>(arg3: &[u8]) -> Result<T, DecodeError> {
    read(arg3).map_err(|error| DecodeError::new(Part::Body, &error))
}

fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, serde_json::Error> {
    let bytes = if bytes.is_empty() { b"null" } else { bytes };
    let memory = Memory::of(bytes.len());
    once(bytes, &memory).or_else(|error| {
        if is_duplicate(&error) { last_wins(bytes, &memory).map_err(|_| error) } else { Err(error) }
    })
}

fn once<T: DeserializeOwned>(bytes: &[u8], memory: &Memory) -> Result<T, serde_json::Error> {
    let mut from = serde_json::Deserializer::from_slice(bytes);
    let value = T::deserialize(Bounded::new(&mut from, memory))?;
    from.end()?;
    Ok(value)
}

/// Derived types refuse a key that is there twice; a map takes the last one.
fn last_wins<T: DeserializeOwned>(bytes: &[u8], memory: &Memory) -> Result<T, serde_json::Error> {
    let value: Value = once(bytes, memory)?;
    T::deserialize(Bounded::new(value, memory))
}

/// Whether it is what `serde::de::Error::duplicate_field` makes.
fn is_duplicate(error: &serde_json::Error) -> bool {
    error.is_data() && error.to_string().starts_with("duplicate field ")
}

/// Enough of a text that a peer or a value may have made long.
fn excerpt(mut text: String) -> String {
    const LONGEST: usize = 256;
    if let Some((end, _)) = text.char_indices().nth(LONGEST) {
        text.truncate(end);
        text.push('…');
    }
    text
}

#[cfg(test)]
mod tests;
