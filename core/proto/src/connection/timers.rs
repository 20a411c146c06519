//! Which moment comes next, and what happens then.

use alloc::collections::{BinaryHeap, VecDeque};
use alloc::format;
use alloc::vec::Vec;
use core::cmp::Reverse;

use tchannel_wire::ErrorCode;

use super::{Connection, State, Waiting};
use crate::calls::{Key, Side};
use crate::error::{CallError, CloseReason};
use crate::time::Timestamp;

/// What the next timeout is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TimeoutCause {
    /// The handshake has to be done.
    Handshake,
    /// A call's deadline, or the limit of its silence.
    Call,
    /// A ping is due.
    Ping,
    /// The answer to a ping is due.
    Pong,
    /// A drain's deadline.
    Drain,
    /// Reading has been stopped for too long.
    Stall,
    /// The peer has taken no bytes for too long.
    WriteStall,
}

/// Moments of calls. An entry counts while the call's own `timer` agrees with it.
#[derive(Debug)]
pub(super) struct Timers {
    pub(super) handshake: Option<Timestamp>,
    /// Entries that came in the order of their moments, as those of calls with one timeout do.
    in_order: VecDeque<(Timestamp, Key)>,
    /// The others, earliest first.
    others: BinaryHeap<Reverse<(Timestamp, Key)>>,
    armed: usize,
}

impl Timers {
    pub(super) fn new(handshake: Timestamp) -> Self {
        Timers { handshake: Some(handshake), in_order: VecDeque::new(), others: BinaryHeap::new(), armed: 0 }
    }

    pub(super) fn disarmed(&mut self) {
        self.armed -= 1;
    }

    pub(super) fn clear(&mut self) {
        self.handshake = None;
        (self.in_order, self.others) = (VecDeque::new(), BinaryHeap::new());
        self.armed = 0;
    }

    /// Gives up memory, if nothing is due.
    pub(super) fn rest(&mut self) {
        if self.len() == 0 {
            (self.in_order, self.others) = (VecDeque::new(), BinaryHeap::new());
        }
    }

    /// The earliest entry; among equals in order comes first.
    fn first(&self) -> Option<(Timestamp, Key)> {
        let in_order = self.in_order.front().copied();
        match (in_order, self.others.peek()) {
            (Some((first, _)), Some(Reverse((other, key)))) if *other < first => Some((*other, *key)),
            (Some(_), _) => in_order,
            (None, other) => other.map(|Reverse(entry)| *entry),
        }
    }

    fn len(&self) -> usize {
        self.in_order.len() + self.others.len()
    }
}

impl Connection {
    /// Sets a call's timer to what its state asks for.
    pub(super) fn arm(&mut self, key: Key) {
        let call = self.calls.entry(key);
        let next = call.next_timer(key.side, &self.config);
        if next == call.timer {
            return;
        }
        let before = core::mem::replace(&mut call.timer, next);
        if let Some(at) = next {
            self.timers.armed += 1;
            self.add_timer(at, key);
        }
        if before.is_some() {
            self.timers.armed -= 1;
            self.prune_timers();
        }
    }

    fn add_timer(&mut self, at: Timestamp, key: Key) {
        // A call with a long timeout that is over must not keep those with shorter ones out of the order.
        while let Some((last, key)) = self.timers.in_order.back()
            && *last > at
            && !self.counts(*last, *key)
        {
            self.timers.in_order.pop_back();
        }
        if self.timers.in_order.back().is_none_or(|(last, _)| *last <= at) {
            self.timers.in_order.push_back((at, key));
        } else {
            self.timers.others.push(Reverse((at, key)));
        }
    }

    /// Keeps the earliest entries true, and all of them in proportion to the calls.
    pub(super) fn prune_timers(&mut self) {
        while let Some((at, key)) = self.timers.in_order.front()
            && !self.counts(*at, *key)
        {
            self.timers.in_order.pop_front();
        }
        while let Some(Reverse((at, key))) = self.timers.others.peek()
            && !self.counts(*at, *key)
        {
            self.timers.others.pop();
        }
        if self.timers.len() > 2 * self.timers.armed + 32 {
            let mut in_order = core::mem::take(&mut self.timers.in_order);
            let mut others = core::mem::take(&mut self.timers.others);
            in_order.retain(|(at, key)| self.counts(*at, *key));
            others.retain(|Reverse((at, key))| self.counts(*at, *key));
            (self.timers.in_order, self.timers.others) = (in_order, others);
        }
    }

    fn counts(&self, at: Timestamp, key: Key) -> bool {
        self.calls.get(key).is_some_and(|call| call.timer == Some(at))
    }

