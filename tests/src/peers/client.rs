use std::fmt;
use std::net::SocketAddr;
use std::time::Duration;

use serde_json::Value;

use super::process::Process;
use super::{Error, Peer};

/// What a client process needs beside the scenarios: starting up and closing channels, on a busy machine.
const GRACE: Duration = Duration::from_secs(60);

/// Which scenarios a client runs.
#[derive(Clone, Copy, Debug)]
pub struct Scenarios<'a> {
    only: &'a [&'a str],
    skip: &'a [&'a str],
    own_faults: bool,
    limit: Duration,
    service: &'a str,
}

impl<'a> Scenarios<'a> {
    /// Every scenario that the client has, each for at most 15 seconds.
    pub const ALL: Scenarios<'static> =
        Scenarios { only: &[], skip: &[], own_faults: true, limit: Duration::from_secs(15), service: "echo" };

    /// These, in this order.
    pub const fn only(names: &'a [&'a str]) -> Self {
        Scenarios { only: names, ..Self::ALL }
    }

    /// All but these.
    pub const fn except(names: &'a [&'a str]) -> Self {
        Scenarios { skip: names, ..Self::ALL }
    }

    /// Leaves out what the client gets wrong by itself whatever the server does.
    #[must_use = "the selection is returned, not changed in place"]
    pub const fn without_own_faults(self) -> Self {
        Scenarios { own_faults: false, ..self }
    }

    /// How long each scenario may take before it counts as failed; 15 seconds unless set. Choose less where no answer
    /// is expected.
    #[must_use = "the selection is returned, not changed in place"]
    pub const fn limit(self, limit: Duration) -> Self {
        Scenarios { limit, ..self }
    }

    /// The service that is called; `echo` unless set.
    #[must_use = "the selection is returned, not changed in place"]
    pub const fn of(self, service: &'a str) -> Self {
        Scenarios { service, ..self }
    }

    fn args(&self, peer: Peer) -> Vec<String> {
        let limit = match peer {
            Peer::Node | Peer::Hyperbahn => self.limit.as_millis().to_string(),
            Peer::Python => self.limit.as_secs_f64().to_string(),
        };
        let mut args = ["--limit", &limit, "--service", self.service].map(str::to_owned).to_vec();
        for (option, names) in [("--only", self.only), ("--skip", self.skip)] {
            if !names.is_empty() {
                args.extend([option.to_owned(), names.join(",")]);
            }
        }
        if !self.own_faults {
            args.push("--skip-own-faults".to_owned());
        }
        args
    }
}

/// How one scenario went.
#[derive(Clone, Debug, PartialEq)]
pub struct ScenarioOutcome {
    /// The scenario.
    pub name: String,
    /// Whether the client got what it expected.
    pub ok: bool,
    /// What it saw, or why it was not content.
    pub detail: Value,
}

impl fmt::Display for ScenarioOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: {}", self.name, if self.ok { "ok" } else { "failed" }, self.detail)
    }
}

/// Runs a peer's client against a server and returns what became of each scenario, in the order run.
///
/// A scenario that fails is an outcome, not an error; a client that crashes, hangs or runs nothing is an error.
pub fn run_client(
    peer: Peer,
    server: SocketAddr,
    scenarios: Scenarios<'_>,
) -> Result<Vec<ScenarioOutcome>, Error> {
    let server = server.to_string();
    let args = scenarios.args(peer);
    let args: Vec<&str> = [server.as_str()].into_iter().chain(args.iter().map(String::as_str)).collect();
    let mut process = Process::start(peer, "client", &args)?;
    let mut outcomes = Vec::new();
    while let Some(line) = process.line(scenarios.limit + GRACE)? {
        match outcome(&line) {
            Some(outcome) => outcomes.push(outcome),
            None => return Err(process.fail(format!("printed `{line}` instead of an outcome"))),
        }
    }
    let expected = i32::from(outcomes.iter().any(|outcome| !outcome.ok));
    let status = process.wait()?;
    if status.code() != Some(expected) || outcomes.is_empty() {
        return Err(process.fail(format!("ended with {status} after {} outcomes", outcomes.len())));
    }
    Ok(outcomes)
}

/// The names of a client's scenarios, in the order they are run.
pub fn list_scenarios(peer: Peer) -> Result<Vec<String>, Error> {
    let mut process = Process::start(peer, "client", &["--list"])?;
    let mut names = Vec::new();
    while let Some(name) = process.line(GRACE)? {
        names.push(name);
    }
    Ok(names)
}

/// Reads `{"name":..,"ok":..,"detail":..}`.
fn outcome(line: &str) -> Option<ScenarioOutcome> {
    let mut line: Value = serde_json::from_str(line).ok()?;
    Some(ScenarioOutcome {
        name: line.get("name")?.as_str()?.to_owned(),
        ok: line.get("ok")?.as_bool()?,
        detail: line.get_mut("detail")?.take(),
    })
}
