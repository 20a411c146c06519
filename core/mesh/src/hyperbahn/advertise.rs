//! Keeps services advertised: the first time within a deadline, then again and again.
//!
//! ```text
//!        start            ok answer            timer
//!  Idle ──────→ Sending ───────────→ Waiting ────────→ Sending
//!                │   ↑
//!         failed ↓   │ timer
//!               Backoff
//!                │ deadline of the first phase; too many failures in a row later
//!                ↓        start
//!               Failed ───────────→ Sending
//!
//!      stop, closed           answer, failed                 unadvertise
//!  any ────────────→ Stopped ←─────────────── Unadvertising ←──────────── any but Idle
//! ```

mod config;
mod event;
mod steps;

pub use config::{AdvertiseOptions, NotStarted, StartError, Started, announceable};
pub use event::{AdvertiseError, AdvertiseEvent};

use alloc::boxed::Box;
use alloc::collections::VecDeque;
use alloc::vec::Vec;
use core::net::SocketAddr;

use bytes::Bytes;
use tchannel_proto::Timestamp;
use tchannel_wire::ErrorCode;

use super::call::{Call, RouterError};
use crate::rng::Rng;
use steps::local;

/// Names a call of one [`Advertise`]. Never used again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CallKey(u64);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Idle,
    Running(Running),
    Failed,
    Unadvertising(CallKey),
    Stopped,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Running {
    Sending(CallKey),
    Waiting { until: Timestamp },
    Backoff { until: Timestamp },
}

/// The advertise loop of one process.
///
/// Make the calls that [`poll_call`](Self::poll_call) gives, and report how each ended, once: with
/// [`handle_response`](Self::handle_response) or [`handle_failed`](Self::handle_failed). At most one is in flight. Call
/// [`handle_timeout`](Self::handle_timeout) at [`poll_timeout`](Self::poll_timeout).
#[derive(Debug)]
pub struct Advertise {
    options: AdvertiseOptions,
    now: Timestamp,
    state: State,
    services: Vec<Box<str>>,
    /// arg3, which names them all.
    body: Bytes,
    /// When the first phase is over; `None` once it is.
    deadline: Option<Timestamp>,
    /// Failures in a row, as the pause after them counts.
    exponent: u32,
    /// Failures in a row since the first phase.
    failures: u32,
    last: Option<RouterError>,
    result: Option<Result<u64, AdvertiseError>>,
    next_key: u64,
    call: Option<(CallKey, Call)>,
    cancelled: VecDeque<CallKey>,
    events: VecDeque<AdvertiseEvent>,
}

impl Advertise {
    /// A loop that waits for its [`start`](Self::start).
    pub fn new(options: AdvertiseOptions) -> Self {
        Advertise {
            options,
            now: Timestamp::ZERO,
            state: State::Idle,
            services: Vec::new(),
            body: Bytes::new(),
            deadline: None,
            exponent: 0,
            failures: 0,
            last: None,
            result: None,
            next_key: 0,
            call: None,
            cancelled: VecDeque::new(),
            events: VecDeque::new(),
        }
    }

    /// Begins to advertise `services` at once. `address` is where this process listens, as its connections announce it:
    /// routers take it from there.
    ///
    /// While the same services are advertised already it joins: what comes of the first time comes of this too, and
    /// [`result`](Self::result) has it if it came. Errors change nothing.
    pub fn start<S: AsRef<str>>(
        &mut self,
        now: Timestamp,
        address: Option<SocketAddr>,
        services: impl IntoIterator<Item = S>,
    ) -> Result<Started, StartError> {
        announceable(address.ok_or(StartError::NotListening)?)?;
        let services = config::distinct(services)?;
        match self.state {
            State::Running(_) if self.advertises(&services) => return Ok(Started::Joined),
            State::Running(_) => return Err(StartError::OtherServices),
            State::Unadvertising(_) => return Err(StartError::Unadvertising),
            State::Idle | State::Failed | State::Stopped => {}
        }
        if self.options.timeout.is_zero() {
            return Err(StartError::ZeroTimeout);
        }
        self.step(now);
        self.begin(services);
        Ok(Started::Began)
    }

    /// Other habits, from the next start on. While something is advertised nothing changes.
    pub fn configure(&mut self, options: AdvertiseOptions) {
        match self.state {
            State::Idle | State::Failed | State::Stopped => self.options = options,
            State::Running(_) | State::Unadvertising(_) => {}
        }
    }

