use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Waker};
use std::time::{Duration, Instant};

use super::*;
use crate::outcome::Outcome;

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
        warm_up: Extent::time(Duration::from_millis(10)),
        extent: Extent::time(Duration::from_millis(100)),
        server: None,
    }
}

#[test]
fn a_closed_loop_keeps_its_number_in_flight_until_its_time_is_over() {
    let (hand, server) = (Hand::new(), Server::default());
    let load = load(3, None);
    let mut quiet = |_: f64, _: u64| {};
    let mut work = pin!(run(&load, &hand, &mut quiet, |_| server.call()));
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
    assert_eq!(measured.unanswered(), 0);
    assert_eq!(measured.percentile(50.0).as_millis(), 10);
    assert!(measured.answered() >= 27, "{}", measured.answered());
}

/// Runs a load to its end; `each` is called before each millisecond passes.
fn to_the_end<O: Into<Ended>>(
    load: &Load,
    hand: &Hand,
    each: impl Fn(),
    call: impl AsyncFn(usize) -> O,
) -> Measured {
    let mut quiet = |_: f64, _: u64| {};
    let mut work = pin!(run(load, hand, &mut quiet, |caller| call(caller)));
    let mut cx = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(measured) = work.as_mut().poll(&mut cx) {
            return measured;
        }
        each();
        hand.to(hand.millis() + 1);
    }
}

#[test]
fn latencies_of_an_open_loop_count_from_when_a_call_was_due() {
    let (hand, server) = (Hand::new(), Server::default());
    // One caller, a call due each millisecond, and a server that stands still for the first 60 milliseconds.
    let load = load(1, Some(1_000.0));
    let stands_still = || {
        if hand.millis() >= 60 {
            server.answer();
        }
    };
    let measured = to_the_end(&load, &hand, stands_still, async |_| server.call().await);
    assert_eq!(measured.answered(), 100, "all that were due in the time");
    // The first that is measured was due at 10, behind ten others, each of which took a millisecond.
    assert_eq!(measured.longest().as_millis(), 61);
}

#[test]
fn open_loop_measures_what_was_due_in_its_time_however_late_it_ends() {
    let (hand, server) = (Hand::new(), Server::default());
    let load = load(1_000, Some(1_000.0));
    let at_the_end = || {
        if hand.millis() >= 200 {
            server.answer();
        }
    };
    let measured = to_the_end(&load, &hand, at_the_end, async |_| server.call().await);
    assert_eq!(measured.answered(), 100);
    assert_eq!((measured.longest().as_millis(), measured.took.as_millis()), (191, 191));
}

#[test]
fn open_loop_lasts_as_long_as_it_was_asked_to() {
    let hand = Hand::new();
    let load = Load { warm_up: Extent::NOTHING, ..load(1, Some(20.0)) };
    let measured = to_the_end(&load, &hand, || {}, async |_| true);
    assert_eq!((measured.answered(), measured.took.as_millis()), (2, 100));
    assert_eq!(measured.rate().to_string(), "20");
}

#[test]
fn load_of_so_many_calls_makes_just_these() {
    for (in_flight, pace) in [(1, None), (3, None), (50, None), (1, Some(1_000.0)), (50, Some(1_000.0))] {
        let (hand, server, made) = (Hand::new(), Server::default(), Cell::new(0));
        let load = Load { warm_up: Extent::calls(7), extent: Extent::calls(20), ..load(in_flight, pace) };
        let call = async |_| {
            made.set(made.get() + 1);
            server.call().await
        };
        let measured = to_the_end(&load, &hand, || server.answer(), call);
        assert_eq!((made.get(), measured.ok), (27, 20), "{load:?}");
    }
}

#[test]
fn warm_up_of_so_many_calls_keeps_the_pace() {
    let hand = Hand::new();
    let load = Load { warm_up: Extent::calls(5), extent: Extent::calls(1), ..load(10, Some(100.0)) };
    let measured = to_the_end(&load, &hand, || {}, async |_| true);
    assert_eq!((measured.answered(), hand.millis()), (1, 50));
}

#[test]
fn whichever_end_comes_first_ends_it() {
    let both = |calls, millis| Extent { calls: Some(calls), time: Some(Duration::from_millis(millis)) };
    for (pace, extent, calls) in [
        (None, both(5, 100), 5),
        (None, both(500, 100), 100),
        (Some(500.0), both(5, 100), 5),
        (Some(500.0), both(500, 100), 50),
    ] {
        let (hand, server) = (Hand::new(), Server::default());
        let load = Load { warm_up: Extent::NOTHING, extent, ..load(1, pace) };
        let measured = to_the_end(&load, &hand, || server.answer(), async |_| server.call().await);
        assert_eq!(measured.answered(), calls, "{load:?}");
    }
}

#[test]
fn every_caller_is_told_its_number() {
    let (hand, server, seen) = (Hand::new(), Server::default(), RefCell::new(BTreeMap::new()));
    let load = Load { warm_up: Extent::NOTHING, extent: Extent::calls(12), ..load(3, None) };
    let call = async |caller| {
        *seen.borrow_mut().entry(caller).or_insert(0) += 1;
        server.call().await
    };
    to_the_end(&load, &hand, || server.answer(), call);
    assert_eq!(seen.into_inner(), BTreeMap::from([(0, 4), (1, 4), (2, 4)]));
}

#[test]
fn calls_are_counted_by_how_they_end() {
    let (hand, made) = (Hand::new(), Cell::new(0));
    let load = Load { warm_up: Extent::NOTHING, extent: Extent::calls(9), ..load(1, None) };
    let call = async |_| {
        made.set(made.get() + 1);
        hand.to(hand.millis() + 2);
        let outcome = match made.get() {
            1..=4 => Outcome::Ok,
            5 | 6 => Outcome::NotOk,
            7 => Outcome::Error(3),
            8 => Outcome::Error(1),
            _ => Outcome::Failed,
        };
        Ended { outcome, bytes: 100 }
    };
    let measured = to_the_end(&load, &hand, || {}, call);
    assert_eq!((measured.ok, measured.not_ok, measured.failed), (4, 2, 1));
    assert_eq!(measured.errors, BTreeMap::from([(1, 1), (3, 1)]));
    assert_eq!((measured.answered(), measured.unanswered()), (6, 3));
    assert_eq!((measured.bytes, measured.took.as_millis()), (900, 18));
    let told: Vec<_> = measured.latencies().map(|(took, calls)| (took.as_millis(), calls)).collect();
    assert_eq!(told, [(2, 6)], "what failed has no latency");
}

#[test]
fn failed_calls_are_counted_and_have_no_latency() {
    let hand = Hand::new();
    let load = load(1, None);
    let mut told = Vec::new();
    let mut note = |part: f64, calls: u64| told.push((part, calls));
    let measured = {
        let mut work = pin!(run(&load, &hand, &mut note, |_| async {
            hand.to(hand.millis() + 10);
            false
        }));
        match work.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(measured) => measured,
            Poll::Pending => panic!("nothing to wait for"),
        }
    };
    assert_eq!((measured.answered(), measured.longest()), (0, Duration::ZERO));
    assert!(measured.failed >= 9);
    assert!(told.last().is_some_and(|(part, _)| *part >= 1.0), "{told:?}");
}
