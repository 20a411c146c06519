//! What a load found out.

use std::time::Duration;

use hdrhistogram::Histogram;

use crate::cpu::Cpu;

/// Calls that ended in the measured time.
#[derive(Clone, Debug)]
pub struct Measured {
    /// Calls with an answer.
    pub answered: u64,
    /// Calls without.
    pub failed: u64,
    /// How long was measured.
    pub took: Duration,
    /// Processor time meanwhile.
    pub cpu: Cpu,
    /// What answered calls took, in nanoseconds, to three digits.
    latency: Histogram<u64>,
}

impl Measured {
    pub(crate) fn new() -> Self {
        Measured {
            answered: 0,
            failed: 0,
            took: Duration::ZERO,
            cpu: Cpu::default(),
            latency: Histogram::new_with_bounds(1, LONGEST, DIGITS).expect("good bounds"),
        }
    }

    /// Calls that were measured otherwise: how long all of it took, processor time, and how many calls took how long.
    pub fn of(took: Duration, cpu: Cpu, calls: impl IntoIterator<Item = (Duration, usize)>) -> Self {
        let mut measured = Measured { took, cpu, ..Measured::new() };
        for (took, count) in calls {
            let count = u64::try_from(count).unwrap_or(u64::MAX);
            measured.answered += count;
            measured.latency.saturating_record_n(nanos(took), count);
        }
        measured
    }

    pub(crate) fn add(&mut self, answered: bool, took: Duration) {
        if answered {
            self.answered += 1;
            self.latency.saturating_record(nanos(took));
        } else {
            self.failed += 1;
        }
    }

    /// Answered calls in a second.
    pub fn rate(&self) -> f64 {
        u32::try_from(self.answered).map_or(f64::INFINITY, f64::from) / self.took.as_secs_f64()
    }

    /// The latency that `percent` of the answered calls did not exceed.
    pub fn percentile(&self, percent: f64) -> Duration {
        Duration::from_nanos(self.latency.value_at_percentile(percent))
    }

    /// The longest latency.
    pub fn longest(&self) -> Duration {
        Duration::from_nanos(self.latency.max())
    }
}

fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

/// An hour, in nanoseconds: no call of a load is longer.
const LONGEST: u64 = 3_600_000_000_000;

const DIGITS: u8 = 3;
