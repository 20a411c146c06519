//! The drivers: sockets are opened, read, written and closed as the channels ask.

use std::time::Duration;

use bytes::Buf;
use tchannel_mesh::{Action, ConnKey, HostPort};
use tchannel_proto::{Lost, Timestamp};

use super::{Task, World};
use crate::mesh::laws::{Attempt, Sent};
use crate::mesh::network::{End, Stream, StreamId, address, resolve};
use crate::mesh::scenario::Door;

/// How long a driver tries to write what is left once the channel is done with a connection.
const LINGER: Duration = Duration::from_secs(1);
/// How long an operating system tries to connect to nobody.
const CONNECT: Duration = Duration::from_secs(20);

impl World {
    pub(super) fn do_actions(&mut self, node: usize) -> bool {
        let mut busy = false;
        while let Some(action) =
            self.nodes[node].process.as_mut().and_then(|process| process.machine.action())
        {
            busy = true;
            match action {
                Action::Connect { key, address } => self.dial(node, key, address),
                Action::Resume { key } => self.resume(node, key),
                Action::Close { key } => self.close(node, key),
            }
        }
        busy
    }

    fn dial(&mut self, node: usize, key: ConnKey, to: HostPort) {
        self.trace.node(self.now, node, format_args!("dials {to} as {}", key.index()));
        self.nodes[node].dials += 1;
        let life = self.nodes[node].life;
        let peer = resolve(&to, self.nodes.len());
        self.on(node, |process| {
            process.dials.insert(key, to.clone());
            process.named.extend(peer.filter(|_| to.name().is_some()));
        });
        let latency = peer.map_or(Duration::ZERO, |peer| self.latency(peer));
        self.plan(self.now + latency, Task::Knock { node, life, key, to });
    }

    fn latency(&self, to: usize) -> Duration {
        self.nodes[to].setup.shape.latency
    }

    /// A dial arrives.
    pub(super) fn knock(&mut self, node: usize, life: u32, key: ConnKey, to: &HostPort) {
        let asked = |process: &crate::mesh::node::Process| process.dials.contains_key(&key);
        if !self.is_alive(node, life) || !self.nodes[node].process.as_ref().is_some_and(asked) {
            return;
        }
        let Some(peer) = resolve(to, self.nodes.len()) else {
            return self.turned_away(node, life, key, Lost::Unreachable);
        };
        let back = self.now + self.latency(peer);
        let (door, entry) = (self.nodes[peer].door, &self.nodes[peer]);
        let refuses =
            door == Door::Refuses || entry.process.as_ref().is_none_or(|it| it.machine.is_drained());
        if entry.dark || door == Door::Hangs {
            let task = Task::Turned { node, life, key, why: Lost::TimedOut };
            self.plan(self.now + CONNECT, task);
        } else if refuses {
            self.plan(back, Task::Turned { node, life, key, why: Lost::Refused });
        } else {
            self.let_in(node, life, key, peer);
        }
    }

    fn let_in(&mut self, node: usize, life: u32, key: ConnKey, peer: usize) {
        let (now, door) = (self.now, self.nodes[peer].door);
        let mut from = address(node);
        // Ports of dialled streams differ from each other and from those that are listened at.
        from.set_port(50_000 + u16::try_from(self.network.streams.len() % 10_000).unwrap_or(0));
        let to = address(peer);
        let theirs = match door {
            Door::Slams => None,
            Door::Silent => Some(None),
            Door::Open | Door::Refuses | Door::Hangs => {
                self.on(peer, |process| process.machine.accepted(now, from, to).ok()).flatten().map(Some)
            }
        };
        let Some(theirs) = theirs else {
            self.trace.node(now, peer, format_args!("turns node {node} away"));
            let back = now + self.latency(peer);
            return self.plan(back, Task::Turned { node, life, key, why: Lost::Reset });
        };
        let shape = self.nodes[peer].setup.shape;
        let ends = [End::new(node, life, Some(key)), End::new(peer, self.nodes[peer].life, theirs)];
        let stream = self.network.add(Stream::new(ends, shape));
        self.trace.node(now, peer, format_args!("accepts node {node} on stream {stream}"));
        if let Some(key) = theirs {
            self.on(peer, |process| process.sockets.insert(key, (stream, 1)));
        }
        self.plan(now + shape.latency, Task::Welcome { stream });
    }

