//! The calls of the last second, of one service or of all, against their limit.

use core::num::NonZeroU64;
use core::time::Duration;

use tchannel_proto::Timestamp;

use super::RateLimits;
use crate::ratio::Ratio;
use crate::window::Window;

#[derive(Clone, Debug)]
pub(super) struct Counter {
    limit: Option<NonZeroU64>,
    strict: bool,
    warn_at: Option<Ratio>,
    /// Calls that passed.
    passed: Window,
    kill_switch: Option<Seen>,
    /// When there were last so many that they are worth a warning.
    hot: Option<Timestamp>,
    /// The last rate that was told is not 0.
    told: bool,
}

/// What the kill switch counts.
#[derive(Clone, Debug)]
struct Seen {
    most: u64,
    /// Calls that it did not drop, refused ones included.
    calls: Window,
}

impl Counter {
    /// `most`: how many calls the kill switch bears.
    pub(super) fn new(limits: &RateLimits, limit: Option<NonZeroU64>, most: Option<u64>) -> Self {
        let window = || Window::with_buckets(SECOND, limits.buckets);
        Counter {
            limit,
            strict: limits.strict,
            warn_at: limits.warn_at,
            passed: window(),
            kill_switch: most.map(|most| Seen { most, calls: window() }),
            hot: None,
            told: false,
        }
    }

    pub(super) fn limit(&self) -> Option<NonZeroU64> {
        self.limit
    }

    /// How many passed.
    pub(super) fn rate(&mut self, now: Timestamp) -> u64 {
        self.passed.count(now)
    }

    /// The rate for those who watch it; `None` if it is 0 and they know.
    pub(super) fn tell(&mut self, now: Timestamp) -> Option<u64> {
        let rate = self.rate(now);
        let news = rate > 0 || self.told;
        self.told = rate > 0;
        news.then_some(rate)
    }

    /// Whether there are more than the kill switch bears.
    pub(super) fn is_past(&mut self, now: Timestamp) -> bool {
        self.kill_switch.as_mut().is_some_and(|seen| seen.calls.count(now) > seen.most)
    }

    /// Counts a call that the kill switch does not drop.
    pub(super) fn saw(&mut self, now: Timestamp) {
        if let Some(seen) = &mut self.kill_switch {
            seen.calls.add(now, 1);
        }
    }

    /// The limit, if it lets no other call pass.
    pub(super) fn reached(&mut self, now: Timestamp) -> Option<NonZeroU64> {
        let rate = self.passed.count(now);
        let limit = self.limit?;
        let reached = if self.strict { rate >= limit.get() } else { rate > limit.get() };
        reached.then(|| {
            self.hot = Some(now);
            limit
        })
    }

    /// Counts a call that passes. The limit, if a warning is due: the rate is near it, and was not a second ago.
    pub(super) fn passes(&mut self, now: Timestamp) -> Option<NonZeroU64> {
        self.passed.add(now, 1);
        let (limit, warn_at) = self.limit.zip(self.warn_at)?;
        if !warn_at.is_reached(self.passed.count(now), limit.get()) {
            return None;
        }
        let before = self.hot.replace(now);
        before.is_none_or(|before| now.since(before) >= SECOND).then_some(limit)
    }
}

/// Limits are per second.
const SECOND: Duration = Duration::from_secs(1);
