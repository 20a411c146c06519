use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering as Memory};
use std::sync::mpsc::{Sender, channel};
use std::task::{Context, Wake};
use std::thread::ThreadId;
use std::time::Duration;

use super::*;

/// Says who woke it.
struct Note(usize, Mutex<Sender<(usize, ThreadId)>>);

impl Wake for Note {
    fn wake(self: Arc<Self>) {
        let note = self.1.lock().expect("no test panics here");
        note.send((self.0, thread::current().id())).expect("the test waits for it");
    }
}

#[test]
fn sleepers_wake_in_the_order_of_their_moments_on_one_thread() {
    let clock = Threads::default();
    let (tell, woken) = channel();
    let start = clock.now();
    let sleeper = |(number, millis): (usize, u64)| Sleeper {
        at: start + Duration::from_millis(millis),
        waker: Waker::from(Arc::new(Note(number, Mutex::new(tell.clone())))),
    };
    let [first, others @ ..] = [30, 5, 20, 10].map({
        let mut number = 0..;
        move |millis| (number.next().unwrap_or_default(), millis)
    });
    clock.0.bed().sleepers.extend(others.map(sleeper));
    clock.0.add(sleeper(first));
    let woken: Vec<_> = woken.iter().take(4).collect();
    assert_eq!(woken.iter().map(|(number, _)| *number).collect::<Vec<_>>(), [1, 3, 2, 0]);
    assert!(woken.iter().all(|(_, thread)| *thread == woken[0].1));
    assert!(clock.now() >= start + Duration::from_millis(30));
}

#[test]
fn sleeper_that_is_polled_again_lies_down_once() {
    let clock = Threads::default();
    let waker = Waker::from(Arc::new(Counted(Arc::default())));
    let mut sleep = pin!(clock.sleep_until(clock.now() + FAR));
    for _ in 0..3 {
        assert!(sleep.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
    }
    assert_eq!(clock.0.bed().sleepers.len(), 1);
}

#[test]
fn moment_that_is_past_is_not_slept_for() {
    let clock = Threads::default();
    let sleep = pin!(clock.sleep_until(clock.now()));
    assert!(sleep.poll(&mut Context::from_waker(Waker::noop())).is_ready());
    assert!(!clock.0.bed().watched, "no thread was needed");
}

/// Counts how often it is dropped.
struct Counted(Arc<AtomicUsize>);

impl Wake for Counted {
    fn wake(self: Arc<Self>) {}
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_add(1, Memory::SeqCst);
    }
}

#[test]
fn thread_ends_with_its_clock() {
    let dropped = Arc::new(AtomicUsize::new(0));
    let clock = Threads::default();
    {
        let waker = Waker::from(Arc::new(Counted(dropped.clone())));
        let sleep = pin!(clock.sleep_until(clock.now() + FAR));
        assert!(sleep.poll(&mut Context::from_waker(&waker)).is_pending());
    }
    drop(clock);
    // Its thread held the last of the sleepers.
    while dropped.load(Memory::SeqCst) == 0 {
        thread::yield_now();
    }
}

const FAR: Duration = Duration::from_secs(3_600);
