//! Connections: dialled, accepted, lent to peers, and forgotten.

use alloc::boxed::Box;
use alloc::string::ToString;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::net::{IpAddr, SocketAddr};
use core::time::Duration;

use smallvec::SmallVec;
use tchannel_proto::{CloseReason, Connection, Incoming, Outgoing, Stats, Timestamp};

use super::idle::{DRAIN_TIMEOUT, Life};
use super::totals::Share;
use super::{Action, Channel, ConnKey, Due, Event, Inbound, Phase, Ticket, plain};
use crate::host_port::HostPort;
use crate::limits::Refused;
use crate::peers::{Direction, PeerKey, Side, best_connection};
use crate::slots::Names;
use crate::stats::Connection as Count;

/// A connection with what the channel knows about it.
#[derive(Debug)]
pub(super) struct Member {
    pub(super) connection: Connection,
    pub(super) side: Side,
    /// Who dialled us, from where.
    pub(super) from: Option<HostPort>,
    /// Whom it was dialled for.
    pub(super) dialled: Option<PeerKey>,
    /// It told its peer another address of this side than the one that is announced now.
    pub(super) outdated: bool,
    /// The peers that it is an active connection of: by the dialled name, by the announced one, or both.
    pub(super) peers: SmallVec<[PeerKey; 2]>,
    /// Its socket is open.
    pub(super) open: bool,
    /// When its handshake was done.
    pub(super) ready_at: Option<Timestamp>,
    /// Nothing more can be written to it.
    pub(super) broken: bool,
    /// Named by `poll_ready` next.
    pub(super) queued: bool,
    /// Looked at next.
    pub(super) touched: bool,
    /// It refused input the last time it was asked.
    pub(super) refused: bool,
    pub(super) due: Option<Timestamp>,
    pub(super) life: Life,
    pub(super) share: Share,
    /// What it had counted when it was looked at last; zeros if nothing is measured.
    pub(super) counted: Stats,
    /// When to drain it, because its peer does.
    leave: Option<Timestamp>,
    pub(super) ours: Names<Outgoing, Ticket>,
    pub(super) theirs: Names<Incoming, Inbound>,
}

impl Member {
    fn takes_calls(&self) -> bool {
        !self.broken && !self.connection.is_draining() && !self.connection.is_closed()
    }

    /// Whom a call to whoever is there is counted for: also while its handshake goes on.
    pub(super) fn only_peer(&self) -> Option<PeerKey> {
        let coming = self.dialled.filter(|_| self.ready_at.is_none() && self.takes_calls());
        self.peers.first().copied().or(coming)
    }

    /// It drains before its peer has said a word, and no call waits for that.
    pub(super) fn is_dialled_for_nothing(&self) -> bool {
        let dials = self.side == Side::Out && self.ready_at.is_none();
        dials
            && self.connection.is_draining()
            && !self.connection.is_closed()
            && self.connection.live() == (0, 0)
    }

    /// When it has to be looked at.
    pub(super) fn poll_timeout(&self) -> Option<Timestamp> {
        self.connection.poll_timeout().into_iter().chain(self.leave).min()
    }

    pub(super) fn phase(&self) -> Phase {
        match (self.open, self.ready_at.is_some()) {
            (false, _) => Phase::Connect,
            (true, false) => Phase::Handshake,
            (true, true) => Phase::Waiting,
        }
    }
}

impl Channel {
    pub(super) fn accept(&mut self, from: SocketAddr, to: SocketAddr) -> Result<ConnKey, Refused> {
        self.take_in(&plain(to).to_string(), HostPort::try_from(plain(from)).ok())
    }

    /// Takes in a connection whose peer speaks first, and reached this side at `reached`.
    pub(super) fn take_in(&mut self, reached: &str, from: Option<HostPort>) -> Result<ConnKey, Refused> {
        if self.draining.is_some() && !self.config.accept_while_draining {
            return Err(Refused::Draining);
        }
        self.admission.accept(ip(from.as_ref()))?;
        let announced = self.config.announce.as_deref().unwrap_or(reached);
        let config = Arc::clone(&self.config.connection);
        let connection = Connection::accept(self.now, config, announced, self.keys.bits());
        let key = self.insert(connection, Side::In, from, None);
        self.count_connection(Count::Accepted);
        if let Some((reason, deadline)) = self.draining.clone() {
            self.drain_connection(key, &reason, deadline);
        }
        Ok(key)
    }

    /// The connection to call a peer over: the best that it has, or its dial, or a new one.
    pub(super) fn connection_to(&mut self, peer: PeerKey, direction: Direction) -> Option<ConnKey> {
        let known = self.peers.get(peer)?;
        best_connection(direction, known.active.iter().copied())
            .or(known.dialling)
            .or_else(|| self.dial(peer))
    }

