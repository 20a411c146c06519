//! Many connections in one virtual time: nodes, the pipes between them, and what their owners do.

use std::collections::BTreeMap;
use std::time::Duration;

use tchannel_proto::{CallId, Incoming, Timestamp};

use crate::laws::{self, Lawful};
use crate::link::Pipe;
use crate::model::{Call, Trouble};
use crate::scenario::{Limits, Wiring};
use crate::source::{Rng, Source};
use crate::trace::Trace;

mod ask;
mod events;
mod finish;
mod node;
mod serve;
mod steps;
mod upload;

use node::Node;

/// How a world runs. None of it may show in the trace: laws 1, 3 and 9's "no iteration order leaks" say so.
#[derive(Clone, Copy, Debug, Default)]
pub struct Manner {
    /// How arrived bytes are cut up for the machine.
    pub chunks: Chunks,
    /// How machines are called.
    pub habits: laws::Habits,
    /// Keys the machines' hash tables.
    pub seed: u64,
}

/// How the bytes that arrive at one moment are handed to a machine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Chunks {
    /// All at once.
    #[default]
    Whole,
    /// One by one, as long as that is affordable; then in drawn pieces.
    Single,
    /// In pieces drawn from this seed.
    Drawn(u64),
}

/// Something that an owner does later.
#[derive(Clone, Copy, Debug)]
enum Task {
    /// A handler is done with its work.
    Answer(usize, Incoming),
    /// A slow reader takes its next part.
    ReadPart(usize, CallId),
}

/// Everything that exists in a run. Nodes `2n` and `2n + 1` are the ends of one link.
pub struct World {
    now: Timestamp,
    nodes: Vec<Node>,
    /// Bytes from the node of the same number to its peer.
    pipes: Vec<Pipe>,
    troubles: Vec<Trouble>,
    calls: Vec<Call>,
    agenda: BTreeMap<(Timestamp, u64), Task>,
    tasks: u64,
    manner: Manner,
    chunks: Rng,
    singles: u32,
    /// When the last stall is over.
    stalled_until: Timestamp,
    trace: Trace,
}

/// Bytes that are handed over one by one.
const SINGLES: u32 = 20_000;

/// Turns at one moment, and moments in one run, past which it is clear that quiet never comes.
const TURNS: u32 = 100_000;
const MOMENTS: u32 = 1_000_000;

impl World {
    /// An empty world.
    pub fn new(manner: Manner, trace: Trace) -> Self {
        let seed = if let Chunks::Drawn(seed) = manner.chunks { seed } else { 0 };
        World {
            now: Timestamp::from_millis(1_000),
            nodes: Vec::new(),
            pipes: Vec::new(),
            troubles: Vec::new(),
            calls: Vec::new(),
            agenda: BTreeMap::new(),
            tasks: 0,
            manner,
            chunks: Rng::new(seed),
            singles: 0,
            stalled_until: Timestamp::ZERO,
            trace,
        }
    }

    /// The present.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// All calls so far.
    pub fn calls(&self) -> &[Call] {
        &self.calls
    }

    /// The machine of a node.
    pub fn machine(&self, node: usize) -> &Lawful {
        &self.nodes[node].machine
    }

