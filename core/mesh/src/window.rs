//! Counts over the last few seconds.

use core::time::Duration;

use tchannel_proto::Timestamp;

/// How much happened in a sliding span of time, kept in 20 buckets.
///
/// Takes the same memory whatever is counted. What is older than the span is forgotten a bucket at a time, so the answer
/// covers the span less at most a twentieth of it. A clock that steps back changes nothing.
#[derive(Clone, Debug)]
pub struct Window {
    /// Nanoseconds of one bucket, at least 1.
    width: u64,
    /// Number of the newest bucket, counted from the driver's origin.
    newest: u64,
    counts: [u64; BUCKETS],
    total: u64,
}

impl Window {
    /// An empty window over `span`.
    pub fn new(span: Duration) -> Self {
        let width = u64::try_from(span.as_nanos() / 20).unwrap_or(u64::MAX);
        Window { width: width.max(1), newest: 0, counts: [0; BUCKETS], total: 0 }
    }

    /// Counts `amount` at this moment.
    pub fn add(&mut self, now: Timestamp, amount: u64) {
        self.forget(now);
        let at = slot(self.newest);
        self.counts[at] = self.counts[at].saturating_add(amount);
        self.total = self.total.saturating_add(amount);
    }

    /// What was counted in the span that ends now.
    pub fn count(&mut self, now: Timestamp) -> u64 {
        self.forget(now);
        self.total
    }

    fn forget(&mut self, now: Timestamp) {
        let newest = now.as_nanos() / self.width;
        for _ in 0..BUCKETS {
            if self.newest >= newest {
                return;
            }
            self.newest += 1;
            let at = slot(self.newest);
            self.total = self.total.saturating_sub(self.counts[at]);
            self.counts[at] = 0;
        }
        // All are empty; where the next one lies does not matter.
        self.newest = self.newest.max(newest);
    }
}

fn slot(number: u64) -> usize {
    usize::try_from(number % 20).unwrap_or_default()
}

/// As the specification's windows have, for retries and for rates.
const BUCKETS: usize = 20;

#[cfg(test)]
mod tests;
