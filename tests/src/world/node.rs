//! One end of a link: its driver, that moves bytes between the pipes and the machine.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use bytes::{Buf, Bytes, BytesMut};
use tchannel_proto::wire::{Frame, FrameType, Init, init_keys, put_init};
use tchannel_proto::{CallId, Incoming, Lost, Outgoing, Timestamp};

use super::World;
use super::serve::Serving;
use crate::laws::{Language, Lawful};
use crate::upload::Upload;

/// A machine with its driver's and its owner's state.
pub(super) struct Node {
    pub(super) machine: Lawful,
    /// What the machine has not taken.
    inbox: BytesMut,
    /// What the pipe has not taken.
    outbox: Option<Box<dyn Buf>>,
    /// Bytes to send as if the machine had, at the next frame boundary.
    pub(super) forged: VecDeque<Bytes>,
    language: Language,
    introduced: bool,
    /// When `Closed` came.
    pub(super) closed_at: Option<Timestamp>,
    /// The driver is done, the stream shut.
    pub(super) gone: bool,
    /// It was told to drain: no request is served from then on.
    pub(super) drains: bool,
    pub(super) shut_since: Option<(Timestamp, (u64, usize))>,
    pub(super) asked: BTreeMap<Outgoing, usize>,
    pub(super) serving: BTreeMap<Incoming, Serving>,
    pub(super) uploads: BTreeMap<CallId, Upload>,
}

/// How long a driver tries to write what is left after `Closed`.
const LINGER: Duration = Duration::from_secs(1);

impl Node {
    pub(super) fn new(machine: Lawful, language: Language) -> Self {
        Node {
            machine,
            inbox: BytesMut::new(),
            outbox: None,
            forged: VecDeque::new(),
            language,
            introduced: false,
            closed_at: None,
            gone: false,
            drains: false,
            shut_since: None,
            asked: BTreeMap::new(),
            serving: BTreeMap::new(),
            uploads: BTreeMap::new(),
        }
    }

    /// Bytes that come after everything is over.
    pub(super) fn offer_late(&mut self, now: Timestamp) {
        self.inbox.extend_from_slice(&[0; 40]);
        self.machine.input(now, &mut self.inbox);
    }

    fn is_open(&self) -> bool {
        self.machine.machine().wants_input() > 0
    }
}

impl World {
    /// One round of a node's driver; says whether anything happened.
    pub(super) fn turn(&mut self, node: usize) -> bool {
        if self.nodes[node].gone {
            return false;
        }
        let received = self.receive(node);
        let expired = self.expire(node);
        let told = self.deliver_events(node);
        let sent = self.transmit(node);
        let left = self.leave(node);
        received || expired || told || sent || left
    }

    /// Hands over what has arrived, as far as the machine wants it.
    fn receive(&mut self, node: usize) -> bool {
        let from = Self::peer(node);
        let mut busy = false;
        if self.nodes[node].is_open() && self.pipes[from].withheld > 0 {
            // The gate has opened: what was left comes before anything new.
            self.pipes[from].withheld = 0;
            self.offer(node);
            busy = true;
        }
        while self.nodes[node].is_open() {
            let limit = self.chunk();
            let mut taken = 0;
            while let Some(bytes) = self.pipes[from].pull(self.now, limit - taken) {
                taken += bytes.len();
                self.nodes[node].inbox.extend_from_slice(&bytes);
            }
            if taken == 0 {
                break;
            }
            self.offer(node);
            busy = true;
        }
        if self.nodes[node].machine.machine().is_closed() {
            // Read and thrown away, so that the peer's writes do not wait for nothing.
            self.nodes[node].inbox.clear();
            self.pipes[from].withheld = 0;
            while self.pipes[from].pull(self.now, usize::MAX).is_some() {
                busy = true;
            }
            return busy;
        }
        let entry = &mut self.nodes[node];
        self.pipes[from].withheld = if entry.is_open() { 0 } else { entry.inbox.len() };
        let at_end = self.pipes[from].is_at_end() && (entry.is_open() || self.pipes[from].is_broken());
        if at_end {
            let why = if self.pipes[from].is_broken() { Lost::Reset } else { Lost::Eof };
            self.trace.node(self.now, node, format_args!("loses the stream: {why}"));
            entry.machine.lost(self.now, why);
            return true;
        }
        busy
    }

