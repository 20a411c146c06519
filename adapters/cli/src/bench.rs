//! `tchannel bench`: many calls at a service, and what they took.

mod amount;
mod calls;
mod message;
mod plot;
mod progress;
mod report;
mod svg;

use std::path::PathBuf;

use clap::Args;
use tchannel_load::Threads;

use crate::exit::{Exit, Failure};
use crate::print;
use crate::reach::Reach;
use crate::request::RequestOptions;

use self::amount::Amount;
use self::calls::Calls;
use self::message::Message;
use self::report::Report;

/// Puts a service under load, and tells calls a second, bytes a second, errors by code and percentiles of the latency.
///
/// Without --rate it is a closed loop: so many callers, each of which calls again once it is answered. With --rate it is
/// an open loop: so many calls are due in a second whatever becomes of them, and a latency counts from when its call was
/// due. The first calls also connect: --warmup keeps them out of the result.
#[derive(Args)]
pub(crate) struct Options {
    /// The service to call.
    service: String,
    /// The endpoint to call.
    endpoint: String,
    #[command(flatten)]
    message: Message,
    #[command(flatten)]
    amount: Amount,
    #[command(flatten)]
    request: RequestOptions,
    #[command(flatten)]
    reach: Reach,
    /// Tells the result as one line of JSON.
    #[arg(long)]
    json: bool,
    /// Draws the latencies into this file, too.
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
}

pub(crate) async fn bench(options: Options) -> Result<Exit, Failure> {
    let peers = options.reach.peers()?;
    let message = options.message.read()?;
    let load = options.amount.load();
    let connections = options.amount.connections(peers.len())?;
    let calls = Calls::new(&options, &peers, connections, &message)?;

    let bar = progress::bar();
    let mut shown = |part: f64, calls: u64| progress::show(&bar, part, calls);
    // Tokio's clock counts in milliseconds: too coarse for calls that take less.
    let clock = Threads::default();
    let measured = tchannel_load::run(&load, &clock, &mut shown, |caller| calls.one(caller)).await;
    bar.finish_and_clear();

    let report =
        Report { options: &options, peers: &peers, connections, load, bytes: calls.bytes(), measured };
    if options.json {
        print::value(&report.json());
    } else {
        report.lines().iter().for_each(|line| print::line(line));
    }
    if let Some(file) = &options.svg {
        let written = std::fs::write(file, svg::draw(&report.title(), &report.measured));
        written.map_err(|error| Failure::local(format!("cannot write {}: {error}", file.display())))?;
    }
    calls.end().await
}
