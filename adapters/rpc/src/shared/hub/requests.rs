//! Calls of peers: read, handed to handlers, answered.

use std::sync::Arc;
use std::task::{Context, Waker};

use bytes::BytesMut;
use tchannel_mesh::Inbound;
use tchannel_mesh::slots::Place;
use tchannel_proto::wire::ErrorCode;
use tchannel_proto::{Lost, Response};

use super::links::{LinkId, LinkState};
use super::state::State;
use super::streams::{Ended, Stream};
use super::turn::{Flush, Turn};
use super::{After, Hub, Side};
use crate::shared::lock;
use crate::shared::parked::Parked;
use crate::shared::serve::{Batch, Outcome};

/// Names a call of a peer's until its handler is done with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Theirs(pub(super) Place);

/// What a reader learns when it hands in what it read.
pub(crate) struct Received {
    /// How much more is wanted; 0: nothing for now.
    pub(crate) wants: usize,
    /// The connection is over, or cannot be written to: the rest is read for a while only.
    pub(crate) ending: bool,
    /// The requests that were among it.
    pub(crate) batch: Option<Batch>,
}

/// A call of a peer's.
pub(super) struct Served {
    /// The machine's name for it, until it is over there.
    pub(super) call: Option<Inbound>,
    /// Why nobody waits for the answer.
    pub(super) abandoned: Option<ErrorCode>,
    pub(super) waker: Option<Waker>,
    /// Its handler reads and writes bit by bit.
    pub(super) stream: Option<Box<Stream>>,
}

impl Hub {
    /// Takes what was read. With requests among it, the bytes to write are left for
    /// [`answer_all`](Hub::answer_all).
    pub(crate) fn received(
        self: &Arc<Self>,
        id: LinkId,
        input: &mut BytesMut,
        after: &mut After,
    ) -> Received {
        let mut turn = self.turn();
        let now = turn.now();
        let key = turn.links.get(id.0).and_then(|link| link.key);
        if let Some(key) = key {
            turn.mesh.handle_input(now, key, input);
        }
        turn.settle(after);
        turn.used(after);
        let closed = turn.links.get(id.0).is_none_or(|link| link.closed);
        let ending = turn.links.get(id.0).is_none_or(LinkState::is_ending);
        let wants = match key {
            Some(key) if !closed => turn.mesh.wants_input(key),
            Some(_) | None => {
                input.clear();
                DISCARDED
            }
        };
        let is_calling = !turn.calls.is_empty();
        let batch = (!turn.arrived.is_empty()).then(|| {
            let spare = turn.spare.take().unwrap_or_default();
            let arrived = std::mem::replace(&mut turn.arrived, spare.arrived);
            Batch { is_calling, arrived, outcomes: spare.outcomes }
        });
        turn.end(if batch.is_none() { Flush::Now } else { Flush::None }, after);
        Received { wants, ending, batch }
    }

    /// The stream is over, or could not be made.
    pub(crate) fn lost(self: &Arc<Self>, id: LinkId, why: Lost, detail: Option<String>) {
        let mut turn = self.turn();
        let now = turn.now();
        let Some(link) = turn.links.get_mut(id.0) else { return };
        if let Some(detail) = detail {
            link.fault.get_or_insert_with(|| detail.into());
        }
        if let Some(key) = link.key {
            turn.mesh.handle_lost(now, key, why);
        }
        turn.end(Flush::Now, &mut After::default());
    }

    /// Answers some requests of a batch.
    pub(crate) fn answer_some(self: &Arc<Self>, outcomes: &mut Vec<(Theirs, Outcome)>) {
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
        turn.spare = Some(batch);
        turn.end(Flush::Now, after);
    }

    /// Answers one request.
    pub(crate) fn answer(self: &Arc<Self>, call: Theirs, outcome: Outcome) {
        let mut turn = self.turn();
        let mut after = After::default();
        turn.answer(call, outcome, &mut after);
        turn.end(Flush::IfLone, &mut after);
    }

    /// Whether a request's answer is no longer wanted. If it is, the task is woken when that changes.
    pub(crate) fn poll_abandoned(&self, call: Theirs, cx: &Context<'_>) -> bool {
        let mut parked = Parked::new(cx);
        let mut state = lock(&self.state);
        match state.serving.get_mut(call.0) {
            Some(served) if served.abandoned.is_none() => {
                parked.store(&mut served.waker);
                false
            }
            Some(_) => {
                state.serving.remove(call.0);
                true
            }
            None => true,
        }
    }
}

impl State {
    /// The machine's name for a call of a peer's.
    pub(super) fn inbound(&self, id: Theirs) -> Option<Inbound> {
        self.serving.get(id.0)?.call
    }

    pub(super) fn abandon(&mut self, call: Inbound, code: ErrorCode, after: &mut After) {
        let id = self.inbounds.take(call.index(), call);
        let Some(served) = id.and_then(|id| self.serving.get_mut(id.0)) else { return };
        served.call = None;
        match &mut served.stream {
            Some(stream) if stream.is_over() => {}
            Some(stream) => {
                stream.end(Ended::Abandoned(code), after);
                after.wake(served.waker.take());
            }
            None => {
                served.abandoned = Some(code);
                after.wake(served.waker.take());
            }
        }
    }

    /// The machine has no name for it any more.
    pub(super) fn unname(&mut self, id: Theirs) {
        if let Some(call) = self.serving.get_mut(id.0).and_then(|served| served.call.take()) {
            let _ = self.inbounds.take(call.index(), call);
        }
    }
}

impl Turn<'_> {
    fn answer(&mut self, id: Theirs, outcome: Outcome, after: &mut After) {
        let now = self.now();
        let Some(call) = self.inbound(id) else {
            // Abandoned a moment ago: nobody waits for the answer.
            if self.stream(Side::Theirs(id)).is_none() {
                let served = self.serving.remove(id.0);
                after.spend(served.and_then(|served| served.waker));
            }
            return;
        };
        if let Some(stream) = self.stream(Side::Theirs(id)) {
            if stream.is_over() {
                return;
            }
            stream.finish_answer(after);
        }
        self.unname(id);
        // Gone: abandoned, and the event of that has not been seen.
        let _gone = match outcome {
            Outcome::Reply(reply) => {
                let (code, args) = reply.into_parts();
                self.mesh.respond(now, call, Response { code, args })
            }
            Outcome::Reject(code, message) => self.mesh.reject(now, call, code, &message),
            Outcome::Written => return,
        };
        if self.stream(Side::Theirs(id)).is_some() {
            self.release(Side::Theirs(id));
        } else {
            let served = self.serving.remove(id.0);
            after.spend(served.and_then(|served| served.waker));
        }
    }
}

/// Read size once nothing is looked at any more.
const DISCARDED: usize = 4 << 10;
