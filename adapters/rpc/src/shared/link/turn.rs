//! One critical section of a connection, and what follows once its lock is free.

use std::io::{self, ErrorKind};
use std::ops::{Deref, DerefMut};
use std::sync::atomic::Ordering;
use std::sync::{Arc, MutexGuard};
use std::task::Waker;

use bytes::Buf;
use tchannel_proto::{
    Args, CallId, CloseReason, Event, Incoming, Outgoing, RequestHead, ResponseHead, Timestamp, Transmit,
};

use super::Link;
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
            Event::Request { call, head, args } => self.arrive(call, head, args),
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
            Event::Draining(_) => self.draining = true,
            Event::Closed(reason) => self.state.over(reason, after),
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

    fn arrive(&mut self, call: Incoming, head: RequestHead, args: Option<Args>) {
        self.serving
            .insert(call.id(), Served { call, abandoned: None, waker: None, head: None, stream: None });
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
            after.forget |= self.closed && self.out.give_up();
            return;
        };
        for _ in 0..ROUNDS {
            let Some(mut transmit) = self.next_transmit(after) else { return self.give_back(outlet, after) };
            drop(self);
            after.run(link);
            let written = outlet.try_write(&mut transmit);
            self = link.turn();
            match written {
                Ok(_) if !transmit.has_remaining() => {}
                Err(error) if error.kind() != ErrorKind::WouldBlock => {
                    return self.break_off(outlet, Some(&error), after);
                }
                Ok(_) | Err(_) => {
                    if written.is_ok() {
                        let now = self.now;
                        self.core.handle_written(now);
                    }
                    let now = self.now;
                    self.core.handle_blocked(now);
                    self.out.rest = Some(transmit);
                    break;
                }
            }
        }
        self.out.put_back(outlet);
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
            self.out.finish();
            after.outlet = Some(outlet);
            after.forget = true;
            let waker = self.out.waker();
            after.wake(waker);
        } else {
            self.out.put_back(outlet);
        }
    }

    /// Nothing more can be written. What the peer sent may still be there to read.
    pub(super) fn break_off(
        &mut self,
        outlet: Box<dyn Outlet>,
        error: Option<&io::Error>,
        after: &mut After,
    ) {
        self.out.finish();
        after.outlet = Some(outlet);
        after.forget |= self.closed;
        if let Some(error) = error {
            self.fault.get_or_insert_with(|| error.to_string().into());
        }
        for waker in [self.reader.take(), self.out.waker()] {
            after.wake(waker);
        }
    }
}

/// How often one critical section writes: more means that others keep adding, and the write task batches better.
const ROUNDS: usize = 3;

/// What has to wait until the lock is free.
#[derive(Default)]
pub(crate) struct After {
    first: Option<Waker>,
    more: Vec<Waker>,
    closed: Option<CloseReason>,
    pub(super) outlet: Option<Box<dyn Outlet>>,
    pub(super) forget: bool,
}

impl After {
    pub(super) fn wake(&mut self, waker: Option<Waker>) {
        if waker.is_none() {
        } else if self.first.is_none() {
            self.first = waker;
        } else {
            self.more.extend(waker);
        }
    }

    pub(super) fn closed(&mut self, reason: CloseReason) {
        self.closed = Some(reason);
    }

    /// To be called with no lock held.
    pub(super) fn run(&mut self, link: &Arc<Link>) {
        // Before the wakes: whoever learns of the end from them finds it told.
        let told = self.closed.take().is_some_and(|reason| {
            link.hub.closed(link, &reason);
            link.farewell(TOLD)
        });
        if let Some(first) = self.first.take() {
            first.wake();
            self.more.drain(..).for_each(Waker::wake);
            self.more.shrink_to(KEPT_WAKERS);
        }
        if let Some(outlet) = self.outlet.take() {
            outlet.shutdown();
        }
        let written = std::mem::take(&mut self.forget) && link.farewell(WRITTEN);
        if told || written {
            link.hub.forget(link);
        }
    }
}

impl Link {
    /// Takes note of one part of its end. Returns whether that was the last one.
    fn farewell(&self, part: u8) -> bool {
        let before = self.farewell.fetch_or(part, Ordering::AcqRel);
        before != before | part && before | part == TOLD | WRITTEN
    }
}

/// The two things that happen at the end of a connection, in any order and on any thread: its end is told, and its
/// last byte is written. After both it is forgotten.
const TOLD: u8 = 1;
const WRITTEN: u8 = 2;

/// Room kept for the next batch, 16 bytes each.
const KEPT_WAKERS: usize = 128;
