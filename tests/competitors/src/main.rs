//! The same calls by TChannel for Rust and by what one might use instead: two processes for each, one connection over
//! loopback, all of them in turn for each cell of a table, several times over.
//!
//! - `compare [--reps N] [--only NAME,..] [--cells NAME,..] [--json FILE] [--svg FILE] [--peers DIRECTORY]`:
//!   runs the table, prints it
//! - `report FILE [SVG]`: what `--json` wrote, as tables for people; and as a picture
//! - `serve NAME`: one server, until stdin ends
//! - `load NAME HOST:PORT IN_FLIGHT SIZE WARM_UP_MS TIME_MS SERVER_PID`: one client; prints a line of JSON
//!
//! Figures of one run only compare within that run.

mod cells;
mod chart;
mod compare;
mod floor;
mod peers;
mod process;
mod ratios;
mod report;
mod subjects;

use std::io::{self, Read};
use std::process::ExitCode;
use std::time::Duration;

use tchannel_load::{Extent, Load, Measured};

type Failure = Box<dyn std::error::Error + Send + Sync>;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    let done = match &words[..] {
        ["compare", options @ ..] => compare::compare(options),
        ["report", file] => report::report(file, None),
        ["report", file, svg] => report::report(file, Some(svg)),
        ["serve", name] => serve(name),
        ["load", name, at, in_flight, size, warm_up, time, server] => {
            load(name, at, [in_flight, size, warm_up, time, server])
        }
        _ => Err("say `compare`, `report FILE [SVG]`, `serve NAME` or `load NAME HOST:PORT IN_FLIGHT SIZE WARM_UP_MS TIME_MS SERVER_PID`".into()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("{failure}");
            ExitCode::FAILURE
        }
    }
}

fn serve(name: &str) -> Result<(), Failure> {
    let subject = subjects::named(name)?;
    // The subjects' servers run until their process ends.
    std::thread::spawn(|| {
        let _ended_or_broken = io::stdin().lock().read_to_end(&mut Vec::new());
        std::process::exit(0);
    });
    (subject.serve)(&|at| println!("{}", serde_json::json!({ "listening": at.to_string() })))
}

fn load(name: &str, at: &str, numbers: [&str; 5]) -> Result<(), Failure> {
    let subject = subjects::named(name)?;
    let mut parsed = [0; 5];
    for (number, text) in parsed.iter_mut().zip(numbers) {
        *number = text.parse::<u64>()?;
    }
    let [in_flight, size, warm_up, time, server] = parsed;
    let load = Load {
        in_flight: usize::try_from(in_flight)?.try_into()?,
        pace: None,
        warm_up: Extent::time(Duration::from_millis(warm_up)),
        extent: Extent::time(Duration::from_millis(time)),
        server: Some(u32::try_from(server)?),
    };
    let measured = (subject.load)(at.parse()?, usize::try_from(size)?, &load)?;
    println!("{}", line(&measured));
    Ok(())
}

fn line(measured: &Measured) -> serde_json::Value {
    serde_json::json!({
        "answered": measured.answered(),
        "failed": measured.unanswered(),
        "seconds": measured.took.as_secs_f64(),
        "client_cpu_seconds": measured.cpu.client.map(|cpu| cpu.as_secs_f64()),
        "server_cpu_seconds": measured.cpu.server.map(|cpu| cpu.as_secs_f64()),
        "p50_us": measured.percentile(50.0).as_secs_f64() * 1e6,
        "p99_us": measured.percentile(99.0).as_secs_f64() * 1e6,
    })
}
