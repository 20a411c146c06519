//! What the callers share: whose turn it is, and what came of it.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::cpu::Cpu;
use crate::measured::{Measured, float};
use crate::outcome::Ended;

use super::{Load, Progress};

pub(super) struct Book<'a>(Mutex<Pages<'a>>);

/// One call.
#[derive(Clone, Copy)]
pub(super) struct Turn {
    /// When to call.
    pub(super) due: Instant,
    /// Of an open loop: measuring begins with this one.
    pub(super) first: bool,
    /// Of an open loop: measured.
    counts: bool,
}

struct Pages<'a> {
    load: Load,
    start: Instant,
    /// Calls handed out.
    given: u64,
    ended: u64,
    /// When measuring began, and how many calls of an open loop were handed out before.
    begun: Option<(Instant, u64)>,
    /// Calls that were measured.
    counted: u64,
    /// There is no turn left.
    over: bool,
    measured: Measured,
    /// Processor time when measuring began.
    cpu: Cpu,
    told: Instant,
    progress: Progress<'a>,
}

impl<'a> Book<'a> {
    pub(super) fn new(load: Load, now: Instant, progress: Progress<'a>) -> Self {
        let mut pages = Pages {
            load,
            start: now,
            given: 0,
            ended: 0,
            begun: None,
            counted: 0,
            over: false,
            measured: Measured::new(),
            cpu: Cpu::default(),
            told: now,
            progress,
        };
        if load.pace.is_none() && load.warm_up.is_over(0, Duration::ZERO) {
            pages.begin(now);
        }
        Book(Mutex::new(pages))
    }

    fn pages(&self) -> MutexGuard<'_, Pages<'a>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next call; `None` once there have been enough.
    pub(super) fn next(&self, now: Instant) -> Option<Turn> {
        let mut pages = self.pages();
        let turn = match pages.load.pace {
            _ if pages.over => None,
            None => pages.free_turn(now),
            Some(pace) => pages.paced_turn(pace),
        };
        pages.over |= turn.is_none() && pages.load.pace.is_some();
        pages.given += u64::from(turn.is_some());
        turn
    }

    /// The first call that is measured begins.
    pub(super) fn begin(&self, now: Instant) {
        let pages = &mut *self.pages();
        pages.cpu = Cpu::used(pages.load.server);
        pages.told = now;
    }

    pub(super) fn ended(&self, ended: Ended, turn: Turn, now: Instant) {
        let pages = &mut *self.pages();
        pages.ended += 1;
        if pages.load.pace.is_some() {
            if turn.counts {
                pages.count(ended, now.saturating_duration_since(turn.due));
            }
        } else if let Some((begun, _)) = pages.begun {
            if !pages.over {
                pages.count(ended, now.saturating_duration_since(turn.due));
                if pages.load.extent.is_over(pages.counted, now.saturating_duration_since(begun)) {
                    pages.close(now);
                }
            }
        } else if pages.load.warm_up.is_over(pages.ended, now.saturating_duration_since(pages.start)) {
            pages.begin(now);
        }
        if now.saturating_duration_since(pages.told) >= TELL {
            pages.tell(now);
        }
    }

    /// Until when nothing more comes, though it belongs to what is measured.
    pub(super) fn waits_until(&self) -> Option<Instant> {
        let pages = self.pages();
        let Load { pace, extent, .. } = pages.load;
        pace?;
        pages
            .begun
            .filter(|_| !extent.has_calls(pages.counted))
            .zip(extent.time)
            .map(|((begun, _), time)| begun + time)
    }

    pub(super) fn close(self, now: Instant) -> Measured {
        let mut pages = self.0.into_inner().unwrap_or_else(PoisonError::into_inner);
        if pages.load.pace.is_some() || !pages.over {
            pages.close(now);
        }
        pages.measured
    }
}

impl Pages<'_> {
    fn free_turn(&mut self, now: Instant) -> Option<Turn> {
        let Load { warm_up, extent, .. } = self.load;
        let since = self.begun.map(|(begun, _)| now.saturating_duration_since(begun));
        if since.is_some_and(|since| extent.is_over(self.counted, since)) {
            return None;
        }
        // Those who call now may be all that it takes.
        let warming = if self.begun.is_some() {
            Some(0)
        } else {
            warm_up.calls.map(|most| most - self.ended.min(most))
        };
        let left = warming
            .zip(extent.calls)
            .map(|(warming, most)| warming.saturating_add(most - self.counted.min(most)));
        if left.is_some_and(|left| self.given - self.ended >= left) {
            return None;
        }
        Some(Turn { due: now, first: false, counts: false })
    }

    fn paced_turn(&mut self, pace: f64) -> Option<Turn> {
        let Load { warm_up, extent, .. } = self.load;
        let after = Duration::try_from_secs_f64(float(self.given) / pace).ok()?;
        let due = self.start.checked_add(after)?;
        let first = self.begun.is_none() && warm_up.is_over(self.given, after);
        let (begun, before) = match self.begun {
            None if !first => return Some(Turn { due, first, counts: false }),
            None => *self.begun.insert((due, self.given)),
            Some(begun) => begun,
        };
        let over = extent.is_over(self.given - before, due.saturating_duration_since(begun));
        (!over).then_some(Turn { due, first, counts: true })
    }

    fn begin(&mut self, now: Instant) {
        self.begun = Some((now, self.given));
        self.cpu = Cpu::used(self.load.server);
    }

    fn count(&mut self, ended: Ended, took: Duration) {
        self.counted += 1;
        self.measured.add(ended, took);
    }

    fn tell(&mut self, now: Instant) {
        self.told = now;
        let part = match self.begun {
            _ if self.over && self.given == self.ended => 1.0,
            None => 0.0,
            Some((begun, _)) => self.load.extent.part(self.counted, now.saturating_duration_since(begun)),
        };
        (self.progress)(part, self.counted);
    }

    fn close(&mut self, now: Instant) {
        self.over = true;
        let begun = self.begun.map_or(now, |(begun, _)| begun);
        self.measured.took = now.saturating_duration_since(begun);
        self.measured.cpu = Cpu::used(self.load.server).since(self.cpu);
        self.tell(now);
    }
}

/// Time from one report of the progress to the next.
const TELL: Duration = Duration::from_millis(100);
