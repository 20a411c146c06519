//! What the three arguments of a TChannel call mean, for each `as`.
//!
//! | as | arg1 | arg2 | arg3 | module |
//! |---|---|---|---|---|
//! | raw | endpoint | bytes | bytes | none is needed |
//! | json | endpoint | JSON headers | JSON | [`json`] |
//! | thrift | `Service::method` | text headers | a struct | [`thrift`] |
//! | sthrift | `Service::method` | text headers | structs, each in a chunk | [`sthrift`] |
//! | http | anything | request or response line, headers | body | [`http`] |
//!
//! Bytes in, values out, and back: nothing here does I/O or knows of connections. Decoding is total: any bytes give a
//! value or an error that says what is wrong and where, never a panic; nesting is bounded, and nothing is allocated
//! because a length field says so. Encoding gives all the bytes or an error, never half of them.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;
#[cfg(test)]
extern crate std;

pub mod codes;
#[cfg(feature = "http")]
pub mod http;
#[cfg(feature = "json")]
pub mod json;
#[cfg(feature = "sthrift")]
pub mod sthrift;
#[cfg(test)]
mod testing;
#[cfg(feature = "thrift")]
pub mod thrift;
#[cfg(any(feature = "json", feature = "thrift"))]
mod tracing;

#[cfg(any(feature = "json", feature = "thrift"))]
pub use tracing::{TRACING_PREFIX, is_tracing};