    /// Opens a connection to a peer, unless that is being done. `None`: it has as many as it may.
    pub(super) fn dial(&mut self, peer: PeerKey) -> Option<ConnKey> {
        let known = self.peers.get(peer)?;
        if known.dialling.is_some() {
            return known.dialling;
        }
        if !self.admission.may_dial(known.dialled) {
            return None;
        }
        let address = known.host_port.clone();
        let config = Arc::clone(&self.config.connection);
        let connection = Connection::connect(self.now, config, &self.host_port, self.keys.bits());
        let key = self.insert(connection, Side::Out, None, Some(peer));
        if let Some(known) = self.peers.get_mut(peer) {
            known.dialling = Some(key);
            known.dialled_at = self.now;
            known.dialled += 1;
        }
        self.actions.push_back(Action::Connect { key, address });
        self.count_connection(Count::Initiated);
        Some(key)
    }

    pub(super) fn insert(
        &mut self,
        connection: Connection,
        side: Side,
        from: Option<HostPort>,
        dialled: Option<PeerKey>,
    ) -> ConnKey {
        let member = Member {
            connection,
            side,
            from,
            dialled,
            outdated: false,
            peers: SmallVec::new(),
            open: side == Side::In,
            ready_at: None,
            broken: false,
            queued: false,
            touched: false,
            refused: false,
            due: None,
            life: Life::new(self.now),
            share: Share::default(),
            counted: Stats::default(),
            leave: None,
            ours: Names::default(),
            theirs: Names::default(),
        };
        let key = ConnKey(self.members.insert(Box::new(member)));
        self.born(key);
        self.touch(key);
        key
    }

    pub(super) fn connection_due(&mut self, key: ConnKey) {
        let now = self.now;
        let Some(member) = self.members.get_mut(key.0) else { return };
        member.due = None;
        member.connection.handle_timeout(now);
        if member.leave.is_some_and(|at| at <= now) {
            member.leave = None;
            // Every call has a deadline, so this drain has none of its own.
            self.drain_connection(key, "the peer drains", Timestamp::MAX);
        }
        self.touch(key);
    }

    pub(super) fn drain_connection(&mut self, key: ConnKey, reason: &str, deadline: Timestamp) {
        let now = self.now;
        if let Some(member) = self.members.get_mut(key.0) {
            member.connection.drain(now, reason, deadline);
        }
        self.retire(key);
        self.touch(key);
    }

    pub(super) fn start_drain(&mut self, reason: &str, deadline: Timestamp) {
        let deadline = self.draining.as_ref().map_or(deadline, |(_, earlier)| deadline.min(*earlier));
        self.draining = Some((reason.into(), deadline));
        let keys: Vec<ConnKey> = self.members.iter().map(|(place, _)| ConnKey(place)).collect();
        for key in keys {
            self.drain_connection(key, reason, deadline);
        }
    }

    /// What was announced to those who were dialled so far is not true any more.
    pub(super) fn outdate(&mut self) {
        for (_, member) in self.members.iter_mut() {
            member.outdated |= member.side == Side::Out;
        }
    }

    pub(super) fn replace_outdated(&mut self, peer: &HostPort) {
        let Some(known) = self.peers.find(peer).and_then(|peer| self.peers.get(peer)) else { return };
        let keys = known.active.iter().map(|(key, _)| *key).chain(known.dialling);
        let outdated = |key: &ConnKey| self.members.get(key.0).is_some_and(|member| member.outdated);
        let keys: Vec<ConnKey> = keys.filter(outdated).collect();
        for key in keys {
            self.drain_connection(key, "the address of this side is another now", self.now + DRAIN_TIMEOUT);
        }
    }

    /// The peer takes no calls any more. Ours may end, and so may its own, also those that it has not sent yet; then it
    /// closes. One that does not is left to itself after a while.
    pub(super) fn drained_by_peer(&mut self, key: ConnKey) {
        self.retire(key);
        if let Some(member) = self.members.get_mut(key.0) {
            member.leave = Some(self.now + PEER_DRAINS);
        }
        self.events.push_back(Event::Draining { key });
    }

