//! Many nodes in one virtual time: their channels, the network between them, and what their owners do.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use tchannel_mesh::{Channel, ConnKey, HostPort, Inbound, Ticket};
use tchannel_proto::Timestamp;

use super::model::{Call, Trouble};
use super::network::{Network, StreamId};
use super::node::{Node, Process};
use super::scenario::{Scenario, Setup};
use crate::source::{Rng, Source};
use crate::trace::Trace;
use crate::world::{Chunks, Manner};

mod ask;
mod events;
mod finish;
mod lives;
mod serve;
mod sockets;
mod steps;
mod streams;

/// Something that happens later.
#[derive(Clone, Debug)]
enum Task {
    /// A dial reaches its node.
    Knock { node: usize, life: u32, key: ConnKey, to: HostPort },
    /// The answer to a dial is back.
    Welcome { stream: StreamId },
    /// The same, and it is no.
    Turned { node: usize, life: u32, key: ConnKey, why: tchannel_proto::Lost },
    /// Bytes, or an end, arrive at an end of a stream.
    Arrive { stream: StreamId, to: usize },
    /// A driver has tried to write for long enough.
    Linger { stream: StreamId, end: usize },
    /// A handler has done its work.
    Answer { node: usize, life: u32, call: Inbound },
    /// A late reader begins.
    Read { node: usize, life: u32, ticket: Ticket },
    /// An application has made up its mind.
    Decide { node: usize, life: u32, ticket: Ticket },
}

/// Everything that exists in a run.
pub struct World {
    now: Timestamp,
    nodes: Vec<Node>,
    network: Network,
    calls: Vec<Call>,
    trouble: Trouble,
    agenda: BTreeMap<(Timestamp, u64), Task>,
    tasks: u64,
    /// Nodes whose channels were called, and have not been polled since.
    touched: BTreeSet<usize>,
    /// Nodes that have not been looked at since.
    stirred: BTreeSet<usize>,
    manner: Manner,
    chunks: Rng,
    /// Decides in which order things are polled.
    order: Rng,
    seed: u64,
    trace: Trace,
}

/// Turns at one moment, and moments in one run, past which it is clear that quiet never comes.
const TURNS: u32 = 1_000_000;
const MOMENTS: u32 = 1_000_000;

impl World {
    /// The nodes of a scenario, with nothing done yet.
    pub fn new(scenario: &Scenario, manner: Manner, trace: Trace) -> Self {
        let seed = if let Chunks::Drawn(seed) = manner.chunks { seed } else { 0 };
        let mut world = World {
            now: Timestamp::from_millis(1_000),
            nodes: Vec::new(),
            network: Network::default(),
            calls: Vec::new(),
            trouble: Trouble::default(),
            agenda: BTreeMap::new(),
            tasks: 0,
            touched: BTreeSet::new(),
            stirred: BTreeSet::new(),
            manner,
            chunks: Rng::new(seed),
            order: Rng::new(seed ^ 1),
            seed: u64::from(scenario.seed),
            trace,
        };
        let plain = [Setup::default(); 3];
        let nodes = if scenario.nodes.is_empty() { &plain[..] } else { &scenario.nodes };
        world.populate(nodes);
        world
    }

    /// The present.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// All calls so far.
    pub fn calls(&self) -> &[Call] {
        &self.calls
    }

    /// The channel of a node that is up.
    pub fn channel(&self, node: usize) -> Option<&Channel> {
        self.nodes[node].process.as_ref().map(|process| process.machine.channel())
    }

    /// How often a node has dialled.
    pub fn dials(&self, node: usize) -> usize {
        self.nodes[node].dials
    }

    /// Requests that have reached the handlers of a node.
    pub fn handled(&self, node: usize) -> usize {
        let by = |call: &Call| call.handled.iter().filter(|handled| handled.node == node).count();
        self.calls.iter().map(by).sum()
    }

    /// Lets all that can happen happen until `time` has passed.
    pub fn advance(&mut self, time: Duration) {
        let until = self.now + time;
        self.run(until);
        self.now = until;
        self.settle();
    }

    /// Runs until nothing is left to happen, or `until`; says whether it got quiet.
    fn run(&mut self, until: Timestamp) -> bool {
        for _ in 0..MOMENTS {
            self.settle();
            match self.next_moment() {
                None => return true,
                Some(next) if next > until => return false,
                Some(next) => self.now = self.now.max(next),
            }
        }
        panic!("law 5: time stands still, or nearly so, at {}", self.now);
    }

