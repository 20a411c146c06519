//! Connections over byte streams that somebody else opened: TLS, Unix sockets, pipes.

use alloc::sync::Arc;

use tchannel_proto::{Connection, Timestamp};

use super::{Channel, ConnKey};
use crate::host_port::HostPort;
use crate::limits::Refused;
use crate::peers::Side;

impl Channel {
    /// A byte stream is open, and this side speaks first on it. `peer` is what its other end is called; it is called
    /// over this connection only.
    pub fn handle_dialled(&mut self, now: Timestamp, peer: &HostPort) -> Result<ConnKey, Refused> {
        self.step(now);
        if self.draining.is_some() {
            return Err(Refused::Draining);
        }
        let config = Arc::clone(&self.config.connection);
        let connection = Connection::connect(self.now, config, &self.host_port, self.keys.bits());
        let known = self.peers.add_ephemeral(peer);
        let key = self.insert(connection, Side::Out, None, Some(known));
        if let Some(known) = self.peers.get_mut(known) {
            known.dialling = Some(key);
            known.dialled += 1;
        }
        self.settle();
        Ok(key)
    }

    /// A byte stream is open, and its other end speaks first. `peer` is what that is called. An error leaves nothing
    /// behind: close the stream.
    pub fn handle_stream(&mut self, now: Timestamp, peer: &HostPort) -> Result<ConnKey, Refused> {
        self.step(now);
        let reached = if self.host_port == super::NOT_LISTENING { NOWHERE } else { &*self.host_port };
        let key = self.take_in(&alloc::string::String::from(reached), Some(peer.clone()))?;
        self.settle();
        Ok(key)
    }
}

/// Where a peer reached this side that reached it by no address. Node takes no `0.0.0.0:0` for an answer.
const NOWHERE: &str = "127.0.0.1:1";