    /// The dialler hears that it is connected.
    pub(super) fn welcome(&mut self, id: StreamId) {
        let now = self.now;
        let Some(stream) = self.network.get(id) else { return };
        let end = &stream.ends[0];
        let (node, life, key) = (end.node, end.life, end.key);
        let Some(key) = key.filter(|_| !end.shut) else { return };
        if !self.is_alive(node, life) {
            return;
        }
        let dialled = self.on(node, |process| process.dials.remove(&key)).flatten();
        if dialled.is_none() {
            return self.shut(id, 0);
        }
        self.trace.node(now, node, format_args!("is connected as {}", key.index()));
        self.on(node, |process| {
            process.sockets.insert(key, (id, 0));
            process.machine.connected(now, key);
        });
        // It may have ended on the way.
        self.arrive(id, 0);
    }

    pub(super) fn turned_away(&mut self, node: usize, life: u32, key: ConnKey, why: Lost) {
        let now = self.now;
        if !self.is_alive(node, life) {
            return;
        }
        self.on(node, |process| {
            if process.dials.remove(&key).is_some() {
                process.machine.lost(now, key, why);
            }
        });
    }

    fn resume(&mut self, node: usize, key: ConnKey) {
        let found = self.nodes[node].process.as_ref().and_then(|process| process.sockets.get(&key).copied());
        let Some((id, end)) = found else { return };
        if let Some(stream) = self.network.get(id) {
            stream.ends[end].refused = false;
            stream.pipes[1 - end].withheld = 0;
            if !stream.ends[end].inbox.is_empty() {
                self.offer(id, end);
            }
        }
        self.arrive(id, end);
    }

    /// The channel is done with a connection: what was given is written, then the stream is shut.
    fn close(&mut self, node: usize, key: ConnKey) {
        let now = self.now;
        let found = self
            .on(node, |process| {
                process.past.push(key);
                process.dials.remove(&key);
                process.sockets.remove(&key)
            })
            .flatten();
        let Some((id, end)) = found else { return };
        let Some(stream) = self.network.get(id) else { return };
        stream.ends[end].closing = Some(now);
        if stream.ends[end].outbox.is_none() {
            return self.shut(id, end);
        }
        self.plan(now + LINGER, Task::Linger { stream: id, end });
        self.write(id, end);
    }

    /// Nothing more goes in or out at one end.
    pub(super) fn shut(&mut self, id: StreamId, end: usize) {
        let Some(stream) = self.network.get(id) else { return };
        if stream.ends[end].shut {
            return;
        }
        let at = &mut stream.ends[end];
        (at.shut, at.outbox) = (true, None);
        at.inbox.clear();
        stream.pipes[end].finish();
        // Nobody reads what still comes.
        stream.pipes[1 - end].finish();
        stream.pipes[1 - end].withheld = 0;
        if stream.is_over() {
            self.network.streams.remove(&id);
            return;
        }
        self.arrive(id, end);
        self.expect(id, 1 - end);
    }

    /// Hands over what has arrived at an end, as far as the channel wants it.
    pub(super) fn arrive(&mut self, id: StreamId, to: usize) {
        let now = self.now;
        if let Some(stream) = self.network.get(id) {
            stream.ends[to].awaited = None;
        }
        loop {
            let limit = self.chunk();
            let Some(stream) = self.network.get(id) else { return };
            let end = &mut stream.ends[to];
            let Some(key) = end.key.filter(|_| !end.shut && end.closing.is_none()) else {
                // Read and thrown away, so that the peer's writes do not wait for nothing.
                while stream.pipes[1 - to].pull(now, usize::MAX).is_some() {}
                break;
            };
            let node = end.node;
            let open = self.nodes[node].process.as_ref().is_some_and(|process| {
                process.sockets.contains_key(&key) && process.machine.wants_input(key)
            });
            let Some(stream) = self.network.get(id) else { return };
            if !open {
                stream.ends[to].refused = true;
                break;
            }
            let mut taken = 0;
            while let Some(bytes) = stream.pipes[1 - to].pull(now, limit - taken) {
                taken += bytes.len();
                stream.ends[to].inbox.extend_from_slice(&bytes);
            }
            if taken == 0 {
                break;
            }
            self.offer(id, to);
        }
        self.end_if_over(id, to);
        self.write(id, 1 - to);
        self.expect(id, to);
    }

    fn offer(&mut self, id: StreamId, to: usize) {
        let now = self.now;
        let Some(stream) = self.network.get(id) else { return };
        let (node, mut inbox) = (stream.ends[to].node, std::mem::take(&mut stream.ends[to].inbox));
        let Some(key) = stream.ends[to].key else { return };
        let wants = self.on(node, |process| {
            process.machine.input(now, key, &mut inbox);
            process.machine.wants_input(key)
        });
        let Some(stream) = self.network.get(id) else { return };
        let refused = wants != Some(true);
        stream.ends[to].refused = refused;
        stream.pipes[1 - to].withheld = if refused { inbox.len() } else { 0 };
        stream.ends[to].inbox = inbox;
    }

