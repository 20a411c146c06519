//! Which failures deserve another attempt.
//!
//! Y: another peer is tried. The columns are the flags of the `re` header.
//!
//! | error | n | c | t | ct | `Strict`, c |
//! |---|---|---|---|---|---|
//! | busy, declined, drained | . | Y | Y | Y | Y |
//! | timeout of one attempt | . | . | Y | Y | . |
//! | network error | . | Y | . | Y | Y |
//! | fatal protocol error | . | Y | . | Y | . |
//! | unexpected error | . | Y | . | Y | . |
//! | bad request, cancelled, unhealthy, unknown code | . | . | . | . | . |
//! | no peer, overloaded, not valid | . | . | . | . | . |

mod attempts;
mod budget;

pub use attempts::{Attempt, Attempts, Rules, Step, Verdict};
pub use budget::{Budget, RETRY_RATIO};

use tchannel_proto::{CallError, Origin};
use tchannel_wire::{ErrorCode, RetryFlags};

/// How bold retries are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum RetryPolicy {
    /// The documented libraries' table.
    #[default]
    Documented,
    /// The same, but never after an unexpected or a fatal protocol error: the call may have run. Go's default.
    Strict,
}

/// What the table looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// An attempt ended so.
    Attempt {
        /// The protocol's word for it.
        code: ErrorCode,
        /// Who found it.
        origin: Origin,
    },
    /// There was no peer to try.
    NoPeer,
    /// Admission refused the call.
    Overloaded,
    /// The call is not valid, or its channel is closed.
    Invalid,
}

impl Cause {
    /// The peer takes no new calls, which was found before anything was sent. Connections say it with these two words,
    /// and say nothing else with them.
    pub const DRAINED: Self = Cause::Attempt { code: ErrorCode::Declined, origin: Origin::Local };
}

impl From<&CallError> for Cause {
    /// For errors that a connection gave.
    fn from(error: &CallError) -> Self {
        Cause::Attempt { code: error.code, origin: error.origin }
    }
}

impl RetryPolicy {
    /// Whether a call with these flags that failed so may be tried on another peer. Deadline, attempts left and
    /// [`Budget`] are looked at elsewhere.
    pub fn allows(self, flags: RetryFlags, cause: impl Into<Cause>) -> bool {
        let Cause::Attempt { code, origin: Origin::Local | Origin::Remote } = cause.into() else {
            return false;
        };
        match code {
            ErrorCode::Busy | ErrorCode::Declined => flags != RetryFlags::NEVER,
            ErrorCode::Timeout => flags.timeout,
            ErrorCode::Network => flags.connection,
            ErrorCode::Fatal | ErrorCode::Unexpected => flags.connection && self == RetryPolicy::Documented,
            ErrorCode::BadRequest | ErrorCode::Cancelled | ErrorCode::Unhealthy | ErrorCode::Unknown(_) => {
                false
            }
        }
    }
}

#[cfg(test)]
mod tests;
