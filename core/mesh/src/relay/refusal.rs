//! Why a relay does not pass something on.

use alloc::string::String;

use tchannel_proto::Lost;
use tchannel_wire::{ErrorCode, Malformed};
use thiserror::Error;

use crate::stats::error_word;

/// Why a relayed call ends at the relay. The text and [`code`](Self::code) are those of the error frame that tells its
/// caller.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Refusal {
    /// A frame that breaks the format.
    #[error("{0}")]
    Malformed(Malformed),
    /// An error frame from behind that cannot be read.
    #[error("malformed error frame")]
    MalformedError,
    /// A message without three arguments.
    #[error("expected 3 args, got {got}")]
    Args {
        /// How many there were.
        got: usize,
    },
    /// The first frame ends in arg1: node closes the connection on that.
    #[error("arg1 must not be fragmented")]
    Arg1Split,
    /// arg1 is longer than the protocol allows.
    #[error("arg1 length {len} is larger than the limit {}", tchannel_wire::MAX_ARG1)]
    Arg1TooLong {
        /// Its length in bytes.
        len: usize,
    },
    /// A header key of 16 bytes: node closes the connection on that.
    #[error("a header key is longer than the 15 bytes that can be passed on")]
    HeaderKey,
    /// The frames of a message have different checksum types.
    #[error("checksum type changed")]
    ChecksumType,
    /// A whole request without time.
    #[error("ttl must be greater than 0")]
    NoTtl,
    /// The call's time is over.
    #[error("relay ttl expired")]
    TtlExpired,
    /// Nobody serves the service.
    #[error("no peer available for request")]
    NoPeer,
    /// The peer behind cannot be reached.
    #[error("cannot connect to {address}: {why}")]
    ConnectFailed {
        /// Its `host:port`.
        address: String,
        /// What the socket said.
        why: Lost,
    },
    /// The peer behind takes bytes too slowly.
    #[error("relay: destination slow")]
    DestinationSlow,
}

impl Refusal {
    /// The code of the error frame.
    pub const fn code(&self) -> ErrorCode {
        match self {
            Refusal::Malformed(_)
            | Refusal::Args { .. }
            | Refusal::Arg1Split
            | Refusal::Arg1TooLong { .. }
            | Refusal::HeaderKey
            | Refusal::ChecksumType
            | Refusal::NoTtl => ErrorCode::BadRequest,
            Refusal::MalformedError => ErrorCode::Unexpected,
            Refusal::TtlExpired => ErrorCode::Timeout,
            Refusal::NoPeer => ErrorCode::Declined,
            Refusal::ConnectFailed { .. } => ErrorCode::Network,
            Refusal::DestinationSlow => ErrorCode::Busy,
        }
    }

    /// The word that it is counted under.
    pub const fn reason(&self) -> &'static str {
        match self {
            Refusal::ConnectFailed { .. } => "relay-connection-failed",
            Refusal::DestinationSlow => "relay-dest-conn-slow",
            Refusal::Malformed(_)
            | Refusal::MalformedError
            | Refusal::Args { .. }
            | Refusal::Arg1Split
            | Refusal::Arg1TooLong { .. }
            | Refusal::HeaderKey
            | Refusal::ChecksumType
            | Refusal::NoTtl
            | Refusal::TtlExpired
            | Refusal::NoPeer => error_word(self.code()),
        }
    }
}

impl From<Malformed> for Refusal {
    fn from(malformed: Malformed) -> Self {
        Refusal::Malformed(malformed)
    }
}
