//! Scheme `sthrift`: structs in streams.

mod arguments;
mod call;
mod chunked;
mod error;
mod incoming;
mod results;
mod serve;

pub use arguments::Arguments;
pub use call::{Answer, Call, Uploaded};
pub use error::StreamError;
pub use incoming::Incoming;
pub use results::Results;

/// How the arguments are encoded, as requests say it.
const SCHEME: &str = "sthrift";
