use std::io::{self, BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use bytes::Bytes;
use serde_json::{Value, json};
use tchannel_load::{Clock, Load, Measured, Progress, Threads};
use tchannel_rpc::blocking::Wait;
use tchannel_rpc::{BuildError, Outbound};
use thiserror::Error;

use super::runtime::Plain;
use super::{BenchOptions, CALLER, Runtime, SERVICE};

/// Why nothing was measured.
#[derive(Debug, Error)]
pub enum BenchError {
    /// A channel could not be made.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// The server's process could not be started.
    #[error("the server's process did not start: {0}")]
    Server(#[from] io::Error),
    /// The server's process said something else than where it listens.
    #[error("the server's process said `{0}` instead of where it listens")]
    Silent(String),
}

/// One measurement: so many calls at once, with bodies of such a size.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cell {
    /// How many, and for how long.
    pub load: Load,
    /// Bytes of arg3.
    pub size: usize,
}

/// Puts a server under one load after the other, each over one connection of its own, and tells what came of it: an
/// object for a line of JSON.
///
/// Without a server in the options it starts one, as a process of this very program.
pub async fn bench(
    options: &BenchOptions,
    mut progress: impl FnMut(&Cell, f64, u64) + Send,
    mut tell: impl FnMut(Value),
) -> Result<(), BenchError> {
    let own = if options.target.is_none() { Some(Server::start(options.runtime)?) } else { None };
    let target = own.as_ref().map(|server| server.at.clone()).or(options.target.clone()).unwrap_or_default();
    let server = own.as_ref().map(|server| server.child.id());
    for mut cell in options.cells() {
        cell.load.server = server;
        let measured = measure(options.runtime, &target, cell, &mut progress).await?;
        tell(line(options.runtime, &cell, &measured));
    }
    Ok(())
}

async fn measure(
    runtime: Runtime,
    target: &str,
    cell: Cell,
    progress: &mut (impl FnMut(&Cell, f64, u64) + Send),
) -> Result<Measured, BenchError> {
    let channel = runtime.channel(CALLER, Plain)?;
    let call = channel.call(SERVICE, "echo").host(target).arg3(Bytes::from(vec![7; cell.size]));
    let mut tell = |part: f64, calls: u64| progress(&cell, part, calls);
    let measured = match runtime {
        Runtime::Tokio => run(&cell, &Tokio, &mut tell, &call).await,
        // Their channels need no runtime of the caller's: one thread keeps all calls going.
        Runtime::AsyncStd | Runtime::Smol | Runtime::Blocking => {
            tokio::task::block_in_place(|| run(&cell, &Threads::default(), &mut tell, &call).wait())
        }
    };
    channel.close().await;
    Ok(measured)
}

async fn run(cell: &Cell, clock: &impl Clock, progress: Progress<'_>, call: &Outbound) -> Measured {
    tchannel_load::run(&cell.load, clock, progress, |_| one(call.clone(), cell.size)).await
}

async fn one(call: Outbound, size: usize) -> bool {
    let answer = call.send().await;
    answer.is_ok_and(|answer| answer.ok() && answer.arg3().iter().map(Bytes::len).sum::<usize>() == size)
}

fn line(runtime: Runtime, cell: &Cell, measured: &Measured) -> Value {
    let micros = |percent| measured.percentile(percent).as_secs_f64() * 1e6;
    let each = u32::try_from(measured.answered().max(1)).map_or(f64::INFINITY, f64::from);
    let cpu = |used: Option<Duration>| used.map(|used| used.as_secs_f64() * 1e6 / each);
    json!({
        "runtime": runtime.name(),
        "in_flight": cell.load.in_flight,
        "bytes": cell.size,
        "due_per_second": cell.load.pace,
        "answered": measured.answered(),
        "failed": measured.unanswered(),
        "seconds": measured.took.as_secs_f64(),
        "calls_per_second": measured.rate(),
        "latency_us": {
            "p50": micros(50.0), "p90": micros(90.0), "p99": micros(99.0), "p99.9": micros(99.9),
            "max": measured.longest().as_secs_f64() * 1e6,
        },
        "cpu_us_per_call": { "client": cpu(measured.cpu.client), "server": cpu(measured.cpu.server) },
    })
}

/// Tokio's time.
struct Tokio;

impl Clock for Tokio {
    fn now(&self) -> Instant {
        Instant::now()
    }

    async fn sleep_until(&self, at: Instant) {
        tokio::time::sleep_until(at.into()).await;
    }
}

/// `tchannel-peer server` as a process of its own. Dropping it ends it.
struct Server {
    child: Child,
    at: String,
}

impl Server {
    fn start(runtime: Runtime) -> Result<Self, BenchError> {
        let mut child = Command::new(std::env::current_exe()?)
            .args(["server", "--until-eof", "--runtime", runtime.name()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let stdout = child.stdout.take().expect("stdout was asked for");
        let mut server = Server { child, at: String::new() };
        let mut said = String::new();
        BufReader::new(stdout).read_line(&mut said)?;
        let listening: Value = serde_json::from_str(&said).unwrap_or_default();
        match listening.get("listening").and_then(Value::as_str) {
            Some(at) => at.clone_into(&mut server.at),
            None => return Err(BenchError::Silent(said.trim().to_owned())),
        }
        Ok(server)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Both fail only for a process that has ended.
        let _ended = self.child.kill();
        let _ended = self.child.wait();
    }
}
