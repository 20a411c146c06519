//! A connection with what surrounds it: its lock, its waiting calls, its running handlers, its writer.

mod after;
mod state;
mod stream;
mod turn;
mod writer;

use std::future::poll_fn;
use std::sync::atomic::AtomicU8;
use std::sync::{Arc, Mutex, OnceLock};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::BytesMut;
use tchannel_proto::{
    Args, Connection, Incoming, Lost, OpenError, Outgoing, Remote, RequestHead, ResponseHead, Timestamp,
};

pub(crate) use after::After;
pub(crate) use state::{Failed, Message, Unsent};
pub(crate) use stream::{Ended, Wanted};
pub(crate) use turn::Flush;
pub(crate) use writer::{Half, Outlet};

use self::state::{Slot, Stage, State};
use self::stream::Stream;
use self::turn::Turn;
use super::error::Phase;
use super::host::Host;
use super::hub::Hub;
use super::lock;
use super::parked::Parked;
use super::runtime::Runtime;
use super::serve::{Arrived, Batch, Outcome};

/// A connection, from the moment it is wanted to its end.
pub(crate) struct Link {
    pub(crate) key: u64,
    /// The host that was dialled, or the address that dialled us.
    pub(crate) peer: Host,
    pub(crate) hub: Arc<Hub>,
    remote: OnceLock<Arc<Remote>>,
    /// Whether the other side dialled.
    pub(crate) accepted: bool,
    /// What has happened of its end.
    farewell: AtomicU8,
    state: Mutex<State>,
}

impl std::fmt::Debug for Link {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Link").field("key", &self.key).field("peer", &self.peer).finish_non_exhaustive()
    }
}

impl Link {
    pub(crate) fn new(key: u64, peer: Host, hub: Arc<Hub>, core: Connection, accepted: bool) -> Self {
        let state = State::new(core);
        Link {
            key,
            peer,
            hub,
            remote: OnceLock::new(),
            accepted,
            farewell: AtomicU8::new(0),
            state: Mutex::new(state),
        }
    }

    /// What the peer said about itself, once it has.
    pub(crate) fn remote(&self) -> Option<&Arc<Remote>> {
        self.remote.get()
    }

