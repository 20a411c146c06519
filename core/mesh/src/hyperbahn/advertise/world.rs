//! A loop and a mesh of routers in simulated time.

use alloc::string::ToString;
use alloc::vec;
use alloc::vec::Vec;
use core::net::SocketAddr;
use core::time::Duration;

use tchannel_proto::{CallError, Origin, Timestamp};
use tchannel_wire::ErrorCode;

use super::{Advertise, AdvertiseEvent, AdvertiseOptions, CallKey, Started};
use crate::rng::Rng;

pub(super) const ADDRESS: ([u8; 4], u16) = ([10, 0, 0, 7], 4040);

pub(super) fn at(millis: u64) -> Timestamp {
    Timestamp::from_millis(millis)
}

pub(super) fn millis(at: Timestamp) -> u64 {
    at.as_nanos() / 1_000_000
}

pub(super) fn refused() -> CallError {
    CallError { code: ErrorCode::Network, origin: Origin::Local, message: "connection refused".to_string() }
}

pub(super) fn timed_out() -> CallError {
    CallError { code: ErrorCode::Timeout, origin: Origin::Local, message: "timed out".to_string() }
}

/// What routers do with a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Router {
    /// Answers within 5 ms.
    Up,
    /// Refuses the connection at once.
    Down,
    /// Says nothing.
    Silent,
}

pub(super) struct World {
    pub(super) advertise: Advertise,
    pub(super) rng: Rng,
    pub(super) now: Timestamp,
    /// When each call was made, and its endpoint.
    pub(super) made: Vec<(Timestamp, &'static str)>,
    pub(super) events: Vec<(Timestamp, AdvertiseEvent)>,
    in_flight: Option<(CallKey, Timestamp, Router)>,
}

impl World {
    /// A loop that started at 0.
    pub(super) fn new(options: AdvertiseOptions, seed: u64) -> Self {
        let mut advertise = Advertise::new(options);
        let started = advertise.start(at(0), Some(SocketAddr::from(ADDRESS)), ["my-service"]);
        assert_eq!(started, Ok(Started::Began));
        World { advertise, rng: Rng::new(seed), now: at(0), made: vec![], events: vec![], in_flight: None }
    }

    /// Lets time pass, with routers that are what `router` says when a call reaches them.
    pub(super) fn run(&mut self, until: Timestamp, router: impl Fn(Timestamp) -> Router) {
        loop {
            self.settle(&router);
            let answer = self.in_flight.map(|(_, at, _)| at);
            let timer = self.advertise.poll_timeout();
            let Some(next) = [answer, timer].into_iter().flatten().min().filter(|next| *next <= until) else {
                break;
            };
            assert!(next >= self.now, "a timer in the past");
            self.now = next;
            if answer == Some(next) {
                self.answer();
            } else {
                self.advertise.handle_timeout(next);
                assert!(self.advertise.poll_timeout().is_none_or(|then| then > next));
            }
        }
        self.now = until;
    }

    /// Makes the call that is wanted, drops what is not.
    fn settle(&mut self, router: &impl Fn(Timestamp) -> Router) {
        while let Some(key) = self.advertise.poll_cancel() {
            assert_eq!(self.in_flight.take().map(|(key, ..)| key), Some(key));
        }
        if let Some((key, call)) = self.advertise.poll_call() {
            assert_eq!(self.in_flight, None, "two calls in flight");
            self.made.push((self.now, call.endpoint));
            let router = router(self.now);
            let takes = match router {
                Router::Up => Duration::from_millis(5),
                Router::Down => Duration::ZERO,
                Router::Silent => call.options.timeout.expect("every call has one"),
            };
            self.in_flight = Some((key, self.now + takes, router));
        }
        while let Some(event) = self.advertise.poll_event() {
            self.events.push((self.now, event));
        }
    }

    fn answer(&mut self) {
        let Some((key, now, router)) = self.in_flight.take() else { return };
        let (advertise, rng) = (&mut self.advertise, &mut self.rng);
        match router {
            Router::Up => advertise.handle_response(now, key, true, b"{\"connectionCount\":3}", rng),
            Router::Down => advertise.handle_failed(now, key, refused(), rng),
            Router::Silent => advertise.handle_failed(now, key, timed_out(), rng),
        }
    }

    /// Milliseconds at which calls were made.
    pub(super) fn made_at(&self) -> Vec<u64> {
        self.made.iter().map(|(at, _)| millis(*at)).collect()
    }

    /// When each advertisement was answered.
    pub(super) fn advertised(&self) -> Vec<Timestamp> {
        let advertised =
            self.events.iter().filter(|(_, event)| matches!(event, AdvertiseEvent::Advertised { .. }));
        advertised.map(|(at, _)| *at).collect()
    }
}
