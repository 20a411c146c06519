//! The sending half of a stream, in a slot: whoever finds it idle may take it.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::Waker;

use tchannel_proto::Transmit;

use crate::shared::hub::After;
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
pub(crate) struct Out {
    slot: Slot,
    /// What one write left of its piece.
    pub(crate) rest: Option<Transmit>,
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
    pub(crate) fn open(&mut self, outlet: Box<dyn Outlet>) -> Option<Box<dyn Outlet>> {
        self.put_in(outlet, |slot| matches!(slot, Slot::Absent))
    }

    pub(crate) fn take(&mut self) -> Option<Box<dyn Outlet>> {
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
    pub(crate) fn put_back(&mut self, outlet: Box<dyn Outlet>) -> Option<Box<dyn Outlet>> {
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
    pub(crate) fn give_up(&mut self, after: &mut After) -> bool {
        if matches!(self.slot, Slot::Taken) {
            return false;
        }
        self.finish(after);
        true
    }

    /// Nothing will be written any more.
    pub(crate) fn finish(&mut self, after: &mut After) {
        self.slot = Slot::Over;
        after.spend_piece(self.rest.take());
    }

    pub(crate) fn is_over(&self) -> bool {
        matches!(self.slot, Slot::Over)
    }

    /// Whether the write task is on its way.
    pub(crate) fn is_asked(&self) -> bool {
        self.asked
    }

    /// Asks the write task to write; it is to be woken if it does not know yet.
    pub(crate) fn ask(&mut self) -> Option<Waker> {
        if self.asked || !matches!(self.slot, Slot::Idle(_)) {
            return None;
        }
        self.asked = true;
        self.waker.take()
    }

    pub(crate) fn waker(&mut self) -> Option<Waker> {
        self.waker.take()
    }

    pub(crate) fn register(&mut self, parked: &mut Parked) {
        parked.store(&mut self.waker);
    }
}

impl Out {
    /// Whether the write task may take the outlet: it was asked to, and has waited a turn for others to add more.
    pub(crate) fn turn(&mut self, yielded: &mut bool) -> Turn {
        if self.is_over() {
            return Turn::Over;
        }
        if self.asked && !*yielded && self.rest.is_none() {
            *yielded = true;
            return Turn::Yield;
        }
        if std::mem::take(&mut self.asked)
            && let Some(outlet) = self.take()
        {
            return Turn::Write(outlet);
        }
        *yielded = false;
        Turn::Wait
    }
}

/// What the write task is to do.
pub(crate) enum Turn {
    /// Let others run, then look again.
    Yield,
    Write(Box<dyn Outlet>),
    Wait,
    /// Nothing will be written any more.
    Over,
}
