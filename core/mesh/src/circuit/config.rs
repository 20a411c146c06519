//! When circuits change.

use core::num::{NonZeroU32, NonZeroU64, NonZeroUsize};
use core::time::Duration;

use tchannel_wire::ErrorCode;

use crate::ratio::Ratio;

/// When circuits change. The defaults are those of the documents.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CircuitConfig {
    /// Time over which answers are counted, and in which an unhealthy circuit has one probe. Default 1 s.
    pub window: Duration,
    /// The share of failures from which on a circuit is not healthy. Default half.
    pub threshold: Ratio,
    /// Answers in a window below which it says nothing. Default 10.
    pub min_requests: NonZeroU64,
    /// Good probes in a row that make a circuit healthy. Default 5.
    pub probes: NonZeroU32,
    /// The code that answers refused requests. Hyperbahn itself says [`ErrorCode::Declined`], which makes callers try
    /// another relay. Default [`ErrorCode::Unhealthy`].
    pub refusal: ErrorCode,
    /// Count and change, but refuse nothing: to see what would be refused. Default off.
    pub shorted: bool,
    /// Circuits that are remembered. Default 10,000.
    pub max_circuits: NonZeroUsize,
}

impl Default for CircuitConfig {
    fn default() -> Self {
        CircuitConfig {
            window: Duration::from_secs(1),
            threshold: Ratio::percent(50),
            min_requests: NonZeroU64::MIN.saturating_add(9),
            probes: NonZeroU32::MIN.saturating_add(4),
            refusal: ErrorCode::Unhealthy,
            shorted: false,
            max_circuits: NonZeroUsize::MIN.saturating_add(9_999),
        }
    }
}

/// Whether a call that ended with this error speaks against its service. One that was answered never does, whether ok or
/// not.
pub const fn is_failure(code: ErrorCode) -> bool {
    match code {
        ErrorCode::Timeout
        | ErrorCode::Busy
        | ErrorCode::Declined
        | ErrorCode::Unexpected
        | ErrorCode::Network
        | ErrorCode::Unhealthy
        | ErrorCode::Fatal
        | ErrorCode::Unknown(_) => true,
        ErrorCode::Cancelled | ErrorCode::BadRequest => false,
    }
}
