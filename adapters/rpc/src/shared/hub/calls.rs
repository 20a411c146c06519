//! Calls of ours: started, waited for, given up.

use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use tchannel_mesh::retry::Verdict;
use tchannel_mesh::slots::Place;
use tchannel_mesh::{Call, Failure, HostPort, OpenError, Ticket};
use tchannel_proto::{Args, ResponseHead};

use super::state::State;
use super::streams::{Ended, Stream};
use super::turn::Flush;
use super::{After, Hub};
use crate::shared::lock;
use crate::shared::parked::Parked;

/// Names a call of ours until its caller has its answer, or gave it up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ours(pub(super) Place);

/// A call of ours.
pub(super) struct Slot {
    /// The machine's name for it; means nothing any more once it is over there.
    ticket: Ticket,
    stage: Stage,
    /// Its caller has to say what it thinks of a response.
    pub(super) asked: bool,
}

enum Stage {
    Waiting(Option<Waker>),
    Done(Result<Answer, Failed>),
    /// Written and read bit by bit.
    Streamed(Box<Stream>),
}

/// A response, whole or its beginning.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) head: ResponseHead,
    pub(crate) args: Option<Args>,
    /// Who gave it.
    pub(crate) peer: Option<HostPort>,
    pub(crate) attempts: u32,
}

/// A call of ours that failed, with what only its connection's stream knows.
#[derive(Clone, Debug)]
pub(crate) struct Failed {
    pub(crate) failure: Failure,
    pub(crate) detail: Option<Arc<str>>,
}

/// What a waiting caller finds.
pub(crate) enum Found {
    /// The end of the call.
    End(Result<Answer, Failed>),
    /// A response that is not ok, about which the caller is asked.
    Ask(ResponseHead, Args),
}

impl Slot {
    pub(super) fn take_waker(&mut self) -> Option<Waker> {
        match &mut self.stage {
            Stage::Waiting(waker) => waker.take(),
            Stage::Done(_) | Stage::Streamed(_) => None,
        }
    }
}

impl Hub {
    /// Starts a call. What comes of it is for [`poll_call`](Hub::poll_call), or for the halves of a streamed one.
    pub(crate) fn start(self: &Arc<Self>, call: Call<'_>) -> Result<Ours, OpenError> {
        let streamed = call.args.is_none();
        let mut turn = self.turn();
        let now = turn.now();
        let ticket = turn.mesh.start(now, call)?;
        let stage = if streamed { Stage::Streamed(Box::new(Stream::asking())) } else { Stage::Waiting(None) };
        let id = Ours(turn.calls.insert(Slot { ticket, stage, asked: false }));
        turn.tickets.put(ticket.index(), ticket, id);
        // The first frame of a streamed request waits for the first bytes, which are likely to follow.
        turn.end(if streamed { Flush::Later } else { Flush::IfLone }, &mut After::default());
        Ok(id)
    }

    /// Looks for the answer of a call; takes it out.
    pub(crate) fn poll_call(&self, id: Ours, cx: &Context<'_>) -> Poll<Found> {
        let mut parked = Parked::new(cx);
        let mut state = lock(&self.state);
        let state = &mut *state;
        let Some(slot) = state.calls.get_mut(id.0) else { return Poll::Pending };
        match &mut slot.stage {
            Stage::Waiting(waker) => {
                if std::mem::take(&mut slot.asked)
                    && let Some((head, args)) = state.mesh.asked(slot.ticket)
                {
                    return Poll::Ready(Found::Ask(head.clone(), args.clone()));
                }
                parked.store(waker);
                Poll::Pending
            }
            Stage::Done(_) => match state.calls.remove(id.0).map(|slot| slot.stage) {
                Some(Stage::Done(result)) => Poll::Ready(Found::End(result)),
                Some(Stage::Waiting(_) | Stage::Streamed(_)) | None => Poll::Pending,
            },
            Stage::Streamed(_) => Poll::Pending,
        }
    }

    /// What the caller thinks of the response that it was asked about.
    pub(crate) fn decide(self: &Arc<Self>, id: Ours, verdict: Verdict) {
        let mut turn = self.turn();
        let now = turn.now();
        if let Some(ticket) = turn.calls.get(id.0).map(|slot| slot.ticket) {
            turn.mesh.decide(now, ticket, verdict);
            turn.end(Flush::IfLone, &mut After::default());
        }
    }

    /// Nobody waits for a call any more.
    pub(crate) fn cancel(self: &Arc<Self>, id: Ours) {
        let mut turn = self.turn();
        // Named before the turn ends, dropped after it.
        let slot = turn.calls.remove(id.0);
        if let Some(ticket) = slot.as_ref().map(|slot| slot.ticket) {
            let now = turn.now();
            turn.mesh.cancel(now, ticket, "cancelled by the caller");
            turn.end(Flush::Later, &mut After::default());
        }
        drop(slot);
    }
}

impl State {
    pub(super) fn ticket(&self, id: Ours) -> Option<Ticket> {
        self.calls.get(id.0).map(|slot| slot.ticket)
    }

    pub(super) fn streamed_call(&mut self, id: Ours) -> Option<&mut Stream> {
        match &mut self.calls.get_mut(id.0)?.stage {
            Stage::Streamed(stream) => Some(stream),
            Stage::Waiting(_) | Stage::Done(_) => None,
        }
    }

    /// A call is answered, or has failed; `over`: nothing more will come.
    pub(super) fn finish(
        &mut self,
        ticket: Ticket,
        over: bool,
        result: Result<Answer, Failed>,
        after: &mut After,
    ) {
        let names = &mut self.tickets;
        let id = if over { names.take(ticket.index(), ticket) } else { names.find(ticket.index(), ticket) };
        let Some(slot) = id.and_then(|id| self.calls.get_mut(id.0)) else { return };
        match &mut slot.stage {
            Stage::Waiting(waker) => {
                after.wake(waker.take());
                slot.stage = Stage::Done(result);
            }
            Stage::Streamed(stream) => match result {
                Ok(answer) => stream.respond(answer, after),
                Err(failed) => stream.end(Ended::Failed(Box::new(failed)), after),
            },
            Stage::Done(_) => {}
        }
    }
}
