//! What is compared. Each is a server that sends back what it gets, and a client of it.

mod h2;
mod raw;
mod tarpc;
mod tchannel;
mod tchannel_rs;
mod tonic;

use std::future::Future;
use std::net::{SocketAddr, TcpListener};
use std::time::Instant;

use tchannel_load::{Clock, Load, Measured};
use tokio::runtime::{Builder, Runtime};

use crate::{Failure, floor};

/// One way of making calls.
pub(crate) struct Subject {
    pub(crate) name: &'static str,
    /// Serves for ever; says where.
    pub(crate) serve: fn(&dyn Fn(SocketAddr)) -> Result<(), Failure>,
    /// Calls with bodies of so many bytes.
    pub(crate) load: fn(SocketAddr, usize, &Load) -> Result<Measured, Failure>,
    /// Shorter bodies are not tried: it would be the same as another subject.
    pub(crate) least: usize,
}

impl Subject {
    const fn new(
        name: &'static str,
        serve: fn(&dyn Fn(SocketAddr)) -> Result<(), Failure>,
        load: fn(SocketAddr, usize, &Load) -> Result<Measured, Failure>,
    ) -> Self {
        Subject { name, serve, load, least: 0 }
    }
}

/// Bodies that do not fit a frame of TChannel.
const FRAGMENTED: usize = 64 << 10;

/// In the order of the table. The first is the yardstick.
pub(crate) const ALL: &[Subject] = &[
    Subject::new("raw", raw::serve, raw::load),
    Subject::new("raw-blocking", raw::serve_blocking, raw::load_blocking),
    Subject::new("floor", floor::serve, floor::load),
    Subject::new("tchannel-tokio", tchannel::serve_tokio, tchannel::load_tokio),
    Subject {
        least: FRAGMENTED,
        ..Subject::new("tchannel-tokio-joined", tchannel::serve_joined, tchannel::load_joined)
    },
    Subject::new("tchannel-async-std", tchannel::serve_async_std, tchannel::load_async_std),
    Subject::new("tchannel-smol", tchannel::serve_smol, tchannel::load_smol),
    Subject::new("tchannel-blocking", tchannel::serve_blocking, tchannel::load_blocking),
    Subject::new("tchannel_rs", tchannel_rs::serve, tchannel_rs::load),
    Subject::new("tarpc", tarpc::serve, tarpc::load),
    Subject::new("h2", h2::serve, h2::load),
    Subject::new("tonic", tonic::serve, tonic::load),
];

pub(crate) fn named(name: &str) -> Result<&'static Subject, Failure> {
    let names = || ALL.iter().map(|subject| subject.name).collect::<Vec<_>>().join(", ");
    ALL.iter()
        .find(|subject| subject.name == name)
        .ok_or_else(|| format!("no subject `{name}`; there are {}", names()).into())
}

/// A socket for Tokio on a free port, which is told.
pub(crate) fn listen(listening: &dyn Fn(SocketAddr)) -> Result<TcpListener, Failure> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    listener.set_nonblocking(true)?;
    listening(listener.local_addr()?);
    Ok(listener)
}

/// Tokio with one worker, as everybody here gets it.
pub(crate) fn one_worker() -> Result<Runtime, Failure> {
    Ok(Builder::new_multi_thread().worker_threads(1).enable_all().build()?)
}

/// Runs a future on that worker: `block_on` alone would run it beside.
pub(crate) fn on_worker<T: Send + 'static>(
    work: impl Future<Output = Result<T, Failure>> + Send + 'static,
) -> Result<T, Failure> {
    let runtime = one_worker()?;
    let done = runtime.block_on(runtime.spawn(work))?;
    runtime.shutdown_background();
    done
}

/// Tokio's time.
pub(crate) struct Time;

impl Clock for Time {
    fn now(&self) -> Instant {
        Instant::now()
    }

    async fn sleep_until(&self, at: Instant) {
        tokio::time::sleep_until(at.into()).await;
    }
}

/// Keeps calls going on the worker.
pub(crate) async fn run<C, F>(load: &Load, call: C) -> Measured
where
    C: Fn() -> F + Sync,
    F: Future<Output = bool> + Send,
{
    tchannel_load::run(load, &Time, &mut |_, _| {}, |_| call()).await
}
