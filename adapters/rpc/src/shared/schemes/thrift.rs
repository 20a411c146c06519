//! Scheme `thrift`: what generated clients and handlers meet.

mod answer;
mod blocking;
mod call;
mod calls;
mod context;
mod error;
pub(crate) mod meta;
mod serve;

pub use answer::Answer;
#[cfg(feature = "idl")]
pub(crate) use answer::not_read;
#[cfg(any(feature = "idl", feature = "sthrift"))]
pub(crate) use answer::unreadable;
pub use blocking::Blocking;
pub use call::{Call, Sent, Value};
pub use calls::Calls;
pub use context::Context;
pub use error::{CallError, reject};
#[cfg(feature = "sthrift")]
pub(crate) use serve::answer as reply;

/// How the arguments are encoded, as requests say it.
pub(crate) const SCHEME: &str = "thrift";
