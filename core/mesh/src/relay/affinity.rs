//! Which workers of a service a relay keeps connections to, so that not every relay has one to every worker.

/// How many connections there are at least.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Affinity {
    /// Relays that each worker has a connection to, as far as there are so many. Default 5, never below 3.
    pub min_per_worker: usize,
    /// Workers that each relay has a connection to, as far as there are so many. Default 5, never below 3.
    pub min_per_relay: usize,
}

impl Default for Affinity {
    fn default() -> Self {
        Affinity { min_per_worker: 5, min_per_relay: 5 }
    }
}

/// A range of workers, in the order of their `host:port` texts, that may go on from the last to the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    start: usize,
    len: usize,
    workers: usize,
}

impl Affinity {
    /// The workers of the relay with this index, when both relays and workers are in the order of their `host:port`
    /// texts. `None`: there are not so many relays.
    pub fn range(&self, relay: usize, relays: usize, workers: usize) -> Option<Range> {
        if relay >= relays {
            return None;
        }
        let (per_worker, per_relay) = (self.min_per_worker.max(LEAST), self.min_per_relay.max(LEAST));
        let share = per_worker.saturating_mul(workers).div_ceil(relays);
        let len = per_relay.max(share);
        if len >= workers {
            return Some(Range { start: 0, len: workers, workers });
        }
        // The relay's share begins at relay * workers / relays: rounded down to start, up to stop.
        let begins = u128::try_from(relay).ok()? * u128::try_from(workers).ok()?;
        let relays = u128::try_from(relays).ok()?;
        let start = usize::try_from(begins / relays).ok()?;
        let between = !begins.is_multiple_of(relays);
        Some(Range { start, len: len + usize::from(between), workers })
    }
}

impl Range {
    /// The index of each worker.
    pub fn iter(self) -> impl Iterator<Item = usize> {
        (0..self.len).map(move |step| (self.start + step) % self.workers.max(1))
    }

    /// How many there are.
    pub const fn len(self) -> usize {
        self.len
    }

    /// Whether there is none, because the service has no workers.
    pub const fn is_empty(self) -> bool {
        self.len == 0
    }

    /// Whether a worker is one of them.
    pub fn contains(self, worker: usize) -> bool {
        let from_start = || worker.checked_sub(self.start).unwrap_or(worker + self.workers - self.start);
        worker < self.workers && from_start() < self.len
    }
}

/// Fewer would let the loss of one relay or worker take a service away.
const LEAST: usize = 3;

#[cfg(test)]
mod tests;
