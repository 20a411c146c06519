//! What the machine tells, and to whom that goes.

use tchannel_mesh::{Action, ConnKey, EndpointKey, Event, Failure, Inbound, Party, Ticket};
use tchannel_proto::wire::ErrorCode;
use tchannel_proto::{Args, RequestHead};

use super::calls::{Answer, Failed};
use super::requests::Served;
use super::turn::Turn;
use super::{After, Side};
use crate::shared::host::Host;
use crate::shared::notice::PeerNews;
use crate::shared::observe::{Measurement, TraceSpan};
use crate::shared::serve::Arrived;

impl Turn<'_> {
    pub(super) fn hear(&mut self, after: &mut After) {
        loop {
            // Events first: they may speak of connections that an action forgets.
            if let Some(event) = self.mesh.poll_event() {
                self.handle(event, after);
            } else if let Some(action) = self.mesh.poll_action() {
                self.act(action, after);
            } else {
                return;
            }
        }
    }

    /// Takes what the machine measured.
    pub(super) fn observe(&mut self, after: &mut After) {
        while let Some(stat) = self.mesh.poll_stat() {
            if let Some(labels) = self.mesh.labels() {
                after.measured(Measurement::of(&stat, labels));
            }
        }
        let clock = self.hub().clock;
        while let Some(report) = self.mesh.poll_span() {
            let began = clock.wall(report.began);
            let took = report.ended.map(|ended| ended.since(report.began));
            after.span(TraceSpan { report, began, took });
        }
    }

    fn act(&mut self, action: Action, after: &mut After) {
        match action {
            Action::Connect { key, address } => {
                if let Some(at) = self.stillborn.iter().position(|known| *known == key) {
                    self.stillborn.swap_remove(at);
                    return;
                }
                let hub = self.hub();
                let link = self.add_link(hub, key, Host::from(&address), false);
                after.dial(link);
            }
            Action::Resume { key } => {
                if let Some(link) = self.link_at(key) {
                    after.wake(link.reader.take());
                }
            }
            Action::Close { key } => {
                let id = self.connections.take(key.index(), key);
                if let Some(link) = id.and_then(|id| self.links.get_mut(id.0)) {
                    link.key = None;
                }
            }
        }
    }

    #[allow(clippy::wildcard_enum_match_arm, reason = "the rest is for owners that ask for it")]
    fn handle(&mut self, event: Event, after: &mut After) {
        match event {
            Event::Request { call, id, connection, endpoint, head, args } => {
                self.arrive((call, id), connection, endpoint, head, args);
            }
            Event::Abandoned { call, code } => self.abandon(call, code, after),
            Event::Response { ticket, head, args, peer, attempts } => {
                let peer = self.mesh.peer(peer).cloned();
                self.finish(ticket, args.is_some(), Ok(Answer { head, args, peer, attempts }), after);
            }
            Event::Failed { ticket, failure } => {
                let failed = self.with_fault(*failure);
                self.finish(ticket, true, Err(failed), after);
            }
            Event::Rest { ticket, args } => {
                if let Some(stream) = self.side(Party::Ours(ticket)).and_then(|side| self.stream(side)) {
                    stream.leave(args, after);
                }
            }
            Event::Ask { ticket, code: _ } => self.ask(ticket, after),
            Event::Readable(party) => {
                if let Some(stream) = self.side(party).and_then(|side| self.stream(side)) {
                    stream.wake_reader(after);
                }
            }
            Event::Writable(party) => {
                if let Some(stream) = self.side(party).and_then(|side| self.stream(side)) {
                    stream.wake_writer(after);
                }
            }
            Event::Ready { key, remote } => {
                if let Some(link) = self.link_at(key) {
                    link.link.introduce(remote);
                }
            }
            Event::Closed { key, reason } => {
                let now = self.now();
                match self.connections.find(key.index(), key) {
                    Some(id) => self.over(now, id, reason, after),
                    None => self.stillborn.push(key),
                }
            }
            Event::PeerAdded(peer) => after.peer(PeerNews::Added, peer),
            Event::PeerRemoved(peer) => after.peer(PeerNews::Removed, peer),
            Event::PeerUp(peer) => after.peer(PeerNews::Up, peer),
            Event::PeerDown(peer) => after.peer(PeerNews::Down, peer),
            Event::NearLimit(warning) => after.near_limit(warning),
            Event::Circuit(change) => after.circuit(change),
            Event::Drained | _ => {}
        }
    }

    fn side(&self, party: Party) -> Option<Side> {
        match party {
            Party::Ours(ticket) => self.tickets.find(ticket.index(), ticket).map(Side::Ours),
            Party::Theirs(call) => self.inbounds.find(call.index(), call).map(Side::Theirs),
        }
    }

    fn arrive(
        &mut self,
        (call, wire_id): (Inbound, u32),
        connection: ConnKey,
        endpoint: EndpointKey,
        head: RequestHead,
        args: Option<Args>,
    ) {
        let now = self.now();
        let link = self.link_at(connection).map(|link| link.link.clone());
        let (Some(link), Some(endpoint)) = (link, self.endpoint(endpoint)) else {
            // The channel is over, and its handlers are gone.
            let _ = self.mesh.reject(now, call, ErrorCode::Declined, "the channel is closed");
            return;
        };
        let served = Served { call: Some(call), abandoned: None, waker: None, stream: None };
        let id = super::Theirs(self.serving.insert(served));
        self.inbounds.put(call.index(), call, id);
        self.arrived.push(Arrived { id, wire_id, link, endpoint, head, args });
    }

    fn ask(&mut self, ticket: Ticket, after: &mut After) {
        let Some(id) = self.tickets.find(ticket.index(), ticket) else { return };
        if let Some(slot) = self.calls.get_mut(id.0) {
            slot.asked = true;
            after.wake(slot.take_waker());
        }
    }

    fn with_fault(&mut self, failure: Failure) -> Failed {
        let lost = failure.error.code == ErrorCode::Network;
        let link = failure.connection.filter(|_| lost).and_then(|key| self.link_at(key));
        let detail = link.and_then(|link| link.fault.clone());
        Failed { failure, detail }
    }
}
