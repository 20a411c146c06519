//! Bytes of all connections together: sums of what each said last, so that no look at one asks the others.
//!
//! A connection is told what the others leave it before it is given bytes, and reacts as to its own limits: the call
//! that brings the byte over fails, a stream is blocked, a whole answer becomes `busy`. Only new calls of ours are
//! refused here, before a peer is chosen for them.

use super::connections::Member;
use super::{Channel, ConnKey, Event};
use crate::limits::Overloaded;

/// What there is in the whole channel.
#[derive(Debug, Default)]
pub(super) struct Totals {
    /// Received, and not read from its connection.
    held: usize,
    /// Received, and in events that the owner has not polled.
    told: usize,
    /// Accepted for sending, and not sent.
    unsent: usize,
}

/// What one connection said last.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Share {
    held: usize,
    unsent: usize,
}

impl Totals {
    /// Takes in what a connection says now: nothing, once it is closed.
    pub(super) fn add_up(&mut self, member: &mut Member) {
        let now = Share { held: member.connection.held(), unsent: member.connection.unsent() };
        let before = core::mem::replace(&mut member.share, now);
        self.held = self.held + now.held - before.held;
        self.unsent = self.unsent + now.unsent - before.unsent;
    }
}

impl Channel {
    /// Argument bytes received and not handed over yet, in all connections and in events that wait for
    /// [`poll_event`](Self::poll_event).
    pub fn held(&self) -> usize {
        self.totals.held + self.totals.told
    }

    /// Argument bytes accepted for sending and not sent yet, in all connections.
    pub fn unsent(&self) -> usize {
        self.totals.unsent
    }

    /// Tells a connection what the others leave it.
    pub(super) fn share(&mut self, key: ConnKey) {
        let (held, unsent, limits) = (self.held(), self.unsent(), &self.config.limits);
        if let Some(member) = self.members.get_mut(key.0) {
            let held = limits.max_held_total.get().saturating_sub(held - member.share.held);
            let unsent = limits.max_unsent_total.get().saturating_sub(unsent - member.share.unsent);
            member.connection.limit_bytes(held, unsent);
        }
    }

    /// Why a call of ours with this many bytes is not begun now.
    pub(super) fn too_much_unsent(&self, len: usize) -> Option<Overloaded> {
        let limit = self.config.limits.max_unsent_total;
        let fits = self.totals.unsent.saturating_add(len) <= limit.get();
        (!fits).then_some(Overloaded::MaxUnsentTotal { limit })
    }

    /// Queues an event that may carry arguments.
    pub(super) fn tell(&mut self, event: Event) {
        self.totals.told += carried(&event);
        self.events.push_back(event);
    }

    /// The event is the owner's from here on.
    pub(super) fn told(&mut self, event: &Event) {
        self.totals.told -= carried(event);
    }
}

/// Bytes that an event keeps for its owner.
fn carried(event: &Event) -> usize {
    match event {
        Event::Request { head, args, .. } => {
            head.route.as_bytes().len() + head.arg1.len() + args.as_ref().map_or(0, tchannel_proto::Args::len)
        }
        Event::Response { head, args, .. } => {
            head.headers.as_bytes().len() + args.as_ref().map_or(0, tchannel_proto::Args::len)
        }
        Event::Rest { args, .. } => args.len(),
        Event::Abandoned { .. }
        | Event::Failed { .. }
        | Event::Ask { .. }
        | Event::Readable(_)
        | Event::Writable(_)
        | Event::Ready { .. }
        | Event::Draining { .. }
        | Event::Closed { .. }
        | Event::PeerAdded(_)
        | Event::PeerRemoved(_)
        | Event::PeerUp(_)
        | Event::NearLimit(_)
        | Event::Circuit(_)
        | Event::PeerDown(_)
        | Event::Drained => 0,
    }
}
