//! What a critical section leaves to be done once its lock is free.

use std::sync::Arc;
use std::task::Waker;

use tchannel_mesh::HostPort;
use tchannel_mesh::circuit::Change;
use tchannel_mesh::rate::Warning;
use tchannel_proto::{CloseReason, Transmit};

use super::Hub;
use crate::shared::link::{Link, Outlet, TOLD, WRITTEN};
use crate::shared::notice::{Notice, PeerNews};
use crate::shared::observe::{Measurement, TraceSpan};
use crate::shared::parked::Wakers;
use crate::shared::serve::{Arrived, Serving};

/// What has to wait until the lock is free. Made for each critical section: most have a waker to wake, if anything.
#[derive(Default)]
pub(crate) struct After {
    wakes: Wakers,
    rare: Option<Box<Rare>>,
}

/// What few critical sections leave.
#[derive(Default)]
struct Rare {
    /// Only to be dropped.
    spent: Wakers,
    spent_piece: Option<Transmit>,
    outlets: Vec<Box<dyn Outlet>>,
    dials: Vec<Arc<Link>>,
    arrived: Vec<Arrived>,
    closed: Vec<(Arc<Link>, CloseReason)>,
    written: Vec<Arc<Link>>,
    peers: Vec<(PeerNews, HostPort)>,
    near_limit: Vec<Warning>,
    circuits: Vec<Change>,
    measured: Vec<Measurement>,
    spans: Vec<TraceSpan>,
}

impl After {
    fn rare(&mut self) -> &mut Rare {
        self.rare.get_or_insert_default()
    }

    pub(super) fn wake(&mut self, waker: Option<Waker>) {
        self.wakes.add(waker);
    }

    /// Drops a waker whose task needs no wake.
    pub(super) fn spend(&mut self, waker: Option<Waker>) {
        if waker.is_some() {
            self.rare().spent.add(waker);
        }
    }

    /// Drops what nobody will write any more.
    pub(crate) fn spend_piece(&mut self, piece: Option<Transmit>) {
        if piece.is_some() {
            self.rare().spent_piece = piece;
        }
    }

    /// Ends the sending half of a stream.
    pub(super) fn shut(&mut self, outlet: Box<dyn Outlet>) {
        self.rare().outlets.push(outlet);
    }

    /// Starts to connect.
    pub(super) fn dial(&mut self, link: Arc<Link>) {
        self.rare().dials.push(link);
    }

    /// Serves requests that no reader waits for.
    pub(super) fn serve(&mut self, arrived: Vec<Arrived>) {
        self.rare().arrived.extend(arrived);
    }

    /// Tells that a connection has ended.
    pub(super) fn closed(&mut self, link: Arc<Link>, reason: CloseReason) {
        self.rare().closed.push((link, reason));
    }

    /// A connection's last byte is written, or nobody will write it.
    pub(super) fn written(&mut self, link: Arc<Link>) {
        self.rare().written.push(link);
    }

    pub(super) fn peer(&mut self, news: PeerNews, peer: HostPort) {
        self.rare().peers.push((news, peer));
    }

    pub(super) fn near_limit(&mut self, warning: Warning) {
        self.rare().near_limit.push(warning);
    }

    pub(super) fn circuit(&mut self, change: Change) {
        self.rare().circuits.push(change);
    }

    pub(super) fn measured(&mut self, measurement: Measurement) {
        self.rare().measured.push(measurement);
    }

    pub(super) fn span(&mut self, span: TraceSpan) {
        self.rare().spans.push(span);
    }

    /// To be called with no lock held.
    pub(super) fn run(&mut self, hub: &Arc<Hub>) {
        let mut rare = self.rare.take();
        if let Some(rare) = &mut rare {
            rare.tell(hub);
        }
        self.wakes.drain(Waker::wake);
        if let Some(rare) = rare {
            rare.finish();
        }
    }
}

impl Rare {
    /// Before the wakes: whoever learns of an end from them finds it told.
    fn tell(&mut self, hub: &Arc<Hub>) {
        for (link, reason) in self.closed.drain(..) {
            hub.notice(&Notice::Closed { peer: &link.peer.to_string(), reason: &reason });
            link.farewell(TOLD);
        }
        for (news, peer) in self.peers.drain(..) {
            hub.notice(&Notice::Peer { news, peer: &peer });
        }
        for Warning { service, limit } in self.near_limit.drain(..) {
            hub.notice(&Notice::NearLimit { service: service.as_deref(), limit });
        }
        for change in self.circuits.drain(..) {
            hub.notice(&Notice::Circuit { name: change.name(), health: change.health() });
        }
        hub.observed(&mut self.measured, &mut self.spans);
        for link in self.dials.drain(..) {
            hub.driver.dial(link);
        }
        for arrived in self.arrived.drain(..) {
            hub.driver.serve(Serving::of(arrived));
        }
    }

    fn finish(mut self) {
        self.spent.drain(drop);
        drop(self.spent_piece.take());
        self.outlets.drain(..).for_each(Outlet::shutdown);
        for link in self.written.drain(..) {
            link.farewell(WRITTEN);
        }
    }
}
