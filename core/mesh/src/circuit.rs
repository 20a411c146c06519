//! Which endpoints are not called for a while because they fail: one circuit for each caller, service and endpoint.
//!
//! ```text
//!               at the end of a window: failed/total ≥ threshold, total ≥ min_requests
//!  Healthy ──────────────────────────────────────────────────────────────────────────→ Unhealthy
//!  (all pass)  ←────────────────────────────────────────────────────────────────────── (one probe a window)
//!                                  so many good probes in a row
//! ```
//!
//! There are no timers: a circuit is looked at when a request or an answer comes, and is then what it would have become
//! by timers.

mod change;
mod config;
mod state;

pub use change::{Change, CircuitName};
pub use config::{CircuitConfig, is_failure};
pub use state::Health;

use alloc::collections::VecDeque;

use tchannel_proto::Timestamp;
use tchannel_wire::ErrorCode;
use thiserror::Error;

use crate::recent::{Id, Recent};
use state::Circuit;

/// A request that a circuit let pass. Give it back with the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pass {
    circuit: Id,
    /// How often the circuit had changed then.
    era: u64,
    probe: bool,
}

impl Pass {
    /// Whether the circuit is not healthy, and this request is to find out if it could be.
    pub const fn is_probe(&self) -> bool {
        self.probe
    }
}

/// A request is refused: its circuit is not healthy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("service is not healthy")]
pub struct NotHealthy {
    /// The code of the error frame that answers it.
    pub code: ErrorCode,
}

/// The circuits of a server or a relay, at most [`CircuitConfig::max_circuits`]; of more, those not used for longest
/// begin anew.
#[derive(Clone, Debug)]
pub struct Circuits {
    config: CircuitConfig,
    table: Recent<Circuit>,
    changes: VecDeque<Change>,
}

impl Circuits {
    /// Circuits that have seen nothing.
    pub fn new(config: CircuitConfig) -> Self {
        let table = Recent::new(config.max_circuits);
        Circuits { config, table, changes: VecDeque::new() }
    }

    /// Asks whether a request may go on. If it may, tell its end with [`answered`](Self::answered). Endpoints that are
    /// alike in their first 100 characters have one circuit.
    pub fn request(&mut self, now: Timestamp, name: CircuitName<'_>) -> Result<Pass, NotHealthy> {
        let (id, circuit) = self.table.use_or_insert(&name.key(), || Circuit::new(now));
        let before = circuit.era();
        let passed = circuit.request(now, &self.config);
        let era = circuit.era();
        self.note(id, before);
        match passed {
            Some(probe) => Ok(Pass { circuit: id, era, probe }),
            None => Err(NotHealthy { code: self.config.refusal }),
        }
    }

    /// A request that passed is over: `failed` says why, unless it was answered, ok or not.
    pub fn answered(&mut self, now: Timestamp, pass: Pass, failed: Option<ErrorCode>) {
        let Some(circuit) = self.table.get_mut(pass.circuit) else { return };
        let before = circuit.era();
        let is_good = !failed.is_some_and(is_failure);
        circuit.answered(now, &self.config, is_good, pass.probe.then_some(pass.era));
        self.note(pass.circuit, before);
    }

    /// Every circuit, as of its last request or answer, in the order of names.
    pub fn iter(&self) -> impl Iterator<Item = (CircuitName<'_>, Health)> {
        self.table.iter().map(|(key, circuit)| (CircuitName::of(key), circuit.health()))
    }

    /// The next circuit that changed. Look again after [`request`](Self::request) and [`answered`](Self::answered). At
    /// most [`MAX_CHANGES`] wait; later ones are lost.
    pub fn poll_change(&mut self) -> Option<Change> {
        self.changes.pop_front()
    }

    /// Remembers that a circuit changed, if it did since it was of that era.
    fn note(&mut self, id: Id, before: u64) {
        let Some((key, circuit)) = self.table.get(id) else { return };
        if circuit.era() != before && self.changes.len() < MAX_CHANGES {
            self.changes.push_back(Change::new(key, circuit.health()));
        }
    }
}

/// Changes that wait to be polled.
pub const MAX_CHANGES: usize = 1_000;

#[cfg(test)]
mod tests;
