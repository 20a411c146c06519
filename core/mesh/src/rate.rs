//! How many calls a server or a relay takes in a second, in all and for each service.
//!
//! | step | what | on refusal |
//! |---|---|---|
//! | exempt service | passes, and is not counted | |
//! | kill switch | far over either limit, refused calls counted too | no answer at all |
//! | total | calls of all services | busy |
//! | service | calls of this one; not where calls only enter a mesh | busy |
//! | count | what passes | |

mod config;
mod counter;
mod gauges;

pub use config::{KillSwitch, RateLimits};
pub use gauges::{MAX_WARNINGS, Warning};

use alloc::borrow::ToOwned;
use alloc::collections::VecDeque;
use alloc::string::String;
use core::num::{NonZeroU64, NonZeroUsize};

use tchannel_proto::Timestamp;
use tchannel_wire::ErrorCode;
use thiserror::Error;

use crate::recent::Recent;
use counter::Counter;

/// Where in a mesh calls are counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Place {
    /// Where they are served, or leave the mesh for their service: both limits hold.
    #[default]
    Exit,
    /// Where they only enter the mesh: the total limit holds.
    Entry,
}

/// Why a call is not taken.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Limited {
    /// Too many calls in the last second.
    #[error("hyperbahn node is rate-limited by the total rps of {limit}")]
    Total {
        /// The limit in force, in calls per second.
        limit: NonZeroU64,
    },
    /// Too many calls of this service in the last second.
    #[error("{service} is rate-limited by the service rps of {limit}")]
    Service {
        /// Its name.
        service: String,
        /// The limit in force, in calls per second.
        limit: NonZeroU64,
    },
    /// So many calls that even refusing them costs too much.
    #[error("dropped: far more calls come in than may")]
    Dropped,
}

impl Limited {
    /// The code of the error frame that answers the call; `None`: it is not answered.
    pub const fn code(&self) -> Option<ErrorCode> {
        match self {
            Limited::Total { .. } | Limited::Service { .. } => Some(ErrorCode::Busy),
            Limited::Dropped => None,
        }
    }
}

/// Counts calls against [`RateLimits`].
///
/// Takes memory for [`MAX_SERVICES`] services at most; of more, those not called for longest begin anew.
#[derive(Clone, Debug)]
pub struct RateLimiter {
    limits: RateLimits,
    total: Counter,
    services: Recent<Counter>,
    warnings: VecDeque<Warning>,
}

impl RateLimiter {
    /// A limiter that has seen no calls.
    pub fn new(limits: RateLimits) -> Self {
        RateLimiter {
            total: limits.counter(),
            services: Recent::new(MAX_SERVICES),
            warnings: VecDeque::new(),
            limits,
        }
    }

    /// Takes in a call, or refuses it. `service` is the name that it is routed by: `rd` if it has one, else the service
    /// it names.
    pub fn check(&mut self, now: Timestamp, service: &str, place: Place) -> Result<(), Limited> {
        if self.limits.exempt.contains(service) {
            return Ok(());
        }
        let RateLimiter { limits, total, services, warnings } = self;
        let mut own = match place {
            Place::Exit => {
                let new = || limits.counter_of(service);
                Some(services.use_or_insert(service.as_bytes(), new).1)
            }
            Place::Entry => None,
        };
        if total.is_past(now) || own.as_mut().is_some_and(|own| own.is_past(now)) {
            return Err(Limited::Dropped);
        }
        total.saw(now);
        if let Some(own) = &mut own {
            own.saw(now);
        }
        if let Some(limit) = total.reached(now) {
            return Err(Limited::Total { limit });
        }
        if let Some(limit) = own.as_mut().and_then(|own| own.reached(now)) {
            return Err(Limited::Service { service: service.to_owned(), limit });
        }
        let of_all = total.passes(now).map(|limit| Warning { service: None, limit });
        let of_own = own.and_then(|own| own.passes(now));
        let of_own = of_own.map(|limit| Warning { service: Some(service.to_owned()), limit });
        let room = MAX_WARNINGS.saturating_sub(warnings.len());
        warnings.extend(of_all.into_iter().chain(of_own).take(room));
        Ok(())
    }
}

/// Most services whose calls are counted at once.
pub const MAX_SERVICES: NonZeroUsize = NonZeroUsize::MIN.saturating_add(9_999);

#[cfg(test)]
mod tests;
