//! What a channel counts and times, as typed events; names, tags and statsd keys are made on request.
//!
//! An event holds no texts of calls but a [`LabelKey`] into [`Labels`], which keeps a bounded number of them.

mod format;
mod kinds;
mod labels;

pub(crate) use format::put_clean;
pub use format::{PREFIX, Tag, Tags};
pub use kinds::{Closed, ConnectionError, error_word};
pub use labels::{LabelKey, LabelSet, Labels, MAX_LABEL, MAX_LABEL_SETS, OTHER};

use core::time::Duration;

use tchannel_wire::ErrorCode;

use crate::host_port::HostPort;

/// One measurement.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Stat {
    /// About a call of ours as a whole.
    Outbound {
        /// Service: the caller; other: the service called; the endpoint, not for http.
        labels: LabelKey,
        /// What happened.
        what: Outbound,
    },
    /// About one attempt of a call of ours.
    Attempt {
        /// As for the call.
        labels: LabelKey,
        /// Who was called.
        peer: HostPort,
        /// Attempts before this one.
        retry_count: u32,
        /// What happened.
        what: PerAttempt,
    },
    /// About a call of a peer's.
    Inbound {
        /// Service: the one called; other: the caller; the endpoint.
        labels: LabelKey,
        /// What happened.
        what: Inbound,
    },
    /// About connections.
    Connection(Connection),
    /// About the rate limiter.
    RateLimit(RateLimit),
}

/// What happens to a call of ours as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outbound {
    /// It started; once for each call.
    Sent,
    /// An ok response.
    Success,
    /// A response that is not ok.
    AppError,
    /// An error frame ended it.
    SystemError(ErrorCode),
    /// An error found here ended it.
    OperationalError(ErrorCode),
    /// Another attempt began; how many came before it.
    Retry {
        /// Attempts before it, from 1.
        retry_count: u32,
    },
    /// The retry budget denied another attempt.
    RetryRejected,
    /// Bytes of frames of its request.
    RequestSize(u64),
    /// Bytes of frames of its response.
    ResponseSize(u64),
    /// Time over all attempts.
    Latency(Duration),
}

/// What happens to one attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PerAttempt {
    /// A response that is not ok.
    AppError,
    /// An error frame.
    SystemError(ErrorCode),
    /// An error found here.
    OperationalError(ErrorCode),
    /// Its time.
    Latency(Duration),
}

/// What happens to a call of a peer's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Inbound {
    /// Its head is here.
    Received,
    /// Answered ok.
    Success,
    /// Answered not ok.
    AppError,
    /// Answered with an error frame.
    SystemError(ErrorCode),
    /// A cancel frame came.
    CancelRequested,
    /// A cancel frame stopped it.
    CancelHonored,
    /// Its frames broke the protocol. Without labels if it could not be read.
    ProtocolError,
    /// Bytes of frames of its request.
    RequestSize(u64),
    /// Bytes of frames of its response.
    ResponseSize(u64),
    /// From its handler's start to the last response fragment queued.
    Latency(Duration),
}

/// What happens to connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Connection {
    /// How many are active now.
    Active(u64),
    /// One was dialled.
    Initiated,
    /// A dial failed.
    ConnectError,
    /// One was accepted.
    Accepted,
    /// Accepting one failed.
    AcceptError,
    /// One broke.
    Error(ConnectionError),
    /// One ended.
    Closed(Closed),
    /// Bytes written.
    BytesSent(u64),
    /// Bytes read.
    BytesReceived(u64),
}

/// What the rate limiter does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RateLimit {
    /// A call was refused for its service's limit.
    ServiceBusy(LabelKey),
    /// A call was refused for the limit over all services.
    TotalBusy,
    /// Calls of a service in the last second.
    ServiceRps(LabelKey, u64),
    /// The limit for a service.
    ServiceRpsLimit(LabelKey, u64),
    /// Calls in the last second.
    TotalRps(u64),
    /// The limit for all.
    TotalRpsLimit(u64),
}

/// How a measurement is to be aggregated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value {
    /// Add it.
    Count(u64),
    /// It replaces what was there.
    Gauge(u64),
    /// One duration; exporters write milliseconds.
    Timer(Duration),
}

impl Stat {
    /// The name, without a prefix.
    pub const fn name(&self) -> &'static str {
        match self {
            Stat::Outbound { what, .. } => what.describe().0,
            Stat::Attempt { what, .. } => what.describe().0,
            Stat::Inbound { what, .. } => what.describe().0,
            Stat::Connection(what) => what.describe().0,
            Stat::RateLimit(what) => what.describe().0,
        }
    }

    /// The number.
    pub const fn value(&self) -> Value {
        match self {
            Stat::Outbound { what, .. } => what.describe().1,
            Stat::Attempt { what, .. } => what.describe().1,
            Stat::Inbound { what, .. } => what.describe().1,
            Stat::Connection(what) => what.describe().1,
            Stat::RateLimit(what) => what.describe().1,
        }
    }
}

#[cfg(test)]
mod tests;
