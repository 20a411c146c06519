//! The machine and its public face. What each input does is decided in the files below.

mod control;
mod drain;
mod ending;
mod events;
mod foreign;
mod handshake;
mod health;
mod patience;
mod receive;
mod requests;
mod responses;
mod schedule;
mod stats;
mod streams;
mod timers;
mod whole;

use alloc::collections::VecDeque;
use alloc::string::String;
use alloc::sync::Arc;
use core::time::Duration;

use bytes::{Bytes, BytesMut};
use tchannel_wire::{ErrorCode, ResponseCode};

use crate::body::Keep;
use crate::calls::gate::Gate;
use crate::calls::{CallId, Calls, Incoming, Key, Outgoing};
use crate::config::Config;
use crate::error::{Gone, Lost, OpenError, WriteError};
use crate::event::{Event, Read, Request, RequestHead, Response};
use crate::remote::{Profile, Remote};
use crate::time::Timestamp;
use crate::transmit::{Builder, Transmit};

use control::Control;
use drain::Drain;
use handshake::Handshake;
use health::HealthState;
use patience::Patience;
pub use stats::Stats;
pub use timers::TimeoutCause;
use timers::Timers;

/// Where the connection is in its life. Draining is a matter of [`Drain`], beside `Active`.
#[derive(Debug)]
enum State {
    Handshake(Handshake),
    Active,
    Closed,
}

/// Whether bytes wait for a writer that takes none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Waiting {
    No,
    /// They came with a call that takes no time: from the next moment on.
    FromNextStep,
    Since(Timestamp),
}

/// One TChannel connection, either side of it, without I/O. The crate's first page has the contract.
#[derive(Debug)]
pub struct Connection {
    config: Arc<Config>,
    /// The latest moment seen.
    now: Timestamp,
    state: State,
    host_port: String,
    remote: Option<Arc<Remote>>,
    profile: Profile,
    calls: Calls,
    epoch: u32,
    ready: VecDeque<Key>,
    /// Streams refused for the connection's limit of unsent bytes.
    blocked: VecDeque<Key>,
    control: Control,
    events: VecDeque<events::Undelivered>,
    timers: Timers,
    gate: Gate,
    patience: Patience,
    health: HealthState,
    drain: Drain,
    /// When the first of our calls timed out with nothing read since.
    first_timeout: Option<Timestamp>,
    unsent: usize,
    /// [`Config::max_held`] and [`Config::max_unsent`], or what `limit_bytes` left of them.
    most_held: usize,
    most_unsent: usize,
    waiting: Waiting,
    /// The driver could not write all of the last `Transmit`.
    outstanding: bool,
    builder: Builder,
    keep: Keep,
    schemes: requests::Schemes,
    /// Bytes that the frame being received still lacks.
    lacking: usize,
    stats: Stats,
}

impl Connection {
    /// The dialling side of a fresh byte stream: queues the init req.
    ///
    /// `host_port` is where this process listens, `0.0.0.0:0` if it does not. `seed` keys a hash table.
    pub fn connect(now: Timestamp, config: Arc<Config>, host_port: &str, seed: u64) -> Self {
        let mut connection = Self::new(now, config, host_port, seed, Handshake::Opening, 2);
        connection.queue_init_req();
        connection
    }

    /// The accepting side of a fresh byte stream: waits for the init req.
    ///
    /// `host_port` is the address that the peer reached, never `0.0.0.0:0`: node refuses that. `seed` keys a hash
    /// table against ids chosen to collide; it should be hard to guess.
    pub fn accept(now: Timestamp, config: Arc<Config>, host_port: &str, seed: u64) -> Self {
        Self::new(now, config, host_port, seed, Handshake::Waiting, 1)
    }

    fn new(
        now: Timestamp,
        config: Arc<Config>,
        host_port: &str,
        seed: u64,
        handshake: Handshake,
        first_id: u32,
    ) -> Self {
        Connection {
            now,
            state: State::Handshake(handshake),
            host_port: host_port.into(),
            remote: None,
            profile: Profile::Unnamed,
            calls: Calls::new(first_id, seed),
            epoch: 0,
            ready: VecDeque::new(),
            blocked: VecDeque::new(),
            control: Control::default(),
            events: VecDeque::new(),
            timers: Timers::new(now + config.handshake_timeout),
            gate: Gate::default(),
            patience: Patience::new(now, &config),
            health: HealthState::default(),
            drain: Drain::default(),
            first_timeout: None,
            unsent: 0,
            most_held: config.max_held.get(),
            most_unsent: config.max_unsent.get(),
            waiting: Waiting::No,
            outstanding: false,
            builder: Builder::default(),
            keep: Keep::new(config.pin_threshold),
            schemes: requests::Schemes::default(),
            lacking: tchannel_wire::FRAME_HEADER,
            stats: Stats::default(),
            config,
        }
    }

