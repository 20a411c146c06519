//! Everything that does not depend on a particular runtime.

pub(crate) mod call;
#[cfg(feature = "cassette")]
pub(crate) mod cassette;
pub(crate) mod channel;
pub(crate) mod clock;
pub(crate) mod dial;
pub(crate) mod drive;
pub(crate) mod error;
pub(crate) mod hash;
pub(crate) mod host;
pub(crate) mod hub;
pub(crate) mod hyperbahn;
pub(crate) mod input;
pub(crate) mod link;
pub(crate) mod notice;
pub(crate) mod observe;
pub(crate) mod outbound;
pub(crate) mod output;
pub(crate) mod parked;
pub(crate) mod peers;
pub(crate) mod pool;
pub(crate) mod race;
pub(crate) mod runtime;
#[cfg(any(feature = "http", feature = "json", feature = "thrift"))]
pub(crate) mod schemes;
pub(crate) mod serve;
pub(crate) mod stream;
pub(crate) mod subchannel;
pub(crate) mod target;
pub(crate) mod timers;
pub(crate) mod turns;
pub(crate) mod wait;

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Locks. Wakers, handlers and hooks never run under a lock; of the user's code only the owner of some argument bytes
/// may be dropped under that of a connection. So a poisoned one guards data that is whole.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
