//! How far something goes.

use std::time::Duration;

use crate::measured::float;

/// How far a part of a load goes: to so many calls or for so long, whichever is over first. With neither it has no end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extent {
    /// So many calls.
    pub calls: Option<u64>,
    /// For so long.
    pub time: Option<Duration>,
}

impl Extent {
    /// Over before it begins.
    pub const NOTHING: Extent = Extent::calls(0);

    /// So many calls.
    pub const fn calls(calls: u64) -> Self {
        Extent { calls: Some(calls), time: None }
    }

    /// For so long.
    pub const fn time(time: Duration) -> Self {
        Extent { calls: None, time: Some(time) }
    }

    /// Whether so many calls, or so much time, are all of it.
    pub(crate) fn is_over(self, calls: u64, time: Duration) -> bool {
        self.has_calls(calls) || self.time.is_some_and(|most| time >= most)
    }

    pub(crate) fn has_calls(self, calls: u64) -> bool {
        self.calls.is_some_and(|most| calls >= most)
    }

    /// Which part of it so many calls and so much time are, from 0 to 1; 0 if it has no end.
    pub(crate) fn part(self, calls: u64, time: Duration) -> f64 {
        let of_calls = self.calls.map(|most| float(calls) / float(most.max(1)));
        let of_time = self.time.map(|most| time.as_secs_f64() / most.as_secs_f64().max(f64::MIN_POSITIVE));
        of_calls.unwrap_or_default().max(of_time.unwrap_or_default()).min(1.0)
    }
}
