//! How many calls may come in.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::String;
use core::num::{NonZeroU64, NonZeroUsize};

use super::counter::Counter;
use crate::ratio::Ratio;
use crate::window::USUAL_BUCKETS;

/// Limits in calls per second; `None`: no limit. The defaults are those of Hyperbahn.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RateLimits {
    /// For all services together. Default 1,000.
    pub total: Option<NonZeroU64>,
    /// For each service that is not in `services`. Default 100.
    pub service: Option<NonZeroU64>,
    /// For these services. Default empty.
    pub services: BTreeMap<String, Option<NonZeroU64>>,
    /// Services that always pass, and are not counted. Default empty.
    pub exempt: BTreeSet<String>,
    /// Refuse the first call over a limit. Off: one more than the limit passes, as in Hyperbahn. Default off.
    pub strict: bool,
    /// Leave calls unanswered when there are far too many. Default `None`: every call is answered.
    pub kill_switch: Option<KillSwitch>,
    /// In how many steps the last second moves on, at most 1,000; each takes 8 bytes for each service. Default 20.
    pub buckets: NonZeroUsize,
    /// From which share of a limit on there is a warning; `None`: never. Default 85 %.
    pub warn_at: Option<Ratio>,
}

impl Default for RateLimits {
    fn default() -> Self {
        RateLimits {
            total: Some(NonZeroU64::MIN.saturating_add(999)),
            service: Some(NonZeroU64::MIN.saturating_add(99)),
            services: BTreeMap::new(),
            exempt: BTreeSet::new(),
            strict: false,
            kill_switch: None,
            buckets: USUAL_BUCKETS,
            warn_at: Some(Ratio::percent(85)),
        }
    }
}

impl RateLimits {
    /// The limit for one service.
    pub fn of(&self, service: &str) -> Option<NonZeroU64> {
        self.services.get(service).copied().unwrap_or(self.service)
    }

    /// A counter for all calls.
    pub(super) fn counter(&self) -> Counter {
        let most = |limit: NonZeroU64| Some(limit.get().saturating_add(self.kill_switch?.total_excess));
        Counter::new(self, self.total, self.total.and_then(most))
    }

    /// A counter for the calls of one service.
    pub(super) fn counter_of(&self, service: &str) -> Counter {
        let most = |limit: NonZeroU64| Some(limit.saturating_mul(self.kill_switch?.service_factor).get());
        let limit = self.of(service);
        Counter::new(self, limit, limit.and_then(most))
    }
}

/// From when on calls are left unanswered. It counts those that are refused as well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct KillSwitch {
    /// Calls per second over the total limit. Default 200.
    pub total_excess: u64,
    /// Times the limit of a service. Default 2.
    pub service_factor: NonZeroU64,
}

impl Default for KillSwitch {
    fn default() -> Self {
        KillSwitch { total_excess: 200, service_factor: NonZeroU64::MIN.saturating_add(1) }
    }
}