    fn next_moment(&self) -> Option<Timestamp> {
        let timeouts = self.processes().filter_map(|process| process.machine.channel().poll_timeout());
        timeouts.chain(self.agenda.first_key_value().map(|((at, _), _)| *at)).min()
    }

    /// Everything that can happen now, until nothing does.
    fn settle(&mut self) {
        for _ in 0..TURNS {
            if let Some(node) = self.touched.pop_first() {
                self.attend(node);
            } else if let Some(task) = self.due_task() {
                self.perform(task);
            } else if let Some(node) = self.due_node() {
                self.trace.node(self.now, node, format_args!("time is up"));
                let now = self.now;
                self.on(node, |process| process.machine.timeout(now));
            } else {
                return self.check_settled();
            }
        }
        panic!("law 5: no quiet at {}", self.now);
    }

    fn check_settled(&mut self) {
        for (number, node) in self.nodes.iter_mut().enumerate() {
            let Some(process) = &mut node.process else { continue };
            process.machine.in_time(self.now);
            if self.stirred.remove(&number) {
                process.machine.settled();
            }
        }
    }

    /// Polls everything that a node's channel has, in any order, until there is nothing.
    fn attend(&mut self, node: usize) {
        self.stirred.insert(node);
        loop {
            let first = self.order.below(3);
            let mut busy = false;
            for what in 0..3 {
                busy |= match (first + what) % 3 {
                    0 => self.do_actions(node),
                    1 => self.hear_events(node),
                    _ => self.write_ready(node),
                };
            }
            if !busy {
                return;
            }
        }
    }

    fn due_task(&mut self) -> Option<Task> {
        let entry = self.agenda.first_entry().filter(|entry| entry.key().0 <= self.now)?;
        Some(entry.remove())
    }

    fn due_node(&self) -> Option<usize> {
        let due =
            |process: &Process| process.machine.channel().poll_timeout().is_some_and(|at| at <= self.now);
        self.nodes.iter().position(|node| node.process.as_ref().is_some_and(due))
    }

    fn perform(&mut self, task: Task) {
        match task {
            Task::Knock { node, life, key, to } => self.knock(node, life, key, &to),
            Task::Welcome { stream } => self.welcome(stream),
            Task::Turned { node, life, key, why } => self.turned_away(node, life, key, why),
            Task::Arrive { stream, to } => self.arrive(stream, to),
            Task::Linger { stream, end } => self.shut(stream, end),
            Task::Answer { node, life, call } if self.is_alive(node, life) => self.answer(node, call),
            Task::Read { node, life, ticket } if self.is_alive(node, life) => {
                self.read_response(node, ticket);
            }
            Task::Decide { node, life, ticket } if self.is_alive(node, life) => {
                self.decide(node, ticket, true);
            }
            Task::Answer { .. } | Task::Read { .. } | Task::Decide { .. } => {}
        }
    }

    fn plan(&mut self, at: Timestamp, task: Task) {
        self.tasks += 1;
        self.agenda.insert((at.max(self.now), self.tasks), task);
    }

    fn is_alive(&self, node: usize, life: u32) -> bool {
        self.nodes[node].life == life && self.nodes[node].process.is_some()
    }

    fn processes(&self) -> impl Iterator<Item = &Process> {
        self.nodes.iter().filter_map(|node| node.process.as_ref())
    }

    /// Whether a node's process takes orders: it runs, and its channel is not drained.
    fn is_up(&self, node: usize) -> bool {
        self.nodes[node].process.as_ref().is_some_and(|process| !process.machine.is_drained())
    }

    /// Calls a node's channel; nothing happens if the node is down.
    fn on<T>(&mut self, node: usize, act: impl FnOnce(&mut Process) -> T) -> Option<T> {
        let process = self.nodes[node].process.as_mut()?;
        self.touched.insert(node);
        Some(act(process))
    }

    /// Length of the next piece for a machine.
    fn chunk(&mut self) -> usize {
        match self.manner.chunks {
            Chunks::Whole => usize::MAX,
            Chunks::Single => 1,
            Chunks::Drawn(_) => match self.chunks.below(8) {
                0 => 1 + self.chunks.below(20),
                1 => 1 + self.chunks.below(400),
                2..=4 => 1 + self.chunks.below(70_000),
                _ => usize::MAX,
            },
        }
    }
}
