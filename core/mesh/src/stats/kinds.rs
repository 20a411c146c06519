//! Names and words of every kind of measurement.

use tchannel_proto::{CloseReason, Lost};
use tchannel_wire::ErrorCode;

use super::{Connection, Inbound, Outbound, PerAttempt, RateLimit, Value};

const ONE: Value = Value::Count(1);

impl Outbound {
    pub(super) const fn describe(self) -> (&'static str, Value) {
        match self {
            Outbound::Sent => ("outbound.calls.sent", ONE),
            Outbound::Success => ("outbound.calls.success", ONE),
            Outbound::AppError => ("outbound.calls.app-errors", ONE),
            Outbound::SystemError(_) => ("outbound.calls.system-errors", ONE),
            Outbound::OperationalError(_) => ("outbound.calls.operational-errors", ONE),
            Outbound::Retry { .. } => ("outbound.calls.retries", ONE),
            Outbound::RetryRejected => ("retries-rejected-by-max-retry-ratio", ONE),
            Outbound::RequestSize(bytes) => ("outbound.request.size", Value::Count(bytes)),
            Outbound::ResponseSize(bytes) => ("outbound.response.size", Value::Count(bytes)),
            Outbound::Latency(time) => ("outbound.calls.latency", Value::Timer(time)),
        }
    }
}

impl PerAttempt {
    pub(super) const fn describe(self) -> (&'static str, Value) {
        match self {
            PerAttempt::AppError => ("outbound.calls.per-attempt.app-errors", ONE),
            PerAttempt::SystemError(_) => ("outbound.calls.per-attempt.system-errors", ONE),
            PerAttempt::OperationalError(_) => ("outbound.calls.per-attempt.operational-errors", ONE),
            PerAttempt::Latency(time) => ("outbound.calls.per-attempt.latency", Value::Timer(time)),
        }
    }
}

impl Inbound {
    pub(super) const fn describe(self) -> (&'static str, Value) {
        match self {
            Inbound::Received => ("inbound.calls.recvd", ONE),
            Inbound::Success => ("inbound.calls.success", ONE),
            Inbound::AppError => ("inbound.calls.app-errors", ONE),
            Inbound::SystemError(_) => ("inbound.calls.system-errors", ONE),
            Inbound::CancelRequested => ("inbound.cancels.requested", ONE),
            Inbound::CancelHonored => ("inbound.cancels.honored", ONE),
            Inbound::ProtocolError => ("inbound.protocol-errors", ONE),
            Inbound::RequestSize(bytes) => ("inbound.request.size", Value::Count(bytes)),
            Inbound::ResponseSize(bytes) => ("inbound.response.size", Value::Count(bytes)),
            Inbound::Latency(time) => ("inbound.calls.latency", Value::Timer(time)),
        }
    }
}

impl Connection {
    pub(super) const fn describe(self) -> (&'static str, Value) {
        match self {
            Connection::Active(count) => ("connections.active", Value::Gauge(count)),
            Connection::Initiated => ("connections.initiated", ONE),
            Connection::ConnectError => ("connections.connect-errors", ONE),
            Connection::Accepted => ("connections.accepted", ONE),
            Connection::AcceptError => ("connections.accept-errors", ONE),
            Connection::Error(_) => ("connections.errors", ONE),
            Connection::Closed(_) => ("connections.closed", ONE),
            Connection::BytesSent(bytes) => ("connections.bytes-sent", Value::Count(bytes)),
            Connection::BytesReceived(bytes) => ("connections.bytes-recvd", Value::Count(bytes)),
        }
    }
}

impl RateLimit {
    pub(super) const fn describe(self) -> (&'static str, Value) {
        match self {
            RateLimit::ServiceBusy(_) => ("rate-limiting.service-busy", ONE),
            RateLimit::TotalBusy => ("rate-limiting.total-busy", ONE),
            RateLimit::ServiceRps(_, rps) => ("rate-limiting.service-rps", Value::Gauge(rps)),
            RateLimit::ServiceRpsLimit(_, rps) => ("rate-limiting.service-rps-limit", Value::Gauge(rps)),
            RateLimit::TotalRps(rps) => ("rate-limiting.total-rps", Value::Gauge(rps)),
            RateLimit::TotalRpsLimit(rps) => ("rate-limiting.total-rps-limit", Value::Gauge(rps)),
        }
    }
}

