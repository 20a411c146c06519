//! Candidates for tests.

use super::{Candidate, PeerKey};

pub(super) fn unconnected(n: u32) -> Candidate {
    Candidate {
        key: PeerKey::new(n),
        hash: 0,
        incoming: 0,
        outgoing: 0,
        connecting: false,
        late: false,
        backed_off: false,
        load: 0,
        order: 0,
        tried: false,
        ephemeral: false,
        draining: false,
    }
}

/// Dialled by this side.
pub(super) fn connected(n: u32) -> Candidate {
    Candidate { outgoing: 1, ..unconnected(n) }
}