    /// The channel hears that its stream has ended, once it has taken what came before.
    fn end_if_over(&mut self, id: StreamId, to: usize) {
        let now = self.now;
        let Some(stream) = self.network.get(id) else { return };
        let (pipe, end) = (&stream.pipes[1 - to], &mut stream.ends[to]);
        let over = pipe.is_broken() || (pipe.is_at_end() && !end.refused);
        if !over || end.lost || end.shut {
            return;
        }
        end.lost = true;
        let why = if pipe.is_broken() { Lost::Reset } else { Lost::Eof };
        let (node, key) = (end.node, end.key.filter(|_| end.closing.is_none()));
        if let Some(key) = key
            && self.nodes[node].process.as_ref().is_some_and(|process| process.sockets.contains_key(&key))
        {
            self.trace.node(now, node, format_args!("loses stream {id}: {why}"));
            self.on(node, |process| process.machine.lost(now, key, why));
        }
        self.shut(id, to);
    }

    /// Puts the next arrival on the agenda.
    pub(super) fn expect(&mut self, id: StreamId, to: usize) {
        let Some(stream) = self.network.get(id) else { return };
        let pipe = &stream.pipes[1 - to];
        let ended = (pipe.is_at_end() && !stream.ends[to].lost).then_some(Timestamp::ZERO);
        let Some(at) = pipe.next_arrival().or(ended).filter(|at| *at < Timestamp::MAX) else { return };
        let end = &mut stream.ends[to];
        let waits = end.refused && !pipe.is_broken();
        if !end.shut && !waits && end.awaited.is_none_or(|awaited| at < awaited) {
            end.awaited = Some(at);
            self.plan(at, Task::Arrive { stream: id, to });
        }
    }

    pub(super) fn write_ready(&mut self, node: usize) -> bool {
        let mut busy = false;
        while let Some(key) = self.nodes[node].process.as_mut().and_then(|process| process.machine.ready()) {
            busy = true;
            let sockets = self.nodes[node].process.as_ref().map(|process| &process.sockets);
            let Some((id, end)) = sockets.and_then(|sockets| sockets.get(&key).copied()) else { continue };
            // What is left of the bytes before goes first, when there is room.
            if self.network.get(id).is_some_and(|stream| stream.ends[end].outbox.is_none()) {
                self.write(id, end);
            }
        }
        busy
    }

    /// Moves bytes from the channel to the pipe until one of them has enough.
    pub(super) fn write(&mut self, id: StreamId, end: usize) {
        let (now, mut fresh) = (self.now, false);
        loop {
            let Some(stream) = self.network.get(id) else { return };
            let at = &mut stream.ends[end];
            let Some(key) = at.key.filter(|_| !at.shut) else { return };
            let (node, closing) = (at.node, at.closing.is_some());
            if stream.pipes[end].is_broken() {
                // Writers may notice before readers do.
                at.outbox = None;
                self.on(node, |process| process.machine.broken(now, key));
                return;
            }
            let Some(mut outbox) = at.outbox.take() else {
                if closing {
                    return self.shut(id, end);
                }
                let peer = stream.ends[1 - end].node;
                let open = |process: &&mut crate::mesh::node::Process| process.sockets.contains_key(&key);
                let process = self.nodes[node].process.as_mut().filter(open);
                let Some((transmit, frames)) = process.and_then(|process| process.machine.transmit(now, key))
                else {
                    return;
                };
                self.touched.insert(node);
                self.note(node, peer, &frames);
                if let Some(stream) = self.network.get(id) {
                    stream.ends[end].outbox = Some(transmit);
                }
                fresh = true;
                continue;
            };
            let taken = stream.pipes[end].push(now, &mut outbox);
            let left = outbox.has_remaining();
            at.outbox = left.then_some(outbox);
            if taken > 0 {
                self.expect(id, 1 - end);
            }
            if !closing && (taken > 0 || fresh) {
                self.on(node, |process| {
                    if taken > 0 {
                        process.machine.written(now, key);
                    }
                    if left {
                        process.machine.blocked(now, key);
                    }
                });
            }
            if left {
                return;
            }
        }
    }

    /// What leaves is looked at: attempts are made of it.
    fn note(&mut self, node: usize, peer: usize, frames: &[Sent]) {
        for frame in frames {
            self.trace.node(
                self.now,
                node,
                format_args!("sends {} {} to node {peer}, {} bytes", frame.kind, frame.id, frame.len),
            );
            if let Some((Some(number), ttl, tracing)) = frame.request {
                let ttl = Duration::from_millis(u64::from(ttl));
                self.attempted(node, number, Attempt { at: self.now, to: peer, ttl, tracing });
            }
        }
    }
}
