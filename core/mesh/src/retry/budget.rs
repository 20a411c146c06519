//! How many retries all calls together may make, so that servers in trouble are not called more, but about as much.

use core::time::Duration;

use tchannel_proto::Timestamp;

use crate::ratio::Ratio;
use crate::window::Window;

/// Denies a retry while the retries of the last 30 s have reached a share of the calls of the last 30 s.
///
/// It denies nothing for the first 30 s after the first call, so short runs are unaffected. A window without calls counts
/// as one call: a lone slow call may be retried once.
#[derive(Clone, Debug)]
pub struct Budget {
    ratio: Option<Ratio>,
    calls: Window,
    retries: Window,
    /// When the first call was counted.
    since: Option<Timestamp>,
    denied: u64,
}

impl Budget {
    /// A budget of `ratio` retries for each call; `None`: no limit. [`RETRY_RATIO`] is the usual one.
    pub fn new(ratio: Option<Ratio>) -> Self {
        Budget { ratio, calls: Window::new(SPAN), retries: Window::new(SPAN), since: None, denied: 0 }
    }

    /// Counts a call, whatever becomes of it.
    pub fn called(&mut self, now: Timestamp) {
        self.since.get_or_insert(now);
        self.calls.add(now, 1);
    }

    /// Counts an attempt that is not a call's first: no later than it is allowed, or many would be allowed at once.
    pub fn retried(&mut self, now: Timestamp) {
        self.retries.add(now, 1);
    }

    /// Takes back a retry that was counted at this moment, and found no peer.
    pub fn not_made(&mut self, now: Timestamp) {
        self.retries.take(now, 1);
    }

    /// Whether one more retry may be made. A refusal is counted: it is the stat
    /// `retries-rejected-by-max-retry-ratio`.
    pub fn allows(&mut self, now: Timestamp) -> bool {
        let Some(ratio) = self.ratio else { return true };
        let active = self.since.is_some_and(|since| now.since(since) >= SPAN);
        let allowed = !active || !ratio.is_reached(self.retries.count(now), self.calls.count(now).max(1));
        if !allowed {
            self.denied = self.denied.saturating_add(1);
        }
        allowed
    }

    /// Retries denied so far.
    pub fn denied(&self) -> u64 {
        self.denied
    }
}

impl Default for Budget {
    fn default() -> Self {
        Budget::new(Some(RETRY_RATIO))
    }
}

/// The default: one retry for ten calls.
pub const RETRY_RATIO: Ratio = Ratio::percent(10);

const SPAN: Duration = Duration::from_secs(30);

#[cfg(test)]
mod tests;
