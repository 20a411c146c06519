//! `tchannel`: calls, measures, decodes and serves TChannel from a command line.
//!
//! A verb is a file: its options, and what it does. What all verbs share is [`reach`], how peers are found and spoken to;
//! [`request`], what may be said of a call; [`exit`], what the program ends with; and [`print`](mod@print), what it says on
//! stdout and stderr.
#![forbid(unsafe_code)]

mod arguments;
mod bench;
mod body;
mod call;
mod decode;
mod duration;
mod exit;
mod pages;
mod ping;
mod print;
mod reach;
mod request;
mod ringpop;
mod serve;
mod stop;

use std::process::ExitCode;

use arguments::Verb;
use exit::{Exit, Failure};

fn main() -> ExitCode {
    let verb = match arguments::parse(std::env::args_os()) {
        Ok(verb) => verb,
        Err(told) => return told,
    };
    match run(verb) {
        Ok(exit) => print::end(exit).into(),
        Err(failure) => {
            print::complain(&failure.to_string());
            failure.exit().into()
        }
    }
}

fn run(verb: Verb) -> Result<Exit, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::local(format!("no threads to run on: {error}")))?;
    // On a worker like the tasks that it speaks with: a call of the main thread's is a hop more.
    let outcome = runtime.block_on(runtime.spawn(async move {
        match verb {
            Verb::Bench(options) => bench::bench(*options).await,
            Verb::Call(options) => call::call(*options).await,
            Verb::Decode(options) => decode::decode(options).await,
            Verb::Ping(options) => ping::ping(options).await,
            Verb::Ringpop(options) => ringpop::ringpop(options).await,
            Verb::Serve(options) => serve::serve(options).await,
        }
    }));
    // Look-ups of names may hang in the system long after anybody waits for them.
    runtime.shutdown_background();
    outcome.map_err(|error| Failure::local(error.to_string()))?
}
