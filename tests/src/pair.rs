//! Two connections, a pipe and a clock: the smallest world, for tests by hand.

use std::sync::Arc;
use std::time::Duration;

use bytes::{Buf, BytesMut};
use tchannel_proto::{Config, Event, Lost, Timestamp};

use crate::laws::Lawful;

/// Two machines that speak to each other. `a` dialled.
pub struct Pair {
    /// The present.
    pub now: Timestamp,
    /// The side that dialled.
    pub a: Side,
    /// The side that was dialled.
    pub b: Side,
    /// Bytes that a socket takes at a time, in each direction.
    pub socket: usize,
}

/// One side of a [`Pair`].
pub struct Side {
    /// The machine, under all laws.
    pub machine: Lawful,
    /// What happened and was not taken yet.
    pub events: Vec<Event>,
    /// Bytes that have arrived here.
    pub received: u64,
    inbox: BytesMut,
    outbox: BytesMut,
    shut: bool,
}

impl Side {
    /// A machine with nothing around it yet.
    pub fn new(machine: Lawful) -> Self {
        Side {
            machine,
            events: Vec::new(),
            received: 0,
            inbox: BytesMut::new(),
            outbox: BytesMut::new(),
            shut: false,
        }
    }

    /// The events so far.
    pub fn take_events(&mut self) -> Vec<Event> {
        std::mem::take(&mut self.events)
    }

    /// Puts what the machine has to say into the socket, as far as `socket` bytes go.
    fn fill(&mut self, now: Timestamp, socket: usize) {
        while self.outbox.len() < socket
            && let Some(mut transmit) = self.machine.transmit(now)
        {
            while transmit.has_remaining() {
                let len = transmit.chunk().len();
                self.outbox.extend_from_slice(transmit.chunk());
                transmit.advance(len);
            }
        }
    }
}

impl Pair {
    /// A pair that has shaken hands.
    pub fn new(a: Config, b: Config) -> Self {
        let mut pair = Self::unfinished(a, b);
        pair.drive();
        pair.a.events.clear();
        pair.b.events.clear();
        pair
    }

    /// A pair that has not exchanged a byte.
    pub fn unfinished(a: Config, b: Config) -> Self {
        let now = Timestamp::from_millis(1_000);
        let (a, b) = (Arc::new(a), Arc::new(b));
        Pair {
            now,
            a: Side::new(Lawful::connect(now, &a, "0.0.0.0:0", 1)),
            b: Side::new(Lawful::accept(now, &b, "10.0.0.1:4040", 2)),
            socket: 1 << 20,
        }
    }

    /// Moves bytes and collects events until nothing moves.
    pub fn drive(&mut self) {
        while self.step() {}
        self.a.machine.settled(self.now);
        self.b.machine.settled(self.now);
    }

    /// One exchange: each side writes what its socket takes, and reads what is there. Says whether anything moved.
    pub fn step(&mut self) -> bool {
        let now = self.now;
        let there = carry(now, self.socket, &mut self.a, &mut self.b);
        let back = carry(now, self.socket, &mut self.b, &mut self.a);
        there || back
    }

    /// Lets time pass, timer by timer.
    pub fn advance(&mut self, time: Duration) {
        let until = self.now + time;
        self.drive();
        while let Some(next) = self.next_timeout()
            && next <= until
        {
            self.now = self.now.max(next);
            for side in [&mut self.a, &mut self.b] {
                if side.machine.machine().poll_timeout().is_some_and(|at| at <= self.now) {
                    side.machine.timeout(self.now);
                }
            }
            self.drive();
        }
        self.now = until;
    }

    /// Moves the clock and lets due timers act, but moves no bytes.
    pub fn advance_only(&mut self, time: Duration) {
        self.now = self.now + time;
        for side in [&mut self.a, &mut self.b] {
            if side.machine.machine().poll_timeout().is_some_and(|at| at <= self.now) {
                side.machine.timeout(self.now);
            }
        }
    }

    fn next_timeout(&self) -> Option<Timestamp> {
        let timeouts = [&self.a, &self.b].map(|side| side.machine.machine().poll_timeout());
        timeouts.into_iter().flatten().min()
    }
}

/// Moves up to one socket of bytes, and tells the receiver when no more can come.
fn carry(now: Timestamp, socket: usize, from: &mut Side, to: &mut Side) -> bool {
    from.fill(now, socket);
    let mut moved = false;
    if !from.outbox.is_empty() && to.machine.machine().wants_input() > 0 {
        let bytes = from.outbox.split_to(socket.min(from.outbox.len()));
        to.received += u64::try_from(bytes.len()).unwrap_or(0);
        to.inbox.extend_from_slice(&bytes);
        to.machine.input(now, &mut to.inbox);
        moved = true;
    } else if !to.inbox.is_empty() && to.machine.machine().wants_input() > 0 {
        let before = to.inbox.len();
        to.machine.input(now, &mut to.inbox);
        moved = to.inbox.len() < before;
    }
    if from.machine.is_over() && from.outbox.is_empty() && !to.shut {
        to.shut = true;
        if !to.machine.machine().is_closed() {
            to.machine.lost(now, Lost::Eof);
        }
        moved = true;
    }
    for side in [from, to] {
        let events = side.machine.events();
        moved |= !events.is_empty();
        side.events.extend(events);
    }
    moved
}
