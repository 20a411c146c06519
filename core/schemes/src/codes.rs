//! What error codes are called in HTTP and gRPC, for gateways between the protocols.

use core::fmt;

use tchannel_wire::ErrorCode;

/// The status line that stands for an error code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct HttpStatus {
    /// Its number, 200 to 599.
    pub code: u16,
    /// Its words.
    pub reason: &'static str,
}

/// A status of gRPC; its number is the enum's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum GrpcStatus {
    /// `CANCELLED`: the caller gave the call up.
    Cancelled = 1,
    /// `UNKNOWN`: an application error, or a code that nobody knows.
    Unknown = 2,
    /// `INVALID_ARGUMENT`: the request cannot be served as it is.
    InvalidArgument = 3,
    /// `DEADLINE_EXCEEDED`: the time ran out.
    DeadlineExceeded = 4,
    /// `RESOURCE_EXHAUSTED`: overloaded.
    ResourceExhausted = 8,
    /// `INTERNAL`: the handler or the protocol failed.
    Internal = 13,
    /// `UNAVAILABLE`: not here, not now.
    Unavailable = 14,
}

/// Answer to a call that ended with a response, ok or not: an application error is one whose body says so.
pub const HTTP_ANSWERED: HttpStatus = HttpStatus { code: 200, reason: "OK" };

/// What a response that is not ok is in gRPC.
pub const GRPC_NOT_OK: GrpcStatus = GrpcStatus::Unknown;

/// The HTTP status of an error code.
pub const fn http(code: ErrorCode) -> HttpStatus {
    let (code, reason) = match code {
        ErrorCode::Timeout => (504, "Gateway Timeout"),
        ErrorCode::Cancelled => (500, "TChannel Cancelled"),
        ErrorCode::Busy => (429, "Too Many Requests"),
        ErrorCode::Declined | ErrorCode::Unhealthy => (503, "Service Unavailable"),
        ErrorCode::Unexpected | ErrorCode::Unknown(_) => (500, "Internal Server Error"),
        ErrorCode::BadRequest => (400, "Bad Request"),
        ErrorCode::Network => (500, "TChannel Network Error"),
        ErrorCode::Fatal => (500, "TChannel Protocol Error"),
    };
    HttpStatus { code, reason }
}

/// The gRPC status of an error code.
pub const fn grpc(code: ErrorCode) -> GrpcStatus {
    match code {
        ErrorCode::Timeout => GrpcStatus::DeadlineExceeded,
        ErrorCode::Cancelled => GrpcStatus::Cancelled,
        ErrorCode::Busy => GrpcStatus::ResourceExhausted,
        ErrorCode::Declined | ErrorCode::Network | ErrorCode::Unhealthy => GrpcStatus::Unavailable,
        ErrorCode::Unexpected | ErrorCode::Fatal => GrpcStatus::Internal,
        ErrorCode::BadRequest => GrpcStatus::InvalidArgument,
        ErrorCode::Unknown(_) => GrpcStatus::Unknown,
    }
}

impl fmt::Display for HttpStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.code, self.reason)
    }
}

impl fmt::Display for GrpcStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Cancelled => "CANCELLED",
            Self::Unknown => "UNKNOWN",
            Self::InvalidArgument => "INVALID_ARGUMENT",
            Self::DeadlineExceeded => "DEADLINE_EXCEEDED",
            Self::ResourceExhausted => "RESOURCE_EXHAUSTED",
            Self::Internal => "INTERNAL",
            Self::Unavailable => "UNAVAILABLE",
        })
    }
}

#[cfg(test)]
mod tests;
