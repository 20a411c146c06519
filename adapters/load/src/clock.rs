//! Time for a load.

use std::future::{Future, poll_fn};
use std::task::Poll;
use std::thread;
use std::time::Instant;

/// Tells the time and waits for it.
pub trait Clock: Sync {
    /// This moment.
    fn now(&self) -> Instant;

    /// Waits until `at`.
    fn sleep_until(&self, at: Instant) -> impl Future<Output = ()> + Send;
}

/// Sleeps on a thread of its own: for callers without a runtime. Costs a thread each time it waits.
#[derive(Clone, Copy, Debug, Default)]
pub struct Threads;

impl Clock for Threads {
    fn now(&self) -> Instant {
        Instant::now()
    }

    async fn sleep_until(&self, at: Instant) {
        let mut started = false;
        poll_fn(|cx| {
            let left = at.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Poll::Ready(());
            }
            if !std::mem::replace(&mut started, true) {
                let waker = cx.waker().clone();
                thread::spawn(move || {
                    thread::sleep(left);
                    waker.wake();
                });
            }
            Poll::Pending
        })
        .await;
    }
}