    fn offer(&mut self, node: usize) {
        let entry = &mut self.nodes[node];
        entry.machine.input(self.now, &mut entry.inbox);
    }

    fn expire(&mut self, node: usize) -> bool {
        let machine = &mut self.nodes[node].machine;
        let Some(at) = machine.machine().poll_timeout() else { return false };
        if at > self.now {
            return false;
        }
        let cause = machine.machine().timeout_cause();
        self.trace.node(self.now, node, format_args!("time is up: {cause:?}"));
        machine.timeout(self.now);
        true
    }

    fn transmit(&mut self, node: usize) -> bool {
        let mut busy = false;
        loop {
            if self.nodes[node].outbox.is_none() {
                self.nodes[node].outbox = self.next_output(node);
            }
            let Some(outbox) = &mut self.nodes[node].outbox else { return busy };
            let taken = self.pipes[node].push(self.now, outbox.as_mut());
            if outbox.has_remaining() {
                return busy || taken > 0;
            }
            busy = true;
            self.nodes[node].outbox = None;
        }
    }

    fn next_output(&mut self, node: usize) -> Option<Box<dyn Buf>> {
        let entry = &mut self.nodes[node];
        if let Some(forged) = entry.forged.pop_front() {
            return Some(Box::new(forged));
        }
        let transmit = entry.machine.transmit(self.now)?;
        for note in entry.machine.take_notes() {
            self.trace.node(self.now, node, format_args!("sends {note}"));
        }
        if entry.introduced || entry.language == Language::Rust {
            return Some(Box::new(transmit));
        }
        entry.introduced = true;
        Some(Box::new(disguise(transmit, entry.language)))
    }

    /// Shuts the stream once the connection is over and its last bytes are out.
    fn leave(&mut self, node: usize) -> bool {
        let entry = &self.nodes[node];
        let Some(closed_at) = entry.closed_at else { return false };
        let over = entry.outbox.is_none() || self.now >= closed_at + LINGER;
        if over {
            self.trace.node(self.now, node, format_args!("shuts the stream"));
            self.nodes[node].gone = true;
            self.pipes[node].finish();
            // Nobody reads what still comes.
            self.pipes[Self::peer(node)].finish();
        }
        over
    }

    /// When something happens to a node if nothing else does.
    pub(super) fn next_of(&self, node: usize) -> Option<Timestamp> {
        let entry = &self.nodes[node];
        if entry.gone {
            return None;
        }
        let reads = entry.is_open() || entry.machine.machine().is_closed();
        let arrival = self.pipes[Self::peer(node)].next_arrival().filter(|_| reads);
        let linger = entry.closed_at.map(|at| at + LINGER);
        [arrival, linger, entry.machine.machine().poll_timeout()].into_iter().flatten().min()
    }
}

/// Rewrites the init frame that these bytes begin with, so that it names another language.
fn disguise(mut bytes: impl Buf, language: Language) -> Bytes {
    let mut stream = BytesMut::from(&bytes.copy_to_bytes(bytes.remaining())[..]);
    let whole = stream.clone().freeze();
    let Ok(Some(frame)) = Frame::take(&mut stream) else { return whole };
    let Some(kind @ (FrameType::InitReq | FrameType::InitRes)) = FrameType::from_byte(frame.kind) else {
        return whole;
    };
    let Ok(init) = Init::decode(&frame.body) else { return whole };
    let pairs: Vec<(&str, &str)> = init
        .headers
        .iter()
        .filter_map(|(key, value)| match key {
            init_keys::LANGUAGE => language.header().map(|header| (key, header)),
            _ => Some((key, value)),
        })
        .collect();
    let mut out = BytesMut::new();
    if put_init(&mut out, kind, frame.id, init.version, &pairs).is_err() {
        return whole;
    }
    out.extend_from_slice(&stream);
    out.freeze()
}
