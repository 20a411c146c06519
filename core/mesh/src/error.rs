//! Why a call was not started, and why the channel itself ends one.

use alloc::string::{String, ToString};
use core::num::NonZeroU32;

use tchannel_proto::{CallError, MAX_ARG1, Origin};
use tchannel_wire::{ErrorCode, HeaderError};
use thiserror::Error;

use crate::limits::Overloaded;
use crate::retry::Cause;

/// Why a call could not be started. Nothing was written, no peer was touched and no state changed; it is never retried.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum OpenError {
    /// No service to call.
    #[error("the service name is empty: set `service`, or call through a sub-channel")]
    EmptyService,
    /// `cn` or `as` is empty: named servers refuse such a call.
    #[error("transport header `{key}` is empty: leave the option out to send the default")]
    EmptyHeader {
        /// Its key.
        key: &'static str,
    },
    /// A header or the service name breaks a limit of the protocol.
    #[error("cannot be sent: {0}")]
    Header(#[from] HeaderError),
    /// The endpoint (arg1) is longer than the protocol allows.
    #[error("the endpoint has {len} bytes, at most {MAX_ARG1} are allowed: put the rest into arg2 or arg3")]
    EndpointTooLong {
        /// Its length in bytes.
        len: usize,
    },
    /// The arguments are larger than [`Config::max_message`](tchannel_proto::Config::max_message).
    #[error(
        "the arguments have {len} bytes, at most {limit} are allowed: stream them, or raise `max_message`"
    )]
    TooLarge {
        /// Bytes in arg1, arg2 and arg3.
        len: usize,
        /// The limit in force.
        limit: usize,
    },
    /// `timeout` or `timeout_per_attempt` is 0.
    #[error(
        "`{option}` is 0, no call can finish in it: give it some time, or leave it out to use the default"
    )]
    ZeroTimeout {
        /// Which option.
        option: &'static str,
    },
    /// The document style wants to hear about the parent.
    #[error("say `parent` with the call being served, or `no_parent` if there is none")]
    ParentRequired,
    /// Both were said at once.
    #[error("`parent` and `no_parent` are both given: leave one out")]
    ParentAndNoParent,
    /// A request in the document style on the root channel.
    #[error("a request needs a sub-channel: make one with `subchannel`, or use `call`")]
    TopLevelRequest,
    /// The checksum kind can be verified but must not be sent: named peers break on it.
    #[error("farmhash checksums are never sent: use none, crc32 or crc32c")]
    Checksum,
    /// The channel is closed.
    #[error("the channel is closed")]
    Closed,
}

/// Why the channel ended a call with nothing sent. Callers see it as a [`CallError`] of local origin.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum NotSent {
    /// The list was empty, or every peer was excluded, at the first choice.
    #[error("no peer for service {service:?}: add peers that are up, or give the call a host")]
    NoPeer {
        /// The service called.
        service: String,
    },
    /// Too many calls are in flight.
    #[error(transparent)]
    Overloaded(#[from] Overloaded),
    /// The chosen connection did not take the call: it drains, is full, or has just closed. Another peer may.
    #[error("the peer takes no more calls: {0}")]
    Connection(#[from] tchannel_proto::OpenError),
    /// As many connections to the chosen peer are open as may be, and none takes calls. Another peer may.
    #[error("the peer takes no more calls: its {limit} connections drain, and no more may be dialled")]
    TooManyConnections {
        /// [`Limits::max_connections_per_peer`](crate::Limits::max_connections_per_peer).
        limit: NonZeroU32,
    },
    /// The deadline had passed before anything was done; only a parent's deadline can.
    #[error("the deadline passed before the call was sent: its parent has no time left")]
    DeadlinePassed,
    /// The channel is closed.
    #[error("the channel is closed")]
    Closed,
}

impl NotSent {
    /// The protocol's word for it.
    pub const fn code(&self) -> ErrorCode {
        match self {
            NotSent::NoPeer { .. }
            | NotSent::Overloaded(_)
            | NotSent::Connection(_)
            | NotSent::TooManyConnections { .. } => ErrorCode::Declined,
            NotSent::DeadlinePassed => ErrorCode::Timeout,
            NotSent::Closed => ErrorCode::Network,
        }
    }

    /// What the retry table sees.
    pub const fn cause(&self) -> Cause {
        match self {
            NotSent::NoPeer { .. } => Cause::NoPeer,
            NotSent::Overloaded(_) => Cause::Overloaded,
            NotSent::Connection(_) | NotSent::TooManyConnections { .. } => Cause::DRAINED,
            NotSent::DeadlinePassed | NotSent::Closed => Cause::Invalid,
        }
    }
}

impl From<NotSent> for CallError {
    fn from(why: NotSent) -> Self {
        CallError { code: why.code(), origin: Origin::Local, message: why.to_string() }
    }
}
