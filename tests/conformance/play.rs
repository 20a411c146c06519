//! One connection under test, with its clock, the peer's bytes on their way to it, and all that came out of it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Buf, BytesMut};
use tchannel_proto::{Config, Connection, Event, Incoming, Outgoing, Timestamp};

use super::hex;
use super::never::Peer;
use super::seen;
use super::sent::{Sent, Tap};

/// When every case begins: not at the origin of time.
pub(crate) const START: Timestamp = Timestamp::from_millis(1_000_000);
/// What the side under test announces.
pub(crate) const HERE: &str = "10.0.0.1:4040";
/// Rounds in which a connection must have nothing more to say.
const QUIET_AFTER: usize = 100_000;

/// Which side is under test.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    /// The peer dialled us.
    Accept,
    /// We dialled the peer.
    Connect,
}

/// How the peer's bytes are cut on their way.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Chunking {
    /// Each block of a case in one read.
    Whole,
    /// One byte at a time.
    Bytes,
    /// At points that follow from the seed.
    Random(u64),
}

impl Chunking {
    pub(crate) const ALL: [Chunking; 4] =
        [Chunking::Whole, Chunking::Bytes, Chunking::Random(7), Chunking::Random(1_000_003)];

    fn next(&mut self, left: usize) -> usize {
        match self {
            Chunking::Whole => left,
            Chunking::Bytes => 1,
            Chunking::Random(state) => {
                // xorshift64
                *state ^= *state << 13;
                *state ^= *state >> 7;
                *state ^= *state << 17;
                let longest = if *state & 0x100 == 0 { 8 } else { 700 };
                left.min(1 + usize::try_from(*state >> 32).unwrap_or(0) % longest)
            }
        }
    }
}

/// A connection being driven.
pub(crate) struct Play {
    pub(crate) connection: Connection,
    pub(crate) now: Timestamp,
    /// Lines of events not yet compared.
    pub(crate) events: Vec<String>,
    /// Frames not yet compared.
    pub(crate) sent: Vec<Sent>,
    /// Everything that came out, in full: what must not depend on the chunking.
    pub(crate) transcript: Vec<String>,
    /// Handles by wire id, the latest last.
    pub(crate) outgoing: BTreeMap<u32, Vec<Outgoing>>,
    pub(crate) incoming: BTreeMap<u32, Vec<Incoming>>,
    /// While on, the peer reads nothing.
    pub(crate) hold_output: bool,
    /// While on, nobody asks for events.
    pub(crate) hold_events: bool,
    /// The longest `Transmit` so far, in bytes.
    pub(crate) longest_transmit: usize,
    pub(crate) tap: Tap,
    chunking: Chunking,
    input: BytesMut,
}

impl Play {
    pub(crate) fn new(
        side: Side,
        config: Config,
        language: Option<&'static str>,
        chunking: Chunking,
    ) -> Self {
        let config = Arc::new(config);
        let connection = match side {
            Side::Accept => Connection::accept(START, config, HERE, 1),
            Side::Connect => Connection::connect(START, config, HERE, 1),
        };
        let mut play = Play {
            connection,
            now: START,
            events: Vec::new(),
            sent: Vec::new(),
            transcript: Vec::new(),
            outgoing: BTreeMap::new(),
            incoming: BTreeMap::new(),
            hold_output: false,
            hold_events: false,
            longest_transmit: 0,
            tap: Tap::new(Peer { language, handshake_done: false }),
            chunking,
            input: BytesMut::new(),
        };
        play.settle();
        play
    }

    /// The peer's bytes arrive.
    pub(crate) fn feed(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let (now, later) = bytes.split_at(self.chunking.next(bytes.len()));
            self.input.extend_from_slice(now);
            self.connection.handle_input(self.now, &mut self.input);
            bytes = later;
        }
        self.settle();
    }

    /// Time passes; every timer runs when it is due.
    pub(crate) fn advance(&mut self, by: Duration) {
        let end = self.now + by;
        while let Some(at) = self.connection.poll_timeout()
            && at <= end
        {
            self.tick(at.max(self.now));
        }
        self.tick(end);
    }

    /// The timer runs once, at `now`.
    pub(crate) fn tick(&mut self, now: Timestamp) {
        self.now = now;
        for _ in 0..2 {
            self.connection.handle_timeout(now);
            let next = self.connection.poll_timeout();
            assert!(
                next.is_none_or(|next| next > now),
                "after handle_timeout({now}) the next timer is {next:?}"
            );
        }
        self.settle();
    }

    /// Takes what there is to take, and offers left-over input once the gate is open, until nothing moves.
    pub(crate) fn settle(&mut self) {
        let mut quiet = 0;
        for _ in 0..QUIET_AFTER {
            let before = (self.input.len(), self.transcript.len());
            self.take_events();
            self.take_output();
            if !self.input.is_empty() && self.connection.wants_input() > 0 {
                self.connection.handle_input(self.now, &mut self.input);
            }
            // Each poll may fill the other: only a second quiet round is the end.
            quiet = if before == (self.input.len(), self.transcript.len()) { quiet + 1 } else { 0 };
            if quiet == 2 {
                return;
            }
        }
        panic!("the connection never goes quiet");
    }

    fn take_events(&mut self) {
        while !self.hold_events
            && let Some(event) = self.connection.poll_event()
        {
            if let Event::Request { call, .. } = &event {
                self.incoming.entry(call.id()).or_default().push(*call);
            }
            self.tap.peer.handshake_done |= matches!(event, Event::Ready(_));
            self.transcript.push(format!("{event:?}"));
            self.events.push(seen::line(self.now, &event));
        }
    }

    fn take_output(&mut self) {
        while !self.hold_output && self.write_once() {}
    }

    /// The driver writes what one poll gives; false if that was nothing.
    pub(crate) fn write_once(&mut self) -> bool {
        let Some(mut transmit) = self.connection.poll_transmit(self.now) else { return false };
        self.longest_transmit = self.longest_transmit.max(transmit.remaining());
        while transmit.has_remaining() {
            let part = transmit.chunk();
            assert!(!part.is_empty(), "an empty part");
            self.tap.write(part);
            transmit.advance(part.len());
        }
        while let Some(sent) = self.tap.next() {
            self.transcript.push(hex::text(&sent.bytes));
            self.sent.push(sent);
        }
        true
    }

    /// Bytes that were offered and not taken.
    pub(crate) fn left_over(&self) -> usize {
        self.input.len()
    }
}
