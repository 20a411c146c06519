use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Waker};

use super::*;

/// A clock that a test moves.
#[derive(Clone)]
struct Hand {
    origin: Instant,
    millis: Arc<AtomicU64>,
    sleepers: Arc<Mutex<BTreeMap<(Instant, usize), Waker>>>,
}

impl Hand {
    fn new() -> Self {
        Hand { origin: Instant::now(), millis: Arc::default(), sleepers: Arc::default() }
    }

    fn millis(&self) -> u64 {
        self.millis.load(Ordering::Relaxed)
    }

    fn to(&self, millis: u64) {
        self.millis.store(millis, Ordering::Relaxed);
        let now = self.now();
        self.sleepers.lock().expect("no test panics here").retain(|(until, _), waker| {
            if *until <= now {
                waker.wake_by_ref();
            }
            *until > now
        });
    }
}

impl Clock for Hand {
    fn now(&self) -> Instant {
        self.origin + Duration::from_millis(self.millis())
    }

    async fn sleep_until(&self, at: Instant) {
        poll_fn(|cx| {
            if self.now() >= at {
                return Poll::Ready(());
            }
            let mut sleepers = self.sleepers.lock().expect("no test panics here");
            let place = (at, sleepers.len());
            sleepers.insert(place, cx.waker().clone());
            Poll::Pending
        })
        .await;
    }
}

/// Calls that wait until a test lets them go.
#[derive(Clone, Default)]
struct Server {
    pending: Rc<Cell<usize>>,
    open: Rc<Cell<u64>>,
    waiting: Rc<RefCell<Vec<Waker>>>,
}

impl Server {
    async fn call(&self) -> bool {
        self.pending.set(self.pending.get() + 1);
        let epoch = self.open.get();
        poll_fn(|cx| {
            if self.open.get() > epoch {
                return Poll::Ready(());
            }
            self.waiting.borrow_mut().push(cx.waker().clone());
            Poll::Pending
        })
        .await;
        self.pending.set(self.pending.get() - 1);
        true
    }

    fn answer(&self) {
        self.open.set(self.open.get() + 1);
        self.waiting.borrow_mut().drain(..).for_each(Waker::wake);
    }
}

fn load(in_flight: usize, pace: Option<f64>) -> Load {
    let in_flight = NonZeroUsize::new(in_flight).expect("some");
    Load {
        in_flight,
        pace,
        warm_up: Duration::from_millis(10),
        time: Duration::from_millis(100),
        server: None,
    }
}

#[test]
fn a_closed_loop_keeps_its_number_in_flight_until_its_time_is_over() {
    let (hand, server) = (Hand::new(), Server::default());
    let load = load(3, None);
    let mut quiet = |_: f64, _: u64| {};
    let mut work = pin!(run(&load, &hand, &mut quiet, || server.call()));
    let mut cx = Context::from_waker(Waker::noop());
    for millis in (0..=100).step_by(10) {
        hand.to(millis);
        server.answer();
        assert!(work.as_mut().poll(&mut cx).is_pending());
        assert_eq!(server.pending.get(), 3);
    }
    hand.to(110);
    server.answer();
    let Poll::Ready(measured) = work.as_mut().poll(&mut cx) else { panic!("its time is over") };
    assert_eq!(server.pending.get(), 0);
    assert_eq!(measured.failed, 0);
    assert_eq!(measured.percentile(50.0).as_millis(), 10);
    assert!(measured.answered >= 27, "{}", measured.answered);
}

#[test]
fn latencies_of_an_open_loop_count_from_when_a_call_was_due() {
    let (hand, server) = (Hand::new(), Server::default());
    let load = load(1, Some(1_000.0));
    let mut quiet = |_: f64, _: u64| {};
    let mut work = pin!(run(&load, &hand, &mut quiet, || server.call()));
    let mut cx = Context::from_waker(Waker::noop());
    // One caller, a call due each millisecond, and a server that stands still for the first 60 milliseconds.
    assert!(work.as_mut().poll(&mut cx).is_pending());
    hand.to(60);
    let mut done = None;
    while done.is_none() {
        server.answer();
        if let Poll::Ready(measured) = work.as_mut().poll(&mut cx) {
            done = Some(measured);
        } else {
            hand.to(hand.millis() + 1);
        }
    }
    let measured = done.expect("it has ended");
    assert!(measured.longest() >= Duration::from_millis(58), "{:?}", measured.longest());
}

#[test]
fn failed_calls_are_counted_and_have_no_latency() {
    let hand = Hand::new();
    let load = load(1, None);
    let mut told = Vec::new();
    let mut note = |part: f64, calls: u64| told.push((part, calls));
    let measured = {
        let mut work = pin!(run(&load, &hand, &mut note, || async {
            hand.to(hand.millis() + 10);
            false
        }));
        match work.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(measured) => measured,
            Poll::Pending => panic!("nothing to wait for"),
        }
    };
    assert_eq!((measured.answered, measured.longest()), (0, Duration::ZERO));
    assert!(measured.failed >= 9);
    assert!(told.last().is_some_and(|(part, _)| *part >= 1.0), "{told:?}");
}
