use std::time::Duration;

use thiserror::Error;

use super::{Runtime, Selection};

/// What the program is asked to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Serve the endpoints.
    Server(ServerOptions),
    /// Try the scenarios.
    Client(ClientOptions),
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

/// The command line makes no sense.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{problem}\n{USAGE}")]
pub struct UsageError {
    problem: String,
}

const USAGE: &str = "usage: tchannel-peer server [--listen HOST:PORT] [--runtime NAME] [--until-eof]
       tchannel-peer client HOST:PORT [--runtime NAME] [--only NAME,..] [--skip NAME,..] [--limit MS], or --list";

impl Command {
    /// Reads the command line, without the program's name.
    pub fn parse(args: impl IntoIterator<Item = String>) -> Result<Self, UsageError> {
        let mut args = args.into_iter();
        match args.next().as_deref() {
            Some("server") => server(args),
            Some("client") => client(args),
            Some(other) => Err(usage(format!("`{other}` is neither `server` nor `client`"))),
            None => Err(usage("say `server` or `client`")),
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
                let millis = value(&arg, &mut args)?;
                let parsed =
                    millis.parse().map_err(|_| usage(format!("`{millis}` is no number of milliseconds")));
                limit = Duration::from_millis(parsed?);
            }
            _ if target.is_none() && !arg.starts_with('-') => target = Some(arg),
            _ => return Err(usage(format!("`client` does not know `{arg}`"))),
        }
    }
    let target = target.ok_or_else(|| usage("say which server: HOST:PORT"))?;
    Ok(Command::Client(ClientOptions { target, selection, runtime, limit }))
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
