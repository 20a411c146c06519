//! What the lock of a channel guards.

use std::net::SocketAddr;
use std::sync::Arc;
use std::task::Waker;
use std::time::Duration;

use tchannel_mesh::slots::{Names, Slots};
use tchannel_mesh::{Channel as Mesh, ConnKey, EndpointKey, Inbound, Places, Services, Ticket};
use tchannel_proto::Timestamp;

use super::calls::{Ours, Slot};
use super::links::{LinkId, LinkState};
use super::requests::{Served, Theirs};
use crate::shared::error::ListenError;
use crate::shared::serve::{Arrived, Batch, Endpoint};

/// The machine, and what the adapter keeps beside it. What is kept here often outlives its name there: a connection is
/// over before its last bytes are written, a call before its caller looks.
pub(crate) struct State {
    pub(super) mesh: Mesh,
    pub(super) links: Slots<LinkState>,
    pub(super) connections: Names<ConnKey, LinkId>,
    pub(super) calls: Slots<Slot>,
    pub(super) tickets: Names<Ticket, Ours>,
    pub(super) serving: Slots<Served>,
    pub(super) inbounds: Names<Inbound, Theirs>,
    /// By [`EndpointKey`].
    endpoints: Vec<Option<Arc<Endpoint>>>,
    /// What the channel answers itself.
    built_in: Option<Arc<Endpoint>>,
    /// Requests that arrived in this critical section.
    pub(super) arrived: Vec<Arrived>,
    /// Memory of a batch that is answered.
    pub(super) spare: Option<Batch>,
    /// Connections that ended in this critical section.
    pub(super) ending: Vec<LinkId>,
    /// Connections that ended in the step that asked for them: nobody is to dial.
    pub(super) stillborn: Vec<ConnKey>,
    /// What the timers know.
    pub(super) armed: Option<Timestamp>,
    /// Connections were used since all of them rested; the timers know when to look.
    pub(super) restless: bool,
    /// Connections that are not over.
    pub(super) open: usize,
    /// Of accepted connections whose socket is not closed yet.
    pub(super) places: Places,
    pub(super) refusals: Seldom,
    pub(super) listening: Listening,
    /// When the drain ends, ready or not.
    pub(super) drained_by: Option<Timestamp>,
    /// Connections that the drain did not wait for.
    pub(super) cut: usize,
    pub(super) waiting: Vec<Waker>,
    /// Calls of ours whose writers wait to know their peer. Rarely any.
    #[cfg(feature = "http")]
    pub(super) curious: Vec<Side>,
}

/// What strangers may set off, told now and then.
#[derive(Debug, Default)]
pub(super) struct Seldom {
    told: Option<Timestamp>,
    untold: u64,
}

impl Seldom {
    /// It happened. Whether that is told now, and how often it happened untold before.
    pub(super) fn next(&mut self, now: Timestamp) -> Option<u64> {
        if self.told.is_some_and(|told| now < told + Duration::from_secs(1)) {
            self.untold += 1;
            return None;
        }
        self.told = Some(now);
        Some(std::mem::take(&mut self.untold))
    }
}

/// A call, whoever made it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    Ours(Ours),
    Theirs(Theirs),
}

impl State {
    pub(super) fn new(mesh: Mesh, built_in: Option<Endpoint>) -> Self {
        let places = Places::new(&mesh.config().limits);
        State {
            mesh,
            links: Slots::default(),
            connections: Names::default(),
            calls: Slots::default(),
            tickets: Names::default(),
            serving: Slots::default(),
            inbounds: Names::default(),
            endpoints: Vec::new(),
            built_in: built_in.map(Arc::new),
            arrived: Vec::new(),
            spare: None,
            ending: Vec::new(),
            stillborn: Vec::new(),
            armed: None,
            restless: false,
            open: 0,
            places,
            refusals: Seldom::default(),
            listening: Listening::No,
            drained_by: None,
            cut: 0,
            waiting: Vec::new(),
            #[cfg(feature = "http")]
            curious: Vec::new(),
        }
    }

    pub(super) fn link_at(&mut self, key: ConnKey) -> Option<&mut LinkState> {
        let id = self.connections.find(key.index(), key)?;
        self.links.get_mut(id.0)
    }

    pub(super) fn endpoint(&self, key: EndpointKey) -> Option<Arc<Endpoint>> {
        if key == Services::BUILT_IN_KEY {
            return self.built_in.clone();
        }
        self.endpoints.get(key.index()).cloned().flatten()
    }

    /// Puts a handler where calls to its endpoint find it. Gives back the one that was there, to be dropped with no lock
    /// held; or the new one, if the channel is over.
    #[must_use = "it is to be dropped with no lock held"]
    pub(super) fn put_endpoint(
        &mut self,
        key: EndpointKey,
        endpoint: Arc<Endpoint>,
    ) -> Option<Arc<Endpoint>> {
        if self.mesh.is_draining() && self.is_quiet() {
            return Some(endpoint);
        }
        if key.index() >= self.endpoints.len() {
            self.endpoints.resize(key.index() + 1, None);
        }
        self.endpoints[key.index()].replace(endpoint)
    }

    /// The channel drains; where it is to accept meanwhile, there is no connection left.
    pub(super) fn has_stopped_accepting(&self) -> bool {
        let goes_on = self.mesh.config().accept_while_draining && self.open > 0;
        self.mesh.is_draining() && !goes_on
    }

    /// Where it listens although nobody is to be taken in any more.
    pub(super) fn unwanted_listeners(&self) -> Vec<SocketAddr> {
        let unwanted = if self.has_stopped_accepting() { self.listening.addresses() } else { &[] };
        unwanted.to_vec()
    }

    /// No connection, and no place where one could come from.
    pub(super) fn is_quiet(&self) -> bool {
        self.open == 0 && self.listening == Listening::No
    }

    /// Takes the handlers out once nobody will call them any more: one that holds the channel would hold itself for
    /// ever.
    #[must_use = "they are to be dropped with no lock held"]
    pub(super) fn spent_endpoints(&mut self) -> Vec<Option<Arc<Endpoint>>> {
        let over = self.mesh.is_draining() && self.is_quiet();
        if over { std::mem::take(&mut self.endpoints) } else { Vec::new() }
    }

    pub(super) fn begin_to_listen(&mut self) -> Result<(), ListenError> {
        if self.mesh.is_draining() {
            return Err(ListenError::Closed);
        }
        if self.listening != Listening::No {
            return Err(ListenError::AlreadyListening);
        }
        self.listening = Listening::Opening;
        Ok(())
    }

    /// Peers are told the first of the addresses.
    pub(super) fn listens_at(&mut self, now: Timestamp, at: &[SocketAddr]) {
        self.listening = Listening::At(at.into());
        if let Some(first) = at.first() {
            self.mesh.handle_listening(now, *first);
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Listening {
    No,
    /// Listeners are being opened.
    Opening,
    /// At least one is open.
    At(Vec<SocketAddr>),
}

impl Listening {
    pub(super) fn addresses(&self) -> &[SocketAddr] {
        match self {
            Listening::At(at) => at,
            Listening::No | Listening::Opening => &[],
        }
    }

    /// The listener at an address is closed.
    pub(super) fn close(&mut self, closed: SocketAddr) {
        if let Listening::At(at) = self {
            at.retain(|at| *at != closed);
            if at.is_empty() {
                *self = Listening::No;
            }
        }
    }

    pub(super) fn is_opening(&self) -> bool {
        *self == Listening::Opening
    }
}

#[cfg(test)]
mod tests;
