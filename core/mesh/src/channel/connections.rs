//! Connections and their sockets: dialled, accepted, driven, and forgotten.

use alloc::collections::BTreeMap;
use alloc::string::ToString;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::net::SocketAddr;

use bytes::BytesMut;
use tchannel_proto::{CloseReason, Connection, Event as Happened, Lost, Outgoing, Timestamp, Transmit};

use super::{Action, Channel, ConnKey, Due, Event, Ticket, plain};
use crate::host_port::HostPort;
use crate::limits::TooManyAccepted;
use crate::peers::{PeerKey, Side, best_connection};

/// A connection with what the channel knows about it.
#[derive(Debug)]
pub(super) struct Member {
    pub(super) connection: Connection,
    side: Side,
    /// Whom it was dialled for.
    dialled: Option<PeerKey>,
    /// The peers that it is an active connection of: by the dialled name, by the announced one, or both.
    pub(super) peers: Vec<PeerKey>,
    /// Its socket is open.
    open: bool,
    /// It takes calls.
    active: bool,
    /// Named by `poll_ready` next.
    pub(super) queued: bool,
    /// It refused input the last time it was asked.
    refused: bool,
    due: Option<Timestamp>,
    pub(super) calls: BTreeMap<Outgoing, Ticket>,
    /// Requests whose arguments are being collected.
    pub(super) heads: BTreeMap<tchannel_proto::Incoming, super::serve::Waiting>,
}

impl Channel {
    pub(super) fn accept(&mut self, to: SocketAddr) -> Result<ConnKey, TooManyAccepted> {
        self.admission.accept()?;
        let host_port = plain(to).to_string();
        let config = Arc::clone(&self.connection_config);
        let connection = Connection::accept(self.now, config, &host_port, self.rng.bits());
        let key = self.insert(connection, Side::In, None);
        if let Some(member) = self.members.get_mut(&key) {
            member.open = true;
        }
        if let Some((reason, deadline)) = self.draining.clone() {
            self.drain_connection(key, &reason, deadline);
        }
        self.touched(key);
        Ok(key)
    }

    /// The connection to call a peer over: the best that it has, or its dial, or a new one.
    pub(super) fn connection_to(&mut self, peer: PeerKey) -> Option<ConnKey> {
        let direction = self.config.direction;
        let known = self.peers.get(peer)?;
        best_connection(direction, known.active.iter().copied())
            .or(known.dialling)
            .or_else(|| self.dial(peer))
    }

    /// Opens a connection to a peer, unless that is being done.
    pub(super) fn dial(&mut self, peer: PeerKey) -> Option<ConnKey> {
        let known = self.peers.get(peer)?;
        if known.dialling.is_some() {
            return known.dialling;
        }
        let address = known.host_port.clone();
        let config = Arc::clone(&self.connection_config);
        let connection = Connection::connect(self.now, config, &self.host_port, self.rng.bits());
        let key = self.insert(connection, Side::Out, Some(peer));
        if let Some(known) = self.peers.get_mut(peer) {
            known.dialling = Some(key);
        }
        self.actions.push_back(Action::Connect { key, address });
        self.touched(key);
        Some(key)
    }

    fn insert(&mut self, connection: Connection, side: Side, dialled: Option<PeerKey>) -> ConnKey {
        let key = ConnKey(self.next_member);
        self.next_member = self.next_member.wrapping_add(1);
        let member = Member {
            connection,
            side,
            dialled,
            peers: Vec::new(),
            open: false,
            active: false,
            queued: false,
            refused: false,
            due: None,
            calls: BTreeMap::new(),
            heads: BTreeMap::new(),
        };
        self.members.insert(key, member);
        key
    }

    pub(super) fn connected(&mut self, key: ConnKey) {
        if let Some(member) = self.members.get_mut(&key) {
            member.open = true;
        }
        self.touched(key);
    }

    pub(super) fn input(&mut self, key: ConnKey, input: &mut BytesMut) {
        let now = self.now;
        match self.members.get_mut(&key) {
            Some(member) => member.connection.handle_input(now, input),
            None => input.clear(),
        }
        self.touched(key);
    }

    pub(super) fn written(&mut self, key: ConnKey) {
        let now = self.now;
        if let Some(member) = self.members.get_mut(&key) {
            member.connection.handle_written(now);
        }
        self.touched(key);
    }

    pub(super) fn lost(&mut self, key: ConnKey, why: Lost) {
        let now = self.now;
        if let Some(member) = self.members.get_mut(&key) {
            member.connection.handle_lost(now, why);
        }
        self.touched(key);
    }

    pub(super) fn connection_due(&mut self, key: ConnKey) {
        let now = self.now;
        if let Some(member) = self.members.get_mut(&key) {
            member.connection.handle_timeout(now);
        }
        self.touched(key);
    }

    pub(super) fn transmit(&mut self, key: ConnKey) -> Option<Transmit> {
        let now = self.now;
        let member = self.members.get_mut(&key).filter(|member| member.open)?;
        let transmit = member.connection.poll_transmit(now);
        self.touched(key);
        transmit
    }

    pub(super) fn drain_connection(&mut self, key: ConnKey, reason: &str, deadline: Timestamp) {
        let now = self.now;
        if let Some(member) = self.members.get_mut(&key) {
            member.connection.drain(now, reason, deadline);
        }
        self.inactive(key);
        self.touched(key);
    }