    pub(super) fn next_timeout(&self) -> Option<(Timestamp, TimeoutCause)> {
        if self.is_closed() {
            return None;
        }
        let stall = self.gate.shut_since;
        let write_stall = match self.waiting {
            Waiting::Since(since) if self.outstanding || self.output_waits() => {
                Some(since).zip(self.config.write_stall_timeout)
            }
            Waiting::Since(_) | Waiting::FromNextStep | Waiting::No => None,
        };
        let mut next = None;
        let mut add = |at: Option<Timestamp>, cause| {
            if let Some(at) = at
                && next.is_none_or(|earlier| (at, cause) < earlier)
            {
                next = Some((at, cause));
            }
        };
        add(self.timers.handshake, TimeoutCause::Handshake);
        add(self.timers.first().map(|(at, _)| at), TimeoutCause::Call);
        add(self.health.next, TimeoutCause::Ping);
        add(self.health.pending.map(|(_, at)| at), TimeoutCause::Pong);
        add(self.drain.deadline, TimeoutCause::Drain);
        add(stall.map(|since| since + self.config.stall_timeout), TimeoutCause::Stall);
        add(write_stall.map(|(since, limit)| since + limit), TimeoutCause::WriteStall);
        next
    }

    /// Each turn of the loop removes or moves on the timer that it acts on.
    pub(super) fn expire(&mut self) {
        let mut acted = false;
        while let Some((at, cause)) = self.next_timeout()
            && at <= self.now
        {
            acted = true;
            match cause {
                TimeoutCause::Handshake => self.close_because(CloseReason::HandshakeTimeout),
                TimeoutCause::Call => self.expire_call(),
                TimeoutCause::Ping => self.send_ping(),
                TimeoutCause::Pong => self.miss_ping(),
                TimeoutCause::Drain => self.close_because(CloseReason::DrainTimeout),
                TimeoutCause::Stall => self.fail_fullest_calls(),
                TimeoutCause::WriteStall => self.close_because(CloseReason::Stalled),
            }
        }
        if acted {
            self.close_if_drained();
        }
    }

    fn expire_call(&mut self) {
        let Some((_, key)) = self.timers.first() else { return };
        match key.side {
            Side::Ours => {
                let why = self.phase(key);
                let error = CallError::local(ErrorCode::Timeout, self.about(key, why));
                self.fail(key, error);
                self.note_timeout();
            }
            Side::Theirs => self.expire_theirs(key),
        }
    }

    /// What a call of ours was doing when its time ran out.
    pub(super) fn phase(&self, key: Key) -> &'static str {
        let Some(call) = self.calls.get(key) else { return "timed out" };
        match self.state {
            State::Handshake(_) => "timed out in the handshake",
            State::Active | State::Closed if !call.outbox.is_started() => "timed out in the queue, unsent",
            State::Active | State::Closed if !call.answered => "timed out waiting for the response",
            State::Active | State::Closed => "timed out receiving the response",
        }
    }

    fn expire_theirs(&mut self, key: Key) {
        let now = self.now;
        let call = self.calls.entry(key);
        if call.answered {
            self.abandon(key, ErrorCode::Timeout, "stream idle for too long");
        } else if now >= call.deadline {
            let (elapsed, budget) = (call.elapsed(now).as_millis(), call.budget().as_millis());
            let message = format!("request timed out after {elapsed}ms (limit was {budget}ms)");
            self.abandon(key, ErrorCode::Timeout, message);
        } else {
            self.abandon(key, ErrorCode::Timeout, "request incomplete");
        }
    }

    /// Nobody has read for too long: the calls that hold most make way for the others, until reading can go on.
    fn fail_fullest_calls(&mut self) {
        let keys = self.calls.keys(Side::Ours).chain(self.calls.keys(Side::Theirs));
        let mut full: Vec<(Reverse<usize>, Key)> =
            keys.map(|key| (Reverse(self.unread(key)), key)).filter(|(unread, _)| unread.0 > 0).collect();
        full.sort_unstable();
        for (_, key) in full {
            if !self.gate.is_shut_by_unread() {
                break;
            }
            self.stats.stalled_calls += 1;
            match key.side {
                Side::Ours => {
                    let error =
                        CallError::local(ErrorCode::Cancelled, self.about(key, "too many unread bytes"));
                    self.fail(key, error);
                }
                Side::Theirs => self.abandon(key, ErrorCode::Busy, "too many unread bytes"),
            }
        }
    }

    fn unread(&self, key: Key) -> usize {
        self.calls.get(key).map_or(0, |call| call.inbox.unread())
    }
}
