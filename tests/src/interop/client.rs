use std::time::Duration;

use serde_json::Value;
use tchannel_proto::Config;
use tchannel_rpc::BuildError;
use thiserror::Error;
use tokio::time::timeout;

use super::{Caller, Language, Probe, ProbeError, Runtime, Scenario, table};
use crate::peers::ScenarioOutcome;

/// Which scenarios to run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// These, in this order; all if there are none.
    pub only: Vec<String>,
    /// Not these.
    pub skip: Vec<String>,
}

impl Selection {
    fn choose(&self, mut all: Vec<Scenario>) -> Result<Vec<Scenario>, ClientError> {
        let known = |name: &&String| all.iter().any(|scenario| scenario.name() == **name);
        let unknown: Vec<&str> =
            self.only.iter().chain(&self.skip).filter(|name| !known(name)).map(String::as_str).collect();
        if !unknown.is_empty() {
            return Err(ClientError::NoSuchScenario { names: unknown.join(", ") });
        }
        if !self.only.is_empty() {
            let place = |scenario: &Scenario| self.only.iter().position(|name| name == scenario.name());
            all.retain(|scenario| place(scenario).is_some());
            all.sort_by_key(place);
        }
        all.retain(|scenario| !self.skip.iter().any(|name| name == scenario.name()));
        Ok(all)
    }
}

/// Why no scenario could be tried.
#[derive(Debug, Error)]
pub enum ClientError {
    /// The server cannot be reached, or does not speak TChannel.
    #[error("{0}")]
    Probe(#[from] ProbeError),
    /// A channel could not be made.
    #[error("{0}")]
    Build(#[from] BuildError),
    /// The server says nothing.
    #[error("{target} did not answer the handshake within {limit:?}; does it speak TChannel?")]
    Silent {
        /// The server.
        target: String,
        /// How long was waited.
        limit: Duration,
    },
    /// The selection names something else.
    #[error("no such scenario: {names}; `--list` prints those there are")]
    NoSuchScenario {
        /// What it names.
        names: String,
    },
}

/// Tries the selected scenarios at a server, one after the other, and tells the outcome of each. Returns whether all
/// went well.
///
/// Each takes at most `limit`, and no longer counts as failed.
pub async fn run(
    target: &str,
    selection: &Selection,
    runtime: Runtime,
    limit: Duration,
    mut tell: impl FnMut(ScenarioOutcome),
) -> Result<bool, ClientError> {
    // A misspelled name is told before the server is looked for.
    selection.choose(table::all(Language::Other))?;
    let probe = timeout(limit, Probe::connect(target, Config::default()));
    let silent = |_| ClientError::Silent { target: target.into(), limit };
    let (_, remote) = probe.await.map_err(silent)??;
    let peer = Language::of(&remote);

    let mut all_ok = true;
    for scenario in selection.choose(table::all(peer))? {
        let caller = Caller::new(target, runtime)?;
        let (ok, detail) = match scenario.run(caller, limit).await {
            Ok(detail) => (true, detail),
            Err(failure) => (false, Value::from(failure.to_string())),
        };
        all_ok &= ok;
        tell(ScenarioOutcome { name: scenario.name().to_owned(), ok, detail });
    }
    Ok(all_ok)
}