    /// Takes whole frames off the front of `input` and acts on them.
    ///
    /// Leaves a frame that is not all there, and everything while [`wants_input`](Self::wants_input) is 0. Once the
    /// connection is closed it empties `input`. May change the answer of every poll.
    pub fn handle_input(&mut self, now: Timestamp, input: &mut BytesMut) {
        self.step(now);
        self.take_frames(input);
    }

    /// Acts on every deadline up to `now`. Early and repeated calls do nothing.
    ///
    /// Afterwards [`poll_timeout`](Self::poll_timeout) is none or later than `now`. May change the answer of every
    /// poll.
    pub fn handle_timeout(&mut self, now: Timestamp) {
        self.step(now);
        self.expire();
    }

    /// Ends the connection because its byte stream ended: every call of ours fails with `Network`, every call of the
    /// peer's is abandoned.
    pub fn handle_lost(&mut self, now: Timestamp, why: Lost) {
        self.step(now);
        self.lose(why);
    }

    /// The next thing that the owner has to know. Its answer may change after any `&mut` call except the other polls;
    /// `poll_transmit` may add `Writable`, `Failed` and `Closed`.
    pub fn poll_event(&mut self) -> Option<Event> {
        self.take_event()
    }

    /// The next bytes to write, built now. Its answer may change after any `&mut` call except `poll_event`; write what
    /// it gives before asking again, or at least in that order.
    pub fn poll_transmit(&mut self, now: Timestamp) -> Option<Transmit> {
        self.step(now);
        self.build_transmit()
    }

    /// Says that the transport took bytes of a `Transmit`. Without it [`Config::write_stall_timeout`] is the longest
    /// time that one `Transmit` may take; with it, the longest pause in writing.
    pub fn handle_written(&mut self, now: Timestamp) {
        self.step(now);
        if let Waiting::Since(_) = self.waiting {
            self.waiting = Waiting::Since(self.now);
        }
    }

    /// Says that the transport takes nothing more for now, with bytes of the last `Transmit` left. From here until the
    /// next `poll_transmit` the peer has [`Config::write_stall_timeout`] for the next [`handle_written`], also if
    /// nothing else waits.
    ///
    /// [`handle_written`]: Self::handle_written
    pub fn handle_blocked(&mut self, now: Timestamp) {
        self.step(now);
        if !self.is_closed() {
            self.outstanding = true;
            self.note_waiting();
        }
    }

    /// When to call [`handle_timeout`](Self::handle_timeout), exactly; may lie in the past. Its answer may change after
    /// any `&mut` call.
    pub fn poll_timeout(&self) -> Option<Timestamp> {
        self.next_timeout().map(|(at, _)| at)
    }

    /// What [`poll_timeout`](Self::poll_timeout) waits for; for traces.
    pub fn timeout_cause(&self) -> Option<TimeoutCause> {
        self.next_timeout().map(|(_, cause)| cause)
    }

    /// 0: read nothing, keep what was left. Otherwise the least number of bytes that completes the next frame, as far
    /// as is known. Its answer may change after `handle_input`, `handle_timeout`, `poll_event`, `read`, `collect` and
    /// whatever ends calls.
    pub fn wants_input(&self) -> usize {
        if self.is_closed() || self.gate.is_shut() { 0 } else { self.lacking }
    }

    /// Starts a whole call. It ends with one `Response` that has its args, or one `Failed`.
    ///
    /// Before the handshake is done the call waits, and its deadline runs. Errors leave the state as it was.
    pub fn call(&mut self, now: Timestamp, request: Request) -> Result<Outgoing, OpenError> {
        self.step(now);
        self.start_whole(request)
    }

