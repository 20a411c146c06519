//! What exporters of traces are told.

use alloc::boxed::Box;

use tchannel_proto::Timestamp;
use tchannel_wire::Tracing;

/// One side's view of one attempt of a call whose trace is recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SpanReport {
    /// Whose view it is.
    pub role: Role,
    /// Trace, span and parent.
    pub tracing: Tracing,
    /// The service called.
    pub service: Box<str>,
    /// The endpoint called, at most 100 characters.
    pub endpoint: Box<str>,
    /// `cn`: the caller's service name.
    pub caller: Box<str>,
    /// `as`: how the arguments are encoded.
    pub scheme: Box<str>,
    /// `src`: the caller's `host:port`. A server's view has what the caller announced, or else where it dialled from.
    pub source: Box<str>,
    /// Who serves the call, `host:port`. A client's view has the peer that was called; empty if nobody knows.
    pub target: Box<str>,
    /// `cs`, when its first byte could be sent; `sr`, when its head was received.
    pub began: Timestamp,
    /// `cr`, when the last frame of its answer was received, or read if it was read in parts; `ss`, when all of the
    /// answer was handed over for sending. An error frame is an answer. `None`: there is none.
    pub ended: Option<Timestamp>,
}

/// A side of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// It made the call.
    Client,
    /// It served the call.
    Server,
}

impl SpanReport {
    /// The moments under the names that trace stores know them by.
    pub fn annotations(&self) -> impl Iterator<Item = (&'static str, Timestamp)> {
        let (began, ended) = match self.role {
            Role::Client => ("cs", "cr"),
            Role::Server => ("sr", "ss"),
        };
        [Some((began, self.began)), self.ended.map(|at| (ended, at))].into_iter().flatten()
    }

    /// The texts that go with it, under their names.
    pub fn tags(&self) -> [(&'static str, &str); 3] {
        [("cn", &self.caller), ("as", &self.scheme), ("src", &self.source)]
    }
}
