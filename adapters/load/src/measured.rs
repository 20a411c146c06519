//! What a load found out.

use std::collections::BTreeMap;
use std::time::Duration;

use hdrhistogram::Histogram;

use crate::cpu::Cpu;
use crate::outcome::{Ended, Outcome};

/// Calls of the measured part of a load.
#[derive(Clone, Debug)]
pub struct Measured {
    /// Calls answered as they should be.
    pub ok: u64,
    /// Calls whose answer says that it is not ok.
    pub not_ok: u64,
    /// Calls that ended with an error, by its code.
    pub errors: BTreeMap<u8, u64>,
    /// Calls that failed otherwise.
    pub failed: u64,
    /// Bytes of arguments that all of these moved, both directions together.
    pub bytes: u64,
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
            ok: 0,
            not_ok: 0,
            errors: BTreeMap::new(),
            failed: 0,
            bytes: 0,
            took: Duration::ZERO,
            cpu: Cpu::default(),
            latency: Histogram::new_with_bounds(1, LONGEST, DIGITS).expect("good bounds"),
        }
    }

    /// Good calls that were measured otherwise: how long all of it took, processor time, and how many calls took how long.
    pub fn of(took: Duration, cpu: Cpu, calls: impl IntoIterator<Item = (Duration, usize)>) -> Self {
        let mut measured = Measured { took, cpu, ..Measured::new() };
        for (took, count) in calls {
            let count = u64::try_from(count).unwrap_or(u64::MAX);
            measured.ok += count;
            measured.latency.saturating_record_n(nanos(took), count);
        }
        measured
    }

    pub(crate) fn add(&mut self, ended: Ended, took: Duration) {
        self.bytes = self.bytes.saturating_add(ended.bytes);
        match ended.outcome {
            Outcome::Ok => self.ok += 1,
            Outcome::NotOk => self.not_ok += 1,
            Outcome::Error(code) => {
                *self.errors.entry(code).or_default() += 1;
                return;
            }
            Outcome::Failed => {
                self.failed += 1;
                return;
            }
        }
        self.latency.saturating_record(nanos(took));
    }

    /// Calls with an answer, be it ok or not.
    pub fn answered(&self) -> u64 {
        self.ok + self.not_ok
    }

    /// Calls without.
    pub fn unanswered(&self) -> u64 {
        self.errors.values().sum::<u64>() + self.failed
    }

    /// Answered calls in a second.
    pub fn rate(&self) -> f64 {
        self.in_a_second(self.answered())
    }

    /// Bytes of arguments in a second, both directions together.
    pub fn throughput(&self) -> f64 {
        self.in_a_second(self.bytes)
    }

    fn in_a_second(&self, count: u64) -> f64 {
        if self.took.is_zero() { 0.0 } else { float(count) / self.took.as_secs_f64() }
    }

    /// The latency that `percent` of the answered calls did not exceed.
    pub fn percentile(&self, percent: f64) -> Duration {
        Duration::from_nanos(self.latency.value_at_percentile(percent))
    }

    /// The longest latency.
    pub fn longest(&self) -> Duration {
        Duration::from_nanos(self.latency.max())
    }

    /// What answered calls took, shortest first: a latency, to three digits, and how many calls took it.
    pub fn latencies(&self) -> impl Iterator<Item = (Duration, u64)> + '_ {
        let steps = self.latency.iter_recorded();
        steps.map(|step| (Duration::from_nanos(step.value_iterated_to()), step.count_at_value()))
    }
}

#[allow(clippy::cast_precision_loss, reason = "fifteen digits are enough for a ratio")]
pub(crate) fn float(count: u64) -> f64 {
    count as f64
}

fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

/// An hour, in nanoseconds: no call of a load is longer.
const LONGEST: u64 = 3_600_000_000_000;

const DIGITS: u8 = 3;