    /// Answers a call whole, with the request's `as` header, tracing and checksum kind.
    ///
    /// An answer over [`Config::max_message`] or [`Config::max_unsent`] is dropped, and an error frame that says so goes
    /// out in its place. `Gone`: answered or abandoned before; nothing was done.
    pub fn respond(&mut self, now: Timestamp, call: Incoming, response: Response) -> Result<(), Gone> {
        self.step(now);
        self.answer_whole(call, response)
    }

    /// Answers a call with an error frame, also when a streamed reply has begun. The text is cut to what fits a frame.
    ///
    /// `Gone`: answered or abandoned before; nothing was done.
    pub fn reject(
        &mut self,
        now: Timestamp,
        call: Incoming,
        code: ErrorCode,
        message: &str,
    ) -> Result<(), Gone> {
        self.step(now);
        self.answer_error(call, code, message)
    }

    /// Gives up a call of ours: it fails with `Cancelled` at once, and the peer is told if it can take that. Does
    /// nothing if the call is over.
    pub fn cancel(&mut self, now: Timestamp, call: Outgoing, why: &str) {
        self.step(now);
        self.give_up(call, why);
        self.close_if_drained();
    }

    /// Starts a call whose arguments are written in parts and whose response may be read in parts.
    ///
    /// Its deadline guards the first frame of the response only. Errors leave the state as it was.
    pub fn open(&mut self, now: Timestamp, head: RequestHead) -> Result<Outgoing, OpenError> {
        self.step(now);
        self.start_streamed(head)
    }

    /// Begins a streamed answer; its first frame leaves at once, which stops the caller's clock.
    ///
    /// `Gone`: answered or abandoned before; nothing was done.
    pub fn reply(&mut self, now: Timestamp, call: Incoming, code: ResponseCode) -> Result<(), Gone> {
        self.step(now);
        self.start_reply(call, code)
    }

    /// Writes to the current argument of a streamed message: arg2 until [`finish_arg`](Self::finish_arg), then arg3.
    /// The bytes leave at the next turn; nothing is held back for more.
    ///
    /// `Blocked` gives the bytes back, and a `Writable` event will come. Errors leave the state as it was.
    pub fn write(&mut self, call: impl Into<CallId>, bytes: Bytes) -> Result<(), WriteError> {
        self.write_part(call.into(), bytes)
    }

    /// Makes all that was written so far leave in frames that carry nothing written later.
    pub fn flush(&mut self, call: impl Into<CallId>) -> Result<(), Gone> {
        self.flush_parts(call.into())
    }

    /// Ends the current argument; ending arg3 ends the message.
    pub fn finish_arg(&mut self, call: impl Into<CallId>) -> Result<(), Gone> {
        self.finish_part(call.into())
    }

    /// The next part of a message that did not come whole.
    ///
    /// After `Blocked` a `Readable` event will come, or one that ends the call. `Done` ends a call of ours. `Gone`: the
    /// call is over, or its arguments come whole.
    pub fn read(&mut self, now: Timestamp, call: impl Into<CallId>) -> Result<Read, Gone> {
        self.step(now);
        self.read_part(call.into())
    }

    /// Asks for the rest of a message in one `Whole` event, instead of reading it in parts. It may grow to
    /// [`Config::max_message`]; past that the call fails.
    pub fn collect(&mut self, call: impl Into<CallId>) -> Result<(), Gone> {
        self.untimed(|connection| connection.collect_parts(call.into()))
    }

    /// Takes no new calls, tells the peer so, lets old calls finish, then closes; at `deadline` it cuts what is left.
    ///
    /// A second drain can only bring the deadline forward.
    pub fn drain(&mut self, now: Timestamp, reason: &str, deadline: Timestamp) {
        self.step(now);
        self.start_drain(reason, deadline);
        self.close_if_drained();
    }

    /// Closes at once: calls fail with `Network`, and nothing more is sent.
    pub fn close(&mut self, now: Timestamp) {
        self.step(now);
        self.close_locally();
    }

    /// Lowers [`Config::max_held`] and [`Config::max_unsent`] to this many bytes, or lifts them again; never above the
    /// configuration. For an owner of many connections with one limit for all. What is there already stays.
    pub fn limit_bytes(&mut self, held: usize, unsent: usize) {
        self.most_held = held.min(self.config.max_held.get());
        self.most_unsent = unsent.min(self.config.max_unsent.get());
    }

