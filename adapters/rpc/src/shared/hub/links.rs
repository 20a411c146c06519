//! Connections as the lock sees them: their way out, their readers, their end.

use std::net::SocketAddr;
use std::sync::Arc;
use std::task::Waker;
use std::time::Duration;

use tchannel_mesh::slots::Place;
use tchannel_mesh::{ConnKey, HostPort, Refused};
use tchannel_proto::{CloseReason, Timestamp, Transmit};

use super::state::State;
use super::turn::Turn;
use super::{After, Hub, Task};
use crate::shared::host::Host;
use crate::shared::link::{In, Link, Out, Outlet};
use crate::shared::notice::Notice;
use crate::shared::parked::Parked;

/// Names a connection from the moment it is wanted until its socket is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LinkId(pub(super) Place);

/// What surrounds one connection.
pub(super) struct LinkState {
    pub(super) link: Arc<Link>,
    /// The machine's name for it, until the machine has forgotten it.
    pub(super) key: Option<ConnKey>,
    pub(super) out: Out,
    pub(super) reader: Option<Waker>,
    pub(super) inn: In,
    pub(super) closed: bool,
    /// How long last bytes may take, if that is more than usual.
    pub(super) linger: Option<Timestamp>,
    /// It ended because the channel drains, and every call had its answer.
    pub(super) drained: bool,
    /// What the operating system said about the stream's end.
    pub(super) fault: Option<Arc<str>>,
}

impl LinkState {
    /// It is over, or nothing more can be written to it.
    pub(super) fn is_ending(&self) -> bool {
        self.closed || self.fault.is_some()
    }

    /// Keeps the waker of one of its tasks.
    pub(super) fn park(&mut self, task: Task, parked: &mut Parked) {
        match task {
            Task::Reader => parked.store(&mut self.reader),
            Task::Writer => self.out.register(parked),
        }
    }

    /// Wakes both tasks.
    fn wake(&mut self, after: &mut After) {
        after.wake(self.reader.take());
        after.wake(self.out.waker());
    }
}

impl Hub {
    /// Takes in a connection, if there is room for it; if not, its socket is to be closed.
    pub(crate) fn accepted(self: &Arc<Self>, from: SocketAddr, to: SocketAddr) -> Option<Arc<Link>> {
        let from = SocketAddr::new(from.ip().to_canonical(), from.port());
        let mut turn = self.turn();
        let taken = turn.take_in(from, to);
        let link = taken.map(|key| turn.add_link(self, key, from.into(), true));
        let now = turn.now();
        let others = if link.is_err() { turn.refusals.next(now) } else { None };
        turn.end(super::Flush::None, &mut After::default());
        if let (Err(why), Some(others)) = (&link, others) {
            self.notice(&Notice::Refused { from, why, others });
        }
        link.ok()
    }

    /// Takes in a byte stream that was opened elsewhere. `first`: this side speaks first.
    pub(crate) fn given(self: &Arc<Self>, peer: &HostPort, first: bool) -> Result<Arc<Link>, Refused> {
        let mut turn = self.turn();
        let now = turn.now();
        let key = if first { turn.mesh.handle_dialled(now, peer)? } else { turn.take_in_stream(peer)? };
        let link = turn.add_link(self, key, peer.into(), !first);
        turn.end(super::Flush::None, &mut After::default());
        Ok(link)
    }

    /// A connection is over: all that could be written is written.
    pub(crate) fn forget(&self) {
        let mut state = super::lock(&self.state);
        state.open -= 1;
        let unwanted = if state.open == 0 { state.unwanted_listeners() } else { Vec::new() };
        Hub::changed(state);
        self.unblock(&unwanted);
    }

    /// Both halves of a connection are closed.
    pub(crate) fn vacate(&self, link: &Link) {
        let mut state = super::lock(&self.state);
        if link.accepted {
            state.places.leave(link.peer.ip());
        }
        let _dropped_unlocked = state.links.remove(link.id().0);
        drop(state);
    }
}

impl State {
    pub(super) fn add_link(&mut self, hub: &Arc<Hub>, key: ConnKey, peer: Host, accepted: bool) -> Arc<Link> {
        let mut link = None;
        let place = self.links.insert_with(|place| {
            let shared = Arc::new(Link::new(LinkId(place), peer, hub.clone(), accepted));
            link = Some(shared.clone());
            LinkState {
                link: shared,
                key: Some(key),
                out: Out::default(),
                reader: None,
                inn: In::default(),
                closed: false,
                linger: None,
                drained: false,
                fault: None,
            }
        });
        self.connections.put(key.index(), key, LinkId(place));
        self.open += 1;
        link.expect("it was just made")
    }

    /// The machine's name for a connection, as long as it has one.
    pub(super) fn key_of(&self, id: LinkId) -> Option<ConnKey> {
        self.links.get(id.0)?.key
    }

    pub(super) fn has_calls(&self, id: LinkId) -> bool {
        let connection = self.key_of(id).and_then(|key| self.mesh.connection(key));
        connection.is_some_and(|connection| connection.live() != (0, 0))
    }

