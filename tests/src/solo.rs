//! One connection, and a peer that is only bytes: for input that no machine would send.

use std::sync::Arc;
use std::time::Duration;

use bytes::{Buf, BytesMut};
use tchannel_proto::wire::{Frame, FrameType, Message, put_init};
use tchannel_proto::{Config, Event, Timestamp};

use crate::laws::Lawful;

/// A machine and the bytes to and from it.
pub struct Solo {
    /// The present.
    pub now: Timestamp,
    /// The machine, under all laws.
    pub machine: Lawful,
    inbox: BytesMut,
    outbox: BytesMut,
}

impl Solo {
    /// An accepting side that has heard nothing.
    pub fn accept(config: Config) -> Self {
        let now = Timestamp::from_millis(1_000);
        Self::around(Lawful::accept(now, &Arc::new(config), "10.0.0.1:4040", 3))
    }

    /// A dialling side that has heard nothing.
    pub fn connect(config: Config) -> Self {
        let now = Timestamp::from_millis(1_000);
        Self::around(Lawful::connect(now, &Arc::new(config), "0.0.0.0:0", 3))
    }

    /// An accepting side that has shaken hands with a peer that names this language.
    pub fn served(config: Config, language: &str) -> Self {
        let mut solo = Self::accept(config);
        solo.feed(&init(FrameType::InitReq, language));
        solo.events();
        solo.sent();
        solo
    }

    fn around(machine: Lawful) -> Self {
        let now = Timestamp::from_millis(1_000);
        Solo { now, machine, inbox: BytesMut::new(), outbox: BytesMut::new() }
    }

    /// Bytes from the peer. What the machine does not take now is offered again with the next ones.
    pub fn feed(&mut self, bytes: &[u8]) {
        self.inbox.extend_from_slice(bytes);
        self.machine.input(self.now, &mut self.inbox);
    }

    /// A message from the peer.
    pub fn say(&mut self, id: u32, message: &Message) {
        self.feed(&frame(id, message));
    }

    /// Events until there are none; offers left-over bytes again while that gives more.
    pub fn events(&mut self) -> Vec<Event> {
        let mut events = self.machine.events();
        while !self.inbox.is_empty() && self.machine.machine().wants_input() > 0 {
            let before = self.inbox.len();
            self.machine.input(self.now, &mut self.inbox);
            events.extend(self.machine.events());
            if self.inbox.len() == before {
                break;
            }
        }
        events
    }

    /// The frames that the machine has to send, read.
    pub fn sent(&mut self) -> Vec<(u32, Message)> {
        while let Some(mut transmit) = self.machine.transmit(self.now) {
            self.outbox.extend_from_slice(&transmit.copy_to_bytes(transmit.remaining()));
        }
        std::iter::from_fn(|| {
            let frame = Frame::take(&mut self.outbox).ok().flatten()?;
            Some((frame.id, Message::decode(&frame).ok().flatten()?))
        })
        .collect()
    }

    /// Lets time pass, timer by timer; gives the events.
    pub fn advance(&mut self, time: Duration) -> Vec<Event> {
        let until = self.now + time;
        let mut events = self.events();
        while let Some(next) = self.machine.machine().poll_timeout()
            && next <= until
        {
            self.now = self.now.max(next);
            self.machine.timeout(self.now);
            events.extend(self.events());
        }
        self.now = until;
        events
    }
}

/// A whole frame.
pub fn frame(id: u32, message: &Message) -> BytesMut {
    let mut out = BytesMut::new();
    let done = message.encode(id, &mut out);
    assert!(done.is_ok(), "{message:?} cannot be sent: {done:?}");
    out
}

/// The init frame of a peer that names this language; none for the empty one.
pub fn init(kind: FrameType, language: &str) -> BytesMut {
    let pairs = [("host_port", "10.0.0.2:5050"), ("process_name", "peer"), ("tchannel_language", language)];
    let pairs = if language.is_empty() { &pairs[..2] } else { &pairs[..] };
    let mut out = BytesMut::new();
    let done = put_init(&mut out, kind, 1, 2, pairs);
    assert!(done.is_ok(), "short headers fit a frame");
    out
}
