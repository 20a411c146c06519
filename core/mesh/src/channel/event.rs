//! What a channel asks of its driver and tells its owner.

use tchannel_proto::wire::{ErrorCode, ResponseCode};
use tchannel_proto::{Args, CallError, CloseReason, Incoming, RequestHead, ResponseHead};

use super::{ConnKey, Ticket};
use crate::host_port::HostPort;
use crate::peers::PeerKey;
use crate::services::{EndpointKey, Handling};

/// Something to do with a socket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Open one to this address; then `handle_connected`, or `handle_lost`.
    Connect {
        /// Its name from here on.
        key: ConnKey,
        /// Where to.
        address: HostPort,
    },
    /// Reading may go on; bytes that were left come first.
    Resume {
        /// Which one.
        key: ConnKey,
    },
    /// Write nothing more and close it. Its name is free.
    Close {
        /// Which one.
        key: ConnKey,
    },
}

/// Names a request of a peer's in its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Reply {
    /// The connection it came on.
    pub connection: ConnKey,
    /// Its name there.
    pub call: Incoming,
}

/// Something that the owner of a channel has to know.
#[derive(Debug)]
#[non_exhaustive]
pub enum Event {
    /// A peer calls an endpoint that is registered, with whole arguments.
    Request {
        /// Names it in the answer.
        to: Reply,
        /// Who serves it.
        endpoint: EndpointKey,
        /// Whether its owner wanted the arguments in parts.
        handling: Handling,
        /// Everything before arg2.
        head: RequestHead,
        /// The rest.
        args: Args,
    },
    /// Nobody waits for the answer any more.
    Abandoned {
        /// Which request.
        to: Reply,
        /// Why.
        code: ErrorCode,
    },
    /// A call is answered; not ok is an answer, too.
    Response {
        /// Which call.
        ticket: Ticket,
        /// Everything before arg2.
        head: ResponseHead,
        /// The rest.
        args: Args,
        /// Who answered.
        peer: PeerKey,
        /// How many attempts it took.
        attempts: u32,
    },
    /// A call failed for good.
    Failed {
        /// Which call.
        ticket: Ticket,
        /// The most useful error, with the attempts that were made.
        error: CallError,
    },
    /// A response is not ok and the call wants its application asked; answer with
    /// [`decide`](super::Channel::decide).
    Ask {
        /// Which call.
        ticket: Ticket,
        /// The application's error byte.
        code: ResponseCode,
    },
    /// A peer has its first active connection.
    PeerUp(PeerKey),
    /// A peer has lost its last active connection.
    PeerDown(PeerKey),
    /// A connection is over.
    Closed {
        /// Which one.
        key: ConnKey,
        /// Why.
        reason: CloseReason,
    },
    /// A drain is done: there are no connections and no calls.
    Drained,
}
