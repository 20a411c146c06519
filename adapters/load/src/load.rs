//! The loop.

use std::future::{Future, poll_fn};
use std::num::NonZeroUsize;
use std::pin::pin;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::Poll;
use std::time::{Duration, Instant};

use futures_util::stream::{FuturesUnordered, Stream};

use crate::clock::Clock;
use crate::cpu::Cpu;
use crate::measured::Measured;

/// How many calls, and for how long.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Load {
    /// Most calls at once.
    pub in_flight: NonZeroUsize,
    /// Calls due in a second, evenly spaced; without it each caller calls again once it is answered.
    pub pace: Option<f64>,
    /// Time before anything is measured.
    pub warm_up: Duration,
    /// Time to measure.
    pub time: Duration,
    /// The server's process, if it is on this machine: its processor time is measured, too.
    pub server: Option<u32>,
}

/// Told now and then how far a load has come: the fraction of its time, warm-up included, and the calls measured.
pub type Progress<'a> = &'a mut (dyn FnMut(f64, u64) + Send);

/// Makes calls until their time is over, and lets those end that have begun.
pub async fn run<C, F>(load: &Load, clock: &impl Clock, progress: Progress<'_>, call: C) -> Measured
where
    C: Fn() -> F,
    F: Future<Output = bool>,
{
    let book = Book::new(load, clock.now(), progress);
    let callers: FuturesUnordered<_> =
        (0..load.in_flight.get()).map(|_| caller(load, clock, &book, &call)).collect();
    let mut callers = pin!(callers);
    poll_fn(|cx| {
        loop {
            match callers.as_mut().poll_next(cx) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(None) => return Poll::Ready(()),
                Poll::Ready(Some(())) => {}
            }
        }
    })
    .await;
    let mut pages = book.pages();
    if !pages.over {
        pages.close(clock.now());
    }
    pages.measured.clone()
}

/// One of those who call, one call after the other.
async fn caller<F: Future<Output = bool>>(
    load: &Load,
    clock: &impl Clock,
    book: &Book<'_>,
    call: &impl Fn() -> F,
) {
    let mut now = clock.now();
    while let Some(due) = book.next(load, now) {
        if due > now {
            clock.sleep_until(due).await;
        }
        let answered = call().await;
        now = clock.now();
        book.ended(answered, due, now);
    }
}

/// What the callers share.
struct Book<'a>(Mutex<Pages<'a>>);

struct Pages<'a> {
    start: Instant,
    begin: Instant,
    end: Instant,
    /// Calls handed out, of an open loop.
    paced: u32,
    measured: Measured,
    server: Option<u32>,
    /// Processor time when measuring began.
    cpu: Cpu,
    begun: bool,
    over: bool,
    told: Instant,
    progress: Progress<'a>,
}

impl<'a> Book<'a> {
    fn new(load: &Load, now: Instant, progress: Progress<'a>) -> Self {
        let begin = now + load.warm_up;
        Book(Mutex::new(Pages {
            start: now,
            begin,
            end: begin + load.time,
            paced: 0,
            measured: Measured::new(),
            server: load.server,
            cpu: Cpu::default(),
            begun: false,
            over: false,
            told: now,
            progress,
        }))
    }

    fn pages(&self) -> MutexGuard<'_, Pages<'a>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// When the next call is due; `None` once the time is over.
    fn next(&self, load: &Load, now: Instant) -> Option<Instant> {
        let mut pages = self.pages();
        let due = match load.pace {
            None => now,
            Some(pace) => {
                let due = pages.start + Duration::from_secs_f64(f64::from(pages.paced) / pace);
                pages.paced += 1;
                due
            }
        };
        (due < pages.end && now < pages.end).then_some(due)
    }

    fn ended(&self, answered: bool, due: Instant, now: Instant) {
        let pages = &mut *self.pages();
        if now >= pages.begin && !pages.begun {
            // From here on: the first call that ends in the measured time is the last of the warm-up.
            (pages.begun, pages.cpu) = (true, Cpu::used(pages.server));
            pages.end += now - pages.begin;
            pages.begin = now;
        } else if pages.begun && !pages.over {
            pages.measured.add(answered, now - due);
            if now >= pages.end {
                pages.close(now);
            }
        }
        if now - pages.told >= TELL || pages.over {
            pages.told = now;
            let whole = (pages.end - pages.start).as_secs_f64();
            (pages.progress)(((now - pages.start).as_secs_f64() / whole).min(1.0), pages.measured.answered);
        }
    }
}

impl Pages<'_> {
    fn close(&mut self, now: Instant) {
        self.over = true;
        self.measured.took = now.saturating_duration_since(self.begin);
        self.measured.cpu = Cpu::used(self.server).since(self.cpu);
    }
}

/// Time from one report of the progress to the next.
const TELL: Duration = Duration::from_millis(100);

#[cfg(test)]
mod tests;
