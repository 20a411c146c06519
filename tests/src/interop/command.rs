use std::num::NonZeroUsize;
use std::str::FromStr;
use std::time::Duration;

use tchannel_load::{Extent, Load};
use thiserror::Error;

use super::{Cell, Runtime, Selection};

/// What the program is asked to do.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// Serve the endpoints.
    Server(ServerOptions),
    /// Try the scenarios.
    Client(ClientOptions),
    /// Put a server under load.
    Bench(BenchOptions),
    /// Print the scenarios' names.
    List,
}

/// How to serve.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerOptions {
    /// Where to listen; port 0 lets the system choose one.
    pub listen: String,
    /// What drives the connections.
    pub runtime: Runtime,
    /// Stop when stdin ends.
    pub until_eof: bool,
}

/// What to try, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientOptions {
    /// The server, `HOST:PORT`.
    pub target: String,
    /// Which scenarios.
    pub selection: Selection,
    /// What drives the connections.
    pub runtime: Runtime,
    /// Longest time for one scenario.
    pub limit: Duration,
}

/// How much load, and where.
#[derive(Clone, Debug, PartialEq)]
pub struct BenchOptions {
    /// The server, `HOST:PORT`; without it, one is started for the time being.
    pub target: Option<String>,
    /// What drives the connections.
    pub runtime: Runtime,
    /// Calls at once, one measurement after the other.
    pub in_flight: Vec<NonZeroUsize>,
    /// Bytes of arg3, likewise.
    pub sizes: Vec<usize>,
    /// Calls due in a second; without it each caller calls again once it is answered.
    pub rate: Option<f64>,
    /// Time before each measurement.
    pub warm_up: Duration,
    /// Time of each measurement.
    pub time: Duration,
}

impl BenchOptions {
    /// What is to be measured, in order.
    pub fn cells(&self) -> impl Iterator<Item = Cell> + '_ {
        let load = |in_flight| Load {
            in_flight,
            pace: self.rate,
            warm_up: Extent::time(self.warm_up),
            extent: Extent::time(self.time),
            server: None,
        };
        let sizes = self.sizes.iter().copied();
        sizes.flat_map(move |size| self.in_flight.iter().map(move |&many| Cell { load: load(many), size }))
    }
}

/// The command line makes no sense.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{problem}\n{USAGE}")]
pub struct UsageError {
    problem: String,
}

const USAGE: &str = "usage: tchannel-peer server [--listen HOST:PORT] [--runtime NAME] [--until-eof]
       tchannel-peer client HOST:PORT [--runtime NAME] [--only NAME,..] [--skip NAME,..] [--limit MS], or --list
       tchannel-peer bench [HOST:PORT] [--runtime NAME] [--in-flight N,..] [--bytes N,..] [--rate CALLS_PER_SECOND]
                           [--warm-up MS] [--time MS]";

impl Command {
    /// Reads the command line, without the program's name.
    pub fn parse(args: impl IntoIterator<Item = String>) -> Result<Self, UsageError> {
        let mut args = args.into_iter();
        match args.next().as_deref() {
            Some("server") => server(args),
            Some("client") => client(args),
            Some("bench") => bench(args),
            Some(other) => Err(usage(format!("`{other}` is neither `server`, `client` nor `bench`"))),
            None => Err(usage("say `server`, `client` or `bench`")),
        }
    }
}

fn server(mut args: impl Iterator<Item = String>) -> Result<Command, UsageError> {
    let mut options =
        ServerOptions { listen: "127.0.0.1:0".into(), runtime: Runtime::Tokio, until_eof: false };
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--listen" => options.listen = value(&arg, &mut args)?,
            "--until-eof" => options.until_eof = true,
            "--runtime" => options.runtime = value(&arg, &mut args)?.parse().map_err(usage::<String>)?,
            _ => return Err(usage(format!("`server` does not know `{arg}`"))),
        }
    }
    Ok(Command::Server(options))
}

fn client(mut args: impl Iterator<Item = String>) -> Result<Command, UsageError> {
    let (mut target, mut selection, mut limit) = (None, Selection::default(), LIMIT);
    let mut runtime = Runtime::Tokio;
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--list" => return Ok(Command::List),
            "--runtime" => runtime = value(&arg, &mut args)?.parse().map_err(usage::<String>)?,
            "--only" => selection.only = names(&value(&arg, &mut args)?),
            "--skip" => selection.skip = names(&value(&arg, &mut args)?),
            "--limit" => {
                limit = milliseconds(&value(&arg, &mut args)?)?;
            }
            _ if target.is_none() && !arg.starts_with('-') => target = Some(arg),
            _ => return Err(usage(format!("`client` does not know `{arg}`"))),
        }
    }
    let target = target.ok_or_else(|| usage("say which server: HOST:PORT"))?;
    Ok(Command::Client(ClientOptions { target, selection, runtime, limit }))
}

fn bench(mut args: impl Iterator<Item = String>) -> Result<Command, UsageError> {
    let some = |number| NonZeroUsize::new(number).expect("these are not 0");
    let mut options = BenchOptions {
        target: None,
        runtime: Runtime::Tokio,
        in_flight: [1, 16, 100, 1_000].map(some).to_vec(),
        sizes: vec![16, 1 << 10, 16 << 10, 60 << 10, 1 << 20],
        rate: None,
        warm_up: Duration::from_millis(200),
        time: Duration::from_millis(500),
    };
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--runtime" => options.runtime = value(&arg, &mut args)?.parse().map_err(usage::<String>)?,
            "--in-flight" => options.in_flight = numbers(&value(&arg, &mut args)?)?,
            "--bytes" => options.sizes = numbers(&value(&arg, &mut args)?)?,
            "--rate" => options.rate = Some(rate(&value(&arg, &mut args)?)?),
            "--warm-up" => options.warm_up = milliseconds(&value(&arg, &mut args)?)?,
            "--time" => options.time = milliseconds(&value(&arg, &mut args)?)?,
            _ if options.target.is_none() && !arg.starts_with('-') => options.target = Some(arg),
            _ => return Err(usage(format!("`bench` does not know `{arg}`"))),
        }
    }
    Ok(Command::Bench(options))
}

fn numbers<N: FromStr>(list: &str) -> Result<Vec<N>, UsageError> {
    let number = |text: &str| text.parse().map_err(|_| usage(format!("`{text}` is no number for this")));
    list.split(',').map(number).collect()
}

fn rate(text: &str) -> Result<f64, UsageError> {
    let good = text.parse().ok().filter(|rate: &f64| rate.is_finite() && *rate > 0.0);
    good.ok_or_else(|| usage(format!("`{text}` is no number of calls a second")))
}

fn milliseconds(text: &str) -> Result<Duration, UsageError> {
    let millis = text.parse().map_err(|_| usage(format!("`{text}` is no number of milliseconds")))?;
    Ok(Duration::from_millis(millis))
}

fn value(option: &str, args: &mut impl Iterator<Item = String>) -> Result<String, UsageError> {
    args.next().ok_or_else(|| usage(format!("`{option}` needs a value")))
}

fn names(list: &str) -> Vec<String> {
    list.split(',').filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

fn usage<P: Into<String>>(problem: P) -> UsageError {
    UsageError { problem: problem.into() }
}

/// That of the reference clients.
const LIMIT: Duration = Duration::from_secs(15);

#[cfg(test)]
mod tests;
