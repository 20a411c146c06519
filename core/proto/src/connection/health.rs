//! Whether the peer is alive: pings, and the rule for peers that cannot be pinged.

use alloc::collections::VecDeque;
use core::time::Duration;

use crate::error::CloseReason;
use crate::time::Timestamp;

use super::{Connection, Waiting};

/// Results of pings that are remembered.
const HISTORY: usize = 256;

#[derive(Debug, Default)]
pub(super) struct HealthState {
    pub(super) next: Option<Timestamp>,
    /// The ping in flight, and when it counts as missed.
    pub(super) pending: Option<(u32, Timestamp)>,
    misses: u32,
    /// This peer has answered a ping: only then does silence mean anything.
    answers: bool,
    history: VecDeque<bool>,
}

impl Connection {
    /// Results of the last 256 pings, oldest first; true: answered in time.
    pub fn ping_history(&self) -> impl Iterator<Item = bool> + '_ {
        self.health.history.iter().copied()
    }

    pub(super) fn schedule_ping(&mut self) {
        self.health.next = match &self.config.health {
            Some(health) if self.profile.takes_control_frames() && !self.drain.is_draining() => {
                later(self.now, health.interval)
            }
            Some(_) | None => None,
        };
    }

    /// Draining peers are not pinged: go closes on that.
    pub(super) fn stop_pings(&mut self) {
        self.health.next = None;
        self.end_ping();
        self.drop_ping();
    }

    pub(super) fn send_ping(&mut self) {
        self.health.next = None;
        if let Some(health) = &self.config.health {
            let Some(timeout) = later(self.now, health.timeout) else { return };
            let id = self.calls.ours.take_ping_id();
            self.health.pending = Some((id, timeout));
            self.control.ping = Some(id);
            self.note_waiting();
        }
    }

    /// Any frame proves that the peer lives.
    pub(super) fn prove_life(&mut self) {
        self.health.misses = 0;
        self.first_timeout = None;
    }

    pub(super) fn ping_res(&mut self, id: u32) {
        if self.awaits_pong(id) {
            self.pong();
        } else {
            self.useless();
        }
    }

    /// Whether a ping with this id is out and unanswered.
    pub(super) fn awaits_pong(&self, id: u32) -> bool {
        self.control.ping.is_none() && self.health.pending.is_some_and(|(pending, _)| pending == id)
    }

    /// The ping in flight is answered, by whatever frame.
    pub(super) fn pong(&mut self) {
        self.health.answers = true;
        self.record(true);
        self.end_ping();
        self.schedule_ping();
    }

    pub(super) fn miss_ping(&mut self) {
        self.end_ping();
        self.drop_ping();
        self.record(false);
        if self.health.answers {
            self.health.misses += 1;
        }
        let limit = self.config.health.as_ref().map_or(u32::MAX, |health| health.failures.get());
        if self.health.misses >= limit {
            self.close_because(CloseReason::Unhealthy);
        } else {
            self.schedule_ping();
        }
    }

    /// Notes that a call of ours timed out; closes if that keeps happening with nothing read in between.
    pub(super) fn note_timeout(&mut self) {
        let Some(limit) = self.config.stale_after else { return };
        match self.first_timeout {
            None => self.first_timeout = Some(self.now),
            Some(first) if self.now > first + limit => self.close_because(CloseReason::Stale),
            Some(_) => {}
        }
    }

    fn end_ping(&mut self) {
        if let Some((id, _)) = self.health.pending.take() {
            self.calls.ours.free_ping_id(id);
        }
    }

    /// A ping that has not left will not leave. If nothing else waits for the writer, nothing does.
    fn drop_ping(&mut self) {
        if self.control.ping.take().is_some() && !self.outstanding && !self.output_waits() {
            self.waiting = Waiting::No;
        }
    }

    fn record(&mut self, answered: bool) {
        if self.health.history.len() == HISTORY {
            self.health.history.pop_front();
        }
        self.health.history.push_back(answered);
    }
}

/// A moment after `now`: a timer that is due at once for ever would never let go.
fn later(now: Timestamp, time: Duration) -> Option<Timestamp> {
    Some(now + time.max(Duration::from_millis(1))).filter(|at| *at > now)
}
