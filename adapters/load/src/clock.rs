//! Time for a load.

mod threads;

use std::future::Future;
use std::time::Instant;

pub use threads::Threads;

/// Tells the time and waits for it.
pub trait Clock: Sync {
    /// This moment.
    fn now(&self) -> Instant;

    /// Waits until `at`.
    fn sleep_until(&self, at: Instant) -> impl Future<Output = ()> + Send;
}
