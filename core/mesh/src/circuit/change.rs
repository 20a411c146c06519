//! Names of circuits, and what is told about them.

use alloc::format;
use alloc::string::String;
use core::{fmt, str};

use smallvec::SmallVec;

use super::Health;
use crate::stats::{LabelSet, Labels, MAX_LABEL, put_clean};

/// Whose calls go through a circuit, and where to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CircuitName<'a> {
    /// The calling service; empty if it gave no name.
    pub caller: &'a str,
    /// The service called.
    pub service: &'a str,
    /// The beginning of arg1, at most 100 characters.
    pub endpoint: &'a str,
}

impl<'a> CircuitName<'a> {
    pub(super) fn of(key: &'a [u8]) -> Self {
        let mut texts =
            key.split(|byte| *byte == BETWEEN).map(|text| str::from_utf8(text).unwrap_or_default());
        let mut next = || texts.next().unwrap_or_default();
        CircuitName { caller: next(), service: next(), endpoint: next() }
    }

    /// The name in a table. Only the endpoint can be long.
    pub(super) fn key(self) -> SmallVec<[u8; 128]> {
        let end = self.endpoint.char_indices().nth(MAX_LABEL).map_or(self.endpoint.len(), |(end, _)| end);
        let mut key = SmallVec::new();
        key.extend_from_slice(self.caller.as_bytes());
        key.push(BETWEEN);
        key.extend_from_slice(self.service.as_bytes());
        key.push(BETWEEN);
        key.extend_from_slice(&self.endpoint.as_bytes()[..end]);
        key
    }
}

impl fmt::Display for CircuitName<'_> {
    /// `caller->service::endpoint`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let caller = if self.caller.is_empty() { NO_CALLER } else { self.caller };
        write!(f, "{caller}->{}::{}", self.service, self.endpoint)
    }
}

/// A circuit has become something else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    key: SmallVec<[u8; 128]>,
    health: Health,
}

impl Change {
    pub(super) fn new(key: &[u8], health: Health) -> Self {
        Change { key: key.into(), health }
    }

    /// Which circuit.
    pub fn name(&self) -> CircuitName<'_> {
        CircuitName::of(&self.key)
    }

    /// What it is now.
    pub fn health(&self) -> Health {
        self.health
    }

    /// The three counters that it adds one to, without a prefix: of all circuits, of the caller's, of the service's.
    /// Names past the number that [`Labels`] keeps are `other`.
    pub fn stat_names(&self, labels: &mut Labels) -> [String; 3] {
        let name = self.name();
        let key = labels.key(name.service, name.caller, Some(name.endpoint));
        let LabelSet { service, other, endpoint } = labels.labels(key);
        let [service, endpoint] = [(service, "no-service"), (endpoint, "no-endpoint")]
            .map(|(text, none)| clean(text.as_deref().unwrap_or(none)));
        let caller = clean(other.as_deref().unwrap_or(NO_CALLER));
        let health = match self.health {
            Health::Healthy => "healthy",
            Health::Unhealthy => "unhealthy",
        };
        [
            format!("circuits.{health}.total"),
            format!("circuits.{health}.by-caller.{caller}.{service}.{endpoint}"),
            format!("circuits.{health}.by-service.{service}.{caller}.{endpoint}"),
        ]
    }
}

fn clean(text: &str) -> String {
    let mut out = String::new();
    put_clean(&mut out, text);
    out
}

/// Occurs in no text.
const BETWEEN: u8 = 0xFF;
/// In place of a caller that gave no name.
const NO_CALLER: &str = "no-cn";
