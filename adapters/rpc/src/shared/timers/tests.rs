use std::pin::pin;
use std::sync::Weak;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use super::{Arc, Due, Timers, Timestamp, earlier, next};

#[derive(Default)]
struct Wakes(AtomicUsize);

impl Wake for Wakes {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

fn at(millis: u64) -> Timestamp {
    Timestamp::from_millis(millis)
}

fn due() -> Due {
    Due::Pool(Weak::new())
}

fn arm(timers: &Timers, key: u64, before: Option<u64>, millis: u64) {
    if let Some(waker) = timers.arm(key, due(), before.map(at), at(millis)) {
        waker.wake();
    }
}

#[test]
fn only_an_earlier_moment_wakes_the_task() {
    let timers = Timers::default();
    arm(&timers, 1, None, 100);
    let wakes = Arc::new(Wakes::default());
    let waker = Waker::from(wakes.clone());
    let mut sleep = pin!(earlier(&timers, at(100)));
    assert!(sleep.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
    arm(&timers, 2, None, 200);
    arm(&timers, 3, None, 100);
    assert_eq!(wakes.0.load(Ordering::Relaxed), 0);
    arm(&timers, 2, Some(200), 50);
    assert_eq!(wakes.0.load(Ordering::Relaxed), 1);
    assert!(sleep.as_mut().poll(&mut Context::from_waker(&waker)).is_ready());
}

#[test]
fn the_first_moment_wakes_a_task_without_one() {
    let timers = Timers::default();
    let wakes = Arc::new(Wakes::default());
    let waker = Waker::from(wakes.clone());
    let mut first = pin!(next(&timers));
    assert!(first.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
    arm(&timers, 1, None, 5);
    assert_eq!(wakes.0.load(Ordering::Relaxed), 1);
    assert_eq!(first.as_mut().poll(&mut Context::from_waker(&waker)), Poll::Ready(Some(at(5))));
}

#[test]
fn each_key_has_one_entry_and_due_ones_are_taken() {
    let timers = Timers::default();
    arm(&timers, 1, None, 300);
    arm(&timers, 1, Some(300), 200);
    arm(&timers, 2, None, 100);
    let mut taken = Vec::new();
    timers.take_due(at(150), &mut taken);
    assert_eq!(taken.len(), 1);
    timers.take_due(at(1_000), &mut taken);
    assert_eq!(taken.len(), 2);
}

#[test]
fn stopping_ends_the_task() {
    let timers = Timers::default();
    arm(&timers, 1, None, 300);
    timers.stop();
    let mut cx = Context::from_waker(Waker::noop());
    assert_eq!(pin!(next(&timers)).poll(&mut cx), Poll::Ready(None));
}
