//! Thrift IDL: parsed with its includes, called with JSON-shaped values, or turned into Rust.
//!
//! ```text
//!  text ──syntax──→ tree ──resolve──→ model::Definitions ──→ dynamic: JSON-shaped arguments and answers ←→ arg3
//!                                                       └─→ generate: types, clients, handlers as Rust source
//! ```
//!
//! With [`dynamic`], any method can be called or served that a file declares:
//!
//! ```
//! # #[cfg(feature = "dynamic")]
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use serde_json::json;
//! use tchannel_idl::Idl;
//!
//! let idl = Idl::parse(
//!     "exception NotFoundError { 1: required string key }
//!      service KeyValue { string getValue(1: string key) throws (1: NotFoundError notFound) }",
//! )?;
//! let method = idl.service("KeyValue")?.method("getValue")?;
//! let request = method.request(&json!({ "key": "foo" }))?;
//! assert_eq!((&*request.endpoint, &request.arg3[..]), ("KeyValue::getValue", &b"\x0b\0\x01\0\0\0\x03foo\0"[..]));
//! assert_eq!(method.decode_result(&b"\x0b\0\0\0\0\0\x03bar\0"[..].into())?, Ok(json!("bar")));
//!
//! let error = Idl::parse("struct Pair { 1: string key, 1: string value }").unwrap_err();
//! let expected = "source:1:30: expected a new id for the field, but `1` is taken: the first one is in line 1";
//! assert_eq!(error.to_string(), expected);
//! # Ok(())
//! # }
//! # #[cfg(not(feature = "dynamic"))]
//! # fn main() {}
//! ```
//!
//! With [`generate`], a build script writes Rust for it; [`generate::build`] shows how. Handlers and clients know nothing
//! of what carries their calls.
//!
//! This crate may use std, and reads files when [`Idl::load`] is asked to; it does no other I/O. Text and arguments may
//! come from anywhere: they give a value or an error, in bounded time and memory.
#![forbid(unsafe_code)]

#[cfg(feature = "dynamic")]
pub mod dynamic;
mod error;
#[cfg(feature = "generate")]
pub mod generate;
mod idl;
pub mod model;
mod resolve;
mod syntax;

pub use error::{Error, Fault, Position};
pub use idl::Idl;
