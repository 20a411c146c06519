//! Peer lists: who may be called for a service.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::String;
use alloc::vec::Vec;
use core::mem::replace;
use core::time::Duration;

use tchannel_proto::Timestamp;
use thiserror::Error;

use super::calls::Answer;
use super::table::Peers;
use super::{Channel, ChannelConfig, Event, PeerScore};
use crate::host_port::HostPort;
use crate::peers::{Added, Candidate, Choice, Direction, PeerKey, Strategy, Turns, Wanted, choose};
use crate::retry::Attempts;
use crate::rng::Rng;

/// The peers of one list, and how it chooses.
#[derive(Debug)]
pub(super) struct List {
    strategy: Strategy,
    /// Which connections its calls go over; `None`: as everywhere else in the channel.
    direction: Option<Direction>,
    peers: Vec<Listed>,
    turns: Turns,
    /// Room for choices, kept.
    candidates: Vec<Candidate>,
}

/// A peer on a list.
#[derive(Clone, Copy, Debug)]
struct Listed {
    key: PeerKey,
    /// Its place in the list's round robin.
    order: u64,
}

/// Why a list was not changed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{peer} is not on the list{}", for_service(.service.as_deref()))]
pub struct ListError {
    /// The peer that was named.
    pub peer: HostPort,
    /// The service whose list it is; `None`: the root list.
    pub service: Option<String>,
}

fn for_service(service: Option<&str>) -> String {
    service.map_or_else(String::new, |service| alloc::format!(" of service {service:?}"))
}

/// How long the connections of a removed peer may finish their calls.
const REMOVED_DRAINS: Duration = Duration::from_secs(5);

/// What a peer is chosen for.
pub(super) struct For<'a> {
    pub(super) now: Timestamp,
    pub(super) config: &'a ChannelConfig,
    pub(super) shard_key: Option<&'a str>,
    pub(super) threshold: Option<u64>,
    pub(super) allow_tried: bool,
}

impl List {
    pub(super) fn new(strategy: Strategy) -> Self {
        List { strategy, direction: None, peers: Vec::new(), turns: Turns::default(), candidates: Vec::new() }
    }

    /// Which connections its calls prefer, if it says so.
    pub(super) fn direction(&self) -> Option<Direction> {
        self.direction
    }

    /// Chooses a peer, and sends it to the end of the round robin.
    pub(super) fn choose(
        &mut self,
        rng: &mut Rng,
        peers: &mut Peers,
        call: &For<'_>,
        attempts: &Attempts<Answer>,
    ) -> Choice {
        self.candidates.clear();
        for &Listed { key, order } in &self.peers {
            if let Some(peer) = peers.get_mut(key) {
                let (tried, draining) = (attempts.has_tried(key), attempts.is_full(key));
                let candidate = peer.candidate(call.now, key);
                self.candidates.push(Candidate { order, tried, draining, ..candidate });
            }
        }
        let mut wanted = Wanted::new(&self.strategy);
        wanted.direction = self.direction.unwrap_or(call.config.direction);
        wanted.min_connections = call.config.min_connections;
        wanted.shard_key = call.shard_key;
        wanted.score_threshold = call.threshold;
        wanted.allow_tried = call.allow_tried;
        let choice = choose(rng, &wanted, &self.candidates);
        let len = self.peers.len();
        if let Some(chosen) = self.peers.iter_mut().find(|listed| Some(listed.key) == choice.peer) {
            chosen.order = self.turns.next(rng, len);
        }
        choice
    }

    /// How it ranks its peers, for a call without shard key.
    pub(super) fn scores(&self, now: Timestamp, peers: &mut Peers) -> Vec<PeerScore> {
        let mut scores = Vec::with_capacity(self.peers.len());
        for &Listed { key, order } in &self.peers {
            if let Some(peer) = peers.get_mut(key) {
                let score = self.strategy.score(&Candidate { order, ..peer.candidate(now, key) }, None);
                scores.push(PeerScore::new(peer, score));
            }
        }
        scores
    }

    /// Puts a peer at a place of the round robin that does not depend on when it came.
    fn put(&mut self, rng: &mut Rng, key: PeerKey) {
        let Added { order, swap_with } = self.turns.add(rng, self.peers.len() + 1);
        let other = self.peers.get_mut(swap_with);
        let order = other.map_or(order, |other| replace(&mut other.order, order));
        self.peers.push(Listed { key, order });
    }

