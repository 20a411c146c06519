//! Wakers and locks: their code is the user's, so none of it runs while a lock is held.

use std::task::{Context, Waker};

/// A task's waker on its way into a slot. Made before the lock is taken, and dropped, with what the slot had, after.
pub(crate) struct Parked(Option<Waker>);

impl Parked {
    pub(crate) fn new(cx: &Context<'_>) -> Self {
        Parked(Some(cx.waker().clone()))
    }

    /// To be called once, with the lock held.
    pub(crate) fn store(&mut self, slot: &mut Option<Waker>) {
        std::mem::swap(&mut self.0, slot);
    }
}

/// Some wakers, mostly one.
#[derive(Default)]
pub(crate) struct Wakers {
    first: Option<Waker>,
    more: Vec<Waker>,
}

impl Wakers {
    pub(crate) fn add(&mut self, waker: Option<Waker>) {
        if waker.is_none() {
        } else if self.first.is_none() {
            self.first = waker;
        } else {
            self.more.extend(waker);
        }
    }

    /// Takes them out, and leaves some room for the next ones.
    pub(crate) fn drain(&mut self, each: impl FnMut(Waker)) {
        if let Some(first) = self.first.take() {
            std::iter::once(first).chain(self.more.drain(..)).for_each(each);
            self.more.shrink_to(KEPT);
        }
    }
}

/// Room kept for the next batch, 16 bytes each.
const KEPT: usize = 128;
