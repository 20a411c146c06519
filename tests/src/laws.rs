//! The laws that every run has to keep, checked by a wrapper around the machine after each step.
//!
//! Numbers are those of the architecture page. [`Lawful`] looks after those that one connection can break by itself:
//! 2 (each call ends once, in time), 3 (timeouts), 4 (limits), 7 (codec), 8 (ids), 10 (nothing after `Closed`), 11 (nothing
//! sent that breaks the peer). [`World`](crate::world::World) adds 1 (chunking), 5 (gates reopen, quiet comes) and 6 (same
//! seed, same trace). A broken law is a panic that begins with `law N:`.

use std::collections::BTreeSet;
use std::sync::Arc;

use bytes::{Buf, Bytes, BytesMut};
use tchannel_proto::{Config, Connection, Event, Lost, Timestamp, Transmit};

macro_rules! law {
    ($number:literal, $holds:expr, $($what:tt)+) => {
        assert!($holds, "law {}: {}", $number, format_args!($($what)+))
    };
}
pub(crate) use law;

mod calls;
mod ends;
mod heard;
mod language;
mod sent;

use ends::Ends;
use heard::Heard;
use sent::Sent;

pub use language::Language;
pub use sent::{Note, check_codec};

/// How a wrapper calls its machine; none of it may change what the machine does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Habits {
    /// Each `handle_timeout` is called twice.
    pub twice: bool,
    /// Every call but the first of a moment is told a moment one second earlier.
    pub backwards: bool,
    /// It gives up memory whenever nothing goes on.
    pub rests: bool,
}

/// A connection whose every step is checked.
pub struct Lawful {
    machine: Connection,
    config: Arc<Config>,
    habits: Habits,
    clock: Timestamp,
    ends: Ends,
    heard: Heard,
    /// None: the bytes are not looked at, for runs that are about volume.
    sent: Option<Sent>,
}

impl Lawful {
    /// The side that opened the stream.
    pub fn connect(now: Timestamp, config: &Arc<Config>, host_port: &str, seed: u64) -> Self {
        let machine = Connection::connect(now, Arc::clone(config), host_port, seed);
        Self::around(machine, now, config, true)
    }

    /// The side that was connected to.
    pub fn accept(now: Timestamp, config: &Arc<Config>, host_port: &str, seed: u64) -> Self {
        let machine = Connection::accept(now, Arc::clone(config), host_port, seed);
        Self::around(machine, now, config, false)
    }

    fn around(machine: Connection, now: Timestamp, config: &Arc<Config>, dialer: bool) -> Self {
        Lawful {
            machine,
            config: Arc::clone(config),
            habits: Habits::default(),
            clock: now,
            ends: Ends::default(),
            heard: Heard::default(),
            sent: Some(Sent::new(dialer, config.frame_size)),
        }
    }

    /// Stops looking at the bytes: laws 7 and 11 go unchecked, volume gets cheap.
    pub fn ignore_bytes(&mut self) {
        self.sent = None;
    }

    /// Sets how the machine is called from here on.
    pub fn behave(&mut self, habits: Habits) {
        self.habits = habits;
    }

    /// The machine, to look at.
    pub fn machine(&self) -> &Connection {
        &self.machine
    }

    /// Its configuration.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The language that the peer named in the handshake.
    pub fn peer(&self) -> Option<Language> {
        self.heard.language()
    }

    /// Whether `Closed` was delivered.
    pub fn is_over(&self) -> bool {
        self.ends.is_over()
    }

    /// What was sent since this was last asked.
    pub fn take_notes(&mut self) -> Vec<Note> {
        self.sent.as_mut().map(Sent::take_notes).unwrap_or_default()
    }

    /// `handle_input`.
    pub fn input(&mut self, now: Timestamp, input: &mut BytesMut) {
        let given = self.stamp(now);
        let offered = input.len();
        if self.sent.is_some() {
            self.heard.offer(input);
        }
        self.machine.handle_input(given, input);
        law!(1, input.len() <= offered, "input grew from {offered} to {} bytes", input.len());
        if self.sent.is_some() {
            self.heard.take(offered - input.len());
        }
        self.check();
    }

    /// `handle_timeout`.
    pub fn timeout(&mut self, now: Timestamp) {
        let given = self.stamp(now);
        let early = self.machine.poll_timeout().is_none_or(|at| at > now);
        let before = self.snapshot();
        self.machine.handle_timeout(given);
        let after = self.snapshot();
        law!(3, !early || before == after, "an early handle_timeout changed {before:?} to {after:?}");
        if let Some(at) = after.timeout {
            let cause = self.machine.timeout_cause();
            law!(3, at > now, "after handle_timeout({now}) the next timeout is {at} ({cause:?})");
        }
        if self.habits.twice {
            let given = self.stamp(now);
            self.machine.handle_timeout(given);
            let again = self.snapshot();
            law!(3, after == again, "a second handle_timeout changed {after:?} to {again:?}");
        }
        self.check();
    }

