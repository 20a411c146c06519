//! What a limiter has to tell beside its refusals.

use alloc::string::String;
use alloc::vec::Vec;
use core::num::NonZeroU64;
use core::str;

use tchannel_proto::Timestamp;

use super::{Limited, RateLimiter};
use crate::stats::{LabelKey, Labels, RateLimit, Stat};

/// A rate has come near its limit. The next one about the same comes after the rate was lower for a second.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// Whose rate; `None`: all services together.
    pub service: Option<String>,
    /// The limit, in calls per second.
    pub limit: NonZeroU64,
}

impl RateLimiter {
    /// Rates and limits at this moment: in all, and for each service that was called in the last second, or whose rate
    /// fell to 0 since this was asked last. Services past the number that [`Labels`] keeps are added up.
    pub fn gauges(&mut self, now: Timestamp, labels: &mut Labels) -> Vec<Stat> {
        let mut gauges: Vec<_> = [RateLimit::TotalRps(self.total.rate(now))].into();
        gauges.extend(self.total.limit().map(|limit| RateLimit::TotalRpsLimit(limit.get())));
        let mut others = None::<u64>;
        for (name, counter) in self.services.iter_mut() {
            let service = str::from_utf8(name).unwrap_or_default();
            let Some(rate) = counter.tell(now) else { continue };
            match label(service, labels) {
                LabelKey::OTHER => others = Some(others.unwrap_or_default().saturating_add(rate)),
                key => {
                    gauges.push(RateLimit::ServiceRps(key, rate));
                    gauges.extend(counter.limit().map(|limit| RateLimit::ServiceRpsLimit(key, limit.get())));
                }
            }
        }
        gauges.extend(others.map(|rate| RateLimit::ServiceRps(LabelKey::OTHER, rate)));
        gauges.into_iter().map(Stat::RateLimit).collect()
    }

    /// The next warning. Look again after [`check`](Self::check). At most [`MAX_WARNINGS`] wait; later ones are lost.
    pub fn poll_warning(&mut self) -> Option<Warning> {
        self.warnings.pop_front()
    }
}

impl Limited {
    /// The counter that a refusal adds to; calls that are dropped have none.
    pub fn stat(&self, labels: &mut Labels) -> Option<Stat> {
        Some(Stat::RateLimit(match self {
            Limited::Total { .. } => RateLimit::TotalBusy,
            Limited::Service { service, .. } => RateLimit::ServiceBusy(label(service, labels)),
            Limited::Dropped => return None,
        }))
    }
}

fn label(service: &str, labels: &mut Labels) -> LabelKey {
    labels.key("", service, None)
}

/// Warnings that wait to be polled.
pub const MAX_WARNINGS: usize = 100;
