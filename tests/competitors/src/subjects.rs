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
}

/// In the order of the table. The first is the yardstick.
pub(crate) const ALL: &[Subject] = &[
    Subject { name: "raw", serve: raw::serve, load: raw::load },
    Subject { name: "raw-blocking", serve: raw::serve_blocking, load: raw::load_blocking },
    Subject { name: "floor", serve: floor::serve, load: floor::load },
    Subject { name: "tchannel-tokio", serve: tchannel::serve_tokio, load: tchannel::load_tokio },
    Subject { name: "tchannel-async-std", serve: tchannel::serve_async_std, load: tchannel::load_async_std },
    Subject { name: "tchannel-smol", serve: tchannel::serve_smol, load: tchannel::load_smol },
    Subject { name: "tchannel-blocking", serve: tchannel::serve_blocking, load: tchannel::load_blocking },
    Subject { name: "tchannel_rs", serve: tchannel_rs::serve, load: tchannel_rs::load },
    Subject { name: "tarpc", serve: tarpc::serve, load: tarpc::load },
    Subject { name: "h2", serve: h2::serve, load: h2::load },
    Subject { name: "tonic", serve: tonic::serve, load: tonic::load },
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
    tchannel_load::run(load, &Time, &mut |_, _| {}, call).await
}