    /// A connection has come to its end.
    pub(super) fn over(&mut self, now: Timestamp, id: LinkId, reason: CloseReason, after: &mut After) {
        let drained_by = self.drained_by;
        let Some(link) = self.links.get_mut(id.0) else { return };
        link.closed = true;
        link.drained = reason == CloseReason::Drained && drained_by.is_some();
        self.cut += usize::from(reason == CloseReason::DrainTimeout && drained_by.is_some());
        // The last answers have left the core; a slow peer has as long for them as the drain has.
        let linger = drained_by.unwrap_or(now + LINGER);
        link.linger = (reason == CloseReason::Drained).then_some(linger);
        link.wake(after);
        after.closed(link.link.clone(), reason);
        self.ending.push(id);
    }

    /// The channel drains: last bytes of connections that were over before may take no longer than that.
    pub(super) fn limit_last_bytes(&mut self, until: Timestamp, after: &mut After) {
        for (_, link) in self.links.iter_mut() {
            if let Some(linger) = &mut link.linger {
                *linger = until.min(*linger);
                link.drained = true;
                link.wake(after);
            }
        }
    }

    /// Last bytes of a connection that is over may take no longer than usual.
    pub(super) fn hurry(&mut self, id: LinkId, after: &mut After) {
        if let Some(link) = self.links.get_mut(id.0)
            && link.linger.take().is_some()
        {
            link.wake(after);
        }
    }

    /// What to write next: what is left of the last piece, or a new one.
    fn new_piece(&mut self, now: Timestamp, id: LinkId) -> Option<Transmit> {
        let link = self.links.get_mut(id.0)?;
        if let Some(rest) = link.out.rest.take() {
            return Some(rest);
        }
        let key = link.key?;
        self.mesh.poll_transmit(now, key)
    }
}

impl Turn<'_> {
    /// Sockets count until they are closed, which may be long after the machine has forgotten their connections.
    fn take_in(&mut self, from: SocketAddr, to: SocketAddr) -> Result<ConnKey, Refused> {
        let now = self.now();
        if let Err(full) = self.places.take(Some(from.ip())) {
            self.mesh.handle_refused(now);
            return Err(full);
        }
        let taken = self.mesh.handle_accepted(now, from, to);
        if taken.is_err() {
            self.places.leave(Some(from.ip()));
        }
        taken
    }

    fn take_in_stream(&mut self, peer: &HostPort) -> Result<ConnKey, Refused> {
        let now = self.now();
        self.places.take(Host::from(peer).ip())?;
        let taken = self.mesh.handle_stream(now, peer);
        if taken.is_err() {
            self.places.leave(Host::from(peer).ip());
        }
        taken
    }

    pub(super) fn next_transmit(&mut self, id: LinkId, after: &mut After) -> Option<Transmit> {
        let now = self.now();
        let next = self.new_piece(now, id);
        self.settle(after);
        next
    }

    /// The stream takes nothing more for now.
    pub(super) fn blocked(&mut self, id: LinkId, written: bool) {
        let now = self.now();
        let Some(key) = self.links.get(id.0).and_then(|link| link.key) else { return };
        if written {
            self.mesh.handle_written(now, key);
        }
        self.mesh.handle_blocked(now, key);
    }

    /// Nothing is left to write.
    pub(super) fn give_back(&mut self, id: LinkId, outlet: Box<dyn Outlet>, after: &mut After) {
        let drained_by = self.drained_by;
        let Some(link) = self.links.get_mut(id.0) else { return after.shut(outlet) };
        if link.closed {
            link.out.finish(after);
            after.shut(outlet);
            after.written(link.link.clone());
            // The peer has all it needs, and may leave it to us to close.
            link.linger = link.linger.filter(|_| drained_by.is_some());
            link.wake(after);
        } else {
            self.put_back(id, outlet, after);
        }
    }

    pub(super) fn put_back(&mut self, id: LinkId, outlet: Box<dyn Outlet>, after: &mut After) {
        let Some(link) = self.links.get_mut(id.0) else { return after.shut(outlet) };
        if let Some(outlet) = link.out.put_back(outlet) {
            link.out.finish(after);
            after.shut(outlet);
            if link.closed {
                after.written(link.link.clone());
            }
        }
    }

    /// Nobody will write what is left of a connection that ended before it had a stream.
    pub(super) fn give_up_if_closed(&mut self, id: LinkId, after: &mut After) {
        let Some(link) = self.links.get_mut(id.0) else { return };
        if link.closed && link.out.give_up(after) {
            after.written(link.link.clone());
        }
    }

    /// Nothing more can be written, so no more calls are taken. What the peer sent may still be there to read.
    pub(super) fn break_off(
        &mut self,
        id: LinkId,
        outlet: Option<Box<dyn Outlet>>,
        why: Option<String>,
        after: &mut After,
    ) {
        let now = self.now();
        if let Some(outlet) = outlet {
            after.shut(outlet);
        }
        let Some(link) = self.links.get_mut(id.0) else { return };
        link.out.finish(after);
        if link.closed {
            after.written(link.link.clone());
        }
        if let Some(why) = why {
            link.fault.get_or_insert_with(|| why.into());
        }
        link.wake(after);
        if let Some(key) = link.key {
            self.mesh.handle_broken(now, key);
        }
        self.settle(after);
    }
}

/// How long the last bytes of one connection may take, where the channel goes on.
const LINGER: Duration = Duration::from_secs(30);