    /// The peer, once the handshake is done.
    pub fn remote(&self) -> Option<&Arc<Remote>> {
        self.remote.as_ref()
    }

    /// Whether the connection is over. Its last event may still be waiting in `poll_event`.
    pub fn is_closed(&self) -> bool {
        matches!(self.state, State::Closed)
    }

    /// Whether the handshake is done and the connection not over.
    pub fn is_active(&self) -> bool {
        matches!(self.state, State::Active)
    }

    /// Whether this side or the peer takes no new calls.
    pub fn is_draining(&self) -> bool {
        self.drain.is_draining()
    }

    /// Whether `poll_transmit` may have something to give.
    pub fn has_output(&self) -> bool {
        self.output_waits()
    }

    /// Argument bytes received and not handed over yet, with 64 bytes of bookkeeping for each part.
    pub fn held(&self) -> usize {
        self.gate.held()
    }

    /// Argument bytes accepted for sending and not sent yet.
    pub fn unsent(&self) -> usize {
        self.unsent
    }

    /// Entries in use: calls of ours, and calls of the peer's.
    pub fn live(&self) -> (usize, usize) {
        (self.calls.ours.len(), self.calls.theirs.len())
    }

    /// Reserved ids of calls that are over: ours, and the peer's.
    pub fn tombstones(&self) -> (usize, usize) {
        (self.calls.ours.tombstones(), self.calls.theirs.tombstones())
    }

    /// Time left until the deadline of a call of the peer's; `None` if the call is over.
    pub fn remaining(&self, now: Timestamp, call: Incoming) -> Option<Duration> {
        let key = self.calls.find(call.into())?;
        Some(self.calls.get(key)?.deadline.since(now.max(self.now)))
    }

    /// Gives up memory that is kept for the next calls: for a connection that nobody has used for a while. Does nothing
    /// while calls are in flight or something waits. No poll's answer changes; of later calls that end at one moment, another
    /// one may be told first.
    pub fn rest(&mut self) {
        let waits = !self.events.is_empty() || !self.control.is_empty() || self.outstanding;
        if self.live() != (0, 0) || waits {
            return;
        }
        self.calls.rest();
        self.timers.rest();
        (self.ready, self.blocked, self.events) = (VecDeque::new(), VecDeque::new(), VecDeque::new());
        self.builder = Builder::default();
        self.keep.release();
    }

    /// What was counted so far.
    pub fn stats(&self) -> &Stats {
        &self.stats
    }

    /// Every entry point begins here: time never runs backwards.
    fn step(&mut self, now: Timestamp) {
        self.now = self.now.max(now);
        if self.waiting == Waiting::FromNextStep {
            self.waiting = Waiting::Since(self.now);
        }
    }

    fn next_epoch(&mut self) -> u32 {
        self.epoch = self.epoch.wrapping_add(1);
        self.epoch
    }

    /// Gives a call its place in the round robin, if it has something to send.
    fn enqueue(&mut self, key: Key) {
        let call = self.calls.entry(key);
        if !call.outbox.queued && call.outbox.has_work() {
            call.outbox.queued = true;
            self.ready.push_back(key);
            self.note_waiting();
            if self.ready.len() > READY {
                self.compact_ready();
            }
        }
    }

    /// Does what a call that takes no time asks for: the latest moment seen may be long ago.
    fn untimed<R>(&mut self, act: impl FnOnce(&mut Self) -> R) -> R {
        let idle = self.waiting == Waiting::No;
        let result = act(self);
        if idle && self.waiting != Waiting::No {
            self.waiting = Waiting::FromNextStep;
        }
        result
    }

    /// Places of calls that ended before their turn do not pile up.
    fn compact_ready(&mut self) {
        if self.ready.len() > 2 * (self.calls.ours.len() + self.calls.theirs.len()) + READY {
            let mut ready = core::mem::take(&mut self.ready);
            ready.retain(|key| self.calls.get(*key).is_some());
            self.ready = ready;
        }
    }

    /// Bytes wait to be sent: from now on the peer has to take some.
    fn note_waiting(&mut self) {
        if self.waiting == Waiting::No {
            self.waiting = Waiting::Since(self.now);
        }
    }
}

/// Places in the round robin that are too few to be worth a look.
const READY: usize = 64;

#[cfg(test)]
mod tests;