    pub(super) fn start_drain(&mut self, reason: &str, deadline: Timestamp) {
        let deadline = self.draining.as_ref().map_or(deadline, |(_, earlier)| deadline.min(*earlier));
        self.draining = Some((reason.into(), deadline));
        let keys: Vec<ConnKey> = self.members.keys().copied().collect();
        for key in keys {
            self.drain_connection(key, reason, deadline);
        }
        self.drained_if_over();
    }

    /// A connection was asked or told something: takes what came of it to where it belongs.
    pub(super) fn touched(&mut self, key: ConnKey) {
        let Some(member) = self.members.get_mut(&key) else { return };
        // A connection that ended is off its peers before its calls look for others.
        let mut happened = Vec::new();
        while let Some(event) = member.connection.poll_event() {
            happened.push(event);
        }
        if member.connection.is_closed() {
            self.inactive(key);
            self.no_dial(key, &happened);
        }
        for event in happened {
            self.happened(key, event);
        }
        self.settle(key);
    }

    fn happened(&mut self, key: ConnKey, event: Happened) {
        match event {
            Happened::Ready(remote) => self.activate(key, remote.host_port.as_deref()),
            Happened::Request { call, head, args } => self.requested(key, call, head, args),
            Happened::Whole { call, args } => self.collected(key, call, args),
            Happened::Abandoned { call, code } => self.abandoned(key, call, code),
            Happened::Response { call, head, args: Some(args) } => self.answered(key, call, head, args),
            Happened::Failed { call, error } => self.attempt_failed(key, call, error),
            Happened::Draining(_) => self.inactive(key),
            Happened::Closed(reason) => self.closed(key, reason),
            // Calls are whole here: nothing is read or written in parts.
            Happened::Response { args: None, .. }
            | Happened::Readable(_)
            | Happened::Writable(_)
            | Happened::Claim(_) => {}
        }
    }

    /// The handshake is done: calls may go over it.
    fn activate(&mut self, key: ConnKey, announced: Option<&str>) {
        let Some(member) = self.members.get_mut(&key) else { return };
        member.active = !member.connection.is_draining();
        let (side, dialled) = (member.side, member.dialled);
        let announced = announced.and_then(|name| name.parse::<HostPort>().ok());
        if let Some(peer) = dialled
            && let Some(known) = self.peers.get_mut(peer)
        {
            known.dialling = None;
            known.backoff.succeeded();
        }
        // Under the announced name too: else each call to that name would dial anew.
        let announced = announced.map(|name| self.peers.find_or_add(&name));
        for peer in dialled.into_iter().chain(announced.filter(|peer| Some(*peer) != dialled)) {
            self.attach(key, peer, side);
        }
    }

    fn attach(&mut self, key: ConnKey, peer: PeerKey, side: Side) {
        let Some(member) = self.members.get_mut(&key).filter(|member| member.active) else {
            self.peers.sweep(peer);
            return;
        };
        member.peers.push(peer);
        if let Some(known) = self.peers.get_mut(peer) {
            known.active.push((key, side));
            if known.active.len() == 1 {
                self.events.push_back(Event::PeerUp(peer));
            }
        }
    }

    /// No new calls go over it.
    fn inactive(&mut self, key: ConnKey) {
        let Some(member) = self.members.get_mut(&key) else { return };
        member.active = false;
        for peer in core::mem::take(&mut member.peers) {
            if let Some(known) = self.peers.get_mut(peer) {
                known.active.retain(|(connection, _)| *connection != key);
                if known.active.is_empty() {
                    self.events.push_back(Event::PeerDown(peer));
                }
            }
            self.peers.sweep(peer);
        }
    }

    /// If it was a dial that failed, its peer rests for a while.
    fn no_dial(&mut self, key: ConnKey, happened: &[Happened]) {
        let Some(peer) = self.members.get(&key).and_then(|member| member.dialled) else { return };
        let Some(known) = self.peers.get_mut(peer).filter(|known| known.dialling == Some(key)) else {
            return;
        };
        known.dialling = None;
        let ours = happened.iter().any(|event| matches!(event, Happened::Closed(CloseReason::Local)));
        if !ours {
            known.backoff.failed(self.now, &mut self.rng);
        }
    }

    fn closed(&mut self, key: ConnKey, reason: CloseReason) {
        self.events.push_back(Event::Closed { key, reason });
    }

    /// Notes when it is due, whether it has bytes, and whether it may be read again; forgets it once it is over.
    fn settle(&mut self, key: ConnKey) {
        let Some(member) = self.members.get_mut(&key) else { return };
        let (before, after) = (member.due, member.connection.poll_timeout());
        member.due = after;
        let output = member.connection.has_output();
        if output && member.open && !member.queued {
            member.queued = true;
            self.ready.push_back(key);
        }
        let wants = member.connection.wants_input() > 0;
        if wants && member.refused {
            self.actions.push_back(Action::Resume { key });
        }
        member.refused = !wants;
        let over = member.connection.is_closed() && !(output && member.open);
        self.set_due(before, after, Due::Connection(key));
        if over {
            self.forget(key);
        }
    }

    fn forget(&mut self, key: ConnKey) {
        let Some(member) = self.members.remove(&key) else { return };
        if member.side == Side::In {
            self.admission.closed();
        }
        if let Some(peer) = member.dialled {
            self.peers.sweep(peer);
        }
        self.actions.push_back(Action::Close { key });
        self.drained_if_over();
    }

    fn drained_if_over(&mut self) {
        if self.draining.is_some() && self.members.is_empty() && self.calls.is_empty() && !self.drained {
            self.drained = true;
            self.events.push_back(Event::Drained);
        }
    }
}
