//! Turns of reading, where reads block their thread.

use std::sync::{Arc, MutexGuard};
use std::task::{Context, Waker};
use std::time::Duration;

use tchannel_proto::{Connection, Timestamp};

use super::calls::Ours;
use super::links::LinkId;
use super::{Hub, State};
use crate::shared::link::{Inlet, Link, Return};
use crate::shared::lock;
use crate::shared::parked::Parked;

/// What a caller needs to read its answer itself.
pub(crate) struct Borrowed {
    pub(crate) inlet: Box<Inlet>,
    pub(crate) link: Arc<Link>,
    /// Of the attempt that is under way there.
    pub(crate) deadline: Timestamp,
}

impl Hub {
    /// Lends the inlet to callers that wait alone, if one asked for it; if none did, gives it back.
    pub(crate) fn lend(&self, link: &Link, inlet: Box<Inlet>) -> Option<Box<Inlet>> {
        if link.accepted {
            return Some(inlet);
        }
        let id = link.id();
        let now = self.clock.now();
        let mut state = lock(&self.state);
        let (ours, theirs) = state.live_on(id);
        let Some(link) = state.links.get_mut(id.0) else { return Some(inlet) };
        if ours > 1 || theirs > 0 || link.is_ending() || !link.inn.is_lendable() {
            return Some(inlet);
        }
        link.inn.lend(inlet, now);
        let caller = link.inn.wanted.take().and_then(|call| state.calls.get_mut(call.0));
        let waker = caller.and_then(super::calls::Slot::take_waker);
        wake_unlocked(state, waker);
        None
    }

    /// Has the inlet back after a pause in which nobody used it. If not, the reading thread is woken once it is to have
    /// it; but for the end of the pause, which it has to look for itself.
    pub(crate) fn take_back(&self, id: LinkId, cx: &Context<'_>) -> Return {
        let mut parked = Parked::new(cx);
        let now = self.clock.now();
        let mut state = lock(&self.state);
        let Some(link) = state.links.get_mut(id.0) else { return Return::Over };
        link.inn.recalled |= link.is_ending();
        let back = link.inn.take_back(now, PAUSE);
        if matches!(back, Return::At(_) | Return::Lent) {
            link.inn.dozing = matches!(back, Return::At(_));
            parked.store(&mut link.reader);
        }
        back
    }

    /// For the caller of this call, if it waits alone on its connection and nobody else reads there.
    pub(crate) fn borrow_inlet(&self, call: Ours) -> Option<Borrowed> {
        let mut state = lock(&self.state);
        let (id, deadline) = state.attempt_on(call)?;
        let alone = state.live_on(id) == (1, 0);
        let link = state.links.get_mut(id.0)?;
        if link.link.accepted || link.is_ending() {
            return None;
        }
        if alone {
            let inlet = link.inn.borrow(call)?;
            return Some(Borrowed { inlet, link: link.link.clone(), deadline });
        }
        // Who reads for many is the reading thread.
        link.inn.recalled = true;
        let waker = link.reader.take();
        wake_unlocked(state, waker);
        None
    }

    /// Whether the call's attempt is still under way there.
    pub(crate) fn is_on(&self, call: Ours, id: LinkId) -> bool {
        lock(&self.state).attempt_on(call).is_some_and(|(there, _)| there == id)
    }

    /// From a caller that read. `recall`: the reading thread is needed there.
    pub(crate) fn return_inlet(&self, id: LinkId, inlet: Box<Inlet>, recall: bool) {
        let now = self.clock.now();
        let mut state = lock(&self.state);
        let quiet = state.live_on(id) == (0, 0);
        let Some(link) = state.links.get_mut(id.0) else {
            drop(state);
            return drop(inlet);
        };
        link.inn.put_back(inlet, now);
        link.inn.recalled = recall || !quiet || link.is_ending();
        let asleep = link.inn.recalled || !link.inn.dozing;
        let waker = if asleep { link.reader.take() } else { None };
        wake_unlocked(state, waker);
    }

    /// A caller found the stream's end, and has said so.
    pub(crate) fn end_inlet(&self, id: LinkId) {
        let mut state = lock(&self.state);
        let waker = state.links.get_mut(id.0).and_then(|link| {
            link.inn.end();
            link.reader.take()
        });
        wake_unlocked(state, waker);
    }

    /// The peer of this connection calls us, too.
    pub(crate) fn is_called(&self, link: &Link) {
        if !link.accepted
            && let Some(link) = lock(&self.state).links.get_mut(link.id().0)
        {
            link.inn.shared = true;
        }
    }
}

impl State {
    /// Calls in flight on a connection: ours, and the peer's.
    fn live_on(&self, id: LinkId) -> (usize, usize) {
        let connection = self.key_of(id).and_then(|key| self.mesh.connection(key));
        connection.map_or((0, 0), Connection::live)
    }

    pub(super) fn attempt_on(&self, call: Ours) -> Option<(LinkId, Timestamp)> {
        let (key, deadline) = self.mesh.attempt_of(self.ticket(call)?)?;
        Some((self.connections.find(key.index(), key)?, deadline))
    }
}

fn wake_unlocked(state: MutexGuard<'_, State>, waker: Option<Waker>) {
    drop(state);
    if let Some(waker) = waker {
        waker.wake();
    }
}

/// How long the inlet lies idle before the reading thread has it back.
const PAUSE: Duration = Duration::from_millis(2);
