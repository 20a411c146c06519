//! Peer lists: who may be called for a service.

use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

use thiserror::Error;

use super::Channel;
use crate::host_port::HostPort;
use crate::peers::{Added, Candidate, Choice, PeerKey, Strategy, Turns, Wanted, choose};

/// The peers of one list, and how it chooses.
#[derive(Debug)]
pub(super) struct List {
    strategy: Strategy,
    peers: Vec<PeerKey>,
    turns: Turns,
    /// Room for choices, kept.
    candidates: Vec<Candidate>,
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

impl List {
    pub(super) fn new(strategy: Strategy) -> Self {
        List { strategy, peers: Vec::new(), turns: Turns::default(), candidates: Vec::new() }
    }
}

impl Channel {
    fn list(&mut self, service: Option<&str>) -> &mut List {
        match service {
            Some(service) if self.lists.contains_key(service) => {
                self.lists.get_mut(service).expect("it was just found")
            }
            Some(_) | None => &mut self.root,
        }
    }

    pub(super) fn add(&mut self, service: Option<&str>, host_port: &HostPort) -> PeerKey {
        let key = self.peers.find_or_add(host_port);
        let mut rng = self.rng.clone();
        let list = self.list(service);
        if list.peers.contains(&key) {
            return key;
        }
        list.peers.push(key);
        let Added { order, swap_with } = list.turns.add(&mut rng, list.peers.len());
        let other = list.peers[swap_with];
        self.rng = rng;
        if let Some(peer) = self.peers.get_mut(key) {
            peer.listed += 1;
            peer.order = order;
        }
        if other != key
            && let Some(theirs) = self.peers.get(other).map(|peer| peer.order)
        {
            if let Some(peer) = self.peers.get_mut(key) {
                peer.order = theirs;
            }
            if let Some(peer) = self.peers.get_mut(other) {
                peer.order = order;
            }
        }
        key
    }

    pub(super) fn remove(&mut self, service: Option<&str>, host_port: &HostPort) -> Result<(), ListError> {
        let missing = || ListError { peer: host_port.clone(), service: service.map(String::from) };
        let (_, key) = self.peers.find(host_port).ok_or_else(missing)?;
        let list = self.list(service);
        let position = list.peers.iter().position(|peer| *peer == key).ok_or_else(missing)?;
        list.peers.remove(position);
        let Some(peer) = self.peers.get_mut(key) else { return Ok(()) };
        peer.listed -= 1;
        if peer.listed == 0 {
            let deadline = self.now + REMOVED_DRAINS;
            let connections: Vec<_> = peer.active.iter().map(|(key, _)| *key).chain(peer.dialling).collect();
            for connection in connections {
                self.drain_connection(connection, "peer removed", deadline);
            }
            self.peers.sweep(key);
        }
        Ok(())
    }

    /// Chooses a peer for a call of this service.
    pub(super) fn choose(
        &mut self,
        service: &str,
        shard_key: Option<&str>,
        threshold: Option<u64>,
        allow_tried: bool,
        tried: impl Fn(PeerKey) -> bool,
    ) -> Choice {
        let (now, config) = (self.now, alloc::sync::Arc::clone(&self.config));
        let list = match self.lists.get_mut(service) {
            Some(list) => list,
            None => &mut self.root,
        };
        list.candidates.clear();
        for key in &list.peers {
            if let Some(peer) = self.peers.get_mut(*key) {
                list.candidates.push(peer.candidate(now, *key, tried(*key)));
            }
        }
        let mut wanted = Wanted::new(&list.strategy);
        wanted.direction = config.direction;
        wanted.min_connections = config.min_connections;
        wanted.shard_key = shard_key;
        wanted.score_threshold = threshold;
        wanted.allow_tried = allow_tried;
        let choice = choose(&mut self.rng, &wanted, &list.candidates);
        if let Some(chosen) = choice.peer {
            let order = list.turns.next(&mut self.rng, list.peers.len());
            if let Some(peer) = self.peers.get_mut(chosen) {
                peer.order = order;
            }
        }
        choice
    }
}
