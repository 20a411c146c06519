//! Scheme `json`: values of any type that serde knows.

mod answer;
mod call;
mod context;
mod error;
mod serve;

pub use answer::Answer;
pub use call::{Call, Sent};
pub use context::Context;
pub use error::{CallError, Failure};

/// How the arguments are encoded, as requests say it.
const SCHEME: &str = "json";
