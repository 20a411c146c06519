//! What a critical section leaves to be done once its lock is free, and the parts of a connection's end.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::Waker;

use tchannel_proto::{CloseReason, Transmit};

use super::Link;
use super::writer::Outlet;
use crate::shared::parked::Wakers;

/// What has to wait until the lock is free.
#[derive(Default)]
pub(crate) struct After {
    wakes: Wakers,
    /// Only to be dropped.
    spent: Wakers,
    spent_piece: Option<Transmit>,
    closed: Option<CloseReason>,
    pub(super) outlet: Option<Box<dyn Outlet>>,
    pub(super) forget: bool,
    /// The next call to its host is for another connection.
    pub(super) retire: bool,
}

impl After {
    pub(super) fn wake(&mut self, waker: Option<Waker>) {
        self.wakes.add(waker);
    }

    /// Drops a waker whose task needs no wake.
    pub(super) fn spend(&mut self, waker: Option<Waker>) {
        self.spent.add(waker);
    }

    /// Drops what nobody will write any more.
    pub(super) fn spend_piece(&mut self, piece: Option<Transmit>) {
        if piece.is_some() {
            self.spent_piece = piece;
        }
    }

    pub(super) fn closed(&mut self, reason: CloseReason) {
        self.closed = Some(reason);
    }

    /// To be called with no lock held.
    pub(super) fn run(&mut self, link: &Arc<Link>) {
        if std::mem::take(&mut self.retire) {
            link.hub.retire(link);
        }
        // Before the wakes: whoever learns of the end from them finds it told.
        if let Some(reason) = self.closed.take() {
            link.hub.closed(link, &reason);
            link.farewell(TOLD);
        }
        self.wakes.drain(Waker::wake);
        self.spent.drain(drop);
        drop(self.spent_piece.take());
        if let Some(outlet) = self.outlet.take() {
            outlet.shutdown();
        }
        if std::mem::take(&mut self.forget) {
            link.farewell(WRITTEN);
        }
    }
}

impl Link {
    /// Nobody reads any more, and the receiving half is closed.
    pub(crate) fn unread(self: &Arc<Self>) {
        self.farewell(UNREAD);
    }

    /// Takes note of one part of its end.
    fn farewell(self: &Arc<Self>, part: u8) {
        let before = self.farewell.fetch_or(part, Ordering::AcqRel);
        let completes = |parts| before & parts != parts && (before | part) & parts == parts;
        if completes(TOLD | WRITTEN) {
            self.hub.forget(self);
        }
        if completes(TOLD | WRITTEN | UNREAD) {
            self.hub.vacate(self);
        }
    }
}

/// What happens at the end of a connection, in any order and on any thread: its end is told, its last byte is written,
/// and nobody reads any more. After the first two it is forgotten, after all three its socket is closed.
const TOLD: u8 = 1;
const WRITTEN: u8 = 2;
const UNREAD: u8 = 4;
