//! Channels on one table: their sockets are queues, their clock is a number.

use alloc::boxed::Box;
use alloc::collections::{BTreeMap, VecDeque};
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::net::SocketAddr;

use bytes::{Buf, Bytes, BytesMut};
use tchannel_proto::wire::{ErrorCode, ResponseCode};
use tchannel_proto::{Args, CloseReason, Lost, Response, Timestamp};

use crate::{
    Action, Call, CallOptions, Channel, ChannelConfig, ConnKey, Direct, EndpointKey, Event, Failure,
    Handling, HostPort, Inbound, Layers, Party, Setting, Style, Ticket,
};

/// How a server takes its requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Manner {
    Echoes,
    Refuses(ErrorCode),
    NotOk,
    Hangs,
    /// Nobody listens at its address.
    Gone,
    /// Its address swallows what is sent there.
    Silent,
}

/// How a call ended.
#[derive(Debug)]
pub(super) struct End {
    pub(super) result: Result<(ResponseCode, Args), Box<Failure>>,
    pub(super) attempts: u32,
    pub(super) at: Timestamp,
}

pub(super) struct Node {
    pub(super) channel: Channel,
    pub(super) address: SocketAddr,
    pub(super) manner: Manner,
    pub(super) served: usize,
    /// ttl in milliseconds and tracing of each request.
    pub(super) seen: Vec<(u128, tchannel_proto::wire::Tracing)>,
    /// Who served each request.
    pub(super) endpoints: Vec<EndpointKey>,
    pub(super) held: Vec<Inbound>,
    pub(super) ends: BTreeMap<Ticket, End>,
    pub(super) asked: Vec<Ticket>,
    pub(super) dials: usize,
    pub(super) drained: bool,
    pub(super) closed: Vec<CloseReason>,
    /// What became of its peers, with their addresses.
    pub(super) peers: Vec<(&'static str, HostPort)>,
    /// Warnings of limits, and changes of circuits.
    pub(super) guarded: usize,
    pub(super) resumed: usize,
    /// Responses that are read in parts.
    pub(super) begun: Vec<Ticket>,
    /// What was left of those whose connection ended.
    pub(super) rests: Vec<(Ticket, Args)>,
    pub(super) readable: Vec<Party>,
    pub(super) writable: Vec<Party>,
}

/// Two ends of one stream, and what is on its way to each.
struct Wire {
    ends: [(usize, ConnKey); 2],
    to: [BytesMut; 2],
}

pub(super) struct Table {
    pub(super) now: Timestamp,
    seed: u64,
    pub(super) nodes: Vec<Node>,
    wires: Vec<Wire>,
    dialling: VecDeque<(usize, ConnKey, HostPort)>,
}

fn direct(to: usize) -> CallOptions {
    let direct = Setting::Is(Direct::Host(host_port(to)));
    CallOptions { service: Some("echo".into()), direct, ..CallOptions::new() }
}

pub(super) fn host_port(node: usize) -> HostPort {
    alloc::format!("10.0.0.{node}:4040").parse().expect("an address")
}

impl Table {
    /// Node 0 calls; the others serve `echo` in their manners, and are its peers.
    pub(super) fn new(manners: &[Manner], change: impl FnOnce(&mut ChannelConfig)) -> Self {
        let mut table = Table::seeded(7, change);
        for manner in manners {
            table.add_peer(ChannelConfig::new("echo"), *manner);
        }
        table
    }

    /// Node 0 alone. The channels' seeds count up from this one.
    pub(super) fn seeded(seed: u64, change: impl FnOnce(&mut ChannelConfig)) -> Self {
        let mut table = Table {
            now: Timestamp::from_millis(1),
            seed,
            nodes: Vec::new(),
            wires: Vec::new(),
            dialling: VecDeque::new(),
        };
        let mut config = ChannelConfig::new("caller");
        change(&mut config);
        table.add(config, Manner::Echoes);
        table
    }

    /// A node that node 0 calls.
    pub(super) fn add_peer(&mut self, config: ChannelConfig, manner: Manner) -> usize {
        let node = self.add(config, manner);
        self.nodes[0].channel.add_peer(self.now, None, &host_port(node));
        node
    }

    pub(super) fn add(&mut self, config: ChannelConfig, manner: Manner) -> usize {
        let node = self.nodes.len();
        let seed = u64::try_from(node).expect("few nodes") + self.seed;
        let mut channel = Channel::new(self.now, config, seed).expect("a good name");
        let services = channel.services_mut();
        let echo = services.create("echo").expect("a new service");
        services
            .register(Some(echo), Bytes::from_static(b"echo"), None, Handling::Whole)
            .expect("a new endpoint");
        services
            .register(Some(echo), Bytes::from_static(b"stream"), None, Handling::Streamed)
            .expect("a new endpoint");
        let address = host_port(node).address().expect("no name");
        if node > 0 {
            channel.handle_listening(self.now, address);
        }
        self.nodes.push(Node {
            channel,
            address,
            manner,
            served: 0,
            seen: Vec::new(),
            endpoints: Vec::new(),
            held: Vec::new(),
            ends: BTreeMap::new(),
            asked: Vec::new(),
            dials: 0,
            drained: false,
            closed: Vec::new(),
            peers: Vec::new(),
            guarded: 0,
            resumed: 0,
            begun: Vec::new(),
            rests: Vec::new(),
            readable: Vec::new(),
            writable: Vec::new(),
        });
        node
    }

