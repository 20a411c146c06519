//! Why calls, channels and listeners fail.

use std::borrow::Cow;
use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use tchannel_mesh::retry::RetryPolicy;
use tchannel_mesh::{ConfigError, Failure, HostPortError, OpenError, Phase, ServiceError};
use tchannel_proto::wire::{ErrorCode, RetryFlags, Tracing};
use tchannel_proto::{Origin, Retry};
use thiserror::Error;

use super::host::Host;
use super::hub::Failed;
#[cfg(any(feature = "http", feature = "json", feature = "thrift"))]
use super::schemes::{Place, Source};
use super::target::Target;

/// Why a call has no answer. An answer that says "not ok" is no failure: it arrives as a response.
///
/// Says in one line what failed, who found it, where, in which phase, after how many attempts and how long.
#[derive(Clone)]
pub struct CallError(Box<Details>);

#[derive(Clone)]
struct Details {
    failure: Failure,
    /// The host that was asked for, if no peer was chosen.
    host: Option<Host>,
    target: Arc<Target>,
    /// What the operating system said.
    detail: Option<Arc<str>>,
}

impl CallError {
    pub(crate) fn failed(failed: Failed, host: Option<Host>, target: Arc<Target>) -> Self {
        let Failed { failure, detail } = failed;
        CallError(Box::new(Details { failure, host, target, detail }))
    }

    /// A call that could not even start.
    pub(crate) fn refused(refusal: Refusal, host: Option<Host>, target: Arc<Target>) -> Self {
        let error = tchannel_proto::CallError {
            code: refusal.code,
            origin: Origin::Local,
            message: refusal.message.into_owned(),
        };
        let failure = Failure::new(error);
        CallError(Box::new(Details { failure, host, target, detail: None }))
    }

    /// An answer that came, and is none.
    #[cfg(any(feature = "http", feature = "json", feature = "thrift"))]
    pub(crate) fn unreadable(words: String, source: Source, place: &Place) -> Self {
        let error =
            tchannel_proto::CallError { code: ErrorCode::BadRequest, origin: Origin::Local, message: words };
        let mut failure = Failure::new(error);
        failure.phase = Phase::Waiting;
        failure.peer = source.peer;
        failure.attempts = source.attempts;
        failure.tracing = source.tracing;
        let Place { host, target } = place.clone();
        CallError(Box::new(Details { failure, host, target, detail: None }))
    }

    /// The protocol's word for it.
    pub fn code(&self) -> ErrorCode {
        self.0.failure.error.code
    }

    /// Which side found it.
    pub fn origin(&self) -> Origin {
        self.0.failure.error.origin
    }

    /// What the side that found it says about it.
    pub fn message(&self) -> &str {
        &self.0.failure.error.message
    }

    /// How far the last attempt had come.
    pub fn phase(&self) -> Phase {
        self.0.failure.phase
    }

    /// The peer of the last attempt, or the host that was asked for.
    pub fn peer(&self) -> Option<String> {
        let peer = self.0.failure.peer.as_ref().map(ToString::to_string);
        peer.or_else(|| self.0.host.as_ref().map(ToString::to_string))
    }

    /// The service that was called.
    pub fn service(&self) -> &str {
        self.0.target.service()
    }

    /// The endpoint that was called, as text for people.
    pub fn endpoint(&self) -> Cow<'_, str> {
        self.0.target.endpoint_text()
    }

    /// Attempts that were made.
    pub fn attempts(&self) -> u32 {
        self.0.failure.attempts
    }

    /// From `send` to the failure.
    pub fn elapsed(&self) -> Duration {
        self.0.failure.elapsed
    }

    /// The time that the call had.
    pub fn timeout(&self) -> Duration {
        self.0.failure.timeout
    }

    /// Whether its time was over, here or at the peer.
    pub fn is_timeout(&self) -> bool {
        self.code() == ErrorCode::Timeout
    }

    /// Identity of the last attempt in traces, which the peer's error frame carries; zeros if nothing was started.
    pub fn tracing(&self) -> Tracing {
        self.0.failure.tracing
    }

    /// Whether another attempt makes sense, judged by the code alone.
    pub fn retry(&self) -> Retry {
        self.0.failure.error.retry()
    }

    /// The same as the core's error, which says everything in its message.
    pub(crate) fn into_core(self) -> tchannel_proto::CallError {
        let more = More(&self).to_string();
        let mut error = self.0.failure.error;
        error.message.push_str(&more);
        error
    }

    /// Whether the retry table allows another attempt. What no peer was asked is not worth one.
    pub(crate) fn is_retried(&self, policy: RetryPolicy, flags: RetryFlags) -> bool {
        self.0.failure.peer.is_some() && policy.allows(flags, &self.0.failure.error)
    }
}

impl fmt::Display for CallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.failure.error)?;
        More(self).fmt(f)
    }
}

/// What the core's error does not say.
struct More<'a>(&'a CallError);

impl fmt::Display for More<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let call = self.0;
        let Details { failure, detail, .. } = &*call.0;
        write!(f, "; {}", failure.phase)?;
        if let Some(peer) = call.peer() {
            write!(f, ", peer {peer}")?;
        }
        if failure.max_attempts > 1 && failure.attempts > 0 {
            write!(f, ", attempt {} of {}", failure.attempts, failure.max_attempts)?;
        }
        // What a connection says about its own calls names them, and the time they took.
        if failure.error.origin == Origin::Remote || failure.phase == Phase::Queue {
            write!(f, ", service {:?}, endpoint {:?}", call.service(), call.endpoint())?;
        }
        if failure.error.origin == Origin::Remote {
            write!(f, ", after {:.1?} of {:.1?}", failure.elapsed, failure.timeout)?;
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
}

impl Refusal {
    /// The one connection that would do is over.
    pub(crate) fn over() -> Self {
        Refusal { code: ErrorCode::Network, message: "the connection is closed".into() }
    }
}

impl From<OpenError> for Refusal {
    fn from(error: OpenError) -> Self {
        let code = if error == OpenError::Closed { ErrorCode::Network } else { ErrorCode::BadRequest };
        Refusal { code, message: error.to_string().into() }
    }
}

/// Why a channel could not be made.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum BuildError {
    /// The channel's name cannot be one.
    #[error("the channel's name: {0}")]
    Name(#[source] ServiceError),
    /// Its settings do not go together.
    #[error(transparent)]
    Config(ConfigError),
    /// There is no runtime to run on.
    #[error("no runtime: {0}")]
    NoRuntime(String),
}

impl From<ConfigError> for BuildError {
    fn from(error: ConfigError) -> Self {
        if let ConfigError::Name(error) = error { BuildError::Name(error) } else { BuildError::Config(error) }
    }
}

/// Why a sub-channel was not made. Nothing changed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SubChannelError {
    /// Its name cannot be one, or is taken.
    #[error(transparent)]
    Name(#[from] ServiceError),
    /// One of its peers is none.
    #[error(transparent)]
    Peer(#[from] HostPortError),
    /// It has a strategy, and no peers of its own to choose from by it.
    #[error(
        "a strategy chooses among the sub-channel's own peers: give it `peers`, or set the channel's strategy"
    )]
    StrategyWithoutPeers,
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
    /// The list of addresses is empty.
    #[error("no address to listen at: name at least one")]
    Nowhere,
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
        #[source]
        error: io::Error,
    },
}

/// What [`Channel::drain`](crate::Channel::drain) left behind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Drained {
    /// Connections that ended before their last call, or before its answer had been handed to the operating system.
    pub cut: usize,
}

#[cfg(test)]
mod tests;
