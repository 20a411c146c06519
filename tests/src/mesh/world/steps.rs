//! What the steps of a scenario do.

use std::time::Duration;

use bytes::Bytes;
use tchannel_proto::wire::ErrorCode;

use super::World;
use crate::mesh::network::host_port;
use crate::mesh::scenario::{Ask, Door, Mood, Service, Step, Takes, Who};

impl World {
    /// Does one step, and all that can happen at once because of it.
    pub fn apply(&mut self, step: &Step) {
        self.trace.world(self.now, format_args!("step: {step:?}"));
        let nodes = self.nodes.len();
        match step {
            Step::Calls { ask, count } => {
                for _ in 0..*count {
                    self.note_slow(ask);
                    self.call(ask);
                }
            }
            Step::Cancel { call } => self.cancel(call % self.calls.len().max(1), "a step says so"),
            Step::Finish { call } => self.finish(call % self.calls.len().max(1)),
            Step::Advance { time } => return self.advance(*time),
            Step::Mood { node, mood } => {
                self.trouble.slow |= matches!(mood, Mood::Slow(_) | Mood::Hangs);
                self.nodes[node % nodes].mood = *mood;
            }
            Step::Door { node, door } => {
                let entry = &mut self.nodes[node % nodes];
                entry.door = *door;
                entry.troubled |= *door != Door::Open;
                self.trouble.lossy |= *door != Door::Open;
            }
            Step::Die { node, quietly } => self.die(node % nodes, *quietly),
            Step::Restart { node } => self.restart(node % nodes),
            Step::Drain { node, within } => self.drain(node % nodes, *within),
            Step::Hangup { node, nth } => self.hang_up(node % nodes, *nth),
            Step::Cut { node, peer } => {
                for id in self.between(node % nodes, peer % nodes) {
                    self.reset(id);
                }
            }
            Step::Dark { node, peer } => {
                for id in self.between(node % nodes, peer % nodes) {
                    self.darken(id);
                }
            }
            Step::Stall { node, time } => self.stall(node % nodes, *time),
            Step::Add { node, peer, own } => {
                self.trouble.lists = true;
                self.add_peer(node % nodes, &host_port(peer.node % nodes, peer.by_name), *own);
            }
            Step::Remove { node, peer, own } if self.is_up(node % nodes) => {
                self.remove(node % nodes, *peer, *own);
            }
            Step::List { node, peers } if self.is_up(node % nodes) => self.list(node % nodes, *peers),
            Step::Remove { .. } | Step::List { .. } => {}
            Step::Isolate { node } => {
                self.trouble.lists = true;
                let strategy = self.nodes[node % nodes].setup.chooses.strategy();
                self.on(node % nodes, |process| {
                    process.isolated = true;
                    process.machine.isolate(Service::Own.name(), strategy);
                });
            }
            Step::Inject { node, nth, bytes } => self.inject(node % nodes, *nth, bytes),
        }
        self.settle();
    }

    /// Calls that take their time make others wait.
    fn note_slow(&mut self, ask: &Ask) {
        let late = matches!(ask.takes, Takes::Late(_)) && ask.sizes.iter().sum::<usize>() > 4_096;
        let codes = matches!(ask.serve, crate::mesh::scenario::Serve::Regret { code: ErrorCode::Busy, .. });
        self.trouble.slow |= late || codes || ask.parts && !reads(ask);
    }

    fn hang_up(&mut self, node: usize, nth: usize) {
        let now = self.now;
        self.trouble.lossy = true;
        self.nodes[node].troubled = true;
        let peer = self.nth(node, nth).map(|(_, _, peer)| peer);
        if let Some(peer) = peer {
            self.nodes[peer].troubled = true;
        }
        self.on(node, |process| {
            let count = process.sockets.len() + process.dials.len();
            let keys = process.sockets.keys().chain(process.dials.keys());
            if let Some(key) = keys.copied().nth(nth % count.max(1)) {
                process.machine.hang_up(now, key);
            }
        });
    }

    /// The streams between two nodes, whose trouble is noted.
    fn between(&mut self, node: usize, peer: usize) -> Vec<u64> {
        self.trouble.lossy = true;
        self.nodes[node].troubled = true;
        self.nodes[peer].troubled = true;
        self.network.which(|stream| stream.joins(node, peer))
    }

    fn stall(&mut self, node: usize, time: Duration) {
        self.trouble.slow = true;
        let (now, until) = (self.now, self.now + time);
        for id in self.network.which(|stream| stream.ends.iter().any(|end| end.node == node)) {
            let Some(stream) = self.network.get(id) else { continue };
            for end in 0..2 {
                if stream.ends[end].node == node {
                    stream.pipes[end].stall(now, until);
                }
            }
        }
    }

    fn remove(&mut self, node: usize, peer: Who, own: bool) {
        let now = self.now;
        self.trouble.lists = true;
        let peer = host_port(peer.node % self.nodes.len(), peer.by_name);
        self.on(node, |process| {
            let list = own.then_some(Service::Own.name());
            let listed = process.machine.channel().peers_of(list).any(|listed| *listed == peer);
            let removed = process.machine.remove_peer(now, list, &peer);
            assert!(removed.is_ok() == listed, "law 4: {peer} was listed: {listed}, removed: {removed:?}");
        });
    }

    fn list(&mut self, node: usize, peers: u64) {
        let now = self.now;
        self.trouble.lists = true;
        let others = (0..self.nodes.len().min(64)).filter(|other| *other != node && peers >> other & 1 == 1);
        let peers: Vec<_> = others.map(|other| host_port(other, false)).collect();
        self.on(node, |process| {
            process.peers.extend(peers.iter().cloned());
            process.machine.peer_list(now, &peers);
        });
    }

    fn inject(&mut self, node: usize, nth: usize, bytes: &Bytes) {
        let now = self.now;
        let Some((id, end, _)) = self.nth(node, nth) else { return };
        self.trouble.hostile = true;
        if let Some(stream) = self.network.get(id) {
            stream.pipes[1 - end].force(now, bytes.clone());
        }
        self.expect(id, end);
    }

    /// The `nth` open stream of a node, the end that is its own, and who is at the other.
    fn nth(&self, node: usize, nth: usize) -> Option<(u64, usize, usize)> {
        let sockets = &self.nodes[node].process.as_ref()?.sockets;
        let (id, end) = *sockets.values().nth(nth % sockets.len().max(1))?;
        let peer = self.network.streams.get(&id)?.ends[1 - end].node;
        Some((id, end, peer))
    }
}

/// Whether the handler reads all of a request in parts.
fn reads(ask: &Ask) -> bool {
    matches!(ask.serve, crate::mesh::scenario::Serve::Echo { .. })
}
