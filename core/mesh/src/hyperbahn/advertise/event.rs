//! What an advertise loop has to tell.

use core::time::Duration;

use thiserror::Error;

use crate::hyperbahn::RouterError;

/// What happened to a process's advertisement.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AdvertiseEvent {
    /// A router took it.
    Advertised {
        /// To how many routers it was passed on.
        connection_count: u64,
        /// The first time since the start: whoever started it may go on.
        first: bool,
    },
    /// An attempt failed.
    AdvertiseFailed {
        /// Why.
        error: RouterError,
        /// Whether there will be another attempt.
        will_retry: bool,
    },
    /// No router took it in time; once for each start, for whoever started it.
    NotAdvertised(AdvertiseError),
    /// Advertising was stopped while it went on, in whichever way.
    Stopped,
    /// A router forgot the services.
    Unadvertised {
        /// How many routers were told.
        connection_count: u64,
    },
    /// No router was told to forget the services. There is no other attempt: they forget by themselves after minutes.
    UnadvertiseFailed {
        /// Why.
        error: RouterError,
    },
}

/// No router took the advertisement in time.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("not advertised within {}ms, check that the routers run and can be reached: {last}", after.as_millis())]
pub struct AdvertiseError {
    /// The time that it had.
    pub after: Duration,
    /// Why the last attempt failed.
    #[source]
    pub last: RouterError,
}
