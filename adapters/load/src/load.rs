//! The loop.

mod book;

use std::future::{Future, poll_fn};
use std::num::NonZeroUsize;
use std::pin::pin;
use std::task::Poll;

use futures_util::stream::{FuturesUnordered, Stream};

use crate::clock::Clock;
use crate::extent::Extent;
use crate::measured::Measured;
use crate::outcome::Ended;

use self::book::Book;

/// How many calls, and for how long.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Load {
    /// Most calls at once: as many callers, each with one call at a time.
    pub in_flight: NonZeroUsize,
    /// Calls due in a second, evenly spaced; without it each caller calls again once it is answered.
    pub pace: Option<f64>,
    /// What goes before anything is measured; it keeps the pace, too.
    pub warm_up: Extent,
    /// What is measured.
    pub extent: Extent,
    /// The server's process, if it is on this machine: its processor time is measured, too.
    pub server: Option<u32>,
}

/// Told now and then how far a load has come: the fraction of what is measured, and the calls measured so far.
pub type Progress<'a> = &'a mut (dyn FnMut(f64, u64) + Send);

/// Makes calls until there have been enough, and lets those end that have begun. Each call is told the number of its
/// caller, from 0.
///
/// In a closed loop, calls are measured that end between the end of the last call of the warm-up and the end of the time;
/// in an open loop, those that are due then.
pub async fn run<C, F>(load: &Load, clock: &impl Clock, progress: Progress<'_>, call: C) -> Measured
where
    C: Fn(usize) -> F,
    F: Future<Output: Into<Ended>>,
{
    let book = Book::new(*load, clock.now(), progress);
    let numbers = 0..load.in_flight.get();
    all(numbers.map(|number| caller(number, clock, &book, &call)).collect()).await;
    if let Some(end) = book.waits_until() {
        clock.sleep_until(end).await;
    }
    book.close(clock.now())
}

async fn all<F: Future<Output = ()>>(callers: FuturesUnordered<F>) {
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
}

/// One of those who call, one call after the other.
async fn caller<F: Future<Output: Into<Ended>>>(
    number: usize,
    clock: &impl Clock,
    book: &Book<'_>,
    call: &impl Fn(usize) -> F,
) {
    let mut now = clock.now();
    while let Some(turn) = book.next(now) {
        if turn.due > now {
            clock.sleep_until(turn.due).await;
        }
        if turn.first {
            book.begin(turn.due);
        }
        let ended = call(number).await.into();
        now = clock.now();
        book.ended(ended, turn, now);
    }
}

#[cfg(test)]
mod tests;
