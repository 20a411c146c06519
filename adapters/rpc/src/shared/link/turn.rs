//! One critical section of a connection, and what follows once its lock is free.

use std::io::ErrorKind;
use std::ops::{Deref, DerefMut};
use std::sync::{Arc, MutexGuard};
use std::time::Duration;

use bytes::Buf;
use tchannel_proto::{
    Args, CallId, Event, Incoming, Outgoing, RequestHead, ResponseHead, Timestamp, Transmit,
};

use super::Link;
use super::after::After;
use super::state::{Served, Slot, Stage, State};
use super::writer::Outlet;
use crate::shared::error::Phase;
use crate::shared::lock;
use crate::shared::serve::{Arrived, Outcome};
use crate::shared::timers::Due;

/// What to do about bytes that are ready to leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flush {
    /// The caller comes back for it.
    None,
    /// Others will add to them: the write task sends all at once.
    Later,
    /// Nobody will: send them from here if the writer is idle and the stream takes them.
    Now,
}

/// The lock, held.
pub(crate) struct Turn<'a> {
    link: &'a Arc<Link>,
    state: MutexGuard<'a, State>,
    now: Timestamp,
}

impl Deref for Turn<'_> {
    type Target = State;

    fn deref(&self) -> &State {
        &self.state
    }
}

impl DerefMut for Turn<'_> {
    fn deref_mut(&mut self) -> &mut State {
        &mut self.state
    }
}

impl<'a> Turn<'a> {
    pub(super) fn new(link: &'a Arc<Link>, now: Timestamp) -> Self {
        Turn { link, state: lock(&link.state), now }
    }

    pub(super) fn now(&self) -> Timestamp {
        self.now
    }

    pub(super) fn answer(&mut self, call: Incoming, outcome: Outcome, after: &mut After) {
        let now = self.now;
        self.state.answer(now, call, outcome, after);
    }

    /// Ends the critical section: events to whom they concern, bytes out, lock free, wakes.
    pub(super) fn end(mut self, flush: Flush, after: &mut After) {
        self.settle(after);
        let link = self.link;
        if self.closed || (flush == Flush::Now && !self.out.is_asked()) {
            self.write(after);
        } else {
            if flush == Flush::Later {
                let waker = self.out.ask();
                after.wake(waker);
            }
            drop(self);
        }
        after.run(link);
    }

    /// Moves the core's events to the calls that wait for them, and its next moment to the timers.
    pub(super) fn settle(&mut self, after: &mut After) {
        while let Some(event) = self.core.poll_event() {
            self.handle(event, after);
        }
        if self.closed
            && let Some(armed) = self.armed.take()
        {
            self.link.hub.timers.disarm(self.link.key, armed);
        }
        let next = self.core.poll_timeout();
        if let Some(next) = next.filter(|&next| self.armed.is_none_or(|armed| next < armed)) {
            let due = Due::Link(Arc::downgrade(self.link));
            after.wake(self.link.hub.timers.arm(self.link.key, due, self.armed, next));
            self.armed = Some(next);
        }
        if self.gate_shut && (self.closed || self.core.wants_input() > 0) {
            self.gate_shut = false;
            let reader = self.reader.take();
            after.wake(reader);
        }
    }

    fn handle(&mut self, event: Event, after: &mut After) {
        match event {
            Event::Ready(remote) => {
                self.phase = Phase::Waiting;
                // Given once for each connection.
                let _ = self.link.remote.set(remote);
            }
            Event::Request { call, head, args } => self.arrive(call, head, args, after),
            Event::Response { call, head, args: Some(args) } => {
                self.state.finish(call, Ok((head, args)), after);
            }
            Event::Response { call, head, args: None } => self.collect_response(call, head, after),
            Event::Whole { call: CallId::Outgoing(call), args } => self.collected(call, args, after),
            Event::Whole { call: CallId::Incoming(call), args } => {
                let served = self.serving.get_mut(&call.id()).filter(|served| served.call == call);
                if let Some(head) = served.and_then(|served| served.head.take()) {
                    self.batch.arrived.push(Arrived { call, head, args: Some(args) });
                }
            }
            Event::Failed { call, error } => self.state.finish(call, Err(error), after),
            Event::Abandoned { call, code } => self.state.abandon(call, code, after),
            Event::Draining(_) => self.drained_by_peer(),
            Event::Closed(reason) => {
                let now = self.now;
                self.state.over(now, reason, after);
            }
            Event::Readable(call) => {
                let now = self.now;
                self.skip_unread(now, call);
                if let Some(stream) = self.stream(call) {
                    stream.wake_reader(after);
                }
            }
            Event::Writable(call) => {
                if let Some(stream) = self.stream(call) {
                    stream.wake_writer(after);
                }
            }
            Event::Claim(_) => {}
        }
    }

