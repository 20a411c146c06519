//! Why a call has no answer, and how far it had come.

use core::fmt;
use core::time::Duration;

use tchannel_proto::wire::Tracing;
use tchannel_proto::{CallError, Timestamp};
use thiserror::Error;

use super::{Channel, ConnKey};
use crate::host_port::HostPort;
use crate::retry::Attempts;

/// How far a call, or its last attempt, had come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Phase {
    /// No connection had it: it waited for a peer, or for its application's word.
    #[default]
    Queue,
    /// Its connection was being opened.
    Connect,
    /// Its connection was open, and the two sides were introducing themselves.
    Handshake,
    /// Its connection had it, and had perhaps sent it.
    Waiting,
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Phase::Queue => "not sent",
            Phase::Connect => "while connecting",
            Phase::Handshake => "in the handshake",
            Phase::Waiting => "after sending",
        })
    }
}

/// The end of a call without answer.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{error} ({phase}{}, attempt {attempts} of {max_attempts}, {}ms of {}ms)", at(.peer.as_ref()), .elapsed.as_millis(), .timeout.as_millis())]
pub struct Failure {
    /// Code, who found it, and what the finder says.
    pub error: CallError,
    /// How far the last attempt had come.
    pub phase: Phase,
    /// The peer of the last attempt.
    pub peer: Option<HostPort>,
    /// The connection of the last attempt; it may be over.
    pub connection: Option<ConnKey>,
    /// Attempts made.
    pub attempts: u32,
    /// Attempts allowed.
    pub max_attempts: u32,
    /// From the call's start to its end.
    pub elapsed: Duration,
    /// The time that the call had, its parent's included.
    pub timeout: Duration,
    /// Identity of the last attempt in traces, which error frames about it carry.
    pub tracing: Tracing,
}

impl Failure {
    /// A call that never started.
    pub fn new(error: CallError) -> Self {
        Failure {
            error,
            phase: Phase::Queue,
            peer: None,
            connection: None,
            attempts: 0,
            max_attempts: 0,
            elapsed: Duration::ZERO,
            timeout: Duration::ZERO,
            tracing: Tracing::ZERO,
        }
    }
}

fn at(peer: Option<&HostPort>) -> impl fmt::Display + '_ {
    struct At<'a>(Option<&'a HostPort>);
    impl fmt::Display for At<'_> {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            self.0.map_or(Ok(()), |peer| write!(f, ", peer {peer}"))
        }
    }
    At(peer)
}

/// Where the last attempt was when it failed.
#[derive(Clone, Debug, Default)]
pub(super) struct Whereabouts {
    pub(super) phase: Phase,
    pub(super) peer: Option<HostPort>,
    pub(super) connection: Option<ConnKey>,
}

impl Whereabouts {
    pub(super) fn failure<R>(
        self,
        now: Timestamp,
        error: CallError,
        attempts: &Attempts<R>,
        tracing: Tracing,
    ) -> Failure {
        let (started, ends) = attempts.span();
        Failure {
            error,
            phase: self.phase,
            peer: self.peer,
            connection: self.connection,
            attempts: attempts.made(),
            max_attempts: attempts.rules().attempts(),
            elapsed: now.since(started),
            timeout: ends.since(started),
            tracing,
        }
    }
}

impl Channel {
    /// How far a call had come on this connection.
    pub(super) fn phase_on(&self, key: ConnKey) -> Phase {
        self.members.get(key.0).map_or(Phase::Queue, |member| member.phase())
    }
}