    pub(super) fn call(&mut self, options: &CallOptions) -> Ticket {
        let args = Args::new("", "body");
        self.nodes[0].channel.call(self.now, "echo".into(), args, options).expect("a good call")
    }

    /// A call of any node's to another.
    pub(super) fn call_between(&mut self, from: usize, to: usize, body: usize) -> Ticket {
        let options = direct(to);
        let args = Args::new("", alloc::vec![7; body]);
        self.nodes[from].channel.call(self.now, "echo".into(), args, &options).expect("a good call")
    }

    /// A streamed call of any node's to another, with arg2 ended.
    pub(super) fn open_between(&mut self, from: usize, to: usize) -> Ticket {
        let channel = &mut self.nodes[from].channel;
        let layers = Layers {
            call: &CallOptions { streamed: Some(true), ..direct(to) },
            subchannel: None,
            channel: &CallOptions::new(),
            channel_name: "caller",
            style: Style::Python,
        };
        let plan = Arc::new(layers.plan().expect("a good plan"));
        let ticket = channel.start(self.now, Call::of(&plan, "stream".into())).expect("a good call");
        channel.finish_arg(self.now, ticket).expect("it is live");
        ticket
    }

    /// The names of a node's connections, oldest first.
    pub(super) fn connections(&self, node: usize) -> Vec<ConnKey> {
        let ends = self.wires.iter().flat_map(|wire| wire.ends);
        ends.filter(|(end, _)| *end == node).map(|(_, key)| key).collect()
    }

    pub(super) fn only_connection(&self, node: usize) -> ConnKey {
        self.connections(node)[0]
    }

    /// Brings the first frame of what a node has to say over a connection to the other end; the rest is on its way.
    pub(super) fn deliver_first_frame(&mut self, from: usize, key: ConnKey, to: usize) {
        self.send(from, key);
        let wire = self.wires.iter_mut().find(|wire| wire.ends.contains(&(from, key))).expect("it is open");
        let end = usize::from(wire.ends[1].0 == to);
        let frame = wire.to[end].get(..2).map(|size| usize::from(u16::from_be_bytes([size[0], size[1]])));
        let mut first = wire.to[end].split_to(frame.expect("it said something"));
        let key = wire.ends[end].1;
        self.nodes[to].channel.handle_input(self.now, key, &mut first);
    }

    /// Brings what one node has to say to another, which says nothing meanwhile.
    pub(super) fn deliver_before_sending(&mut self, from: usize, to: usize) {
        while let Some(key) = self.nodes[from].channel.poll_ready() {
            self.send(from, key);
        }
        self.carry(to);
    }

    /// Runs until nothing moves.
    pub(super) fn settle(&mut self) {
        while self.turn() {}
    }

    /// Runs until `until`, timers and all.
    pub(super) fn run(&mut self, until: Timestamp) {
        loop {
            self.settle();
            let next = self.nodes.iter().filter_map(|node| node.channel.poll_timeout()).min();
            match next.filter(|at| *at <= until) {
                None => break,
                Some(at) => self.now = self.now.max(at),
            }
            for node in &mut self.nodes {
                node.channel.handle_timeout(self.now);
                assert!(node.channel.poll_timeout().is_none_or(|at| at > self.now), "law 3");
            }
        }
        self.now = until;
    }

    pub(super) fn turn(&mut self) -> bool {
        self.turn_without_events(usize::MAX)
    }

    /// One turn in which one node's owner does not ask for events.
    pub(super) fn turn_without_events(&mut self, deaf: usize) -> bool {
        let mut moved = false;
        for node in 0..self.nodes.len() {
            while let Some(action) = self.nodes[node].channel.poll_action() {
                moved = true;
                self.act(node, action);
            }
            while node != deaf
                && let Some(event) = self.nodes[node].channel.poll_event()
            {
                moved = true;
                self.happened(node, event);
            }
            while let Some(key) = self.nodes[node].channel.poll_ready() {
                moved |= self.send(node, key);
            }
        }
        while let Some((from, key, to)) = self.dialling.pop_front() {
            moved = true;
            self.connect(from, key, &to);
        }
        for node in 0..self.nodes.len() {
            moved |= self.carry(node);
        }
        moved
    }

    /// Hands in what is on its way to a node.
    fn carry(&mut self, node: usize) -> bool {
        let mut moved = false;
        for wire in &mut self.wires {
            for (end, key) in wire.ends.into_iter().enumerate().filter(|(_, (at, _))| *at == node) {
                let (input, channel) = (&mut wire.to[end], &mut self.nodes[node].channel);
                if !input.is_empty() && channel.wants_input(key.1) > 0 {
                    moved = true;
                    channel.handle_input(self.now, key.1, input);
                }
            }
        }
        moved
    }

