//! When what has to be looked at: one queue for each channel, read by one task.

use std::collections::BTreeMap;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::{Arc, Mutex, Weak};
use std::task::{Poll, Waker};

use tchannel_proto::Timestamp;

use super::clock::Clock;
use super::hub::Hub;
use super::lock;
use super::parked::Parked;
use super::pool::Pool;
use super::race::race;
use super::runtime::Runtime;

#[derive(Debug, Default)]
pub(crate) struct Timers {
    queue: Mutex<Queue>,
}

#[derive(Debug, Default)]
struct Queue {
    /// At most one entry for each key.
    due: BTreeMap<(Timestamp, u64), Due>,
    /// What the task sleeps for; `None` while it is awake.
    sleeping: Option<Timestamp>,
    waker: Option<Waker>,
    over: bool,
}

impl Timers {
    /// Moves an entry to an earlier moment. The waker, if any, is to be woken with no lock held.
    pub(crate) fn arm(&self, key: u64, due: Due, before: Option<Timestamp>, at: Timestamp) -> Option<Waker> {
        let mut queue = lock(&self.queue);
        if let Some(before) = before {
            queue.due.remove(&(before, key));
        }
        queue.due.insert((at, key), due);
        if queue.sleeping.is_some_and(|until| at < until) { queue.waker.take() } else { None }
    }

    /// Ends the task.
    pub(crate) fn stop(&self) {
        let waker = {
            let mut queue = lock(&self.queue);
            queue.over = true;
            queue.waker.take()
        };
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// Takes what is due out of the queue.
    fn take_due(&self, now: Timestamp, due: &mut Vec<Due>) {
        let mut queue = lock(&self.queue);
        queue.sleeping = None;
        while let Some(first) = queue.due.first_entry() {
            if first.key().0 > now {
                break;
            }
            due.push(first.remove());
        }
    }
}

/// Something that has to be looked at.
#[derive(Debug)]
pub(crate) enum Due {
    Hub(Weak<Hub>),
    Pool(Weak<Pool>),
    /// Connections that nobody uses.
    Rest(Weak<Hub>),
}

impl Due {
    fn look(&self, now: Timestamp) {
        match self {
            Due::Hub(hub) => hub.upgrade().iter().for_each(|hub| hub.timeout(now)),
            Due::Pool(pool) => pool.upgrade().iter().for_each(|pool| pool.sweep(now)),
            Due::Rest(hub) => hub.upgrade().iter().for_each(|hub| hub.rest(now)),
        }
    }
}

/// The task: wakes for the earliest moment, or when an earlier one is set.
pub(crate) async fn run(runtime: impl Runtime, timers: Arc<Timers>, clock: Clock) {
    let mut due = Vec::new();
    loop {
        let now = clock.now();
        timers.take_due(now, &mut due);
        due.drain(..).for_each(|due| due.look(now));
        let Some(next) = next(&timers).await else { return };
        let sleep = pin!(runtime.sleep_until(clock.instant(next)));
        race(earlier(&timers, next), sleep).await;
    }
}

/// The earliest moment, once there is one; `None` at the end.
async fn next(timers: &Timers) -> Option<Timestamp> {
    poll_fn(|cx| {
        let mut parked = Parked::new(cx);
        let mut queue = lock(&timers.queue);
        if queue.over {
            return Poll::Ready(None);
        }
        if let Some((first, _)) = queue.due.first_key_value() {
            return Poll::Ready(Some(first.0));
        }
        queue.sleeping = Some(Timestamp::MAX);
        parked.store(&mut queue.waker);
        Poll::Pending
    })
    .await
}

/// Ends when something earlier than `next` is in the queue.
async fn earlier(timers: &Timers, next: Timestamp) {
    poll_fn(|cx| {
        let mut parked = Parked::new(cx);
        let mut queue = lock(&timers.queue);
        let first = queue.due.first_key_value().map(|(key, _)| key.0);
        if queue.over || first.is_some_and(|first| first < next) {
            return Poll::Ready(());
        }
        queue.sleeping = Some(next);
        parked.store(&mut queue.waker);
        Poll::Pending
    })
    .await;
}

#[cfg(test)]
mod tests;
