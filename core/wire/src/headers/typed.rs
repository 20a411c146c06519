//! Headers whose values have a meaning.

use core::fmt;

use super::{Headers, header_keys as keys};

impl<'a> Headers<'a> {
    /// `as`: how the arguments are encoded.
    pub fn scheme(self) -> Option<Scheme<'a>> {
        self.get(keys::SCHEME).map(Scheme::from)
    }

    /// `cn`: the caller's service name.
    pub fn caller(self) -> Option<&'a str> {
        self.get(keys::CALLER)
    }

    /// `re`: which failures may be retried; absent means the default.
    pub fn retry(self) -> RetryFlags {
        self.get(keys::RETRY).map(RetryFlags::parse).unwrap_or_default()
    }

    /// `sk`: names the shard of the service.
    pub fn shard_key(self) -> Option<&'a str> {
        self.get(keys::SHARD_KEY)
    }

    /// `rd`: a service name to route by instead of the call's own.
    pub fn routing_delegate(self) -> Option<&'a str> {
        self.get(keys::ROUTING_DELEGATE)
    }

    /// `rk`: names a group of the service's instances.
    pub fn routing_key(self) -> Option<&'a str> {
        self.get(keys::ROUTING_KEY)
    }

    /// `fd`: a group of related calls, for circuit breaking.
    pub fn failure_domain(self) -> Option<&'a str> {
        self.get(keys::FAILURE_DOMAIN)
    }

    /// `se`: speculative execution. A value other than `2` is an error; the call itself is none the worse.
    pub fn speculative(self) -> Result<Option<Speculative>, HeaderValueError> {
        match self.get(keys::SPECULATIVE) {
            None => Ok(None),
            Some("2") => Ok(Some(Speculative)),
            Some(_) => Err(HeaderValueError { key: keys::SPECULATIVE }),
        }
    }

    /// `cas`: `host:port` of the other worker, to be told when work starts.
    pub fn claim_at_start(self) -> Option<&'a str> {
        self.get(keys::CLAIM_AT_START)
    }

    /// `caf`: `host:port` of the other worker, to be told when work is done.
    pub fn claim_at_finish(self) -> Option<&'a str> {
        self.get(keys::CLAIM_AT_FINISH)
    }
}

/// What the three arguments mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scheme<'a> {
    /// Plain bytes.
    Raw,
    /// JSON in arg2 and arg3.
    Json,
    /// Thrift structs.
    Thrift,
    /// Streamed Thrift.
    Sthrift,
    /// HTTP requests and responses.
    Http,
    /// Any other text.
    Other(&'a str),
}

impl<'a> Scheme<'a> {
    /// The header's value.
    pub const fn as_str(self) -> &'a str {
        match self {
            Self::Raw => "raw",
            Self::Json => "json",
            Self::Thrift => "thrift",
            Self::Sthrift => "sthrift",
            Self::Http => "http",
            Self::Other(text) => text,
        }
    }
}

impl<'a> From<&'a str> for Scheme<'a> {
    fn from(text: &'a str) -> Self {
        match text {
            "raw" => Self::Raw,
            "json" => Self::Json,
            "thrift" => Self::Thrift,
            "sthrift" => Self::Sthrift,
            "http" => Self::Http,
            other => Self::Other(other),
        }
    }
}

impl fmt::Display for Scheme<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Failures after which a caller allows another attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RetryFlags {
    /// The connection failed.
    pub connection: bool,
    /// The attempt took too long.
    pub timeout: bool,
}

impl RetryFlags {
    /// No second attempt.
    pub const NEVER: Self = Self { connection: false, timeout: false };

    /// Reads a header value: `n` wins over `c` and `t`, other letters are ignored, nothing left means the default.
    pub fn parse(value: &str) -> Self {
        let (connection, timeout) = (value.contains('c'), value.contains('t'));
        if value.contains('n') {
            Self::NEVER
        } else if connection || timeout {
            Self { connection, timeout }
        } else {
            Self::default()
        }
    }

    /// The header value.
    pub const fn as_str(self) -> &'static str {
        match (self.connection, self.timeout) {
            (false, false) => "n",
            (true, false) => "c",
            (false, true) => "t",
            (true, true) => "ct",
        }
    }
}

/// After a failed connection only.
impl Default for RetryFlags {
    fn default() -> Self {
        Self { connection: true, timeout: false }
    }
}

/// The call may be given to two peers at once, the first answer wins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Speculative;

/// A header whose value means nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("header `{key}` has no meaning with this value")]
pub struct HeaderValueError {
    /// The header's key.
    pub key: &'static str,
}

#[cfg(test)]
mod tests;