    fn turn(self: &Arc<Self>) -> Turn<'_> {
        Turn::new(self, self.hub.clock.now())
    }

    /// Gives the connection its stream; what was queued leaves.
    pub(crate) fn attach(self: &Arc<Self>, outlet: Box<dyn Outlet>) {
        let _too_late;
        let mut turn = self.turn();
        if turn.phase == Phase::Connecting {
            turn.phase = Phase::Handshake;
        }
        _too_late = turn.out.open(outlet);
        turn.end(Flush::Now, &mut After::default());
    }

    /// Takes what was read. With requests among it, the bytes to write are left for
    /// [`answer_all`](Link::answer_all). Returns how much more is wanted.
    pub(crate) fn received(
        self: &Arc<Self>,
        input: &mut BytesMut,
        after: &mut After,
    ) -> (usize, Option<Batch>) {
        let mut turn = self.turn();
        let now = turn.now();
        turn.core.handle_input(now, input);
        turn.settle(after);
        let wants = if turn.closed {
            input.clear();
            DISCARDED
        } else {
            turn.core.wants_input()
        };
        let lone = turn.calls.is_empty();
        let batch = (!turn.batch.arrived.is_empty())
            .then(|| Batch { is_calling: !lone, ..std::mem::take(&mut turn.batch) });
        turn.end(if batch.is_none() { Flush::Now } else { Flush::None }, after);
        (wants, batch)
    }

    /// The stream is over, or could not be made.
    pub(crate) fn lost(self: &Arc<Self>, why: Lost, detail: Option<String>) {
        let mut turn = self.turn();
        let now = turn.now();
        if let Some(detail) = detail {
            turn.fault.get_or_insert_with(|| detail.into());
        }
        turn.core.handle_lost(now, why);
        turn.end(Flush::Now, &mut After::default());
    }

    /// It is later than the core asked for.
    pub(crate) fn timeout(self: &Arc<Self>, now: Timestamp) {
        let mut turn = Turn::new(self, now);
        turn.armed = turn.armed.filter(|&armed| armed > now);
        turn.core.handle_timeout(now);
        turn.trim();
        turn.end(Flush::Now, &mut After::default());
    }

    /// Sends a request; hands it back if another connection has to take it.
    pub(crate) fn call(
        self: &Arc<Self>,
        now: Timestamp,
        message: Message,
    ) -> Result<Result<Outgoing, OpenError>, Unsent> {
        let mut turn = Turn::new(self, now);
        if turn.draining || turn.closed {
            return Err(Unsent { message: Box::new(message), ended: turn.ended.clone() });
        }
        let (started, stage) = match message {
            Message::Whole(request) => (turn.core.call(now, request), Stage::Waiting(None)),
            Message::Streamed(head) => {
                (turn.core.open(now, head), Stage::Streamed(Box::new(Stream::asking())))
            }
        };
        let call = match started {
            Ok(call) => call,
            Err(error) => return Ok(Err(error)),
        };
        // The first frame of a streamed request waits for the first bytes, which are likely to follow.
        let whole = matches!(stage, Stage::Waiting(_));
        turn.calls.insert(call.id(), Slot { call, stage });
        let flush = if whole && turn.is_lone() { Flush::Now } else { Flush::Later };
        turn.end(flush, &mut After::default());
        Ok(Ok(call))
    }

    /// Looks for the answer of a call; takes it out.
    pub(crate) fn poll_call(
        &self,
        call: Outgoing,
        cx: &mut Context<'_>,
    ) -> Poll<Result<(ResponseHead, Args), Failed>> {
        let mut parked = Parked::new(cx);
        let mut state = lock(&self.state);
        match state.calls.get_mut(&call.id()).filter(|slot| slot.call == call).map(|slot| &mut slot.stage) {
            Some(Stage::Waiting(waker) | Stage::Collecting(waker, _)) => {
                parked.store(waker);
                Poll::Pending
            }
            Some(Stage::Done(_)) => match state.calls.remove(&call.id()).map(|slot| slot.stage) {
                Some(Stage::Done(result)) => Poll::Ready(result),
                Some(Stage::Waiting(_) | Stage::Collecting(..) | Stage::Streamed(_)) | None => Poll::Pending,
            },
            Some(Stage::Streamed(_)) | None => Poll::Pending,
        }
    }

    /// Nobody waits for a call any more.
    pub(crate) fn cancel(self: &Arc<Self>, call: Outgoing) {
        let slot;
        let mut turn = self.turn();
        if turn.calls.get(&call.id()).is_none_or(|slot| slot.call != call) {
            return;
        }
        slot = turn.calls.remove(&call.id());
        if slot.as_ref().is_some_and(|slot| !matches!(slot.stage, Stage::Done(_))) {
            let now = turn.now();
            turn.core.cancel(now, call, "cancelled by the caller");
            turn.end(Flush::Later, &mut After::default());
        }
    }

    /// Collects the rest of requests that came in part. Those that are complete by now go to `arrived`.
    pub(crate) fn collect(
        self: &Arc<Self>,
        requests: &mut Vec<(Incoming, RequestHead)>,
        arrived: &mut Vec<Arrived>,
    ) {
        let mut turn = self.turn();
        for (call, head) in requests.drain(..) {
            let collecting = turn.core.collect(call).is_ok();
            match turn.serving.get_mut(&call.id()).filter(|served| served.call == call) {
                Some(served) if collecting => served.head = Some(head),
                Some(_) => drop(turn.serving.remove(&call.id())),
                None => {}
            }
        }
        let mut after = After::default();
        turn.settle(&mut after);
        arrived.append(&mut turn.batch.arrived);
        turn.end(Flush::Later, &mut after);
    }

    /// Answers some requests of a batch.
    pub(crate) fn answer_some(self: &Arc<Self>, outcomes: &mut Vec<(Incoming, Outcome)>) {
        let mut turn = self.turn();
        let mut after = After::default();
        for (call, outcome) in outcomes.drain(..) {
            turn.answer(call, outcome, &mut after);
        }
        turn.end(Flush::Now, &mut after);
    }

    /// Answers what is left of a batch, and writes what there is to write.
    pub(crate) fn answer_all(self: &Arc<Self>, mut batch: Batch, after: &mut After) {
        let mut turn = self.turn();
        for (call, outcome) in batch.outcomes.drain(..) {
            turn.answer(call, outcome, after);
        }
        if turn.batch.arrived.is_empty() {
            turn.batch = batch;
        }
        turn.end(Flush::Now, after);
    }

    /// Answers one request.
    pub(crate) fn answer(self: &Arc<Self>, call: Incoming, outcome: Outcome) {
        let mut turn = self.turn();
        let mut after = After::default();
        turn.answer(call, outcome, &mut after);
        let flush = if turn.is_quiet() { Flush::Now } else { Flush::Later };
        turn.end(flush, &mut after);
    }

    /// Whether a request's answer is no longer wanted. If it is, the task is woken when that changes.
    pub(crate) fn poll_abandoned(&self, call: Incoming, cx: &mut Context<'_>) -> bool {
        let mut parked = Parked::new(cx);
        let mut state = lock(&self.state);
        match state.serving.get_mut(&call.id()).filter(|served| served.call == call) {
            Some(served) if served.abandoned.is_none() => {
                parked.store(&mut served.waker);
                false
            }
            Some(_) => {
                state.serving.remove(&call.id());
                true
            }
            None => true,
        }
    }

    /// Lets running calls end, and refuses new ones.
    pub(crate) fn drain(self: &Arc<Self>, reason: &str, deadline: Timestamp) {
        let mut turn = self.turn();
        let now = turn.now();
        turn.draining = true;
        turn.drained_by = turn.drained_by.map_or(deadline, |earlier| earlier.min(deadline)).into();
        turn.core.drain(now, reason, deadline);
        turn.end(Flush::Now, &mut After::default());
    }

    /// Ends it now; calls in flight fail. Answers leave before, as far as the stream takes them without waiting.
    pub(crate) fn close(self: &Arc<Self>) {
        let mut after = After::default();
        self.turn().write(&mut after);
        after.run(self);
        let mut turn = self.turn();
        let now = turn.now();
        turn.draining = true;
        turn.core.close(now);
        turn.end(Flush::Now, &mut After::default());
    }

    /// Waits until the core takes input again, and says how much.
    pub(crate) async fn reopened(&self) {
        poll_fn(|cx| {
            let mut parked = Parked::new(cx);
            let mut state = lock(&self.state);
            state.gate_shut = !state.closed && state.core.wants_input() == 0;
            if state.gate_shut {
                parked.store(&mut state.reader);
                return Poll::Pending;
            }
            Poll::Ready(())
        })
        .await;
    }

    /// Ends a while after the connection has: time for last bytes to cross.
    pub(crate) async fn grace(&self, runtime: &impl Runtime, side: Side) {
        poll_fn(|cx| self.poll_over(cx, side)).await;
        let grace = self.hub.clock.now() + GRACE;
        let until = lock(&self.state).linger.map_or(grace, |linger| linger.max(grace));
        runtime.sleep_until(self.hub.clock.instant(until)).await;
    }

    /// Ready once the connection is over, or its writer broken.
    pub(crate) fn poll_over(&self, cx: &mut Context<'_>, side: Side) -> Poll<()> {
        let mut parked = Parked::new(cx);
        let state = &mut *lock(&self.state);
        if state.closed || state.fault.is_some() {
            return Poll::Ready(());
        }
        match side {
            Side::Reader => parked.store(&mut state.reader),
            Side::Writer => state.out.register(&mut parked),
        }
        Poll::Pending
    }
}

/// Which task of the connection waits.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Side {
    Reader,
    Writer,
}

/// What is said about a connection whose task was dropped before its end.
pub(crate) fn ended() -> &'static str {
    let panics = std::thread::panicking();
    if panics { "the connection's task panicked" } else { "the channel's runtime has ended" }
}

/// How long a closed connection may take to send its last bytes, and to wait for the peer's end.
const GRACE: Duration = Duration::from_secs(1);

/// Read size once nothing is looked at any more.
const DISCARDED: usize = 4 << 10;
