//! Requests that are refused before anybody hears of them: there are too many, or their endpoint fails.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use tchannel_proto::wire::ErrorCode;
use tchannel_proto::{RequestHead, Timestamp};

use super::{ChannelConfig, Event};
use crate::circuit::{CircuitName, Circuits, Pass};
use crate::rate::{Limited, Place, RateLimiter};
use crate::stats::{Labels, RateLimit, Stat};

#[derive(Debug, Default)]
pub(super) struct Guard {
    limiter: Option<RateLimiter>,
    circuits: Option<Circuits>,
}

/// Why a request goes no further.
#[derive(Debug)]
pub(super) enum Refusal {
    /// Too many: what its caller is told.
    Limited(Limited, ErrorCode),
    /// Far too many: not even an answer.
    Silence,
    /// Its circuit is open: what its caller is told.
    NotHealthy(ErrorCode, String),
}

impl Guard {
    pub(super) fn new(config: &ChannelConfig) -> Self {
        Guard {
            limiter: config.rate_limits.clone().map(RateLimiter::new),
            circuits: config.circuits.clone().map(Circuits::new),
        }
    }

    /// Lets a request pass, or not. The end of one that passes is to be told.
    pub(super) fn check(&mut self, now: Timestamp, head: &RequestHead) -> Result<Option<Pass>, Refusal> {
        if let Some(limiter) = &mut self.limiter {
            limiter.check(now, head.service(), Place::Exit).map_err(|limited| match limited.code() {
                Some(code) => Refusal::Limited(limited, code),
                None => Refusal::Silence,
            })?;
        }
        let Some(circuits) = &mut self.circuits else { return Ok(None) };
        let name = CircuitName {
            caller: head.headers().caller().unwrap_or_default(),
            service: head.service(),
            endpoint: &head.endpoint(),
        };
        match circuits.request(now, name) {
            Ok(pass) => Ok(Some(pass)),
            Err(refused) => Err(Refusal::NotHealthy(refused.code, refused.to_string())),
        }
    }

    /// Rates and limits at this moment; whether there was a request in the last second.
    pub(super) fn gauges(&mut self, now: Timestamp, labels: &mut Labels) -> (Vec<Stat>, bool) {
        let Some(limiter) = &mut self.limiter else { return (Vec::new(), false) };
        let gauges = limiter.gauges(now, labels);
        let quiet = gauges.contains(&Stat::RateLimit(RateLimit::TotalRps(0)));
        (gauges, !quiet)
    }

    pub(super) fn limits_rates(&self) -> bool {
        self.limiter.is_some()
    }

    /// A request that passed is over.
    pub(super) fn ended(&mut self, now: Timestamp, pass: Option<Pass>, failed: Option<ErrorCode>) {
        if let (Some(circuits), Some(pass)) = (&mut self.circuits, pass) {
            circuits.answered(now, pass, failed);
        }
    }

    /// What its owner should know.
    pub(super) fn poll_event(&mut self) -> Option<Event> {
        let warning = self.limiter.as_mut().and_then(RateLimiter::poll_warning).map(Event::NearLimit);
        warning.or_else(|| self.circuits.as_mut()?.poll_change().map(Event::Circuit))
    }
}