    /// The router answered: `arg3` is the body of its response. Answers to other calls than the one in flight change
    /// nothing.
    pub fn handle_response(&mut self, now: Timestamp, key: CallKey, ok: bool, arg3: &[u8], rng: &mut Rng) {
        self.step(now);
        self.ended(key, steps::read(ok, arg3), rng);
    }

    /// The call failed, or could not be made. Failures of other calls than the one in flight change nothing.
    pub fn handle_failed(
        &mut self,
        now: Timestamp,
        key: CallKey,
        error: impl Into<RouterError>,
        rng: &mut Rng,
    ) {
        self.step(now);
        self.ended(key, Err(error.into()), rng);
    }

    /// Acts on [`poll_timeout`](Self::poll_timeout); afterwards that is none or later than `now`. Early or repeated
    /// calls do nothing.
    pub fn handle_timeout(&mut self, now: Timestamp) {
        self.step(now);
        self.expire();
    }

    /// Stops without a word to the routers, which forget the services after minutes.
    pub fn stop(&mut self, now: Timestamp) {
        self.step(now);
        self.cancel();
        self.halt(|| local(ErrorCode::Cancelled, "stopped"));
    }

    /// Stops, and asks a router to forget the services, once: [`AdvertiseEvent::Unadvertised`] or [`AdvertiseEvent::UnadvertiseFailed`]
    /// follows. While it runs already it is not asked again.
    ///
    /// Routers then close their connections to this process, and forget its other services too until each is advertised
    /// again.
    pub fn unadvertise(&mut self, now: Timestamp) -> Result<(), NotStarted> {
        match self.state {
            State::Idle => return Err(NotStarted),
            State::Unadvertising(_) => return Ok(()),
            State::Running(_) | State::Failed | State::Stopped => {}
        }
        self.stop(now);
        self.send_unadvertise();
        Ok(())
    }

    /// The channel is closed: nothing more is sent, and nothing is in flight any more.
    pub fn handle_closed(&mut self, now: Timestamp) {
        self.step(now);
        self.call = None;
        self.cancelled.clear();
        self.halt(|| local(ErrorCode::Network, "the channel was closed"));
    }

    /// The next call to make, with any router. Look again after every other `&mut` call.
    pub fn poll_call(&mut self) -> Option<(CallKey, Call)> {
        self.call.take()
    }

    /// A call that was given out and is not wanted any more: cancel it before another is made, and report nothing. Look
    /// again after [`stop`](Self::stop), [`unadvertise`](Self::unadvertise) and
    /// [`handle_timeout`](Self::handle_timeout).
    pub fn poll_cancel(&mut self) -> Option<CallKey> {
        self.cancelled.pop_front()
    }

    /// When to call [`handle_timeout`](Self::handle_timeout). May change after every other `&mut` call.
    pub fn poll_timeout(&self) -> Option<Timestamp> {
        let State::Running(running) = self.state else { return None };
        match running {
            Running::Sending(_) => self.deadline,
            Running::Waiting { until } => Some(until),
            Running::Backoff { until } => Some(self.deadline.map_or(until, |deadline| until.min(deadline))),
        }
    }

    /// The next thing that the owner should know. Look again after every other `&mut` call.
    pub fn poll_event(&mut self) -> Option<AdvertiseEvent> {
        self.events.pop_front()
    }

    /// What came of advertising, for whoever started it or joined: to how many routers the last advertisement was
    /// passed on, or why there was none in time. `None` until then, and once it is stopped.
    pub fn result(&self) -> Option<&Result<u64, AdvertiseError>> {
        self.result.as_ref()
    }

    /// The services of the last start, each once.
    pub fn services(&self) -> impl ExactSizeIterator<Item = &str> {
        self.services.iter().map(|service| &**service)
    }

    fn advertises(&self, services: &[Box<str>]) -> bool {
        services.len() == self.services.len()
            && services.iter().all(|service| self.services.contains(service))
    }

    fn step(&mut self, now: Timestamp) {
        self.now = self.now.max(now);
    }
}

#[cfg(test)]
mod laws;
#[cfg(test)]
mod sent;
#[cfg(test)]
mod simulation;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod world;