    /// The handshake is done: calls may go over it.
    pub(super) fn activate(&mut self, key: ConnKey, announced: Option<&str>) {
        let now = self.now;
        let Some(member) = self.members.get_mut(key.0) else { return };
        member.ready_at = Some(now);
        if member.side == Side::In {
            self.admission.introduced();
        }
        let (from, dialled) = (member.from.clone(), member.dialled);
        self.count_active();
        let announced = announced.and_then(|name| name.parse::<HostPort>().ok());
        let announced = announced.filter(|name| self.is_believed(name, from.as_ref(), dialled));
        if let Some(known) = dialled.and_then(|peer| self.peers.get_mut(peer)) {
            known.dialling = None;
            known.backoff.succeeded();
        }
        // Under the announced name, too: else each call to that name would dial anew.
        let announced = announced.map(|name| self.peers.find_or_add(&name));
        let ephemeral = from.filter(|_| announced.is_none());
        let ephemeral = ephemeral.map(|name| self.peers.add_ephemeral(&name));
        for peer in
            dialled.into_iter().chain(announced.filter(|peer| Some(*peer) != dialled)).chain(ephemeral)
        {
            self.attach(key, peer);
        }
    }

    /// Whether calls to the announced address may go over a connection: it comes from there, or nobody else is known
    /// to be there.
    fn is_believed(&self, announced: &HostPort, from: Option<&HostPort>, dialled: Option<PeerKey>) -> bool {
        if self.config.trust_announced {
            return true;
        }
        let dialled = dialled.and_then(|peer| self.peers.get(peer)).and_then(|peer| peer.host_port.address());
        let ip = |address: SocketAddr| address.ip().to_canonical();
        let real: Option<IpAddr> = from.map_or(dialled, HostPort::address).map(ip);
        match (real, announced.address().map(ip)) {
            (Some(real), Some(announced)) => real == announced,
            // A name was dialled, and told its address.
            (None, _) => from.is_none() && self.peers.find(announced).is_none(),
            (Some(_), None) => false,
        }
    }

    fn attach(&mut self, key: ConnKey, peer: PeerKey) {
        let Some(member) = self.members.get_mut(key.0).filter(|member| member.takes_calls()) else {
            return self.peers.sweep(peer);
        };
        member.peers.push(peer);
        let side = member.side;
        if let Some(known) = self.peers.get_mut(peer) {
            known.active.push((key, side));
            if known.active.len() == 1 {
                self.events.push_back(Event::PeerUp(known.host_port.clone()));
            }
        }
    }

    /// No new calls go over it.
    pub(super) fn inactive(&mut self, key: ConnKey) {
        let Some(member) = self.members.get_mut(key.0) else { return };
        for peer in core::mem::take(&mut member.peers) {
            if let Some(known) = self.peers.get_mut(peer) {
                known.active.retain(|(connection, _)| *connection != key);
                if known.active.is_empty() {
                    self.events.push_back(Event::PeerDown(known.host_port.clone()));
                }
            }
            self.peers.sweep(peer);
        }
    }

    /// The same for one that may still be on its way to its peer: the next call to that dials.
    pub(super) fn retire(&mut self, key: ConnKey) {
        let dialled = self.members.get(key.0).and_then(|member| member.dialled);
        if let Some(known) = dialled.and_then(|peer| self.peers.get_mut(peer)) {
            known.dialling = known.dialling.filter(|dialling| *dialling != key);
        }
        self.inactive(key);
    }

    /// If it was a dial that failed, its peer rests for a while.
    pub(super) fn dial_ended(&mut self, key: ConnKey, reason: &CloseReason) {
        let Some(peer) = self.members.get(key.0).and_then(|member| member.dialled) else { return };
        let Some(known) = self.peers.get_mut(peer).filter(|known| known.dialling == Some(key)) else {
            return;
        };
        known.dialling = None;
        let ours = matches!(reason, CloseReason::Local | CloseReason::Drained | CloseReason::DrainTimeout);
        if !ours {
            known.backoff.failed(self.now, &mut self.rng);
        }
    }

    pub(super) fn forget(&mut self, key: ConnKey) {
        let Some(member) = self.members.remove(key.0) else { return };
        self.clear_due(member.due, Due::Connection(key));
        self.clear_due(member.life.old_at, Due::Old(key));
        if member.side == Side::In {
            self.admission.closed(ip(member.from.as_ref()), member.ready_at.is_some());
        }
        if let Some(peer) = member.dialled {
            if let Some(known) = self.peers.get_mut(peer) {
                known.dialled -= 1;
            }
            self.peers.sweep(peer);
        }
        if self.members.is_empty() {
            self.arm_sweep();
        }
        self.actions.push_back(Action::Close { key });
        self.drained_if_over();
    }

    pub(super) fn drained_if_over(&mut self) {
        let over = self.members.is_empty() && self.calls.is_empty();
        if self.draining.is_some() && over && !self.drained {
            self.drained = true;
            self.events.push_back(Event::Drained);
        }
    }
}

fn ip(from: Option<&HostPort>) -> Option<IpAddr> {
    from.and_then(HostPort::address).map(|address| address.ip())
}

/// How long a peer that drains has to close by itself: the usual time for a drain.
const PEER_DRAINS: Duration = Duration::from_secs(30);
