use std::future::{pending, poll_fn, ready};
use std::task::Poll;
use std::thread;
use std::time::{Duration, Instant};

use super::{Wait, wake_at};

#[test]
fn what_is_done_needs_no_waiting() {
    assert_eq!(ready(7).wait(), 7);
    assert_eq!(ready(7).wait_timeout(Duration::ZERO), Some(7));
}

#[test]
fn another_thread_wakes_the_sleeper() {
    let mut first = true;
    let woken = poll_fn(|cx| {
        if std::mem::take(&mut first) {
            let waker = cx.waker().clone();
            thread::spawn(move || waker.wake());
            return Poll::Pending;
        }
        Poll::Ready("woken")
    });
    assert_eq!(woken.wait(), "woken");
}

#[test]
fn a_wake_during_the_poll_is_not_lost() {
    let mut polls = 0;
    let counted = poll_fn(|cx| {
        polls += 1;
        cx.waker().wake_by_ref();
        if polls == 100 { Poll::Ready(polls) } else { Poll::Pending }
    });
    assert_eq!(counted.wait(), 100);
}

#[test]
fn a_future_that_is_not_done_in_time_can_be_waited_for_again() {
    let mut never = Box::pin(pending::<()>());
    assert_eq!(never.wait_timeout(Duration::from_millis(1)), None);
    assert_eq!(never.wait_timeout(Duration::from_millis(1)), None);
}

#[test]
fn a_sleeper_looks_again_at_the_moment_it_asked_for() {
    let at = Instant::now() + Duration::from_millis(2);
    let slept = poll_fn(|_| {
        if Instant::now() >= at {
            return Poll::Ready(());
        }
        wake_at(at);
        Poll::Pending
    });
    slept.wait();
    assert!(Instant::now() >= at);
}

#[test]
fn waits_may_be_nested() {
    let outer = poll_fn(|_| Poll::Ready(ready(1).wait() + ready(2).wait()));
    assert_eq!(outer.wait(), 3);
}
