//! From options to a call that may be made.

use alloc::boxed::Box;
use core::time::Duration;

use tchannel_proto::MAX_ARG1;
use tchannel_wire::{ChecksumKind, Route};

use super::{Direct, Layers};
use crate::OpenError;
use crate::retry::Rules;
use crate::trace::Trace;

/// How large a call is, and how large it may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sizes {
    /// Bytes of arg1.
    pub endpoint: usize,
    /// Bytes of arg2 and arg3 together; 0 for a streamed call.
    pub body: usize,
    /// [`Config::max_message`](tchannel_proto::Config::max_message).
    pub max_message: usize,
}

/// A valid call: all that its options decide. Knows neither time nor parent, so it serves any number of calls.
#[derive(Clone, Debug)]
pub struct CallPlan {
    /// Service and transport headers, encoded.
    pub route: Route,
    /// Whose peers may be called, if it has some of its own: the sub-channel that makes the call, else the service.
    pub peers_of: Box<str>,
    /// The caller's patience, over all attempts, connects and waiting.
    pub timeout: Duration,
    /// Attempts and retries.
    pub rules: Rules,
    /// Its identity in traces, as far as it does not depend on the parent.
    pub trace: Trace,
    /// How the arguments are protected.
    pub checksum: ChecksumKind,
    /// Arguments are written and read in parts.
    pub streamed: bool,
    /// Whether it counts in the load of its peer.
    pub track_pending: bool,
    /// The one peer that it goes to, if it names one.
    pub direct: Option<Direct>,
    /// Connected peers that score this or worse are not chosen.
    pub peer_score_threshold: Option<u64>,
}

impl Layers<'_> {
    /// Checks the options and puts them together. Whether there is a parent is checked; which one, the call's start
    /// is told.
    pub fn plan(&self) -> Result<CallPlan, OpenError> {
        if self.style.requires_parent() && self.subchannel.is_none() {
            return Err(OpenError::TopLevelRequest);
        }
        let service = self.service()?;
        self.parent()?;
        self.check_times()?;
        let checksum = self.first(|layer| layer.checksum).unwrap_or_default();
        if checksum == ChecksumKind::FarmHash {
            return Err(OpenError::Checksum);
        }
        Ok(CallPlan {
            route: self.route()?,
            peers_of: self.subchannel.map_or(service, |(name, _)| name).into(),
            timeout: self.timeout(),
            rules: self.rules(),
            trace: self.trace(),
            checksum,
            streamed: self.is_on(|layer| layer.streamed),
            track_pending: self.first(|layer| layer.track_pending).unwrap_or(true),
            direct: self.direct().cloned(),
            peer_score_threshold: self.setting(|layer| &layer.peer_score_threshold).copied(),
        })
    }

    fn rules(&self) -> Rules {
        Rules {
            timeout_per_attempt: self.timeout_per_attempt(),
            max_attempts: self.max_attempts(),
            once: self.is_once(),
            flags: self.retry_flags(),
            policy: self.first(|layer| layer.retry_policy).unwrap_or_default(),
            application_retry: self.is_on(|layer| layer.application_retry),
            allow_same_peer: self.is_on(|layer| layer.allow_same_peer),
        }
    }

    fn check_times(&self) -> Result<(), OpenError> {
        if self.timeout().is_zero() {
            return Err(OpenError::ZeroTimeout { option: "timeout" });
        }
        if self.timeout_per_attempt().is_some_and(|time| time.is_zero()) {
            return Err(OpenError::ZeroTimeout { option: "timeout_per_attempt" });
        }
        Ok(())
    }
}

impl Sizes {
    /// Refuses a call that is too large.
    pub fn check(self) -> Result<(), OpenError> {
        if self.endpoint > MAX_ARG1 {
            return Err(OpenError::EndpointTooLong { len: self.endpoint });
        }
        let (len, limit) = (self.endpoint.saturating_add(self.body), self.max_message);
        if len > limit { Err(OpenError::TooLarge { len, limit }) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests;
