//! Peers: how one of many is chosen, and what is known about each.

mod backoff;
mod choose;
mod direction;
mod load;
mod order;
mod score;
#[cfg(test)]
mod testing;

pub use backoff::Backoff;
pub use choose::{Choice, MIN_CONNECTIONS, Wanted, choose};
pub use direction::{Direction, Side, best_connection};
pub use load::{Load, MAX_BUSY};
pub use order::{Added, Turns};
pub use score::{
    Candidate, LeastPending, PreferIncoming, Rendezvous, Score, ShardKey, Strategy, host_port_hash,
};

use crate::slots::Place;

/// Names a peer of one channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PeerKey(pub(crate) Place);

impl PeerKey {
    /// The first peer of this number. The channel gives numbers out; they mean nothing elsewhere.
    pub const fn new(number: u32) -> Self {
        PeerKey(Place::first(number))
    }

    /// Its number, used again for another peer once this one is forgotten.
    pub const fn number(self) -> u32 {
        self.0.number()
    }
}
