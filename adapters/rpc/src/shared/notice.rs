//! What an operator may want in a log.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::num::NonZeroU64;
use std::sync::Arc;

use tchannel_mesh::circuit::{CircuitName, Health};
use tchannel_mesh::hyperbahn::RouterError;
use tchannel_mesh::{HostPort, Refused};
use tchannel_proto::CloseReason;

use super::error::CallError;
use super::peers::PeerFileError;

/// Something that concerns no caller, or that no caller may see. Told to the hook of
/// [`Builder::on_notice`](crate::Builder::on_notice).
#[derive(Debug)]
#[non_exhaustive]
pub enum Notice<'a> {
    /// A handler panicked, returned an error without a code, or was dropped. The caller got `unexpected error`.
    HandlerFailed {
        /// The service that was called.
        service: &'a str,
        /// The endpoint that was called.
        endpoint: &'a str,
        /// What happened.
        detail: &'a str,
    },
    /// The listening socket gave an error. Accepting goes on after a pause.
    AcceptFailed {
        /// What it said.
        error: &'a io::Error,
    },
    /// A connection was not taken in: it was closed without a word. Told at most once a second: strangers decide how
    /// often it happens.
    Refused {
        /// The address that dialled us.
        from: SocketAddr,
        /// Which limit is reached.
        why: &'a Refused,
        /// Others that were refused since this was told last.
        others: u64,
    },
    /// A connection ended.
    Closed {
        /// The address that was dialled or that dialled us.
        peer: &'a str,
        /// Why.
        reason: &'a CloseReason,
    },
    /// A peer file cannot be used any more; its list stays as it was. Told once until the file is good again.
    PeerFile {
        /// What is wrong with it.
        error: &'a PeerFileError,
    },
    /// A Hyperbahn router took the advertisement of this channel's services.
    Advertised {
        /// To how many routers it was passed on.
        connection_count: u64,
    },
    /// No Hyperbahn router took an advertisement.
    AdvertiseFailed {
        /// Why.
        error: &'a RouterError,
        /// Whether there will be another attempt.
        will_retry: bool,
    },
    /// A span did not reach `tcollector`.
    SpanLost {
        /// Why; `None`: too many were on their way.
        error: Option<&'a CallError>,
    },
    /// What a cassette recorded is lost.
    #[cfg(feature = "cassette")]
    CassetteNotSaved {
        /// Why.
        error: &'a super::cassette::CassetteError,
    },
    /// So many requests come that some will soon be refused as busy.
    NearLimit {
        /// Whose; `None`: of all services together.
        service: Option<&'a str>,
        /// The limit, in requests per second.
        limit: NonZeroU64,
    },
    /// An endpoint's requests from one caller are refused for a while, or pass again.
    Circuit {
        /// Which ones.
        name: CircuitName<'a>,
        /// What becomes of them.
        health: Health,
    },
    /// A peer of a list came or went.
    Peer {
        /// What happened to it.
        news: PeerNews,
        /// Where it is.
        peer: &'a HostPort,
    },
}

impl fmt::Display for Notice<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Notice::HandlerFailed { service, endpoint, detail } => {
                write!(f, "handler of {service}::{endpoint} failed: {detail}")
            }
            Notice::AcceptFailed { error } => write!(f, "accept failed: {error}"),
            Notice::Refused { from, why, others: 0 } => write!(f, "connection from {from} refused: {why}"),
            Notice::Refused { from, why, others } => {
                write!(f, "connection from {from} refused, and {others} before it: {why}")
            }
            Notice::PeerFile { error } => error.fmt(f),
            Notice::Advertised { connection_count } => {
                write!(f, "advertised to {connection_count} routers")
            }
            Notice::AdvertiseFailed { error, will_retry: true } => {
                write!(f, "not advertised, trying again: {error}")
            }
            Notice::AdvertiseFailed { error, will_retry: false } => {
                write!(f, "not advertised, and given up: {error}")
            }
            Notice::NearLimit { service: Some(service), limit } => {
                write!(f, "requests of {service} come near their limit of {limit} in a second")
            }
            Notice::NearLimit { service: None, limit } => {
                write!(f, "requests come near their limit of {limit} in a second")
            }
            Notice::Circuit { name, health: Health::Healthy } => write!(f, "circuit {name} is healthy"),
            Notice::Circuit { name, health: Health::Unhealthy } => write!(f, "circuit {name} is not healthy"),
            Notice::SpanLost { error: Some(error) } => write!(f, "a span is lost: {error}"),
            Notice::SpanLost { error: None } => f.write_str("a span is lost: too many are on their way"),
            #[cfg(feature = "cassette")]
            Notice::CassetteNotSaved { error } => write!(f, "recordings are lost: {error}"),
            Notice::Peer { news, peer } => write!(f, "peer {peer} {news}"),
            Notice::Closed { peer, reason } => write!(f, "connection with {peer} closed: {reason}"),
        }
    }
}

/// What happens to peers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PeerNews {
    /// It was put on its first list.
    Added,
    /// It was taken off its last list.
    Removed,
    /// It has its first connection that takes calls.
    Up,
    /// It has lost its last one.
    Down,
}

impl fmt::Display for PeerNews {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            PeerNews::Added => "was added",
            PeerNews::Removed => "was removed",
            PeerNews::Up => "is up",
            PeerNews::Down => "is down",
        })
    }
}

/// Where notices go.
pub(crate) type Hook = Arc<dyn Fn(&Notice<'_>) + Send + Sync>;
