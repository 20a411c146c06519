//! Many connections: what they take while they are idle, and what they leave behind.
//!
//! Counts are those of the process, so the tests take turns.
#![cfg(target_os = "linux")]
#![allow(unsafe_code, reason = "an allocator is unsafe to implement; this one only counts")]
#![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

#[path = "many/counting.rs"]
mod counting;
#[path = "many/idle.rs"]
mod idle;
#[path = "many/spent.rs"]
mod spent;

use std::future::Future;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tchannel_rpc::{Reject, Reply, Request};

/// Nobody else counts meanwhile.
fn alone() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Runs a test on two threads of Tokio, which are gone afterwards.
fn block_on<T>(test: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let result = runtime.block_on(async { tokio::time::timeout(HANG, test).await });
    result.expect("the test hangs")
}

/// Far longer than any test takes.
const HANG: Duration = Duration::from_secs(240);

/// Longer than a channel keeps what it does not use.
const BUFFERS_KEPT: Duration = Duration::from_secs(5);

async fn echoes(request: Request) -> Result<Reply, Reject> {
    Ok(Reply::ok("", request.body()))
}
