//! How many useless frames a peer may send.

use core::num::NonZeroU32;

use crate::config::Config;
use crate::time::Timestamp;

const SECOND: u64 = 1_000_000_000;

/// A bucket of tokens, one for each frame that serves no call; refilled by time and by calls answered.
#[derive(Debug)]
pub(super) struct Patience {
    left: u32,
    most: NonZeroU32,
    per_second: u32,
    /// Nanoseconds times `per_second` that are not a whole token yet.
    part: u64,
    filled: Timestamp,
}

impl Patience {
    pub(super) fn new(now: Timestamp, config: &Config) -> Self {
        Patience {
            left: config.patience.get(),
            most: config.patience,
            per_second: config.patience_per_second,
            part: 0,
            filled: now,
        }
    }

    /// Pays one; false when there is nothing left.
    pub(super) fn spend(&mut self, now: Timestamp) -> bool {
        self.refill(now);
        let paid = self.left > 0;
        self.left = self.left.saturating_sub(1);
        paid
    }

    /// Useful work earns one back.
    pub(super) fn earn(&mut self) {
        self.left = self.left.saturating_add(1).min(self.most.get());
    }

    fn refill(&mut self, now: Timestamp) {
        let nanos = now.as_nanos().saturating_sub(self.filled.as_nanos());
        self.filled = self.filled.max(now);
        let grown = nanos.saturating_mul(u64::from(self.per_second)).saturating_add(self.part);
        let tokens = grown / SECOND;
        self.part = grown % SECOND;
        let tokens = u32::try_from(tokens).unwrap_or(u32::MAX);
        self.left = self.left.saturating_add(tokens).min(self.most.get());
    }
}
