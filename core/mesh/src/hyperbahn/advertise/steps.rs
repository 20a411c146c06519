//! Transitions of the loop.

use alloc::boxed::Box;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::time::Duration;

use tchannel_proto::{Args, CallError, Origin};
use tchannel_wire::ErrorCode;

use super::{Advertise, AdvertiseError, AdvertiseEvent, CallKey, Running, State, config};
use crate::hyperbahn::call::{Call, RouterError};
use crate::hyperbahn::json;
use crate::rng::Rng;

impl Advertise {
    pub(super) fn begin(&mut self, services: Vec<Box<str>>) {
        self.body = config::body(&services).into();
        self.services = services;
        self.deadline = Some(self.now + self.options.timeout);
        (self.exponent, self.failures, self.last, self.result) = (0, 0, None, None);
        self.send();
    }

    pub(super) fn ended(&mut self, key: CallKey, count: Result<u64, RouterError>, rng: &mut Rng) {
        match self.state {
            State::Running(Running::Sending(sent)) if sent == key => match count {
                Ok(connection_count) => self.succeeded(connection_count, rng),
                Err(error) => self.failed(error, rng),
            },
            State::Unadvertising(sent) if sent == key => {
                self.state = State::Stopped;
                self.events.push_back(match count {
                    Ok(connection_count) => AdvertiseEvent::Unadvertised { connection_count },
                    Err(error) => AdvertiseEvent::UnadvertiseFailed { error },
                });
            }
            State::Idle | State::Running(_) | State::Failed | State::Unadvertising(_) | State::Stopped => {}
        }
    }

    fn succeeded(&mut self, connection_count: u64, rng: &mut Rng) {
        let first = !matches!(self.result, Some(Ok(_)));
        (self.deadline, self.last, self.exponent, self.failures) = (None, None, 0, 0);
        self.result = Some(Ok(connection_count));
        let until = self.now + self.options.next_interval(rng);
        self.state = State::Running(Running::Waiting { until });
        self.events.push_back(AdvertiseEvent::Advertised { connection_count, first });
    }

    fn failed(&mut self, error: RouterError, rng: &mut Rng) {
        self.exponent = (self.exponent + 1).min(MAX_EXPONENT);
        let until = self.now + rng.between(Duration::ZERO, longest_pause(self.exponent));
        self.last = Some(error.clone());
        self.state = State::Running(Running::Backoff { until });
        let will_retry = if let Some(deadline) = self.deadline {
            self.options.keep_trying || until < deadline
        } else {
            self.failures = self.failures.saturating_add(1);
            let over = self.options.fail_after.is_some_and(|most| self.failures >= most.get());
            if over {
                self.state = State::Failed;
            }
            !over
        };
        self.events.push_back(AdvertiseEvent::AdvertiseFailed { error, will_retry });
    }

    /// Acts on whatever timers are over.
    pub(super) fn expire(&mut self) {
        let State::Running(running) = self.state else { return };
        match running {
            Running::Sending(_) => self.expire_first_phase(),
            Running::Waiting { until } if until <= self.now => self.send(),
            Running::Waiting { .. } => {}
            Running::Backoff { until } => {
                self.expire_first_phase();
                if until <= self.now && self.state == State::Running(running) {
                    self.send();
                }
            }
        }
    }

    fn expire_first_phase(&mut self) {
        if self.deadline.is_none_or(|deadline| self.now < deadline) {
            return;
        }
        self.deadline = None;
        let last = self.last.clone();
        let error = AdvertiseError {
            after: self.options.timeout,
            last: last.unwrap_or_else(|| local(ErrorCode::Timeout, "no router has answered")),
        };
        self.result = Some(Err(error.clone()));
        self.events.push_back(AdvertiseEvent::NotAdvertised(error));
        if !self.options.keep_trying {
            self.cancel();
            self.state = State::Failed;
        }
    }

    /// The one call of the loop, so long that the first phase can end in time.
    fn send(&mut self) {
        let left = self.deadline.filter(|_| !self.options.keep_trying).map(|end| end.since(self.now));
        let key = self.put_call("ad", left.map_or(PER_CALL, |left| PER_CALL.min(left)));
        self.state = State::Running(Running::Sending(key));
    }

    pub(super) fn send_unadvertise(&mut self) {
        let key = self.put_call("unad", PER_CALL);
        self.state = State::Unadvertising(key);
    }

    fn put_call(&mut self, endpoint: &'static str, timeout: Duration) -> CallKey {
        let key = CallKey(self.next_key);
        self.next_key += 1;
        let call = Call::new(endpoint, "json", Args::new(&b"{}"[..], self.body.clone())).once(timeout);
        self.call = Some((key, call));
        key
    }

    /// Takes back the call that waits to be made, or is in flight.
    pub(super) fn cancel(&mut self) {
        let waiting = self.call.take().map(|(key, _)| key);
        let (State::Running(Running::Sending(key)) | State::Unadvertising(key)) = self.state else { return };
        if waiting != Some(key) {
            self.cancelled.push_back(key);
        }
    }

    /// Ends whatever goes on, and tells whoever waits for it.
    pub(super) fn halt(&mut self, why: impl FnOnce() -> RouterError) {
        match self.state {
            State::Idle => return,
            State::Running(_) => self.events.push_back(AdvertiseEvent::Stopped),
            State::Unadvertising(_) => {
                self.events.push_back(AdvertiseEvent::UnadvertiseFailed { error: why() });
            }
            State::Failed | State::Stopped => {}
        }
        (self.deadline, self.result) = (None, None);
        self.state = State::Stopped;
    }
}

/// What a router's response to `ad` or `unad` says.
pub(super) fn read(ok: bool, arg3: &[u8]) -> Result<u64, RouterError> {
    if ok {
        return Ok(json::count(arg3, "connectionCount")?);
    }
    // A character has four bytes at most.
    let beginning = String::from_utf8_lossy(&arg3[..arg3.len().min(4 * SHOWN)]);
    Err(RouterError::Refused { body: beginning.chars().take(SHOWN).collect() })
}

pub(super) fn local(code: ErrorCode, message: &str) -> RouterError {
    CallError { code, origin: Origin::Local, message: message.to_string() }.into()
}

/// The longest pause after `n` failures in a row: 1.4 to the power of `n` seconds, at most 10.
pub(super) fn longest_pause(n: u32) -> Duration {
    (0..n).fold(Duration::from_secs(1), |pause, _| pause * 7 / 5).min(LONGEST_PAUSE)
}

/// 1.4 to the power of 7 is more than 10.
const MAX_EXPONENT: u32 = 7;
const LONGEST_PAUSE: Duration = Duration::from_secs(10);
/// Time of one call to a router.
const PER_CALL: Duration = Duration::from_secs(2);
/// Characters of a refusal that are kept.
const SHOWN: usize = 200;