    fn act(&mut self, node: usize, action: Action) {
        match action {
            Action::Connect { key, address } => {
                self.nodes[node].dials += 1;
                self.dialling.push_back((node, key, address));
            }
            Action::Resume { .. } => self.nodes[node].resumed += 1,
            Action::Close { key } => {
                if let Some(at) = self.wires.iter().position(|wire| wire.ends.contains(&(node, key))) {
                    let wire = self.wires.remove(at);
                    for (end, (other, their_key)) in wire.ends.into_iter().enumerate() {
                        if (other, their_key) != (node, key) {
                            let mut rest = wire.to[end].clone();
                            let channel = &mut self.nodes[other].channel;
                            channel.handle_input(self.now, their_key, &mut rest);
                            channel.handle_lost(self.now, their_key, Lost::Eof);
                        }
                    }
                }
            }
        }
    }

    fn connect(&mut self, from: usize, key: ConnKey, to: &HostPort) {
        let target = self.nodes.iter().position(|node| Some(node.address) == to.address());
        if target.is_some_and(|target| self.nodes[target].manner == Manner::Silent) {
            return;
        }
        let target = target.filter(|target| self.nodes[*target].manner != Manner::Gone);
        let Some(target) = target else {
            return self.nodes[from].channel.handle_lost(self.now, key, Lost::Refused);
        };
        let (theirs, ours) = (self.nodes[from].address, self.nodes[target].address);
        match self.nodes[target].channel.handle_accepted(self.now, theirs, ours) {
            Ok(accepted) => {
                self.wires.push(Wire {
                    ends: [(from, key), (target, accepted)],
                    to: [BytesMut::new(), BytesMut::new()],
                });
                self.nodes[from].channel.handle_connected(self.now, key);
            }
            Err(_) => self.nodes[from].channel.handle_lost(self.now, key, Lost::Reset),
        }
    }

    fn send(&mut self, node: usize, key: ConnKey) -> bool {
        let mut moved = false;
        while let Some(mut transmit) = self.nodes[node].channel.poll_transmit(self.now, key) {
            moved = true;
            let wire = self.wires.iter_mut().find(|wire| wire.ends.contains(&(node, key)));
            let Some(wire) = wire else { continue };
            let other = usize::from(wire.ends[0] == (node, key));
            while transmit.has_remaining() {
                let len = transmit.chunk().len();
                wire.to[other].extend_from_slice(transmit.chunk());
                transmit.advance(len);
            }
        }
        moved
    }

    fn happened(&mut self, at: usize, event: Event) {
        let (now, node) = (self.now, &mut self.nodes[at]);
        match event {
            Event::Request { call: to, endpoint, head, args, .. } => {
                node.served += 1;
                node.endpoints.push(endpoint);
                node.seen.push((head.deadline.since(now).as_millis(), head.tracing));
                let Some(args) = args else {
                    node.held.push(to);
                    return;
                };
                let answer = |code| Response { code, args };
                let said = match node.manner {
                    Manner::Echoes => node.channel.respond(now, to, answer(ResponseCode::OK)),
                    Manner::NotOk => node.channel.respond(now, to, answer(ResponseCode::NOT_OK)),
                    Manner::Refuses(code) => node.channel.reject(now, to, code, "as asked"),
                    Manner::Hangs | Manner::Gone | Manner::Silent => {
                        node.held.push(to);
                        Ok(())
                    }
                };
                assert_eq!(said, Ok(()));
            }
            Event::Response { ticket, head, args, attempts, .. } => {
                let Some(args) = args else {
                    node.begun.push(ticket);
                    return;
                };
                let end = End { result: Ok((head.code, args)), attempts, at: now };
                assert!(node.ends.insert(ticket, end).is_none(), "law 2: {ticket:?} ended twice");
            }
            Event::Rest { ticket, args } => node.rests.push((ticket, args)),
            Event::Failed { ticket, failure } => {
                let end = End { result: Err(failure), attempts: 0, at: now };
                assert!(node.ends.insert(ticket, end).is_none(), "law 2: {ticket:?} ended twice");
            }
            Event::Ask { ticket, .. } => node.asked.push(ticket),
            Event::Drained => node.drained = true,
            Event::PeerAdded(peer) => node.peers.push(("added", peer)),
            Event::PeerRemoved(peer) => node.peers.push(("removed", peer)),
            Event::NearLimit(_) | Event::Circuit(_) => node.guarded += 1,
            Event::PeerUp(peer) => node.peers.push(("up", peer)),
            Event::PeerDown(peer) => node.peers.push(("down", peer)),
            Event::Abandoned { .. } | Event::Ready { .. } | Event::Draining { .. } => {}
            Event::Closed { reason, .. } => node.closed.push(reason),
            Event::Readable(party) => node.readable.push(party),
            Event::Writable(party) => node.writable.push(party),
        }
    }
}
