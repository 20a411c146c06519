//! What an operator may want in a log.

use std::fmt;
use std::io;
use std::sync::Arc;

use tchannel_proto::CloseReason;

/// Something that concerns no caller, or that no caller may see. Told to the hook of
/// [`Builder::on_notice`](crate::Builder::on_notice).
#[derive(Debug)]
#[non_exhaustive]
pub enum Notice<'a> {
    /// A handler panicked, returned an error without a code, or was dropped. The caller got `unexpected error`.
    HandlerFailed {
        /// The service that was called.
        service: &'a str,
        /// The endpoint that was called.
        endpoint: &'a str,
        /// What happened.
        detail: &'a str,
    },
    /// The listening socket gave an error. Accepting goes on after a pause.
    AcceptFailed {
        /// What it said.
        error: &'a io::Error,
    },
    /// A connection ended.
    Closed {
        /// The address that was dialled or that dialled us.
        peer: &'a str,
        /// Why.
        reason: &'a CloseReason,
    },
}

impl fmt::Display for Notice<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Notice::HandlerFailed { service, endpoint, detail } => {
                write!(f, "handler of {service}::{endpoint} failed: {detail}")
            }
            Notice::AcceptFailed { error } => write!(f, "accept failed: {error}"),
            Notice::Closed { peer, reason } => write!(f, "connection with {peer} closed: {reason}"),
        }
    }
}

/// Where notices go.
pub(crate) type Hook = Arc<dyn Fn(&Notice<'_>) + Send + Sync>;
