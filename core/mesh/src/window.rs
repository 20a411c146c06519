//! Counts over the last few seconds.

use core::num::NonZeroUsize;
use core::time::Duration;

use smallvec::{SmallVec, smallvec};
use tchannel_proto::Timestamp;

/// How much happened in a sliding span of time, kept in 20 buckets unless it is told otherwise.
///
/// Takes the same memory whatever is counted. What is older than the span is forgotten a bucket at a time, so the answer
/// covers the span less at most one bucket. A clock that steps back changes nothing.
#[derive(Clone, Debug)]
pub struct Window {
    /// Nanoseconds of one bucket, at least 1.
    width: u64,
    /// Number of the newest bucket, counted from the driver's origin.
    newest: u64,
    counts: SmallVec<[u64; USUAL]>,
    total: u64,
}

impl Window {
    /// An empty window over `span`.
    pub fn new(span: Duration) -> Self {
        Window::with_buckets(span, USUAL_BUCKETS)
    }

    /// The same with another number of buckets, at most [`MAX_BUCKETS`]: more are finer, and take 8 bytes each.
    pub fn with_buckets(span: Duration, buckets: NonZeroUsize) -> Self {
        let buckets = buckets.min(MAX_BUCKETS).get();
        let width = span.as_nanos() / u128::try_from(buckets).unwrap_or(u128::MAX);
        let width = u64::try_from(width).unwrap_or(u64::MAX).max(1);
        Window { width, newest: 0, counts: smallvec![0; buckets], total: 0 }
    }

    /// Counts `amount` at this moment.
    pub fn add(&mut self, now: Timestamp, amount: u64) {
        self.forget(now);
        let at = self.slot();
        self.counts[at] = self.counts[at].saturating_add(amount);
        self.total = self.total.saturating_add(amount);
    }

    /// Takes back what was counted at this moment, or at most what there is in its bucket.
    pub fn take(&mut self, now: Timestamp, amount: u64) {
        self.forget(now);
        let at = self.slot();
        let taken = amount.min(self.counts[at]);
        self.counts[at] -= taken;
        self.total = self.total.saturating_sub(taken);
    }

    /// What was counted in the span that ends now.
    pub fn count(&mut self, now: Timestamp) -> u64 {
        self.forget(now);
        self.total
    }

    fn forget(&mut self, now: Timestamp) {
        let newest = now.as_nanos() / self.width;
        for _ in 0..self.counts.len() {
            if self.newest >= newest {
                return;
            }
            self.newest += 1;
            let at = self.slot();
            self.total = self.total.saturating_sub(self.counts[at]);
            self.counts[at] = 0;
        }
        // All are empty; where the next one lies does not matter.
        self.newest = self.newest.max(newest);
    }

    /// Where the newest bucket lies.
    fn slot(&self) -> usize {
        let buckets = u64::try_from(self.counts.len()).unwrap_or(u64::MAX);
        usize::try_from(self.newest % buckets).unwrap_or_default()
    }
}

/// As the specification's windows have, for retries and for rates.
pub(crate) const USUAL_BUCKETS: NonZeroUsize = NonZeroUsize::MIN.saturating_add(USUAL - 1);
/// Most buckets of a window.
pub const MAX_BUCKETS: NonZeroUsize = NonZeroUsize::MIN.saturating_add(999);

const USUAL: usize = 20;

#[cfg(test)]
mod tests;