    /// Adds two nodes and the link between them; the first dials.
    pub fn connect(&mut self, wiring: &Wiring) {
        let dialler = self.nodes.len();
        self.trace.world(self.now, format_args!("link {}: {wiring:?}", dialler / 2));
        for (end, limits) in wiring.limits.into_iter().enumerate() {
            let config = limits.config();
            let seed = self.manner.seed.wrapping_add(u64::try_from(dialler + end).unwrap_or(0));
            let mut machine = if end == 0 {
                Lawful::connect(self.now, &config, "0.0.0.0:0", seed)
            } else {
                Lawful::accept(self.now, &config, "10.0.0.1:4040", seed)
            };
            machine.behave(self.manner.habits);
            self.nodes.push(Node::new(machine, wiring.language[end]));
            self.pipes.push(Pipe::new(wiring.shape));
        }
        let slow = wiring.shape.latency >= Duration::from_millis(200)
            || wiring.shape.nanos_per_byte >= 1_000
            || wiring.shape.window < 4_096
            || (wiring.shape.window < 65_536 && wiring.shape.latency >= Duration::from_millis(20));
        self.troubles.push(Trouble {
            slow,
            tight: wiring.limits.contains(&Limits::Tight),
            watchful: wiring.limits.contains(&Limits::Watchful),
            ..Trouble::default()
        });
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
                Some(_) if self.only_pings() => return true,
                Some(next) if next > until => return false,
                Some(next) => self.now = self.now.max(next),
            }
        }
        panic!("law 5: time stands still, or nearly so, at {}", self.now);
    }

    /// Everything that can happen now, until nothing does.
    fn settle(&mut self) {
        let mut turns = 0;
        while (0..self.nodes.len()).fold(self.work(), |busy, node| self.turn(node) || busy) {
            turns += 1;
            assert!(turns < TURNS, "law 5: no quiet at {}", self.now);
        }
        for node in 0..self.nodes.len() {
            self.nodes[node].machine.settled(self.now);
            self.check_gate(node);
        }
    }

    /// Whether all that will ever happen is that idle connections are pinged.
    fn only_pings(&self) -> bool {
        let idle = |(node, entry): (usize, &Node)| {
            let machine = entry.machine.machine();
            let pinged =
                machine.is_active() && !machine.is_draining() && entry.machine.config().health.is_some();
            let timers = (pinged && machine.live() == (0, 0)) || machine.poll_timeout().is_none();
            let arrival = self.pipes[Self::peer(node)].next_arrival();
            entry.gone || (entry.closed_at.is_none() && timers && arrival.is_none())
        };
        self.agenda.is_empty() && self.nodes.iter().enumerate().all(idle)
    }

    /// Does what owners had planned for now.
    fn work(&mut self) -> bool {
        let mut busy = false;
        while let Some(entry) = self.agenda.first_entry()
            && entry.key().0 <= self.now
        {
            busy = true;
            match entry.remove() {
                Task::Answer(node, call) => self.answer(node, call),
                Task::ReadPart(node, call) => self.read_slowly(node, call),
            }
        }
        busy
    }

    fn plan(&mut self, after: Duration, task: Task) {
        self.tasks += 1;
        self.agenda.insert((self.now + after, self.tasks), task);
    }

    fn next_moment(&self) -> Option<Timestamp> {
        let tasks = self.agenda.first_key_value().map(|((at, _), _)| *at);
        (0..self.nodes.len()).filter_map(|node| self.next_of(node)).chain(tasks).min()
    }

    /// Law 5: a gate opens in time, unless somebody reads; then it may shut again at once.
    fn check_gate(&mut self, node: usize) {
        let (now, entry) = (self.now, &mut self.nodes[node]);
        let machine = entry.machine.machine();
        let shut = machine.wants_input() == 0 && !machine.is_closed();
        let progress = (machine.stats().frames_received, machine.held());
        match entry.shut_since {
            _ if !shut => entry.shut_since = None,
            Some((since, seen)) if seen == progress => {
                let most = entry.machine.config().stall_timeout;
                assert!(now.since(since) <= most, "law 5: a gate shut at {since} is not open at {now}");
            }
            Some(_) | None => entry.shut_since = Some((now, progress)),
        }
    }

    /// Length of the next piece for a machine.
    fn chunk(&mut self) -> usize {
        match self.manner.chunks {
            Chunks::Whole => usize::MAX,
            Chunks::Single if self.singles < SINGLES => {
                self.singles += 1;
                1
            }
            Chunks::Single | Chunks::Drawn(_) => match self.chunks.below(6) {
                0 => 1,
                1 => 1 + self.chunks.below(15),
                2 => 16 + self.chunks.below(3),
                3 => 1 + self.chunks.below(400),
                _ => 1 + self.chunks.below(70_000),
            },
        }
    }

    fn trouble(&mut self, node: usize) -> &mut Trouble {
        &mut self.troubles[node / 2]
    }

    /// The two ends of the link that `node` is an end of.
    fn peer(node: usize) -> usize {
        node ^ 1
    }
}
