//! Which moment comes next, and what happens then.

use alloc::collections::BinaryHeap;
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

/// Deadlines of calls, earliest first. An entry counts while the call's own `timer` agrees with it.
#[derive(Debug)]
pub(super) struct Timers {
    pub(super) handshake: Option<Timestamp>,
    calls: BinaryHeap<Reverse<(Timestamp, Key)>>,
    armed: usize,
}

impl Timers {
    pub(super) fn new(handshake: Timestamp) -> Self {
        Timers { handshake: Some(handshake), calls: BinaryHeap::new(), armed: 0 }
    }

    pub(super) fn disarmed(&mut self) {
        self.armed -= 1;
    }

    pub(super) fn clear(&mut self) {
        self.handshake = None;
        self.calls = BinaryHeap::new();
        self.armed = 0;
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
        self.timers.armed -= usize::from(call.timer.is_some());
        call.timer = next;
        if let Some(at) = next {
            self.timers.armed += 1;
            self.timers.calls.push(Reverse((at, key)));
        }
        self.prune_timers();
    }

    /// Keeps the top of the heap true, and the heap in proportion to the calls.
    pub(super) fn prune_timers(&mut self) {
        while let Some(Reverse((at, key))) = self.timers.calls.peek() {
            if self.counts(*at, *key) {
                break;
            }
            self.timers.calls.pop();
        }
        if self.timers.calls.len() > 2 * self.timers.armed + 32 {
            let mut calls = core::mem::take(&mut self.timers.calls);
            calls.retain(|Reverse((at, key))| self.counts(*at, *key));
            self.timers.calls = calls;
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
        [
            (self.timers.handshake, TimeoutCause::Handshake),
            (self.timers.calls.peek().map(|Reverse((at, _))| *at), TimeoutCause::Call),
            (self.health.next, TimeoutCause::Ping),
            (self.health.pending.map(|(_, at)| at), TimeoutCause::Pong),
            (self.drain.deadline, TimeoutCause::Drain),
            (stall.map(|since| since + self.config.stall_timeout), TimeoutCause::Stall),
            (write_stall.map(|(since, limit)| since + limit), TimeoutCause::WriteStall),
        ]
        .into_iter()
        .filter_map(|(at, cause)| Some((at?, cause)))
        .min()
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
        let Some(Reverse((_, key))) = self.timers.calls.peek().copied() else { return };
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
