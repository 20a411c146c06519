//! Scheme `http`: requests and responses of HTTP, with streamed bodies.

mod call;
mod error;
mod serve;

pub use call::{Answer, Call, Calls};
pub use error::{AnswerError, CallError};
pub use serve::{Asked, Responder};

/// How the arguments are encoded, as requests say it.
const SCHEME: &str = "http";
