//! A call and its answer, as far as a cassette keeps them.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::str::FromStr;

use thiserror::Error;

use crate::Blob;

/// A recorded call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interaction {
    /// What was asked.
    pub request: Request,
    /// What was answered.
    pub response: Response,
}

/// A call on its way out. Timeouts, retries and tracing are not part of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Name of the called service.
    pub service: String,
    /// The endpoint, arg1. Cassettes hold it as text: a call whose arg1 is no UTF-8 cannot be recorded.
    pub endpoint: String,
    /// What the arguments mean.
    pub scheme: ArgScheme,
    /// Application headers, arg2.
    pub headers: Blob,
    /// The body, arg3.
    pub body: Blob,
    /// `host:port` that the call names itself, or empty.
    pub host_port: Blob,
    /// `host:port` of each peer that the channel knew. tchannel-python calls one of them when it records and `host_port`
    /// is empty.
    pub known_peers: Vec<Blob>,
    /// Transport headers. Where a key is there twice, the first counts.
    pub transport_headers: Vec<TransportHeader>,
}

impl Request {
    /// A call without arguments, headers or peers.
    pub fn new(service: impl Into<String>, endpoint: impl Into<String>, scheme: ArgScheme) -> Self {
        Request {
            service: service.into(),
            endpoint: endpoint.into(),
            scheme,
            headers: Blob::default(),
            body: Blob::default(),
            host_port: Blob::default(),
            known_peers: Vec::new(),
            transport_headers: Vec::new(),
        }
    }
}

/// A transport header of a recorded call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransportHeader {
    /// Its key, as `cn`.
    pub key: Blob,
    /// Its value.
    pub value: Blob,
}

impl TransportHeader {
    /// A header.
    pub fn new(key: impl Into<Blob>, value: impl Into<Blob>) -> Self {
        TransportHeader { key: key.into(), value: value.into() }
    }
}

/// An answer. Calls that end in an error frame are not recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// Whether the application succeeded: `code` 0 of the file. Thrift exceptions are not ok.
    pub ok: bool,
    /// Application headers, arg2.
    pub headers: Blob,
    /// The body, arg3.
    pub body: Blob,
}

impl Response {
    /// An answer of success.
    pub fn ok(headers: impl Into<Blob>, body: impl Into<Blob>) -> Self {
        Response { ok: true, headers: headers.into(), body: body.into() }
    }

    /// An answer that says that the application failed.
    pub fn not_ok(headers: impl Into<Blob>, body: impl Into<Blob>) -> Self {
        Response { ok: false, headers: headers.into(), body: body.into() }
    }
}

/// What the arguments of a recorded call mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ArgScheme {
    /// Plain bytes.
    Raw,
    /// JSON in arg2 and arg3.
    Json,
    /// Thrift structs.
    Thrift,
}

impl ArgScheme {
    pub(crate) const ALL: [Self; 3] = [Self::Raw, Self::Json, Self::Thrift];

    /// The number in the file.
    pub const fn code(self) -> u8 {
        match self {
            Self::Raw => 0,
            Self::Json => 1,
            Self::Thrift => 2,
        }
    }

    /// The value of the transport header `as`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Raw => "raw",
            Self::Json => "json",
            Self::Thrift => "thrift",
        }
    }
}

impl fmt::Display for ArgScheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Reads the value of the transport header `as`.
impl FromStr for ArgScheme {
    type Err = UnknownScheme;

    fn from_str(name: &str) -> Result<Self, UnknownScheme> {
        let found = Self::ALL.into_iter().find(|scheme| scheme.as_str() == name);
        found.ok_or_else(|| UnknownScheme { name: name.chars().take(32).collect() })
    }
}

/// An arg scheme that cassettes have no number for.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("a cassette holds raw, json and thrift calls; make this {name:?} call outside of it")]
pub struct UnknownScheme {
    /// Its beginning.
    name: String,
}
