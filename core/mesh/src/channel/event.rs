//! What a channel asks of its driver and tells its owner.

use alloc::boxed::Box;
use alloc::sync::Arc;

use tchannel_proto::wire::{ErrorCode, ResponseCode};
use tchannel_proto::{Args, CloseReason, Remote, RequestHead, ResponseHead};

use super::{ConnKey, Failure, Inbound, Party, Ticket};
use crate::circuit::Change;
use crate::host_port::HostPort;
use crate::peers::PeerKey;
use crate::rate::Warning;
use crate::services::EndpointKey;

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
    /// Write what was given, nothing more, and close it. Its name is free.
    Close {
        /// Which one.
        key: ConnKey,
    },
}

/// Something that the owner of a channel has to know.
#[derive(Debug)]
#[non_exhaustive]
pub enum Event {
    /// A peer calls an endpoint that is registered.
    Request {
        /// Names it in the answer.
        call: Inbound,
        /// Its id on the wire.
        id: u32,
        /// The connection it came on.
        connection: ConnKey,
        /// Who serves it.
        endpoint: EndpointKey,
        /// Everything before arg2.
        head: RequestHead,
        /// The rest. `None` only for an endpoint that reads in parts: then `read` it.
        args: Option<Args>,
    },
    /// Nobody waits for the answer any more.
    Abandoned {
        /// Which request.
        call: Inbound,
        /// Why.
        code: ErrorCode,
    },
    /// A call is answered; not ok is an answer, too.
    Response {
        /// Which call.
        ticket: Ticket,
        /// Everything before arg2.
        head: ResponseHead,
        /// The rest. `None` only for a streamed call: then `read` it.
        args: Option<Args>,
        /// Who answered.
        peer: PeerKey,
        /// How many attempts it took.
        attempts: u32,
    },
    /// The connection ended behind a streamed response that was all there: what `read` had not given of it. The call is
    /// over.
    Rest {
        /// Which call.
        ticket: Ticket,
        /// What is left of arg2, and of arg3.
        args: Args,
    },
    /// A call failed for good.
    Failed {
        /// Which call.
        ticket: Ticket,
        /// The most useful error, and where it happened.
        failure: Box<Failure>,
    },
    /// A response is not ok and the call wants its application asked; answer with
    /// [`decide`](super::Channel::decide).
    Ask {
        /// Which call.
        ticket: Ticket,
        /// The application's error byte.
        code: ResponseCode,
    },
    /// `read` will give something.
    Readable(Party),
    /// `write` will take bytes again.
    Writable(Party),
    /// A connection's handshake is done.
    Ready {
        /// Which one.
        key: ConnKey,
        /// What its peer says about itself.
        remote: Arc<Remote>,
    },
    /// A connection takes no new calls; those that it has may end.
    Draining {
        /// Which one.
        key: ConnKey,
    },
    /// A connection is over.
    Closed {
        /// Which one.
        key: ConnKey,
        /// Why.
        reason: CloseReason,
    },
    /// A peer was put on its first list.
    PeerAdded(HostPort),
    /// A peer was taken off its last list.
    PeerRemoved(HostPort),
    /// A peer has its first active connection.
    PeerUp(HostPort),
    /// A peer has lost its last active connection.
    PeerDown(HostPort),
    /// So many requests come that some will soon be refused.
    NearLimit(Warning),
    /// An endpoint's requests from one caller are refused for a while, or pass again.
    Circuit(Change),
    /// A drain is done: there are no connections and no calls.
    Drained,
}
