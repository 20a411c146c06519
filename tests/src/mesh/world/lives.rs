//! How nodes come, go and come back.

use std::time::Duration;

use bytes::Bytes;
use tchannel_mesh::{ChannelConfig, Handling, HostPort, Services};
use tchannel_proto::Timestamp;

use super::World;
use crate::mesh::machine::Machine;
use crate::mesh::network::{address, host_port};
use crate::mesh::node::{Node, Process};
use crate::mesh::scenario::{Announces, Door, Knows, Mood, Service, Setup};
use crate::scenario::Limits;

/// Latency or bandwidth past which calls may take long.
const SLOW: Duration = Duration::from_millis(200);

impl World {
    pub(super) fn populate(&mut self, setups: &[Setup]) {
        for (node, setup) in setups.iter().enumerate() {
            self.trace.node(self.now, node, format_args!("is {setup:?}"));
            let slow = setup.shape.latency >= SLOW || setup.shape.nanos_per_byte >= 1_000;
            self.trouble.slow |= slow || setup.shape.window < 65_536;
            self.trouble.tight |= setup.limits == Limits::Tight;
            self.trouble.watchful |= setup.limits == Limits::Watchful;
            self.nodes.push(Node {
                setup: *setup,
                mood: Mood::Well,
                door: Door::Open,
                life: 0,
                dark: false,
                troubled: false,
                dials: 0,
                process: None,
            });
        }
        for node in 0..setups.len() {
            self.start(node);
        }
    }

    /// Starts a process at a node that has none.
    fn start(&mut self, node: usize) {
        let (now, setup, life) = (self.now, self.nodes[node].setup, self.nodes[node].life);
        let seed = self.seed + 1_000 * u64::try_from(node).unwrap_or(0) + u64::from(life);
        let config = self.config(&setup);
        let mut machine = Machine::new(now, config, seed, self.manner.habits, register);
        if setup.announces != Announces::Nothing {
            machine.listening(now, address(node));
        }
        self.nodes[node].process = Some(Process::new(machine));
        for peer in self.known(node) {
            self.add_peer(node, &peer, false);
        }
    }

    fn config(&self, setup: &Setup) -> ChannelConfig {
        let mut config = setup.config();
        if let Announces::Other(other) = setup.announces {
            config.announce = Some(address(other % self.nodes.len()).to_string());
        }
        config
    }

    /// Whom a node has on its list at the start.
    fn known(&self, node: usize) -> Vec<HostPort> {
        let count = self.nodes.len();
        let others = (1..count).map(|distance| (node + distance) % count);
        match self.nodes[node].setup.knows {
            Knows::All => others.map(|other| host_port(other, false)).collect(),
            Knows::Names => others.map(|other| host_port(other, true)).collect(),
            Knows::Next(most) => others.take(most).map(|other| host_port(other, false)).collect(),
            Knows::Nobody => Vec::new(),
        }
    }

    pub(super) fn add_peer(&mut self, node: usize, peer: &HostPort, own: bool) {
        let now = self.now;
        if !self.is_up(node) {
            return;
        }
        self.on(node, |process| {
            process.peers.insert(peer.clone());
            process.machine.add_peer(now, own.then_some(Service::Own.name()), peer);
        });
    }

    /// The process is gone. Its streams are reset, or go dark with the whole host.
    pub(super) fn die(&mut self, node: usize, quietly: bool) {
        if self.nodes[node].process.is_none() {
            return;
        }
        self.trace.node(self.now, node, format_args!("dies, quietly: {quietly}"));
        self.trouble.lossy = true;
        self.lose_calls(node);
        let entry = &mut self.nodes[node];
        (entry.process, entry.dark, entry.troubled) = (None, quietly, true);
        for id in self.network.which(|stream| stream.ends.iter().any(|end| end.node == node)) {
            if quietly {
                self.darken(id);
            } else {
                self.reset(id);
            }
        }
    }

    /// A new process, unless one runs that takes calls.
    pub(super) fn restart(&mut self, node: usize) {
        if self.is_up(node) {
            return;
        }
        self.trace.node(self.now, node, format_args!("starts again"));
        self.lose_calls(node);
        let entry = &mut self.nodes[node];
        entry.life += 1;
        (entry.dark, entry.process) = (false, None);
        // Whoever still writes to the process before learns that it is gone.
        for id in self.network.which(|stream| stream.ends.iter().any(|end| end.node == node)) {
            self.reset(id);
        }
        self.start(node);
    }

    pub(super) fn drain(&mut self, node: usize, within: Duration) {
        let now = self.now;
        self.trouble.lossy = true;
        self.nodes[node].troubled = true;
        self.trace.node(now, node, format_args!("is told to drain within {within:?}"));
        self.on(node, |process| {
            process.draining = true;
            process.machine.drain(now, "the scenario", now + within);
        });
    }

    /// Both ends of a stream hear that it was reset; a process that is gone hears nothing.
    pub(super) fn reset(&mut self, id: u64) {
        let Some(stream) = self.network.get(id) else { return };
        stream.pipes.iter_mut().for_each(crate::link::Pipe::cut);
        for end in 0..2 {
            let Some(stream) = self.network.get(id) else { return };
            let at = &stream.ends[end];
            let (node, life) = (at.node, at.life);
            if self.is_alive(node, life) {
                self.arrive(id, end);
            } else {
                self.shut(id, end);
            }
        }
    }

    /// Nothing passes on a stream any more.
    pub(super) fn darken(&mut self, id: u64) {
        let now = self.now;
        if let Some(stream) = self.network.get(id) {
            stream.pipes.iter_mut().for_each(|pipe| pipe.stall(now, Timestamp::MAX));
        }
    }
}

/// Both services of a node, with an endpoint for each way of reading.
fn register(services: &mut Services) {
    for service in [Service::Common, Service::Own] {
        let key = services.create(service.name()).expect("it is a new service");
        for (endpoint, handling) in [("whole", Handling::Whole), ("parts", Handling::Streamed)] {
            let endpoint = Bytes::from_static(endpoint.as_bytes());
            services.register(Some(key), endpoint, None, handling).expect("the service is of this channel");
        }
    }
}
