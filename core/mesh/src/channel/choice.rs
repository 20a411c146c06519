//! Whom the next attempt of a call goes to.

use super::lists::For;
use super::{Channel, Ticket};
use crate::options::Direct;
use crate::peers::{Choice, PeerKey};

impl Channel {
    /// `None`: the call is over.
    pub(super) fn choice(&mut self, ticket: Ticket) -> Option<Choice> {
        let call = self.calls.get(ticket.0)?;
        let attempts = &call.attempts;
        let one = |peer: Option<PeerKey>| Choice {
            peer: peer.filter(|peer| !attempts.has_tried(*peer)),
            warm: None,
        };
        if self.draining.is_some() {
            // A retry now would open connections that the drain has to close.
            return Some(Choice::default());
        }
        Some(match &call.direct {
            Some(Direct::Host(host)) => one(Some(self.peers.find_or_add(host))),
            Some(Direct::Peer(peer)) => one(self.peers.get(*peer).map(|_| *peer)),
            Some(Direct::Connection(key)) => {
                one(self.members.get(key.0).and_then(|member| member.only_peer()))
            }
            None => {
                let plan = &call.plan;
                let list = match self.lists.get_mut(&*plan.peers_of) {
                    Some(list) => list,
                    None => &mut self.root,
                };
                let wanted = For {
                    now: self.now,
                    config: &self.config,
                    shard_key: plan.route.headers().shard_key(),
                    threshold: plan.peer_score_threshold,
                    allow_tried: attempts.rules().allow_same_peer,
                };
                list.choose(&mut self.rng, &mut self.peers, &wanted, attempts)
            }
        })
    }
}
