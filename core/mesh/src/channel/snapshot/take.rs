//! How a snapshot is taken.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use tchannel_proto::{Timestamp, endpoint_text};

use super::{
    ChannelState, ConnectionSnapshot, ConnectionState, Exchange, PeerScore, PeerSnapshot, Snapshot,
    SubChannelSnapshot,
};
use crate::channel::connections::Member;
use crate::channel::table::Peer;
use crate::channel::{Channel, ConnKey};
use crate::peers::Side;

impl Channel {
    /// The channel at this moment. Takes time and memory in proportion to its peers, connections and calls in flight.
    pub fn snapshot(&mut self, now: Timestamp) -> Snapshot {
        self.step(now);
        let root_peers = self.peers.iter_mut().map(|peer| peer_snapshot(peer, self.now)).collect();
        let connections: Vec<_> = self
            .members
            .iter()
            .map(|(place, member)| self.connection_snapshot(ConnKey(place), member))
            .collect();
        Snapshot {
            now: self.now,
            service: self.config.name.clone(),
            host_port: self.host_port.clone(),
            channel_state: match (&self.draining, self.drained) {
                (None, _) => ChannelState::Open,
                (Some(_), false) => ChannelState::Draining,
                (Some(_), true) => ChannelState::Closed,
            },
            sub_channels: self.sub_channel_snapshots(),
            root_peers,
            peers: self.root.scores(self.now, &mut self.peers),
            num_connections: connections.len(),
            connections,
            live: self.live(),
            held: self.held(),
            unsent: self.unsent(),
            dropped: (self.dropped_stats(), self.dropped_spans()),
        }
    }

    fn sub_channel_snapshots(&mut self) -> Vec<SubChannelSnapshot> {
        let (now, peers) = (self.now, &mut self.peers);
        let mut snapshots = Vec::new();
        for service in &self.services.list {
            let list = self.lists.get(&*service.name);
            snapshots.push(SubChannelSnapshot {
                service: String::from(&*service.name),
                isolated: list.is_some(),
                isolated_peers: list.map(|list| list.scores(now, peers)).unwrap_or_default(),
                endpoints: service.endpoints.keys().map(|arg1| endpoint_text(arg1).into_owned()).collect(),
                has_fallback: service.fallback.is_some(),
                serves_http: service.http.is_some(),
            });
        }
        for (service, list) in self.lists.iter().filter(|(service, _)| self.services.find(service).is_none())
        {
            snapshots.push(SubChannelSnapshot {
                service: service.clone(),
                isolated: true,
                isolated_peers: list.scores(now, peers),
                endpoints: Vec::new(),
                has_fallback: false,
                serves_http: false,
            });
        }
        snapshots
    }

    fn connection_snapshot(&self, id: ConnKey, member: &Member) -> ConnectionSnapshot {
        let connection = &member.connection;
        let ((ours, theirs), (our_tombs, their_tombs)) = (connection.live(), connection.tombstones());
        ConnectionSnapshot {
            id,
            side: member.side,
            connection_state: state(member),
            outbound_host_port: member
                .dialled
                .and_then(|peer| self.peers.get(peer))
                .map(|peer| peer.host_port.clone()),
            remote_host_port: member.from.as_ref().map(ToString::to_string),
            remote_peer: connection.remote().cloned(),
            inbound_exchange: Exchange {
                count: theirs,
                ids: member.theirs.iter().map(|(call, _)| call.id()).collect(),
                tombstones: their_tombs,
            },
            outbound_exchange: Exchange {
                count: ours,
                ids: member.ours.iter().map(|(call, _)| call.id()).collect(),
                tombstones: our_tombs,
            },
            health_checks: connection.ping_history().collect(),
            since: member.life.since,
            last_activity: member.life.last_activity,
            held: connection.held(),
            unsent: connection.unsent(),
            stats: *connection.stats(),
        }
    }
}

fn state(member: &Member) -> ConnectionState {
    let connection = &member.connection;
    if connection.is_closed() {
        ConnectionState::Closed
    } else if connection.is_draining() {
        ConnectionState::Draining
    } else if connection.is_active() {
        ConnectionState::Active
    } else if member.open {
        ConnectionState::Handshake
    } else {
        ConnectionState::Connecting
    }
}

fn peer_snapshot(peer: &mut Peer, now: Timestamp) -> PeerSnapshot {
    let connections =
        |wanted| peer.active.iter().filter(move |(_, side)| *side == wanted).map(|(key, _)| *key).collect();
    PeerSnapshot {
        host_port: peer.host_port.clone(),
        lists: peer.listed,
        calls: peer.calls,
        failures: peer.backoff.failures(),
        backoff_until: peer.backoff.until(),
        dialling: peer.dialling,
        outbound_connections: connections(Side::Out),
        inbound_connections: connections(Side::In),
        load: peer.load.at(now),
    }
}

impl PeerScore {
    pub(in crate::channel) fn new(peer: &Peer, score: u64) -> Self {
        PeerScore { host_port: peer.host_port.clone(), score }
    }
}
