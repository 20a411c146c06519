//! The choice of a peer for one attempt.

use super::direction::Direction;
use super::score::{Candidate, Strategy};
use super::{PeerKey, Side};
use crate::rng::Rng;

/// What a peer is chosen for.
#[derive(Clone, Debug)]
pub struct Wanted<'a> {
    /// How the list chooses.
    pub strategy: &'a Strategy,
    /// Which connections are preferred; [`Strategy::TwoRandom`] only.
    pub direction: Direction,
    /// Peers to keep connected; while there are fewer, another is dialled. Usually [`MIN_CONNECTIONS`].
    pub min_connections: usize,
    /// The call's `sk` header.
    pub shard_key: Option<&'a str>,
    /// Connected peers that score this or worse are not chosen. The score of [`Strategy::TwoRandom`] is the load.
    pub score_threshold: Option<u64>,
    /// When every peer was tried, choose among the tried ones.
    pub allow_tried: bool,
}

impl<'a> Wanted<'a> {
    /// A choice with the defaults.
    pub fn new(strategy: &'a Strategy) -> Self {
        Wanted {
            strategy,
            direction: Direction::Any,
            min_connections: MIN_CONNECTIONS,
            shard_key: None,
            score_threshold: None,
            allow_tried: false,
        }
    }
}

/// Whom to call and whom to dial.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Choice {
    /// The peer for the attempt; dialled first if it has no connection. `None`: there is none.
    pub peer: Option<PeerKey>,
    /// A peer to dial in the background, because too few are connected.
    pub warm: Option<PeerKey>,
}

/// Chooses among the peers of a list. Looks at each a few times and allocates nothing.
pub fn choose(rng: &mut Rng, wanted: &Wanted<'_>, peers: &[Candidate]) -> Choice {
    let open = Open::of(wanted, peers);
    let peer = open.pick(rng, |peer| !peer.tried).or_else(|| {
        let again = wanted.allow_tried;
        again.then(|| open.pick(rng, |_| true)).flatten()
    });
    Choice { peer: peer.map(|peer| peer.key), warm: open.warm(rng, peer).map(|peer| peer.key) }
}

/// How soon a call could be on its way. The lowest non-empty class is chosen from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Class {
    Preferred,
    Connected,
    /// As many as should be are being dialled already: wait for these.
    Awaited,
    Fresh,
    Connecting,
    /// Nobody may be there: its dial takes long.
    Late,
    Dead,
}

/// The peers that may be chosen at all, with what is known about them together.
struct Open<'a> {
    wanted: &'a Wanted<'a>,
    peers: &'a [Candidate],
    /// Connected, or being dialled and not late.
    warm: usize,
    /// Enough of the latter.
    awaited: bool,
}

impl<'a> Open<'a> {
    fn of(wanted: &'a Wanted<'a>, peers: &'a [Candidate]) -> Self {
        let open = || peers.iter().filter(|peer| may_be_chosen(peer));
        let connected = open().filter(|peer| peer.is_connected()).count();
        let awaited = open().filter(|peer| !peer.is_connected() && peer.connecting && !peer.late).count();
        let enough = awaited >= wanted.min_connections.max(1);
        Open { wanted, peers, warm: connected + awaited, awaited: enough }
    }

    fn pick(&self, rng: &mut Rng, untried: impl Fn(&Candidate) -> bool) -> Option<&'a Candidate> {
        let fits = |peer: &&Candidate| may_be_chosen(peer) && untried(peer) && self.is_good_enough(peer);
        let peers = || self.peers.iter().filter(fits);
        match self.wanted.strategy {
            Strategy::TwoRandom => {
                let class = peers().map(|peer| self.class(peer)).min()?;
                two_random(rng, || peers().filter(move |peer| self.class(peer) == class))
            }
            Strategy::Lowest(by) => peers().min_by_key(|peer| {
                let score = by.score(peer, self.wanted.shard_key);
                let class = if peer.is_connected() { Class::Connected } else { self.class(peer) };
                (peer.is_dead(), score, class, peer.order)
            }),
        }
    }

    fn class(&self, peer: &Candidate) -> Class {
        let (incoming, outgoing) = (peer.incoming > 0, peer.outgoing > 0);
        let direction = self.wanted.direction;
        if incoming && direction.prefers(Side::In) || outgoing && direction.prefers(Side::Out) {
            Class::Preferred
        } else if incoming || outgoing {
            Class::Connected
        } else if peer.late {
            Class::Late
        } else if peer.connecting {
            if self.awaited { Class::Awaited } else { Class::Connecting }
        } else if peer.backed_off {
            Class::Dead
        } else {
            Class::Fresh
        }
    }

    fn is_good_enough(&self, peer: &Candidate) -> bool {
        let Some(threshold) = self.wanted.score_threshold else { return true };
        let score = self.wanted.strategy.score(peer, self.wanted.shard_key);
        !peer.is_connected() || score < threshold
    }

    /// A peer to dial beside the chosen one.
    fn warm(&self, rng: &mut Rng, chosen: Option<&Candidate>) -> Option<&'a Candidate> {
        let spreads = match self.wanted.strategy {
            Strategy::TwoRandom => true,
            Strategy::Lowest(by) => by.spreads(),
        };
        let is_cold = |peer: &Candidate| !peer.is_connected() && !peer.connecting;
        let warm = self.warm + usize::from(chosen.is_some_and(is_cold));
        if !spreads || warm >= self.wanted.min_connections {
            return None;
        }
        let chosen = chosen.map(|peer| peer.key);
        let fits = |peer: &&Candidate| {
            may_be_chosen(peer) && is_cold(peer) && !peer.backed_off && Some(peer.key) != chosen
        };
        let cold = || self.peers.iter().filter(fits);
        cold().nth(rng.below(cold().count()))
    }
}

fn may_be_chosen(peer: &Candidate) -> bool {
    !peer.ephemeral && !peer.draining
}

/// The less loaded of two different peers at random; of equals the first drawn, which is either as likely.
fn two_random<'a, I: Iterator<Item = &'a Candidate>>(
    rng: &mut Rng,
    peers: impl Fn() -> I,
) -> Option<&'a Candidate> {
    let count = peers().count();
    let first = rng.below(count);
    let second = (first + 1 + rng.below(count.saturating_sub(1))) % count.max(1);
    let (one, other) = (peers().nth(first)?, peers().nth(second)?);
    if !one.is_connected() {
        return Some(one);
    }
    Some(if other.load < one.load { other } else { one })
}

/// The default for [`Wanted::min_connections`].
pub const MIN_CONNECTIONS: usize = 2;

#[cfg(test)]
mod tests;
