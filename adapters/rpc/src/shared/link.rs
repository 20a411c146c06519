//! One connection, as its tasks and its users hold it.

mod inlet;
mod outlet;
mod tasks;

use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, OnceLock};

use tchannel_proto::Remote;

pub(crate) use inlet::{In, Inlet, Return};
pub(crate) use outlet::{Half, Out, Outlet, Turn as WritersTurn};

use super::host::Host;
use super::hub::{Hub, LinkId};
use super::runtime::Identity;

/// A connection, from the moment it is wanted to its end.
pub(crate) struct Link {
    id: LinkId,
    /// The host that was dialled, or the address that dialled us.
    pub(crate) peer: Host,
    pub(crate) hub: Arc<Hub>,
    remote: OnceLock<Arc<Remote>>,
    identity: OnceLock<Identity>,
    /// Whether the other side dialled.
    pub(crate) accepted: bool,
    /// What has happened of its end.
    farewell: AtomicU8,
}

impl std::fmt::Debug for Link {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Link").field("id", &self.id).field("peer", &self.peer).finish_non_exhaustive()
    }
}

impl Link {
    pub(crate) fn new(id: LinkId, peer: Host, hub: Arc<Hub>, accepted: bool) -> Self {
        Link {
            id,
            peer,
            hub,
            remote: OnceLock::new(),
            identity: OnceLock::new(),
            accepted,
            farewell: AtomicU8::new(0),
        }
    }

    pub(crate) fn id(&self) -> LinkId {
        self.id
    }

    /// What the peer said about itself, once it has.
    pub(crate) fn remote(&self) -> Option<&Arc<Remote>> {
        self.remote.get()
    }

    pub(crate) fn introduce(&self, remote: Arc<Remote>) {
        // Given once for each connection.
        let _ = self.remote.set(remote);
    }

    /// Who is at the other end, as far as the stream knows.
    pub(crate) fn identity(&self) -> Option<&Identity> {
        self.identity.get()
    }

    pub(crate) fn identify(&self, identity: Option<Identity>) {
        if let Some(identity) = identity {
            // Asked once for each stream.
            let _ = self.identity.set(identity);
        }
    }

    /// Nobody reads any more, and the receiving half is closed.
    pub(crate) fn unread(&self) {
        self.farewell(UNREAD);
    }

    /// Takes note of one part of its end.
    pub(crate) fn farewell(&self, part: u8) {
        let before = self.farewell.fetch_or(part, Ordering::AcqRel);
        let completes = |parts| before & parts != parts && (before | part) & parts == parts;
        if completes(TOLD | WRITTEN) {
            self.hub.forget();
        }
        if completes(TOLD | WRITTEN | UNREAD) {
            self.hub.vacate(self);
        }
    }
}

/// What is said about a connection whose task was dropped before its end.
pub(crate) fn ended() -> &'static str {
    let panics = std::thread::panicking();
    if panics { "the connection's task panicked" } else { "the channel's runtime has ended" }
}

/// What happens at the end of a connection, in any order and on any thread: its end is told, its last byte is written,
/// and nobody reads any more. After the first two it is over, after all three its socket is closed.
pub(crate) const TOLD: u8 = 1;
pub(crate) const WRITTEN: u8 = 2;
const UNREAD: u8 = 4;
