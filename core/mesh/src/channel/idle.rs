//! Connections that nobody uses, and those that are old: they drain and close.

use alloc::vec::Vec;
use core::time::Duration;

use tchannel_proto::{Connection, Timestamp};

use super::{Channel, ConnKey, Due};

/// When a connection was used, and how long it may live.
#[derive(Debug)]
pub(super) struct Life {
    pub(super) since: Timestamp,
    /// The last time that it had calls, or a frame of one that it did not take.
    pub(super) last_activity: Timestamp,
    /// It had calls when it was looked at last.
    busy: bool,
    /// Frames of calls, so far, that it did not take.
    refused: u64,
    /// When it is old.
    pub(super) old_at: Option<Timestamp>,
    /// It drains because nobody used it.
    pub(super) idle: bool,
}

impl Life {
    pub(super) fn new(now: Timestamp) -> Self {
        Life { since: now, last_activity: now, busy: false, refused: 0, old_at: None, idle: false }
    }

    /// Looks at a connection to which something happened. Pings leave no trace in it.
    pub(super) fn observe(&mut self, now: Timestamp, connection: &Connection) {
        let (busy, stats) = (connection.live() != (0, 0), connection.stats());
        let refused = stats.bad_calls + stats.refused_calls + stats.bad_responses + stats.late_frames;
        if busy || self.busy || refused != self.refused {
            self.last_activity = now;
        }
        (self.busy, self.refused) = (busy, refused);
    }

    fn is_idle(&self, now: Timestamp, max_idle: Duration) -> bool {
        !self.busy && now.since(self.last_activity) > max_idle
    }
}

impl Channel {
    /// A connection begins its life.
    pub(super) fn born(&mut self, key: ConnKey) {
        if let Some(max_age) = self.config.max_age
            && let Some(member) = self.members.get_mut(key.0)
        {
            let tenth = max_age / 10;
            let at =
                self.now + self.rng.between(max_age.saturating_sub(tenth), max_age.saturating_add(tenth));
            member.life.old_at = Some(at);
            self.due.insert((at, Due::Old(key)));
        }
        self.arm_sweep();
    }

    pub(super) fn connection_old(&mut self, key: ConnKey) {
        if let Some(member) = self.members.get_mut(key.0) {
            member.life.old_at = None;
            self.drain_connection(key, "the connection is old", self.now + DRAIN_TIMEOUT);
        }
    }

    /// Lets connections that nobody has used for `idle` give up the memory that they keep for calls; changes nothing
    /// else. False if all of them have: until one is used, it need not be called again. Takes time for each connection.
    pub fn rest(&mut self, now: Timestamp, idle: Duration) -> bool {
        self.step(now);
        let now = self.now;
        let mut restless = false;
        for (_, member) in self.members.iter_mut() {
            if member.life.is_idle(now, idle) {
                member.connection.rest();
            } else {
                restless = true;
            }
        }
        restless
    }

    pub(super) fn sweep(&mut self) {
        self.swept_at = None;
        let Some((_, max_idle)) = self.config.sweeps() else { return };
        let idle = self.members.iter().filter(|(_, member)| member.life.is_idle(self.now, max_idle));
        let idle: Vec<ConnKey> = idle.map(|(place, _)| ConnKey(place)).collect();
        for key in idle {
            if let Some(member) = self.members.get_mut(key.0) {
                member.life.idle = true;
            }
            self.drain_connection(key, "the connection is idle", self.now + DRAIN_TIMEOUT);
        }
        self.arm_sweep();
    }

    /// There is a next sweep while there are connections.
    pub(super) fn arm_sweep(&mut self) {
        match self.config.sweeps() {
            Some((check, _)) if !self.members.is_empty() => {
                if self.swept_at.is_none() {
                    let at = self.now + check;
                    self.swept_at = Some(at);
                    self.due.insert((at, Due::Sweep));
                }
            }
            Some(_) | None => {
                let at = self.swept_at.take();
                self.clear_due(at, Due::Sweep);
            }
        }
    }
}

/// How long calls on a draining connection may go on, where nothing else is said.
pub const DRAIN_TIMEOUT: Duration = Duration::from_secs(30);
/// Time between sweeps, if only `max_idle` is set.
pub(super) const IDLE_CHECK: Duration = Duration::from_secs(30);
