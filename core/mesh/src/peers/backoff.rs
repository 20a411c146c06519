//! When a peer that could not be reached may be dialled again.

use core::time::Duration;

use tchannel_proto::Timestamp;

use crate::rng::Rng;

/// The pause after failed connects to one peer: 5 s, doubled up to 30 s, each 10 % more or less.
#[derive(Clone, Debug, Default)]
pub struct Backoff {
    /// Failures in a row.
    failures: u32,
    until: Option<Timestamp>,
}

impl Backoff {
    /// A connect failed, in the socket or in the handshake. Gives the end of the pause.
    pub fn failed(&mut self, now: Timestamp, rng: &mut Rng) -> Timestamp {
        let pause = FIRST.saturating_mul(2_u32.saturating_pow(self.failures)).min(LONGEST);
        self.failures = self.failures.saturating_add(1);
        let until = now + rng.between(pause * 9 / 10, pause * 11 / 10);
        self.until = Some(until);
        until
    }

    /// A connect succeeded: the next pause is the first one again.
    pub fn succeeded(&mut self) {
        *self = Backoff::default();
    }

    /// Whether the pause lasts. Such a peer is dialled only when no other is left.
    pub fn is_active(&self, now: Timestamp) -> bool {
        self.until.is_some_and(|until| now < until)
    }

    /// When the last pause ends, or ended; `None` if no connect failed since the last success.
    pub fn until(&self) -> Option<Timestamp> {
        self.until
    }

    /// Failed connects in a row.
    pub fn failures(&self) -> u32 {
        self.failures
    }
}

const FIRST: Duration = Duration::from_secs(5);
const LONGEST: Duration = Duration::from_secs(30);

#[cfg(test)]
mod tests;
