//! Futures without a runtime: a thread sleeps until its future is done.

use std::cell::Cell;
use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use super::turns::pass_on;

/// Waits for any future of this crate from a thread that runs no other tasks.
///
/// Not for a thread of an async runtime: that would stop, and with it the tasks that it has to run.
pub trait Wait: Future {
    /// Waits for the end.
    fn wait(self) -> Self::Output
    where
        Self: Sized,
    {
        let mut future = pin!(self);
        loop {
            if let Some(done) = block_on(future.as_mut(), None) {
                return done;
            }
        }
    }

    /// Waits for the end, but no longer than `timeout`; `None` if that came first. The future goes on and can be waited
    /// for again.
    fn wait_timeout(&mut self, timeout: Duration) -> Option<Self::Output>
    where
        Self: Unpin,
    {
        let until = Instant::now().checked_add(timeout);
        block_on(Pin::new(self), until)
    }
}

impl<F: Future> Wait for F {}

/// Drives a future on this thread until it is done, or the time is over.
pub(crate) fn block_on<F: Future + ?Sized>(
    mut future: Pin<&mut F>,
    until: Option<Instant>,
) -> Option<F::Output> {
    let mut waiting = Waiting::new();
    loop {
        if let Poll::Ready(done) = waiting.poll(future.as_mut()) {
            return Some(done);
        }
        if is_past(until) {
            return None;
        }
        waiting.sleep(until);
    }
}

pub(crate) fn is_past(until: Option<Instant>) -> bool {
    until.is_some_and(|until| until <= Instant::now())
}

/// A thread that waits for a future.
pub(crate) struct Waiting {
    parker: Arc<Parker>,
    waker: Waker,
    /// When the future wants to be looked at again.
    wake_at: Option<Instant>,
}

impl Waiting {
    pub(crate) fn new() -> Self {
        let parker = PARKER.take().unwrap_or_else(Parker::new);
        Waiting { waker: Waker::from(parker.clone()), parker, wake_at: None }
    }

    pub(crate) fn poll<F: Future + ?Sized>(&mut self, future: Pin<&mut F>) -> Poll<F::Output> {
        let outer = WAKE_AT.take();
        let step = future.poll(&mut Context::from_waker(&self.waker));
        self.wake_at = WAKE_AT.replace(outer);
        if step.is_pending() {
            pass_on();
        }
        step
    }

    /// Until the future is worth another look, or the time is over.
    pub(crate) fn sleep(&self, until: Option<Instant>) {
        self.parker.park(earlier(until, self.wake_at));
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        PARKER.set(Some(self.parker.clone()));
    }
}

/// Has the thread look at its future again at this moment, if nothing wakes it before.
#[cfg(any(test, feature = "blocking"))]
pub(crate) fn wake_at(at: Instant) {
    WAKE_AT.set(earlier(Some(at), WAKE_AT.get()));
}

fn earlier(one: Option<Instant>, other: Option<Instant>) -> Option<Instant> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}

thread_local! {
    /// The thread's waker while nobody uses it.
    static PARKER: Cell<Option<Arc<Parker>>> = const { Cell::new(None) };
    /// When the future that is being polled wants to be looked at again.
    static WAKE_AT: Cell<Option<Instant>> = const { Cell::new(None) };
}

/// A thread that sleeps unless it was woken since it slept last.
struct Parker {
    thread: Thread,
    woken: AtomicBool,
}

impl Parker {
    fn new() -> Arc<Self> {
        Arc::new(Parker { thread: thread::current(), woken: AtomicBool::new(false) })
    }

    fn park(&self, until: Option<Instant>) {
        while !self.woken.swap(false, Ordering::Acquire) {
            match until {
                None => thread::park(),
                Some(until) => {
                    let left = until.saturating_duration_since(Instant::now());
                    if left.is_zero() {
                        return;
                    }
                    thread::park_timeout(left);
                }
            }
        }
    }
}

impl Wake for Parker {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if !self.woken.swap(true, Ordering::Release) {
            self.thread.unpark();
        }
    }
}

#[cfg(test)]
mod tests;
