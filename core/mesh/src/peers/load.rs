//! How much of our work waits at a peer.

use alloc::collections::BinaryHeap;
use core::cmp::Reverse;
use core::time::Duration;

use tchannel_proto::Timestamp;

/// The load of one peer: own calls in flight, waits for its connection, and its recent `busy` answers.
///
/// Declined and unhealthy answers do not count.
#[derive(Clone, Debug, Default)]
pub struct Load {
    calls: u32,
    waits: u32,
    /// When each penalty ends.
    busy: BinaryHeap<Reverse<Timestamp>>,
}

impl Load {
    /// A call went to the peer. Not for calls with `track_pending` off.
    pub fn call_began(&mut self) {
        self.calls = self.calls.saturating_add(1);
    }

    /// A call that was counted is over.
    pub fn call_ended(&mut self) {
        self.calls = self.calls.saturating_sub(1);
    }

    /// A call waits for the peer's connection.
    pub fn wait_began(&mut self) {
        self.waits = self.waits.saturating_add(1);
    }

    /// A wait is over, however it ended.
    pub fn wait_ended(&mut self) {
        self.waits = self.waits.saturating_sub(1);
    }

    /// The peer answered `busy` to a call with this ttl: it weighs 1 more for the ttl and 500 ms, but not for more than
    /// 5 s. At most [`MAX_BUSY`] such answers count at once.
    pub fn answered_busy(&mut self, now: Timestamp, ttl: Duration) {
        self.forget(now);
        if self.busy.len() < MAX_BUSY {
            self.busy.push(Reverse(now + ttl.saturating_add(LATE).min(LONGEST)));
        }
    }

    /// The load at this moment.
    pub fn at(&mut self, now: Timestamp) -> u32 {
        self.forget(now);
        let busy = u32::try_from(self.busy.len()).unwrap_or(u32::MAX);
        self.calls.saturating_add(self.waits).saturating_add(busy)
    }

    /// Own calls in flight that count.
    pub fn calls(&self) -> u32 {
        self.calls
    }

    fn forget(&mut self, now: Timestamp) {
        while self.busy.peek().is_some_and(|Reverse(until)| *until <= now) {
            self.busy.pop();
        }
    }
}

/// Busy answers of one peer that count at once: a peer with as many is chosen last anyway.
pub const MAX_BUSY: usize = 1_024;

/// How long after its ttl a call may still be answered, as for remembered ids.
const LATE: Duration = Duration::from_millis(500);
const LONGEST: Duration = Duration::from_secs(5);

#[cfg(test)]
mod tests;
