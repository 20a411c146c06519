//! What the routers of a mesh know of its services.

use std::collections::BTreeMap;
use std::num::NonZeroU64;

use serde_json::json;
use tchannel_mesh::Timestamp;
use tchannel_mesh::rate::{Limited, Place, RateLimiter, RateLimits};

use crate::{Connection, HostPort, Reply};

/// Who serves what.
#[derive(Debug)]
pub(super) struct Book {
    services: BTreeMap<String, Vec<Worker>>,
    limits: RateLimits,
    limiter: RateLimiter,
    turns: usize,
    /// How many there are. All of them know every service.
    pub(super) routers: usize,
}

/// A process that advertised.
#[derive(Clone, Debug)]
pub(super) struct Worker {
    /// As its connection announced it.
    pub(super) announced: String,
    /// Nobody could connect to what it announced: it is reached the way that it came.
    pub(super) only: Option<Connection>,
}

impl Default for Book {
    fn default() -> Self {
        let mut limits = RateLimits::default();
        (limits.total, limits.service) = (None, None);
        let limiter = RateLimiter::new(limits.clone());
        Book { services: BTreeMap::new(), limits, limiter, turns: 0, routers: 0 }
    }
}

impl Book {
    pub(super) fn add(&mut self, service: &str, worker: Worker) {
        let workers = self.services.entry(service.to_owned()).or_default();
        workers.retain(|known| known.announced != worker.announced);
        workers.push(worker);
    }

    /// All services of a process go, whichever it names: that is how it is.
    pub(super) fn remove(&mut self, worker: &Worker) {
        for workers in self.services.values_mut() {
            workers.retain(|known| known.announced != worker.announced);
        }
    }

    /// The answer to whoever advertises: how many routers know it now.
    pub(super) fn counted(&self, services: &[String]) -> Reply {
        let routers = if services.is_empty() { 0 } else { self.routers };
        Reply::ok("{}", json!({"connectionCount": routers}).to_string())
    }

    pub(super) fn forget(&mut self) {
        self.services.clear();
    }

    /// The next in turn.
    pub(super) fn worker(&mut self, service: &str) -> Option<Worker> {
        let workers = self.services.get(service).filter(|workers| !workers.is_empty())?;
        self.turns = self.turns.wrapping_add(1);
        workers.get(self.turns % workers.len()).cloned()
    }

    pub(super) fn workers(&self, service: &str) -> Vec<HostPort> {
        let workers = self.services.get(service).into_iter().flatten();
        workers.filter_map(|worker| worker.announced.parse().ok()).collect()
    }

    pub(super) fn limit(&mut self, service: &str, rps: NonZeroU64) {
        self.limits.services.insert(service.to_owned(), Some(rps));
        self.limiter = RateLimiter::new(self.limits.clone());
    }

    pub(super) fn check(&mut self, now: Timestamp, service: &str) -> Result<(), Limited> {
        self.limiter.check(now, service, Place::Exit)
    }
}
