//! How a channel, and a connection of it, comes to its end.

use std::future::poll_fn;
use std::net::SocketAddr;
use std::sync::{Arc, MutexGuard};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use tchannel_proto::Timestamp;

use super::links::LinkId;
use super::state::{Listening, State};
use super::turn::{Flush, Turn};
use super::{After, Hub};
use crate::shared::error::Drained;
use crate::shared::lock;
use crate::shared::parked::Parked;

impl Hub {
    /// Stops taking in calls and connections; what runs may go on for a while.
    pub(crate) fn drain(self: &Arc<Self>, reason: &str, within: Duration) {
        let mut turn = self.turn();
        let deadline = turn.now() + within;
        let now = turn.now();
        let mut after = After::default();
        let until = turn.drained_by.map_or(deadline, |earlier| earlier.min(deadline));
        turn.drained_by = Some(until);
        turn.limit_last_bytes(until, &mut after);
        // A deadline that is now would be the timers' to act on, too: whoever came first would say how it ended.
        let patience = if within.is_zero() { GRACE } else { within };
        turn.mesh.drain(now, reason, now + patience);
        turn.end(Flush::Now, &mut after);
        // Only now: calls that fail by it do not look for other peers any more.
        if within.is_zero() {
            self.close_all();
        }
        let state = lock(&self.state);
        let unwanted = state.unwanted_listeners();
        Hub::changed(state);
        self.unblock(&unwanted);
    }

    /// Makes accepting tasks look up whose threads wait in the system.
    pub(super) fn unblock(&self, listening: &[SocketAddr]) {
        for at in listening {
            self.driver.unblock(*at);
        }
    }

    /// Whether connections are still taken in, if only to decline what they ask for.
    pub(crate) fn accepts(&self) -> bool {
        !lock(&self.state).has_stopped_accepting()
    }

    pub(crate) fn is_draining(&self) -> bool {
        lock(&self.state).mesh.is_draining()
    }

    /// Ends every connection now. Answers leave before, as far as the streams take them without waiting.
    fn close_all(self: &Arc<Self>) {
        let ids: Vec<LinkId> = lock(&self.state).links.iter().map(|(place, _)| LinkId(place)).collect();
        for id in ids {
            self.end_link(id, |turn| turn.cut += usize::from(turn.has_calls(id)));
        }
    }

    /// Ends a connection now; calls in flight fail. Answers leave before, as far as the stream takes them without
    /// waiting.
    pub(crate) fn close_link(self: &Arc<Self>, id: LinkId) {
        self.end_link(id, |_| ());
    }

    fn end_link(self: &Arc<Self>, id: LinkId, before: impl FnOnce(&mut Turn<'_>)) {
        let mut after = After::default();
        let mut turn = self.turn().write(id, &mut after);
        before(&mut turn);
        let now = turn.now();
        if let Some(key) = turn.key_of(id) {
            turn.mesh.close(now, key);
        }
        turn.hurry(id, &mut after);
        turn.end(Flush::Now, &mut after);
    }

    /// Ends when the last connection is over and the last listener is closed.
    pub(crate) async fn drained(&self) -> Drained {
        poll_fn(|cx| self.wait(cx, State::is_quiet)).await;
        Drained { cut: lock(&self.state).cut }
    }

    /// Ends when the channel stops to listen.
    pub(crate) async fn stopped_listening(&self) {
        poll_fn(|cx| self.wait(cx, State::has_stopped_accepting)).await;
    }

    /// Where the channel listens, once a listener that is being opened is open; `None` if none comes of it.
    pub(crate) async fn listening_at(&self) -> Option<SocketAddr> {
        poll_fn(|cx| self.wait(cx, |state| !state.listening.is_opening())).await;
        self.listens_at().first().copied()
    }

    /// A listening socket is closed.
    pub(crate) fn listener_closed(&self, at: SocketAddr) {
        let mut state = lock(&self.state);
        state.listening.close(at);
        Hub::changed(state);
    }

    /// Takes the word back that listeners are being opened, if none came of it.
    pub(super) fn stop_opening(&self) {
        let mut state = lock(&self.state);
        if state.listening.is_opening() {
            state.listening = Listening::No;
            Hub::changed(state);
        }
    }

    /// Tells those who wait. With the last connection of a channel that takes in no more, its handlers go.
    pub(super) fn changed(mut state: MutexGuard<'_, State>) {
        let waiting = std::mem::take(&mut state.waiting);
        let _endpoints = state.spent_endpoints();
        drop(state);
        waiting.into_iter().for_each(Waker::wake);
    }

    fn wait(&self, cx: &Context<'_>, until: impl Fn(&State) -> bool) -> Poll<()> {
        let waker = cx.waker().clone();
        let mut state = lock(&self.state);
        if until(&state) {
            return Poll::Ready(());
        }
        if state.waiting.iter().any(|known| known.will_wake(&waker)) {
            drop(state);
            return Poll::Pending;
        }
        state.waiting.push(waker);
        Poll::Pending
    }

    /// Waits until the machine takes input of a connection again.
    pub(crate) async fn reopened(&self, id: LinkId) {
        poll_fn(|cx| {
            let mut parked = Parked::new(cx);
            let mut state = lock(&self.state);
            let state = &mut *state;
            let Some(link) = state.links.get_mut(id.0) else { return Poll::Ready(()) };
            let shut = !link.closed && link.key.is_some_and(|key| state.mesh.wants_input(key) == 0);
            if shut {
                parked.store(&mut link.reader);
                return Poll::Pending;
            }
            Poll::Ready(())
        })
        .await;
    }

    /// Ready once a connection is over, or its writer broken.
    pub(crate) fn poll_over(&self, id: LinkId, cx: &Context<'_>, task: Task) -> Poll<()> {
        let mut parked = Parked::new(cx);
        let mut state = lock(&self.state);
        let Some(link) = state.links.get_mut(id.0) else { return Poll::Ready(()) };
        if link.is_ending() {
            return Poll::Ready(());
        }
        link.park(task, &mut parked);
        Poll::Pending
    }

    /// Until when the last bytes of a connection that is over may take, `least` at least.
    pub(crate) fn lingers(&self, id: LinkId, least: Timestamp) -> Timestamp {
        let state = lock(&self.state);
        let linger = state.links.get(id.0).and_then(|link| link.linger);
        linger.map_or(least, |linger| linger.max(least))
    }

    /// Ready once last bytes may take less time than until `until`.
    pub(crate) fn poll_hurried(
        &self,
        id: LinkId,
        cx: &Context<'_>,
        task: Task,
        (least, until): (Timestamp, Timestamp),
    ) -> Poll<()> {
        let mut parked = Parked::new(cx);
        let mut state = lock(&self.state);
        let Some(link) = state.links.get_mut(id.0) else { return Poll::Ready(()) };
        if until > least && link.linger.is_none_or(|linger| linger < until) {
            return Poll::Ready(());
        }
        link.park(task, &mut parked);
        Poll::Pending
    }
}

/// Which task of a connection waits.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Task {
    Reader,
    Writer,
}

/// How long a closed connection may take to send its last bytes, and to wait for the peer's end.
pub(crate) const GRACE: Duration = Duration::from_secs(1);

#[cfg(all(test, feature = "tokio"))]
mod tests;