    fn position(&self, key: PeerKey) -> Option<usize> {
        self.peers.iter().position(|listed| listed.key == key)
    }
}

impl Channel {
    /// Adds a peer to the list of a service, or to the root list. Adding one twice changes nothing.
    pub fn add_peer(&mut self, now: Timestamp, service: Option<&str>, peer: &HostPort) -> PeerKey {
        self.step(now);
        let key = self.peers.find_or_add(peer);
        let list = list(&mut self.lists, &mut self.root, service);
        if list.position(key).is_none() {
            list.put(&mut self.rng, key);
            if let Some(known) = self.peers.get_mut(key) {
                known.listed += 1;
                if known.listed == 1 {
                    self.events.push_back(Event::PeerAdded(peer.clone()));
                }
            }
        }
        key
    }

    /// Takes a peer off a list. If it is on no other, its connections drain for 5 s.
    pub fn remove_peer(
        &mut self,
        now: Timestamp,
        service: Option<&str>,
        peer: &HostPort,
    ) -> Result<(), ListError> {
        self.step(now);
        let missing = || ListError { peer: peer.clone(), service: service.map(String::from) };
        let key = self.peers.find(peer).ok_or_else(missing)?;
        let list = list(&mut self.lists, &mut self.root, service);
        let position = list.position(key).ok_or_else(missing)?;
        list.peers.remove(position);
        let Some(known) = self.peers.get_mut(key) else { return Ok(()) };
        known.listed -= 1;
        if known.listed == 0 {
            self.events.push_back(Event::PeerRemoved(peer.clone()));
            let deadline = self.now + REMOVED_DRAINS;
            let connections: Vec<_> =
                known.active.iter().map(|(key, _)| *key).chain(known.dialling).collect();
            for connection in connections {
                self.drain_connection(connection, "peer removed", deadline);
            }
            self.peers.sweep(key);
            self.settle();
        }
        Ok(())
    }

    /// Makes a list what a file says that it is: adds what is new, and removes what is not there any more, as
    /// [`remove_peer`](Self::remove_peer) does. Duplicates are ignored. Gives the number of peers added and removed.
    pub fn handle_peer_list(
        &mut self,
        now: Timestamp,
        service: Option<&str>,
        peers: &[HostPort],
    ) -> (usize, usize) {
        self.step(now);
        let wanted: BTreeSet<&HostPort> = peers.iter().collect();
        let before: Vec<HostPort> = self.peers_of(service).cloned().collect();
        let mut known: BTreeSet<&HostPort> = before.iter().collect();
        let mut added = 0;
        for peer in peers.iter().filter(|peer| known.insert(peer)) {
            self.add_peer(now, service, peer);
            added += 1;
        }
        let mut removed = 0;
        for peer in before.iter().filter(|peer| !wanted.contains(peer)) {
            removed += usize::from(self.remove_peer(now, service, peer).is_ok());
        }
        (added, removed)
    }

    /// Gives a sub-channel a peer list of its own, chosen from in the given way: for the calls that it makes, whatever
    /// their service, and for those to its service that no sub-channel makes. Others use the root list. One that has a
    /// list keeps it.
    pub fn isolate(&mut self, service: &str, strategy: Strategy) {
        self.lists.entry(service.into()).or_insert_with(|| List::new(strategy));
    }

    /// Which connections the calls of a service that has a list of its own prefer, instead of what the configuration says.
    pub fn prefer(&mut self, service: &str, direction: Direction) {
        if let Some(list) = self.lists.get_mut(service) {
            list.direction = Some(direction);
        }
    }

    /// The peers of a service's list, in the order of their adding; those of the root list for a service without.
    pub fn peers_of(&self, service: Option<&str>) -> impl Iterator<Item = &HostPort> {
        let list = service.and_then(|service| self.lists.get(service)).unwrap_or(&self.root);
        list.peers.iter().filter_map(|listed| self.peers.get(listed.key)).map(|peer| &peer.host_port)
    }
}

fn list<'a>(
    lists: &'a mut BTreeMap<String, List>,
    root: &'a mut List,
    service: Option<&str>,
) -> &'a mut List {
    service.and_then(|service| lists.get_mut(service)).unwrap_or(root)
}
