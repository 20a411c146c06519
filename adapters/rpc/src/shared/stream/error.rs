//! Why a body cannot be read or written.

use tchannel_proto::wire::ErrorCode;
use thiserror::Error;

use crate::shared::error::CallError;

/// Why a part of a message was not read or not written.
#[derive(Clone, Debug, Error)]
#[non_exhaustive]
pub enum BodyError {
    /// The call failed, perhaps after a part of the response was read. Both halves of the call say so.
    #[error(transparent)]
    Call(#[from] CallError),
    /// The peer does not wait for the answer any more: it cancelled, its time is over, its connection is lost.
    #[error("the caller does not wait any more: {0}")]
    Abandoned(ErrorCode),
    /// The call is over: the peer has answered to the end and reads nothing more of the request, or this side has
    /// answered to the end and reads nothing more of it.
    #[error("the call is over")]
    Over,
    /// arg3 is the last argument. Nothing was changed.
    #[error("arg3 is the last argument: finish the message instead")]
    LastArg,
    /// arg3 is longer than [`Config::max_message`](crate::Config::max_message). It can still be read in pieces.
    #[error("arg3 is longer than {limit} bytes: read it in pieces")]
    Arg3TooLong {
        /// The limit in force.
        limit: usize,
    },
    /// arg2 is longer than [`Config::max_message`](crate::Config::max_message). It can still be read in parts.
    #[error("arg2 is longer than {limit} bytes: read it in parts")]
    Arg2TooLong {
        /// The limit in force.
        limit: usize,
    },
}
