//! Typed calls and handlers: what an arg scheme makes of the bytes of the others.

#[cfg(any(feature = "json", feature = "thrift"))]
mod context;
#[cfg(feature = "http")]
pub(crate) mod http;
#[cfg(feature = "idl")]
pub(crate) mod idl;
#[cfg(feature = "json")]
pub(crate) mod json;
mod options;
mod place;
#[cfg(any(feature = "json", feature = "thrift"))]
mod rejected;
#[cfg(any(feature = "json", feature = "thrift"))]
mod sent;
#[cfg(feature = "sthrift")]
pub(crate) mod sthrift;
#[cfg(feature = "thrift")]
pub(crate) mod thrift;

#[cfg(any(feature = "json", feature = "thrift"))]
pub use context::Context;
#[cfg(any(feature = "json", feature = "thrift"))]
pub use rejected::Rejected;

#[cfg(any(feature = "json", feature = "thrift"))]
pub(crate) use context::{AppHeaders, Asked};
#[cfg(any(feature = "json", feature = "thrift"))]
pub(crate) use options::header_options;
pub(crate) use options::outbound_options;
pub(crate) use place::{Place, Source};
#[cfg(any(feature = "json", feature = "thrift"))]
pub(crate) use rejected::rejection;
#[cfg(any(feature = "json", feature = "thrift"))]
pub(crate) use sent::Unfinished;
