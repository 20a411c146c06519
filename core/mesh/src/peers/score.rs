//! How good a peer is for the next call.

use alloc::sync::Arc;
use core::fmt;

use super::PeerKey;
use crate::rng::mix;

/// What a choice looks at: one peer at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The peer.
    pub key: PeerKey,
    /// [`host_port_hash`] of its address.
    pub hash: u32,
    /// Active connections that it opened.
    pub incoming: u32,
    /// Active connections that this side opened.
    pub outgoing: u32,
    /// It is being dialled.
    pub connecting: bool,
    /// Its dial takes longer than it usually should.
    pub late: bool,
    /// The last connect failed, and the pause after it lasts.
    pub backed_off: bool,
    /// [`Load::at`](super::Load::at) this moment.
    pub load: u32,
    /// Its place in the round robin, from [`Turns`](super::Turns).
    pub order: u64,
    /// The call was there already.
    pub tried: bool,
    /// It is known by its socket address only: never chosen.
    pub ephemeral: bool,
    /// It takes no new calls: never chosen.
    pub draining: bool,
}

impl Candidate {
    /// Whether it has an active connection.
    pub const fn is_connected(&self) -> bool {
        self.incoming > 0 || self.outgoing > 0
    }

    /// Whether only a dial would tell if it lives, and the last one failed: it ranks below all others.
    pub const fn is_dead(&self) -> bool {
        self.backed_off && !self.is_connected()
    }
}

/// A way to rank peers. The lowest score wins; equal scores take turns.
///
/// It is asked for every peer of a list with each call, while the channel can do nothing else: where the channel is behind
/// a lock, that is held. So it must not call back into the channel, wait, or panic.
pub trait Score: fmt::Debug + Send + Sync {
    /// The score of one peer for a call with this `sk` header.
    fn score(&self, peer: &Candidate, shard_key: Option<&str>) -> u64;

    /// Whether calls go to whatever is connected, so that more connections help. If not, peers are chosen for their
    /// names, and none is dialled before a call wants it.
    fn spreads(&self) -> bool {
        true
    }
}

/// How a peer list chooses.
#[derive(Clone, Debug, Default)]
pub enum Strategy {
    /// Two connected peers at random, then the one with the lower load.
    #[default]
    TwoRandom,
    /// The lowest score of all.
    Lowest(Arc<dyn Score>),
}

impl Strategy {
    /// The score of one peer for a call with this `sk` header: its load, if peers are drawn at random.
    pub fn score(&self, peer: &Candidate, shard_key: Option<&str>) -> u64 {
        match self {
            Strategy::TwoRandom => peer.load.into(),
            Strategy::Lowest(by) => by.score(peer, shard_key),
        }
    }
}

/// The connected peer with the lowest load.
#[derive(Clone, Copy, Debug, Default)]
pub struct LeastPending;

impl Score for LeastPending {
    fn score(&self, peer: &Candidate, _: Option<&str>) -> u64 {
        if peer.is_connected() { peer.load.into() } else { u64::MAX }
    }
}

/// The lowest load among peers that opened a connection to this side, then among those that it only dialled. As go and
/// python do.
#[derive(Clone, Copy, Debug, Default)]
pub struct PreferIncoming;

impl Score for PreferIncoming {
    fn score(&self, peer: &Candidate, _: Option<&str>) -> u64 {
        if peer.incoming > 0 {
            peer.load.into()
        } else if peer.outgoing > 0 {
            ONLY_OUTGOING + u64::from(peer.load)
        } else {
            u64::MAX
        }
    }
}

/// The same peer for every call of one client, as go's rendezvous hashing picks it: clients spread over peers, and when
/// a peer goes only its clients move.
#[derive(Clone, Copy, Debug)]
pub struct Rendezvous {
    /// What tells this client from others, its process id for example.
    pub client: u32,
}

impl Score for Rendezvous {
    fn score(&self, peer: &Candidate, _: Option<&str>) -> u64 {
        let client = step(self.client & LOW_31);
        u64::from(step(client ^ (peer.hash & LOW_31)) & LOW_31)
    }

    fn spreads(&self) -> bool {
        false
    }
}

/// The same peer for every call with one `sk` header; when a peer goes only its keys move. Calls without the header go
/// where [`LeastPending`] sends them.
#[derive(Clone, Copy, Debug, Default)]
pub struct ShardKey;

impl Score for ShardKey {
    fn score(&self, peer: &Candidate, shard_key: Option<&str>) -> u64 {
        match shard_key {
            Some(key) => mix(mix(u64::from(fnv32a(key.as_bytes()))) ^ u64::from(peer.hash)),
            None => LeastPending.score(peer, None),
        }
    }

    fn spreads(&self) -> bool {
        false
    }
}

/// The hash of a peer's `host:port` text that the rendezvous strategies use: 32-bit FNV-1a.
pub fn host_port_hash(host_port: &str) -> u32 {
    fnv32a(host_port.as_bytes())
}

fn fnv32a(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0x811C_9DC5, |hash, &byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

/// One step of the generator that go's formula is made of.
const fn step(n: u32) -> u32 {
    n.wrapping_mul(1_103_515_245).wrapping_add(12_345)
}

const LOW_31: u32 = (1 << 31) - 1;
/// What go adds to peers that never connected to this side: more than any load.
const ONLY_OUTGOING: u64 = LOW_31 as u64;

#[cfg(test)]
mod tests;