/// The tag `type` for an error code. A byte that the protocol does not name counts as an unexpected error.
pub const fn error_word(code: ErrorCode) -> &'static str {
    match code {
        ErrorCode::Timeout => "timeout",
        ErrorCode::Cancelled => "cancelled",
        ErrorCode::Busy => "busy",
        ErrorCode::Declined => "declined",
        ErrorCode::Unexpected | ErrorCode::Unknown(_) => "unexpected-error",
        ErrorCode::BadRequest => "bad-request",
        ErrorCode::Network => "network-error",
        ErrorCode::Unhealthy => "unhealthy",
        ErrorCode::Fatal => "protocol-error",
    }
}

/// How a connection broke.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ConnectionError {
    /// The transport failed.
    NetworkError,
    /// The peer was silent for too long.
    NetworkTimeout,
    /// The peer broke the protocol.
    ProtocolError,
    /// The peer says that this side broke the protocol.
    PeerProtocolError,
}

impl ConnectionError {
    /// What a reason means for `connections.errors`; `None` if nothing broke.
    pub fn of(reason: &CloseReason) -> Option<Self> {
        if let CloseReason::Remote { .. } = reason {
            return Some(ConnectionError::PeerProtocolError);
        }
        match Closed::of(reason) {
            Closed::NetworkError => Some(ConnectionError::NetworkError),
            Closed::NetworkTimeout => Some(ConnectionError::NetworkTimeout),
            Closed::ProtocolError => Some(ConnectionError::ProtocolError),
            Closed::IdleTimeout | Closed::AppInitiated | Closed::PeerClosed => None,
        }
    }

    /// The tag `type`.
    pub const fn as_str(self) -> &'static str {
        match self {
            ConnectionError::NetworkError => "network-error",
            ConnectionError::NetworkTimeout => "network-timeout",
            ConnectionError::ProtocolError => "protocol-error",
            ConnectionError::PeerProtocolError => "peer-protocol-error",
        }
    }
}

/// Why a connection ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Closed {
    /// Nothing was called over it. Only the channel knows: a connection sees a drain.
    IdleTimeout,
    /// This side wanted it.
    AppInitiated,
    /// One side broke the protocol.
    ProtocolError,
    /// The transport failed.
    NetworkError,
    /// The peer was silent for too long.
    NetworkTimeout,
    /// The peer closed the stream.
    PeerClosed,
}

impl Closed {
    /// What a connection's reason means for `connections.closed`.
    pub fn of(reason: &CloseReason) -> Self {
        match reason {
            CloseReason::Drained | CloseReason::DrainTimeout | CloseReason::Local => Closed::AppInitiated,
            CloseReason::Lost(Lost::Eof) => Closed::PeerClosed,
            CloseReason::Lost(Lost::TimedOut)
            | CloseReason::HandshakeTimeout
            | CloseReason::Stale
            | CloseReason::Stalled
            | CloseReason::Unhealthy => Closed::NetworkTimeout,
            CloseReason::Malformed(_)
            | CloseReason::Protocol(_)
            | CloseReason::Remote { .. }
            | CloseReason::TooManyUselessFrames => Closed::ProtocolError,
            // Other transport faults, and reasons that do not exist yet.
            CloseReason::Lost(_) | _ => Closed::NetworkError,
        }
    }

    /// The tag `reason`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Closed::IdleTimeout => "idle-timeout",
            Closed::AppInitiated => "app-initiated",
            Closed::ProtocolError => "protocol-error",
            Closed::NetworkError => "network-error",
            Closed::NetworkTimeout => "network-timeout",
            Closed::PeerClosed => "peer-closed",
        }
    }
}

#[cfg(test)]
mod tests;
