//! What a relay passes on and what it refuses, frame by frame; who it keeps connections to.
//!
//! | part of a frame | passed on as |
//! |---|---|
//! | id | the other connection's |
//! | ttl of a call req | what is left of it |
//! | flags | "more frames follow" and nothing else: a named peer hangs on any other |
//! | code of an error frame | as it is, unless the peer would break on it |
//! | all else | unchanged: tracing, headers, checksum, chunks |
//!
//! Nothing here knows connections. Their owner keeps the ids, drops what comes for ids that are over, and answers
//! [`Refusal`]s with error frames.

mod affinity;
mod answer;
mod passed;
mod progress;
mod refusal;
mod request;
mod ttl;

pub use affinity::{Affinity, Range};
pub use answer::{Answer, error_frame};
pub use passed::Passed;
pub use refusal::Refusal;
pub use request::{Request, cancel_frame};
pub use ttl::{MAX_TTL, Ttl};

use tchannel_wire::Headers;

/// The name that a call is routed by, and counted under: its `rd` if it has one, else the service it names.
pub fn routing_name<'a>(service: &'a str, headers: Headers<'a>) -> &'a str {
    headers.routing_delegate().filter(|name| !name.is_empty()).unwrap_or(service)
}

#[cfg(test)]
mod captured;
#[cfg(test)]
mod tests;