    /// The peer takes no calls any more. Ours can go on, and so can its own; after the last one nobody needs the
    /// connection, and a peer that waits for us to close it waits no longer.
    fn drained_by_peer(&mut self) {
        self.draining = true;
        let now = self.now;
        // No deadline of ours: every call has one, and the drain's is the peer's to keep.
        self.core.drain(now, "the peer drains", Timestamp::MAX);
        self.linger_after.get_or_insert(LINGER);
    }

    fn arrive(&mut self, call: Incoming, head: RequestHead, args: Option<Args>, after: &mut After) {
        let served = Served { call, abandoned: None, waker: None, head: None, stream: None };
        if let Some(before) = self.serving.insert(call.id(), served) {
            after.spend(before.waker);
        }
        self.batch.arrived.push(Arrived { call, head, args });
    }

    fn collect_response(&mut self, call: Outgoing, head: ResponseHead, after: &mut After) {
        if let Some(stream) = self.stream(call.into()) {
            return stream.respond(head, None, after);
        }
        // Gone means that the failure is the next event.
        if self.core.collect(call).is_err() {
            return;
        }
        if let Some(Slot { stage, .. }) = self.calls.get_mut(&call.id()).filter(|slot| slot.call == call)
            && let Stage::Waiting(waker) = stage
        {
            *stage = Stage::Collecting(waker.take(), head);
        }
    }

    fn collected(&mut self, call: Outgoing, args: Args, after: &mut After) {
        let Some(slot) = self.calls.get_mut(&call.id()).filter(|slot| slot.call == call) else { return };
        match std::mem::replace(&mut slot.stage, Stage::Waiting(None)) {
            Stage::Collecting(waker, head) => {
                slot.stage = Stage::Waiting(waker);
                self.state.finish(call, Ok((head, args)), after);
            }
            other @ (Stage::Waiting(_) | Stage::Done(_) | Stage::Streamed(_)) => slot.stage = other,
        }
    }

    /// Writes from here, a few times at most; what is left then is the write task's.
    pub(super) fn write(mut self, after: &mut After) {
        let link = self.link;
        let Some(mut outlet) = self.out.take() else {
            after.forget |= self.closed && self.out.give_up(after);
            return;
        };
        for _ in 0..ROUNDS {
            let Some(mut transmit) = self.next_transmit(after) else { return self.give_back(outlet, after) };
            drop(self);
            after.run(link);
            let written = outlet.try_write(&mut transmit);
            // A piece that is written is dropped before the lock is taken again.
            let rest = transmit.has_remaining().then_some(transmit);
            self = link.turn();
            match (written, rest) {
                (Err(error), rest) if error.kind() != ErrorKind::WouldBlock => {
                    after.spend_piece(rest);
                    return self.break_off(Some(outlet), Some(error.to_string()), after);
                }
                (written, Some(rest)) => {
                    let now = self.now;
                    if written.is_ok() {
                        self.core.handle_written(now);
                    }
                    self.core.handle_blocked(now);
                    self.out.rest = Some(rest);
                    break;
                }
                (_, None) => {}
            }
        }
        self.put_back(outlet, after);
        let waker = self.out.ask();
        after.wake(waker);
    }

    /// What to write next: what is left of the last piece, or a new one.
    pub(super) fn next_transmit(&mut self, after: &mut After) -> Option<Transmit> {
        if let Some(rest) = self.out.rest.take() {
            return Some(rest);
        }
        let now = self.now;
        let next = self.core.poll_transmit(now);
        self.settle(after);
        next
    }

    /// Nothing is left to write.
    pub(super) fn give_back(&mut self, outlet: Box<dyn Outlet>, after: &mut After) {
        if self.closed {
            self.out.finish(after);
            after.outlet = Some(outlet);
            after.forget = true;
            // A peer that drains has all it needs, and may leave it to us to close.
            let by = self.drained_by;
            self.linger = self.linger.filter(|_| by.is_some());
            let waker = self.out.waker();
            after.wake(waker);
        } else {
            self.put_back(outlet, after);
        }
    }

    fn put_back(&mut self, outlet: Box<dyn Outlet>, after: &mut After) {
        if let Some(outlet) = self.out.put_back(outlet) {
            self.out.finish(after);
            after.outlet = Some(outlet);
            after.forget |= self.closed;
        }
    }

    /// Nothing more can be written, so no more calls are taken. What the peer sent may still be there to read.
    pub(super) fn break_off(
        &mut self,
        outlet: Option<Box<dyn Outlet>>,
        why: Option<String>,
        after: &mut After,
    ) {
        self.out.finish(after);
        after.outlet = outlet;
        after.forget |= self.closed;
        after.retire |= !self.closed;
        self.draining = true;
        if let Some(why) = why {
            self.fault.get_or_insert_with(|| why.into());
        }
        for waker in [self.reader.take(), self.out.waker()] {
            after.wake(waker);
        }
    }
}

/// How often one critical section writes: more means that others keep adding, and the write task batches better.
const ROUNDS: usize = 3;

/// How long last bytes to a peer that drains may take.
const LINGER: Duration = Duration::from_secs(30);
