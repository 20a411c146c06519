//! Typed calls and handlers: what an arg scheme makes of the bytes of the others.

mod context;
#[cfg(feature = "idl")]
pub(crate) mod idl;
#[cfg(feature = "json")]
pub(crate) mod json;
mod options;
mod rejected;
mod sent;
#[cfg(feature = "thrift")]
pub(crate) mod thrift;

pub use context::Context;
pub use rejected::Rejected;

pub(crate) use context::{AppHeaders, Asked};
pub(crate) use options::{header_options, outbound_options};
pub(crate) use rejected::rejection;
pub(crate) use sent::{Place, Unfinished};