    /// `handle_lost`.
    pub fn lost(&mut self, now: Timestamp, why: Lost) {
        let given = self.stamp(now);
        self.machine.handle_lost(given, why);
        self.check();
    }

    /// `poll_event` until there is none.
    pub fn events(&mut self) -> Vec<Event> {
        let (own, theirs) = self.machine.live();
        let bound = self.config.max_events.get() + 4 * (own + theirs) + 64;
        let mut events = Vec::new();
        let (mut readable, mut writable) = (BTreeSet::new(), BTreeSet::new());
        while let Some(event) = self.machine.poll_event() {
            self.ends.event(&event);
            if let Event::Readable(call) = event {
                law!(4, readable.insert(call), "two Readable pending for {call:?}");
            }
            if let Event::Writable(call) = event {
                law!(4, writable.insert(call), "two Writable pending for {call:?}");
            }
            events.push(event);
        }
        // An event of a call that is over by now is still counted here, hence the slack for calls that ended unseen.
        let ended =
            events.iter().filter(|event| matches!(event, Event::Failed { .. } | Event::Abandoned { .. }));
        let bound = bound + 4 * ended.count();
        law!(4, events.len() <= bound, "{} events waited, {bound} are bounds", events.len());
        self.check();
        events
    }

    /// `poll_transmit`.
    pub fn transmit(&mut self, now: Timestamp) -> Option<Transmit> {
        let given = self.stamp(now);
        let transmit = self.machine.poll_transmit(given);
        if let Some(transmit) = &transmit {
            let most = self.config.max_transmit.get() + usize::from(u16::MAX);
            let len = transmit.remaining();
            law!(4, len > 0, "an empty Transmit");
            law!(4, len <= most, "one Transmit of {len} bytes, the limit is {most}");
            law!(4, transmit.parts().all(|part| !part.is_empty()), "an empty part in a Transmit");
            let parts: usize = transmit.parts().map(Bytes::len).sum();
            law!(4, parts == len, "the parts of a Transmit are {parts} bytes, it says {len}");
            if let Some(sent) = &mut self.sent {
                sent.transmit(now, transmit, &mut self.heard, &self.ends);
            }
        }
        self.check();
        transmit
    }

    /// To be called when input, timeouts and events of `now` are all dealt with: what should have ended has.
    pub fn settled(&mut self, now: Timestamp) {
        if self.habits.rests {
            self.machine.rest();
        }
        self.ends.settled(now, self.machine.live());
        if self.ends.is_over() {
            law!(10, self.machine.live() == (0, 0), "calls live on after Closed: {:?}", self.machine.live());
            law!(10, self.machine.held() == 0, "{} bytes held after Closed", self.machine.held());
        }
    }

    /// To be called when all is sent and nothing more will come by itself.
    pub fn quiet(&self) {
        let unfinished = self.sent.as_ref().and_then(|sent| sent.unfinished(&self.ends));
        law!(
            11,
            unfinished.is_none() || self.machine.is_closed(),
            "request {unfinished:?} is answered, and not ended"
        );
    }

    fn check(&self) {
        let (held, most) = (self.machine.held(), self.config.max_held.get());
        law!(4, held <= most, "{held} bytes held, the limit is {most}");
        let (own, theirs) = self.machine.live();
        let most = self.config.max_outgoing_calls.get() as usize;
        law!(4, own <= most, "{own} outgoing calls live, the limit is {most}");
        let most = self.config.max_incoming_calls.get() as usize;
        law!(4, theirs <= most, "{theirs} incoming calls live, the limit is {most}");
        if self.ends.is_over() {
            law!(10, self.machine.is_closed(), "closed, but is_closed says no");
            let timeout = self.machine.poll_timeout();
            law!(10, timeout.is_none(), "a timeout at {timeout:?} after Closed");
        }
    }

    /// The moment to give to the machine for `now`.
    fn stamp(&mut self, now: Timestamp) -> Timestamp {
        if self.habits.backwards && self.clock >= now {
            return Timestamp::from_nanos(now.as_nanos().saturating_sub(1_000_000_000));
        }
        self.clock = self.clock.max(now);
        now
    }

    fn snapshot(&self) -> Snapshot {
        Snapshot {
            timeout: self.machine.poll_timeout(),
            wants_input: self.machine.wants_input(),
            held: self.machine.held(),
            live: self.machine.live(),
            closed: self.machine.is_closed(),
        }
    }
}

/// What can be seen of a machine without touching it.
#[derive(Debug, PartialEq, Eq)]
struct Snapshot {
    timeout: Option<Timestamp>,
    wants_input: usize,
    held: usize,
    live: (usize, usize),
    closed: bool,
}
