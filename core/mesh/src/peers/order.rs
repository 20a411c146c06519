//! The round robin among peers that score the same.

use crate::rng::Rng;

/// Gives out places in the round robin of one peer list. The peer with the lowest place is next.
#[derive(Clone, Debug, Default)]
pub struct Turns {
    pushed: u64,
}

/// The place of a new peer, and whose place it takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Added {
    /// The new peer's place, before the exchange.
    pub order: u64,
    /// Position of the peer to exchange places with, in a list that ends with the new one; its own position: none.
    pub swap_with: usize,
}

impl Turns {
    /// The next place of a peer that was just chosen, in a list of `len`: behind the others, or among the last half.
    pub fn next(&mut self, rng: &mut Rng, len: usize) -> u64 {
        self.pushed = self.pushed.saturating_add(1);
        let random = u64::try_from(rng.below(len / 2 + 1)).unwrap_or_default();
        self.pushed.saturating_add(random)
    }

    /// The place of a peer added to a list, which then has `len`. It exchanges places with a random one, so that the
    /// order of adding is not the order of use.
    pub fn add(&mut self, rng: &mut Rng, len: usize) -> Added {
        Added { order: self.next(rng, len), swap_with: rng.below(len) }
    }
}

#[cfg(test)]
mod tests;
