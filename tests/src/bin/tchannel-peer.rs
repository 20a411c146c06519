//! One half of an interop test: a server with the endpoints of `tests/peers/README.md`, a client that tries them at any
//! server, or a load that measures one. What it prints is for programs: one line of JSON for each thing.

use std::io::{self, Read, Write};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Value, json};
use tchannel_tests::interop::{
    self, BenchOptions, Cell, ClientError, ClientOptions, Command, Language, ServerOptions, table,
};
use tchannel_tests::peers::ScenarioOutcome;
use tokio::sync::Notify;

fn main() -> ExitCode {
    let command = match Command::parse(std::env::args().skip(1)) {
        Ok(command) => command,
        Err(error) => return complain(&error.to_string(), MISUSED),
    };
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return complain(&format!("no threads to run on: {error}"), FAILED),
    };
    match command {
        Command::List => {
            for scenario in table::all(Language::Other) {
                print(scenario.name());
            }
            ExitCode::SUCCESS
        }
        Command::Client(options) => runtime.block_on(client(&options)),
        Command::Server(options) => runtime.block_on(server(&options)),
        // On a worker, like every other caller; not beside the runtime.
        Command::Bench(options) => runtime
            .block_on(runtime.spawn(async move { bench(&options).await }))
            .unwrap_or_else(|error| complain(&error.to_string(), FAILED)),
    }
}

/// A scenario failed, or the server could not run.
const FAILED: u8 = 1;
/// Nothing was tried.
const MISUSED: u8 = 2;

async fn client(options: &ClientOptions) -> ExitCode {
    let ClientOptions { target, selection, runtime, limit } = options;
    let tell = |ScenarioOutcome { name, ok, detail }: ScenarioOutcome| {
        print(&format!(r#"{{"name":{},"ok":{ok},"detail":{detail}}}"#, Value::from(name)));
    };
    match interop::run(target, selection, *runtime, *limit, tell).await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(FAILED),
        Err(error @ ClientError::NoSuchScenario { .. }) => complain(&error.to_string(), MISUSED),
        Err(error) => complain(&error.to_string(), FAILED),
    }
}

async fn server(options: &ServerOptions) -> ExitCode {
    let stop = match stop_signals(options.until_eof) {
        Ok(stop) => stop,
        Err(error) => return complain(&format!("no way to be stopped: {error}"), FAILED),
    };
    match interop::serve(&options.listen, options.runtime).await {
        Ok(channel) => {
            let listening = channel.listens_at().map(|at| at.to_string());
            print(&json!({ "listening": listening }).to_string());
            stop.notified().await;
            channel.drain(LAST_ANSWERS).await;
            ExitCode::SUCCESS
        }
        Err(error) => complain(&error.to_string(), FAILED),
    }
}

async fn bench(options: &BenchOptions) -> ExitCode {
    let bar = progress_bar(options.cells().count());
    let (mut shown, mut done) = (None, 0);
    let progress = |cell: &Cell, part: f64, calls: u64| {
        if shown.replace(*cell).is_some_and(|before| before != *cell) {
            done += u64::from(STEPS);
        }
        bar.set_message(format!("{} bytes x {}: {calls} calls", cell.size, cell.load.in_flight));
        bar.set_position(done + step(part));
    };
    let outcome = interop::bench(options, progress, |line| bar.suspend(|| print(&line.to_string()))).await;
    bar.finish_and_clear();
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => complain(&error.to_string(), FAILED),
    }
}

/// How many steps of the bar a part of a measurement is.
fn step(part: f64) -> u64 {
    let steps = f64::from(STEPS) * part.clamp(0.0, 1.0);
    (1..=STEPS).take_while(|step| f64::from(*step) <= steps).count().try_into().unwrap_or_default()
}

/// Of one measurement, on the bar.
const STEPS: u32 = 20;

/// The bar, hidden unless stderr is a terminal.
fn progress_bar(cells: usize) -> ProgressBar {
    let bar = ProgressBar::new(u64::from(STEPS) * u64::try_from(cells).unwrap_or_default());
    let style = ProgressStyle::with_template("{bar:30} {msg}").expect("a good template");
    bar.with_style(style)
}

/// How long calls may go on once the server is told to stop.
const LAST_ANSWERS: Duration = Duration::from_secs(1);

/// SIGTERM, Ctrl-C, and if asked for the end of stdin.
fn stop_signals(until_eof: bool) -> io::Result<Arc<Notify>> {
    let stop = Arc::new(Notify::new());
    #[cfg(unix)]
    {
        let mut terminated = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
        let told = stop.clone();
        tokio::spawn(async move {
            terminated.recv().await;
            told.notify_one();
        });
    }
    let told = stop.clone();
    tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            told.notify_one();
        }
    });
    if until_eof {
        let told = stop.clone();
        std::thread::spawn(move || {
            let _a_broken_stdin_has_ended_too = io::stdin().lock().read_to_end(&mut Vec::new());
            told.notify_one();
        });
    }
    Ok(stop)
}

fn print(line: &str) {
    // Nobody reads any more: what is left to do needs no reader.
    let _reader_gone = writeln!(io::stdout(), "{line}");
}

fn complain(problem: &str, code: u8) -> ExitCode {
    eprintln!("{problem}");
    ExitCode::from(code)
}
