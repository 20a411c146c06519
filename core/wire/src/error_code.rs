//! Codes of error frames.

use core::{fmt, str::FromStr};

/// Why a call or a connection failed, as error frames say it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ErrorCode {
    /// 0x01: the ttl ran out.
    Timeout,
    /// 0x02: the caller gave the call up.
    Cancelled,
    /// 0x03: overloaded; another peer may not be.
    Busy,
    /// 0x04: refused before any work was done.
    Declined,
    /// 0x05: the handler failed without an answer of its own.
    Unexpected,
    /// 0x06: the request cannot be served as it is.
    BadRequest,
    /// 0x07: the connection failed.
    Network,
    /// 0x08: a relay found every peer of the service unhealthy.
    Unhealthy,
    /// 0xFF: the protocol was broken; usually the connection's end.
    Fatal,
    /// Any other byte. It is received, never sent.
    Unknown(u8),
}

impl ErrorCode {
    /// Names a code byte.
    pub const fn from_byte(byte: u8) -> Self {
        match byte {
            0x01 => Self::Timeout,
            0x02 => Self::Cancelled,
            0x03 => Self::Busy,
            0x04 => Self::Declined,
            0x05 => Self::Unexpected,
            0x06 => Self::BadRequest,
            0x07 => Self::Network,
            0x08 => Self::Unhealthy,
            0xFF => Self::Fatal,
            other => Self::Unknown(other),
        }
    }

    /// The code byte.
    pub const fn byte(self) -> u8 {
        match self {
            Self::Timeout => 0x01,
            Self::Cancelled => 0x02,
            Self::Busy => 0x03,
            Self::Declined => 0x04,
            Self::Unexpected => 0x05,
            Self::BadRequest => 0x06,
            Self::Network => 0x07,
            Self::Unhealthy => 0x08,
            Self::Fatal => 0xFF,
            Self::Unknown(byte) => byte,
        }
    }

    /// The byte of a code that may be sent.
    pub(crate) const fn known_byte(self) -> Option<u8> {
        match self {
            Self::Timeout
            | Self::Cancelled
            | Self::Busy
            | Self::Declined
            | Self::Unexpected
            | Self::BadRequest
            | Self::Network
            | Self::Unhealthy
            | Self::Fatal => Some(self.byte()),
            Self::Unknown(_) => None,
        }
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Timeout => "timeout",
            Self::Cancelled => "cancelled",
            Self::Busy => "busy",
            Self::Declined => "declined",
            Self::Unexpected => "unexpected error",
            Self::BadRequest => "bad request",
            Self::Network => "network error",
            Self::Unhealthy => "unhealthy",
            Self::Fatal => "fatal protocol error",
            Self::Unknown(byte) => return write!(f, "unknown error code {byte}"),
        })
    }
}

/// Reads the names used in code and configuration (`BadRequest`), their snake case (`bad_request`) and the words that
/// `Display` gives (`bad request`). Upper and lower case count.
impl FromStr for ErrorCode {
    type Err = UnknownErrorName;

    fn from_str(name: &str) -> Result<Self, UnknownErrorName> {
        Ok(match name {
            "Timeout" | "timeout" => Self::Timeout,
            "Cancelled" | "cancelled" => Self::Cancelled,
            "Busy" | "busy" => Self::Busy,
            "Declined" | "declined" => Self::Declined,
            "UnexpectedError" | "unexpected_error" | "unexpected error" => Self::Unexpected,
            "BadRequest" | "bad_request" | "bad request" => Self::BadRequest,
            "NetworkError" | "network_error" | "network error" => Self::Network,
            "Unhealthy" | "UnHealthy" | "unhealthy" | "un_healthy" => Self::Unhealthy,
            "ProtocolError" | "protocol_error" | "fatal protocol error" => Self::Fatal,
            _ => return Err(UnknownErrorName),
        })
    }
}

/// A text that names no [`ErrorCode`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not the name of an error code")]
pub struct UnknownErrorName;

#[cfg(test)]
mod tests;
