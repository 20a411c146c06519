//! Why calls, channels and listeners fail.

use std::borrow::Cow;
use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use tchannel_proto::wire::{ErrorCode, HeaderError};
use tchannel_proto::{CallError as Failure, OpenError, Origin, Retry};
use thiserror::Error;

use super::host::Host;
use super::target::Target;

/// How far a call had come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Phase {
    /// Nothing was sent yet; no connection was looked for.
    Preparing,
    /// Its connection was being made.
    Connecting,
    /// The connection was made, and the two sides were introducing themselves.
    Handshake,
    /// The request was handed to the connection, and perhaps sent.
    Waiting,
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Phase::Preparing => "not sent",
            Phase::Connecting => "while connecting",
            Phase::Handshake => "in the handshake",
            Phase::Waiting => "after sending",
        })
    }
}

/// Why a call has no answer. An answer that says "not ok" is no failure: it arrives as a response.
///
/// Says in one line what failed, who found it, where, in which phase and after how long.
#[derive(Clone)]
pub struct CallError(Box<Details>);

#[derive(Clone)]
struct Details {
    failure: Failure,
    phase: Phase,
    peer: Option<Host>,
    target: Arc<Target>,
    elapsed: Duration,
    detail: Option<Arc<str>>,
}

impl CallError {
    pub(crate) fn new(
        failure: Failure,
        phase: Phase,
        peer: Option<Host>,
        target: Arc<Target>,
        elapsed: Duration,
    ) -> Self {
        CallError(Box::new(Details { failure, phase, peer, target, elapsed, detail: None }))
    }

    /// Adds what the operating system said.
    pub(crate) fn with_detail(mut self, detail: Option<Arc<str>>) -> Self {
        self.0.detail = detail;
        self
    }

    /// A call that could not even start.
    pub(crate) fn refused(refusal: Refusal, peer: Option<Host>, target: Arc<Target>) -> Self {
        let failure =
            Failure { code: refusal.code, origin: Origin::Local, message: refusal.message.into_owned() };
        CallError::new(failure, Phase::Preparing, peer, target, Duration::ZERO)
    }

    /// The protocol's word for it.
    pub fn code(&self) -> ErrorCode {
        self.0.failure.code
    }

    /// Which side found it.
    pub fn origin(&self) -> Origin {
        self.0.failure.origin
    }

    /// What the side that found it says about it.
    pub fn message(&self) -> &str {
        &self.0.failure.message
    }

    /// How far the call had come.
    pub fn phase(&self) -> Phase {
        self.0.phase
    }

    /// The host that was called, if one was chosen.
    pub fn peer(&self) -> Option<String> {
        self.0.peer.as_ref().map(ToString::to_string)
    }

    /// The service that was called.
    pub fn service(&self) -> &str {
        self.0.target.service()
    }

    /// The endpoint that was called, as text for people.
    pub fn endpoint(&self) -> Cow<'_, str> {
        self.0.target.endpoint_text()
    }

    /// From `send` to the failure.
    pub fn elapsed(&self) -> Duration {
        self.0.elapsed
    }

    /// Whether another attempt makes sense, judged by the code alone.
    pub fn retry(&self) -> Retry {
        self.0.failure.retry()
    }
}

impl fmt::Display for CallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Details { failure, phase, peer, elapsed, detail, .. } = &*self.0;
        write!(f, "{failure}; {phase}")?;
        if let Some(peer) = peer {
            write!(f, ", peer {peer}")?;
        }
        // What a connection says about its own calls names them, and the time they took.
        if failure.origin == Origin::Remote || *phase == Phase::Preparing {
            write!(f, ", service {:?}, endpoint {:?}", self.service(), self.endpoint())?;
        }
        if failure.origin == Origin::Remote {
            write!(f, ", after {elapsed:.1?}")?;
        }
        match detail {
            Some(detail) => write!(f, ": {detail}"),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for CallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CallError({self})")
    }
}

impl std::error::Error for CallError {}

/// Why a call is not sent, with the code that its caller gets.
#[derive(Debug)]
pub(crate) struct Refusal {
    code: ErrorCode,
    message: Cow<'static, str>,
}

impl Refusal {
    /// The request itself cannot be sent.
    pub(crate) fn misuse(message: impl Into<Cow<'static, str>>) -> Self {
        Refusal { code: ErrorCode::BadRequest, message: message.into() }
    }

    pub(crate) fn no_peer() -> Self {
        Refusal { code: ErrorCode::Declined, message: "no peer: give the call a host".into() }
    }

    pub(crate) fn closed() -> Self {
        Refusal { code: ErrorCode::Network, message: "the channel is closed".into() }
    }
}

impl From<HeaderError> for Refusal {
    fn from(error: HeaderError) -> Self {
        Refusal::misuse(error.to_string())
    }
}

impl From<OpenError> for Refusal {
    fn from(error: OpenError) -> Self {
        let message = error.to_string().into();
        let code = match error {
            OpenError::Full { .. } | OpenError::Draining => ErrorCode::Declined,
            OpenError::Closed => ErrorCode::Network,
            OpenError::TooLarge { .. } | OpenError::Arg1TooLong { .. } | OpenError::Checksum | _ => {
                ErrorCode::BadRequest
            }
        };
        Refusal { code, message }
    }
}

/// Why a channel could not be made.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum BuildError {
    /// The name is empty. Peers want to know who calls.
    #[error("a channel needs a service name")]
    ServiceNameRequired,
    /// The name does not fit the protocol's length field.
    #[error("the channel's name has {len} bytes, at most 255 are allowed")]
    NameTooLong {
        /// Its length in bytes.
        len: usize,
    },
    /// There is no runtime to run on.
    #[error("no runtime: {0}")]
    NoRuntime(String),
}

/// Why a channel does not listen. It is as it was before.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ListenError {
    /// It listens already, or is about to; a channel listens once.
    #[error("already listening")]
    AlreadyListening,
    /// The channel is closed or draining.
    #[error("the channel is closed")]
    Closed,
    /// The text names no address.
    #[error("cannot listen at `{at}`: it takes `host:port`")]
    Address {
        /// The text.
        at: String,
    },
    /// The operating system refused.
    #[error("cannot listen at {at}: {error}")]
    Io {
        /// Where.
        at: String,
        /// What it said.
        error: io::Error,
    },
}

/// What [`Channel::drain`](crate::Channel::drain) left behind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Drained {
    /// Connections whose deadline came before their last call ended.
    pub cut: usize,
}

#[cfg(test)]
mod tests;
