//! From the system's monotonic clock to the core's moments.

use std::time::{Duration, Instant, SystemTime};

use tchannel_proto::Timestamp;

/// Counts nanoseconds from the moment it was made.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    origin: Instant,
    /// The same moment by the wall clock.
    wall: SystemTime,
}

impl Clock {
    /// Starts at [`Timestamp::ZERO`].
    pub fn new() -> Self {
        Clock { origin: Instant::now(), wall: SystemTime::now() }
    }

    /// This moment.
    pub fn now(&self) -> Timestamp {
        Timestamp::ZERO + self.origin.elapsed()
    }

    /// The wall clock's name for `at`, as if it had not been set since.
    pub fn wall(&self, at: Timestamp) -> SystemTime {
        self.wall.checked_add(at.since(Timestamp::ZERO)).unwrap_or(self.wall)
    }

    /// The system's name for `at`; some far moment if the system cannot name it.
    pub fn instant(&self, at: Timestamp) -> Instant {
        let later = at.since(Timestamp::ZERO);
        self.origin.checked_add(later).unwrap_or_else(|| Instant::now() + FAR)
    }
}

impl Default for Clock {
    fn default() -> Self {
        Clock::new()
    }
}

/// A timer that far ahead may go off early: that costs one look at the queue.
const FAR: Duration = Duration::from_secs(24 * 60 * 60);

#[cfg(test)]
mod tests;
