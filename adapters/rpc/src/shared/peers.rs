//! Peer lists, as users see them.

mod file;

use std::fmt;
use std::sync::Arc;

use tchannel_mesh::{HostPort, HostPortError, ListError};

use super::hub::Hub;
pub use file::PeerFileError;
pub(crate) use file::read_routers_file;

/// The peers of a channel, or of a sub-channel that has its own: who may be called when a call names no host.
#[derive(Clone)]
pub struct Peers {
    hub: Arc<Hub>,
    service: Option<Arc<str>>,
}

/// A peer that calls can be sent to.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Peer(HostPort);

impl Peer {
    /// Where it is.
    pub fn host_port(&self) -> &HostPort {
        &self.0
    }
}

impl Peers {
    pub(crate) fn new(hub: &Arc<Hub>, service: Option<Arc<str>>) -> Self {
        Peers { hub: hub.clone(), service }
    }

    /// Adds a peer, `host:port`. It is connected when it is needed. Adding one twice changes nothing.
    pub fn add(&self, peer: &str) -> Result<Peer, HostPortError> {
        let peer: HostPort = peer.parse()?;
        self.hub.change(|mesh, now| mesh.add_peer(now, self.service.as_deref(), &peer));
        Ok(Peer(peer))
    }

    /// Takes a peer off the list. Unless another list has it, calls that it runs have 5 s to end.
    pub fn remove(&self, peer: &Peer) -> Result<(), ListError> {
        self.hub.change(|mesh, now| mesh.remove_peer(now, self.service.as_deref(), &peer.0))
    }

    /// Makes the list just these: others are removed as by [`remove`](Self::remove). Gives how many were added, and how
    /// many removed. If one of the texts is no peer, nothing changes.
    pub fn set<P: AsRef<str>>(
        &self,
        peers: impl IntoIterator<Item = P>,
    ) -> Result<(usize, usize), HostPortError> {
        let peers =
            peers.into_iter().map(|peer| peer.as_ref().parse()).collect::<Result<Vec<HostPort>, _>>()?;
        Ok(self.hub.change(|mesh, now| mesh.handle_peer_list(now, self.service.as_deref(), &peers)))
    }

    /// The peers on the list.
    pub fn list(&self) -> Vec<Peer> {
        let service = self.service.as_deref();
        self.hub.with_mesh(|mesh, _| mesh.peers_of(service).cloned().map(Peer).collect())
    }
}

impl fmt::Debug for Peers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Peers").field("service", &self.service).finish_non_exhaustive()
    }
}
