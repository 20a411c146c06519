//! From options to a call that may be made.

use tchannel_proto::{MAX_ARG1, Timestamp};
use tchannel_wire::{ChecksumKind, Route};

use super::{Direct, Layers};
use crate::OpenError;
use crate::retry::Rules;
use crate::trace::Lineage;

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

/// A valid call: all that its options decide, at the moment that it starts.
#[derive(Clone, Debug)]
pub struct CallPlan {
    /// Service and transport headers, encoded.
    pub route: Route,
    /// Deadline, attempts and retries.
    pub rules: Rules,
    /// Where it stands in a trace.
    pub lineage: Lineage,
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
    /// Checks the call and puts its options together. The time that it has runs from now.
    ///
    /// A parent without time left is no error here: [`Attempts::start`](crate::retry::Attempts::start) ends the call.
    pub fn plan(&self, now: Timestamp, sizes: Sizes) -> Result<CallPlan, OpenError> {
        if self.style.requires_parent() && self.subchannel.is_none() {
            return Err(OpenError::TopLevelRequest);
        }
        self.service()?;
        let parent = self.parent()?;
        self.check_times()?;
        sizes.check()?;
        let checksum = self.first(|layer| layer.checksum).unwrap_or_default();
        if checksum == ChecksumKind::FarmHash {
            return Err(OpenError::Checksum);
        }
        Ok(CallPlan {
            route: self.route()?,
            rules: self.rules(deadline(now + self.timeout(), parent.map(|parent| parent.deadline))),
            lineage: self.lineage(parent),
            checksum,
            streamed: self.is_on(|layer| layer.streamed),
            track_pending: self.first(|layer| layer.track_pending).unwrap_or(true),
            direct: self.direct().cloned(),
            peer_score_threshold: self.setting(|layer| &layer.peer_score_threshold).copied(),
        })
    }

    fn rules(&self, deadline: Timestamp) -> Rules {
        Rules {
            deadline,
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
    fn check(self) -> Result<(), OpenError> {
        if self.endpoint > MAX_ARG1 {
            return Err(OpenError::EndpointTooLong { len: self.endpoint });
        }
        let (len, limit) = (self.endpoint.saturating_add(self.body), self.max_message);
        if len > limit { Err(OpenError::TooLarge { len, limit }) } else { Ok(()) }
    }
}

/// When the caller's patience ends: its own, or its parent's if that is sooner.
fn deadline(own: Timestamp, parent: Option<Timestamp>) -> Timestamp {
    parent.map_or(own, |parent| own.min(parent))
}

#[cfg(test)]
mod tests;
