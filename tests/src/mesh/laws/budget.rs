//! Law 2 for the retry budget, seen from outside: by what leaves, in spans of time that allow for waiting.

use std::collections::VecDeque;
use std::time::Duration;

use tchannel_proto::Timestamp;

use crate::laws::law;

/// Calls and retries of one channel over the last minute.
#[derive(Debug, Default)]
pub struct Retries {
    first: Option<Timestamp>,
    calls: VecDeque<Timestamp>,
    left: VecDeque<Timestamp>,
}

/// As long as the budget looks back.
const SPAN: Duration = Duration::from_secs(30);
/// What it may have forgotten of that: one of its 20 buckets.
const BUCKET: Duration = Duration::from_millis(1_500);
/// Longest time from the decision to the wire: a dial and its handshake.
const WAIT: Duration = Duration::from_secs(5);

impl Retries {
    /// A call was made.
    pub fn called(&mut self, now: Timestamp) {
        self.first.get_or_insert(now);
        self.calls.push_back(now);
    }

    /// Whether the window was filled, so that a retry may be denied.
    pub fn may_be_denied(&self, now: Timestamp) -> bool {
        self.first.is_some_and(|first| now.since(first) >= SPAN)
    }

    /// A retry left that an error was the reason for. One in ten calls may have one, once the window was filled.
    pub fn retried(&mut self, now: Timestamp) {
        self.left.push_back(now);
        let filled = self.first.is_some_and(|first| now.since(first) >= SPAN + WAIT);
        // Of the retries in this span the last was decided on when all others were counted.
        let retries = count(&mut self.left, now, SPAN.saturating_sub(BUCKET + WAIT));
        let calls = count(&mut self.calls, now, SPAN + SPAN);
        let most = calls.div_ceil(10).max(1);
        law!(
            2,
            !filled || retries <= most,
            "{retries} retries for {calls} calls, at most {most} are allowed"
        );
    }
}

fn count(moments: &mut VecDeque<Timestamp>, now: Timestamp, span: Duration) -> usize {
    while moments.front().is_some_and(|at| now.since(*at) >= span) {
        moments.pop_front();
    }
    moments.len()
}
