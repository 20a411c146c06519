//! Why calls and connections end, and what a caller did wrong.

use alloc::string::String;
use bytes::Bytes;
use tchannel_wire::{ErrorCode, Malformed};
use thiserror::Error;

/// Which side found that a call had failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Origin {
    /// This process: a deadline, a lost connection, an unreadable answer.
    Local,
    /// The peer, in an error frame.
    Remote,
}

impl core::fmt::Display for Origin {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Origin::Local => "local",
            Origin::Remote => "remote",
        })
    }
}

/// Why one call failed. An answer that says "not ok" is no failure: it arrives as a response.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{code} ({origin}): {message}")]
pub struct CallError {
    /// The protocol's word for it. [`ErrorCode::Unknown`] keeps a byte that the protocol does not name.
    pub code: ErrorCode,
    /// Who found it.
    pub origin: Origin,
    /// For people: what failed, where, and after how long.
    pub message: String,
}

impl CallError {
    pub(crate) fn local(code: ErrorCode, message: impl Into<String>) -> Self {
        CallError { code, origin: Origin::Local, message: message.into() }
    }

    pub(crate) fn remote(code: ErrorCode, message: impl Into<String>) -> Self {
        CallError { code, origin: Origin::Remote, message: message.into() }
    }

    /// Whether another attempt makes sense, judged by the code alone.
    pub fn retry(&self) -> Retry {
        match self.code {
            ErrorCode::Busy | ErrorCode::Declined => Retry::Elsewhere,
            ErrorCode::Timeout | ErrorCode::Network | ErrorCode::Fatal | ErrorCode::Unexpected => {
                Retry::IfIdempotent
            }
            ErrorCode::BadRequest | ErrorCode::Cancelled | ErrorCode::Unhealthy | ErrorCode::Unknown(_) => {
                Retry::Never
            }
        }
    }
}

/// What a failed call's code says about trying again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retry {
    /// The call did not run: another peer may take it.
    Elsewhere,
    /// The call may have run: try again only if running twice does no harm.
    IfIdempotent,
    /// The same call would fail again, or nobody waits for it any more.
    Never,
}

/// Why the byte stream under a connection ended; the driver fills it in from what its socket said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Error)]
#[non_exhaustive]
pub enum Lost {
    /// The peer closed the stream.
    #[error("the peer closed the connection")]
    Eof,
    /// The connection could not be made: nobody listens there.
    #[error("connection refused")]
    Refused,
    /// The peer, or something between, reset the stream.
    #[error("connection reset")]
    Reset,
    /// The host or network cannot be reached, or its name is unknown.
    #[error("host unreachable")]
    Unreachable,
    /// The transport gave up waiting.
    #[error("transport timeout")]
    TimedOut,
    /// Any other transport fault.
    #[error("transport error")]
    Other,
}

/// Why a connection ended.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CloseReason {
    /// A drain ran to its end: nothing was cut.
    #[error("drained")]
    Drained,
    /// A drain's deadline came first: remaining calls were cut.
    #[error("drain deadline passed")]
    DrainTimeout,
    /// The byte stream ended.
    #[error("{0}")]
    Lost(Lost),
    /// The peer sent bytes that break the format.
    #[error("protocol error: {0}")]
    Malformed(Malformed),
    /// The peer sent well-formed frames that break the protocol.
    #[error("protocol error: {0}")]
    Protocol(String),
    /// The peer said that it cannot go on.
    #[error("peer closed with {code}: {message}")]
    Remote {
        /// The code of its error frame.
        code: ErrorCode,
        /// The text of its error frame.
        message: String,
    },
    /// The handshake did not finish in time.
    #[error("handshake timed out")]
    HandshakeTimeout,
    /// Calls timed out while the peer sent nothing at all.
    #[error("stale: calls timed out and nothing was received")]
    Stale,
    /// The peer took no bytes for too long while some were waiting.
    #[error("stalled: the peer reads nothing")]
    Stalled,
    /// The peer stopped answering pings.
    #[error("unhealthy: pings are not answered")]
    Unhealthy,
    /// The peer kept sending frames that serve no call.
    #[error("too many useless frames")]
    TooManyUselessFrames,
    /// This side closed it.
    #[error("closed by this side")]
    Local,
}

/// Why a call could not be started. Nothing was sent and no state changed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum OpenError {
    /// A limit of this connection is reached.
    #[error("the connection is full: {what} is at its limit of {limit}")]
    Full {
        /// The [`Config`](crate::Config) field.
        what: &'static str,
        /// Its value.
        limit: usize,
    },
    /// This side or the peer is draining; another connection has to take the call.
    #[error("the connection is draining")]
    Draining,
    /// The connection is over.
    #[error("the connection is closed")]
    Closed,
    /// The arguments are larger than [`Config::max_message`](crate::Config::max_message).
    #[error("{len} bytes of arguments are more than the limit of {limit}")]
    TooLarge {
        /// Bytes in arg1, arg2 and arg3.
        len: usize,
        /// The limit in force.
        limit: usize,
    },
    /// arg1 is longer than the protocol allows.
    #[error("arg1 length {len} is larger than the limit {}", crate::MAX_ARG1)]
    Arg1TooLong {
        /// Its length in bytes.
        len: usize,
    },
    /// A header key of 16 bytes is read but never sent: node closes on it.
    #[error("a header key is longer than the 15 bytes that every peer takes")]
    HeaderKey,
    /// The checksum kind can be verified but must not be sent: named peers break on it.
    #[error("farmhash checksums are never sent: use none, crc32 or crc32c")]
    Checksum,
}

/// Why bytes were not taken. No state changed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum WriteError {
    /// Too much is waiting already; the bytes come back, and a `Writable` event will say when to go on.
    #[error("too many unsent bytes; wait for Writable")]
    Blocked(Bytes),
    /// The call is over, its last argument is finished, or its reply has not begun.
    #[error(transparent)]
    Gone(#[from] Gone),
}

/// The call is over (answered, failed, cancelled, or its connection closed). Nothing was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the call is over")]
pub struct Gone;
