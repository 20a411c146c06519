//! Scheme `thrift`: arg1 is `Service::method`, arg2 text headers, arg3 a struct in the binary protocol without envelope.
//!
//! What generated code looks like, for `struct Pair { 1: required string key, 2: optional i32 count }`:
//!
//! ```
//! use tchannel_schemes::thrift::{
//!     DecodeError, EncodeError, Reader, Struct, Type, Wire, Writer, decode, encode,
//! };
//!
//! #[derive(Debug, PartialEq)]
//! struct Pair {
//!     key: String,
//!     count: Option<i32>,
//! }
//!
//! impl Wire for Pair {
//!     const TYPE: Type = Type::Struct;
//!
//!     fn write(&self, to: &mut Writer) -> Result<(), EncodeError> {
//!         to.fields(|to| {
//!             to.field(1, "key", &self.key)?;
//!             if let Some(count) = &self.count {
//!                 to.field(2, "count", count)?;
//!             }
//!             Ok(())
//!         })
//!     }
//!
//!     fn read(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
//!         let (mut key, mut count) = (None, None);
//!         from.fields(|from, field| {
//!             match field.id {
//!                 1 => key = Some(from.value(field, "key")?),
//!                 2 => count = Some(from.value(field, "count")?),
//!                 _ => from.skip_field(field)?,
//!             }
//!             Ok(())
//!         })?;
//!         Ok(Self { key: from.required(key, 1, "key")?, count })
//!     }
//! }
//!
//! impl Struct for Pair {
//!     const NAME: &'static str = "Pair";
//! }
//!
//! let pair = Pair { key: "k".into(), count: Some(7) };
//! let arg3 = encode(&pair)?;
//! assert_eq!(decode::<Pair>(&arg3)?, pair);
//! let error = decode::<Pair>(&arg3.slice(..5)).unwrap_err();
//! assert_eq!(error.to_string(), "Pair.key at byte 3: needs 4 bytes, 2 left");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod error;
#[cfg(test)]
mod golden;
mod headers;
mod kind;
pub mod meta;
mod method;
mod path;
mod reader;
mod service;
mod skip;
mod typed;
mod union;
mod value;
mod walk;
mod writer;

pub use error::{DecodeError, EncodeError, Fault, Problem};
pub use headers::{Headers, HeadersError};
pub use kind::Type;
pub use method::{
    Error, Exceptions, Method, RequestStream, Success, check_method, decode_reply, encode_reply,
    encode_request, read_reply,
};
pub use path::{Path, Step};
pub use reader::{Reader, memory_for};
pub use service::{Caller, Failure, Register};
pub use typed::{Items, Pairs, Struct, Wire};
pub use value::{Fields, List, Map, Value};
pub use walk::{Field, ListHead, MapHead};
pub use writer::Writer;

pub use bytes::Bytes;

/// Most levels that values may nest: the outermost struct is the first, the value of a list of strings in it the second.
pub const MAX_DEPTH: usize = 64;

/// Encodes a struct as arg3.
pub fn encode<T: Struct>(value: &T) -> Result<Bytes, EncodeError> {
    let mut to = Writer::new();
    value.write(&mut to).map_err(|error| error.of(T::NAME))?;
    Ok(to.into_bytes())
}

/// Decodes a whole arg3. Bytes behind the struct are an error.
pub fn decode<T: Struct>(arg3: &Bytes) -> Result<T, DecodeError> {
    let mut from = Reader::new(arg3);
    T::read(&mut from).and_then(|value| from.end().map(|()| value)).map_err(|error| error.of(T::NAME))
}

#[cfg(test)]
mod tests;
