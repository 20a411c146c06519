//! One circuit: what it counts, and when it changes.

use tchannel_proto::Timestamp;

use super::CircuitConfig;

/// What a circuit is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Health {
    /// All requests pass.
    Healthy,
    /// One request passes in each window, to find out.
    Unhealthy,
}

#[derive(Clone, Debug)]
pub(super) struct Circuit {
    /// When the window began.
    start: Timestamp,
    /// How often it changed.
    era: u64,
    state: State,
}

#[derive(Clone, Debug)]
enum State {
    Healthy {
        /// Answers in this window.
        total: u64,
        failed: u64,
    },
    Unhealthy {
        /// Good probes in a row.
        good: u32,
        /// This window's probe went out.
        probed: bool,
    },
}

impl Circuit {
    pub(super) fn new(now: Timestamp) -> Self {
        Circuit { start: now, era: 0, state: HEALTHY }
    }

    pub(super) fn era(&self) -> u64 {
        self.era
    }

    pub(super) fn health(&self) -> Health {
        match self.state {
            State::Healthy { .. } => Health::Healthy,
            State::Unhealthy { .. } => Health::Unhealthy,
        }
    }

    /// `None`: the request is refused; else whether it is a probe.
    pub(super) fn request(&mut self, now: Timestamp, config: &CircuitConfig) -> Option<bool> {
        self.look(now, config);
        match &mut self.state {
            State::Healthy { .. } => Some(false),
            State::Unhealthy { probed: true, .. } if !config.shorted => None,
            State::Unhealthy { probed, .. } => {
                *probed = true;
                Some(true)
            }
        }
    }

    /// A request that passed is over. `probe_of`: the era that it was a probe of.
    pub(super) fn answered(
        &mut self,
        now: Timestamp,
        config: &CircuitConfig,
        is_good: bool,
        probe_of: Option<u64>,
    ) {
        self.look(now, config);
        match &mut self.state {
            State::Healthy { total, failed } => {
                *total = total.saturating_add(1);
                *failed = failed.saturating_add(u64::from(!is_good));
            }
            State::Unhealthy { good, .. } if probe_of == Some(self.era) => {
                *good = if is_good { good.saturating_add(1) } else { 0 };
                if *good >= config.probes.get() {
                    self.change(now, HEALTHY);
                }
            }
            // It went out before the circuit became what it is, and says nothing about it.
            State::Unhealthy { .. } => {}
        }
    }

    /// Ends the windows that are over.
    pub(super) fn look(&mut self, now: Timestamp, config: &CircuitConfig) {
        let window = config.window.as_nanos().max(1);
        let elapsed = now.since(self.start).as_nanos();
        if elapsed < window {
            return;
        }
        match &mut self.state {
            State::Healthy { total, failed } => {
                let unhealthy =
                    *total >= config.min_requests.get() && config.threshold.is_reached(*failed, *total);
                (*total, *failed) = (0, 0);
                if unhealthy {
                    // The first window has no probe: it was just seen that requests fail.
                    let probed = elapsed < 2 * window;
                    self.change(now, State::Unhealthy { good: 0, probed });
                }
            }
            State::Unhealthy { probed, .. } => *probed = false,
        }
        let within = u64::try_from(elapsed % window).unwrap_or(u64::MAX);
        self.start = Timestamp::from_nanos(now.as_nanos().saturating_sub(within));
    }

    fn change(&mut self, now: Timestamp, state: State) {
        self.start = now;
        self.era += 1;
        self.state = state;
    }
}

const HEALTHY: State = State::Healthy { total: 0, failed: 0 };
