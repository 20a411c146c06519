//! Sleeping without a runtime.

use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::future::poll_fn;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Poll, Waker};
use std::thread;
use std::time::Instant;

use super::Clock;

/// Sleeps on one thread of its own, for callers without a runtime, and for those whose runtime counts in milliseconds.
/// The thread starts with the first that sleeps and ends with this clock.
#[derive(Debug, Default)]
pub struct Threads(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    bed: Mutex<Bed>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Bed {
    sleepers: BinaryHeap<Sleeper>,
    watched: bool,
    over: bool,
}

#[derive(Debug)]
struct Sleeper {
    at: Instant,
    waker: Waker,
}

impl Clock for Threads {
    fn now(&self) -> Instant {
        Instant::now()
    }

    async fn sleep_until(&self, at: Instant) {
        let mut told: Option<Waker> = None;
        poll_fn(|cx| {
            if Instant::now() >= at {
                return Poll::Ready(());
            }
            if told.as_ref().is_none_or(|told| !told.will_wake(cx.waker())) {
                let waker = told.insert(cx.waker().clone()).clone();
                self.0.add(Sleeper { at, waker });
            }
            Poll::Pending
        })
        .await;
    }
}

impl Drop for Threads {
    fn drop(&mut self) {
        self.0.bed().over = true;
        self.0.changed.notify_one();
    }
}

impl Shared {
    fn bed(&self) -> MutexGuard<'_, Bed> {
        self.bed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn add(self: &Arc<Self>, sleeper: Sleeper) {
        let mut bed = self.bed();
        let first = bed.sleepers.peek().is_none_or(|first| sleeper.at < first.at);
        bed.sleepers.push(sleeper);
        if !std::mem::replace(&mut bed.watched, true) {
            let shared = self.clone();
            thread::spawn(move || shared.watch());
        } else if first {
            self.changed.notify_one();
        }
    }

    /// Wakes all in their time.
    fn watch(&self) {
        let mut bed = self.bed();
        while !bed.over {
            let now = Instant::now();
            match bed.sleepers.peek().map(|first| first.at) {
                None => bed = self.changed.wait(bed).unwrap_or_else(PoisonError::into_inner),
                Some(at) if at > now => {
                    let waited = self.changed.wait_timeout(bed, at - now);
                    bed = waited.unwrap_or_else(PoisonError::into_inner).0;
                }
                Some(_) => {
                    let first = bed.sleepers.pop();
                    // Who is woken may come back at once, to sleep again.
                    drop(bed);
                    if let Some(Sleeper { waker, .. }) = first {
                        waker.wake();
                    }
                    bed = self.bed();
                }
            }
        }
    }
}

impl Ord for Sleeper {
    /// Who is to wake first is the greatest.
    fn cmp(&self, other: &Self) -> Ordering {
        other.at.cmp(&self.at)
    }
}

impl PartialOrd for Sleeper {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Sleeper {
    fn eq(&self, other: &Self) -> bool {
        self.at == other.at
    }
}

impl Eq for Sleeper {}

#[cfg(test)]
mod tests;
