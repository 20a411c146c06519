//! The sending half of a stream, in a slot: whoever finds it idle may take it.

use std::future::{Future, poll_fn};
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Poll, Waker};

use tchannel_proto::Transmit;

use super::after::After;
use super::{Link, ended};
use crate::shared::lock;
use crate::shared::parked::Parked;
use crate::shared::runtime::Io;

/// The sending half of some stream, its type forgotten.
pub(crate) trait Outlet: Send {
    fn try_write(&mut self, from: &mut Transmit) -> io::Result<usize>;

    /// Boxed, since only a full stream gets here.
    fn write<'a>(&'a mut self, from: &'a mut Transmit) -> Writing<'a>;

    fn shutdown(self: Box<Self>);
}

type Writing<'a> = Pin<Box<dyn Future<Output = io::Result<usize>> + Send + 'a>>;

/// Remembers the type.
pub(crate) struct Half<I: Io>(pub(crate) I::Writer);

impl<I: Io> Outlet for Half<I> {
    fn try_write(&mut self, from: &mut Transmit) -> io::Result<usize> {
        I::try_write(&mut self.0, from)
    }

    fn write<'a>(&'a mut self, from: &'a mut Transmit) -> Writing<'a> {
        Box::pin(I::write(&mut self.0, from))
    }

    fn shutdown(self: Box<Self>) {
        I::shutdown(self.0);
    }
}

/// The way out of a connection.
#[derive(Default)]
pub(super) struct Out {
    slot: Slot,
    /// What one write left of its piece.
    pub(super) rest: Option<Transmit>,
    /// The write task knows that there is something to do.
    asked: bool,
    waker: Option<Waker>,
}

#[derive(Default)]
enum Slot {
    /// Not connected yet.
    #[default]
    Absent,
    Idle(Box<dyn Outlet>),
    /// Somebody writes. Before putting it back he looks whether there is more, so nobody else has to.
    Taken,
    Over,
}

impl Out {
    /// Puts in the outlet of a new stream; gives it back if the connection is over.
    #[must_use = "it is to be dropped with no lock held"]
    pub(super) fn open(&mut self, outlet: Box<dyn Outlet>) -> Option<Box<dyn Outlet>> {
        self.put_in(outlet, |slot| matches!(slot, Slot::Absent))
    }

    pub(super) fn take(&mut self) -> Option<Box<dyn Outlet>> {
        match std::mem::replace(&mut self.slot, Slot::Taken) {
            Slot::Idle(outlet) => Some(outlet),
            other @ (Slot::Absent | Slot::Taken | Slot::Over) => {
                self.slot = other;
                None
            }
        }
    }

    /// Puts it back after writing; gives it back if there is no write task any more.
    #[must_use = "it is to be dropped with no lock held"]
    pub(super) fn put_back(&mut self, outlet: Box<dyn Outlet>) -> Option<Box<dyn Outlet>> {
        self.put_in(outlet, |slot| matches!(slot, Slot::Taken))
    }

    fn put_in(
        &mut self,
        outlet: Box<dyn Outlet>,
        fits: impl FnOnce(&Slot) -> bool,
    ) -> Option<Box<dyn Outlet>> {
        if fits(&self.slot) {
            self.slot = Slot::Idle(outlet);
            return None;
        }
        Some(outlet)
    }

    /// Nothing will be written any more, unless somebody is at it: then this is his to say.
    pub(super) fn give_up(&mut self, after: &mut After) -> bool {
        if matches!(self.slot, Slot::Taken) {
            return false;
        }
        self.finish(after);
        true
    }

    /// Nothing will be written any more.
    pub(super) fn finish(&mut self, after: &mut After) {
        self.slot = Slot::Over;
        after.spend_piece(self.rest.take());
    }

    pub(super) fn is_over(&self) -> bool {
        matches!(self.slot, Slot::Over)
    }

    /// Whether the write task is on its way.
    pub(super) fn is_asked(&self) -> bool {
        self.asked
    }

    /// Asks the write task to write; it is to be woken if it does not know yet.
    pub(super) fn ask(&mut self) -> Option<Waker> {
        if self.asked || !matches!(self.slot, Slot::Idle(_)) {
            return None;
        }
        self.asked = true;
        self.waker.take()
    }

    pub(super) fn waker(&mut self) -> Option<Waker> {
        self.waker.take()
    }

    pub(super) fn register(&mut self, parked: &mut Parked) {
        parked.store(&mut self.waker);
    }
}

impl Link {
    /// Waits until the write task is asked to write, and once more so that other callers can add to it. `None` at
    /// the end.
    pub(crate) async fn asked(&self) -> Option<Box<dyn Outlet>> {
        let mut yielded = false;
        poll_fn(|cx| {
            let mut parked = Parked::new(cx);
            let mut state = lock(&self.state);
            if state.out.is_over() {
                return Poll::Ready(None);
            }
            if state.out.asked && !yielded && state.out.rest.is_none() {
                drop(state);
                yielded = true;
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            if std::mem::take(&mut state.out.asked)
                && let Some(outlet) = state.out.take()
            {
                return Poll::Ready(Some(outlet));
            }
            yielded = false;
            state.out.register(&mut parked);
            Poll::Pending
        })
        .await
    }

    /// The next piece to write; or puts the outlet back.
    pub(crate) fn next_piece(
        self: &Arc<Self>,
        outlet: Box<dyn Outlet>,
    ) -> Option<(Box<dyn Outlet>, Transmit)> {
        let mut after = After::default();
        let mut turn = self.turn();
        let piece = if let Some(transmit) = turn.next_transmit(&mut after) {
            let now = turn.now();
            turn.core.handle_blocked(now);
            Some((outlet, transmit))
        } else {
            turn.give_back(outlet, &mut after);
            None
        };
        drop(turn);
        after.run(self);
        piece
    }

    /// The stream took bytes.
    pub(crate) fn written(&self) {
        lock(&self.state).core.handle_written(self.hub.clock.now());
    }

    /// There is no write task any more.
    pub(crate) fn writer_gone(self: &Arc<Self>) {
        let mut after = After::default();
        let mut turn = self.turn();
        let outlet = turn.out.take();
        if turn.out.is_over() {
            after.forget = turn.closed;
        } else {
            turn.break_off(outlet, Some(ended().into()), &mut after);
        }
        drop(turn);
        after.run(self);
    }

    /// The write task cannot go on.
    pub(crate) fn broken(self: &Arc<Self>, outlet: Box<dyn Outlet>, error: Option<&io::Error>) {
        let mut after = After::default();
        let mut turn = self.turn();
        turn.break_off(Some(outlet), error.map(ToString::to_string), &mut after);
        drop(turn);
        after.run(self);
    }
}
