//! What the lock of a connection guards.

use std::sync::Arc;
use std::task::Waker;
use std::time::Duration;

use tchannel_proto::wire::ErrorCode;
use tchannel_proto::{
    Args, CallError, CloseReason, Connection, Incoming, Origin, Outgoing, Request, RequestHead,
    Response as Answer, ResponseHead, Timestamp,
};

use super::after::After;
use super::stream::{Ended, Stream};
use super::writer::Out;
use crate::shared::error::Phase;
use crate::shared::hash::IdMap;
use crate::shared::serve::{Batch, Outcome};

pub(crate) struct State {
    pub(super) core: Connection,
    pub(super) calls: IdMap<Slot>,
    pub(super) serving: IdMap<Served>,
    pub(super) out: Out,
    pub(super) reader: Option<Waker>,
    /// The reader sleeps because the core takes no input.
    pub(super) gate_shut: bool,
    /// What the timers know.
    pub(super) armed: Option<Timestamp>,
    pub(super) phase: Phase,
    /// No new calls.
    pub(super) draining: bool,
    pub(super) closed: bool,
    /// What a call gets that comes too late.
    pub(super) ended: Option<Failed>,
    /// When a drain ends, ready or not.
    pub(super) drained_by: Option<Timestamp>,
    /// How long last bytes may take after the end, if nobody said when the drain ends.
    pub(super) linger_after: Option<Duration>,
    /// How long last bytes may take, if that is more than usual.
    pub(super) linger: Option<Timestamp>,
    /// What the operating system said about the stream's end.
    pub(super) fault: Option<Arc<str>>,
    pub(super) batch: Batch,
}

/// A call of ours.
pub(super) struct Slot {
    pub(super) call: Outgoing,
    pub(super) stage: Stage,
}

pub(super) enum Stage {
    Waiting(Option<Waker>),
    /// The head came first; the rest is being collected.
    Collecting(Option<Waker>, ResponseHead),
    Done(Result<(ResponseHead, Args), Failed>),
    /// Written and read bit by bit.
    Streamed(Box<Stream>),
}

/// What a call of ours sends.
pub(crate) enum Message {
    Whole(Request),
    /// The arguments follow.
    Streamed(RequestHead),
}

/// A call of ours that failed, with what only its connection knows.
#[derive(Clone)]
pub(crate) struct Failed {
    pub(crate) error: CallError,
    pub(crate) phase: Phase,
    pub(crate) detail: Option<Arc<str>>,
}

/// A call that another connection has to take.
pub(crate) struct Unsent {
    pub(crate) message: Box<Message>,
    /// How the connection ended; nothing if it only takes no more calls.
    pub(crate) ended: Option<Failed>,
}

/// A call of the peer's that is not answered yet.
pub(super) struct Served {
    pub(super) call: Incoming,
    /// Why nobody waits for the answer.
    pub(super) abandoned: Option<ErrorCode>,
    pub(super) waker: Option<Waker>,
    /// Set while the rest of the request is being collected.
    pub(super) head: Option<RequestHead>,
    /// Its handler reads and writes bit by bit.
    pub(super) stream: Option<Box<Stream>>,
}

impl State {
    pub(super) fn new(core: Connection) -> Self {
        State {
            core,
            calls: IdMap::default(),
            serving: IdMap::default(),
            out: Out::default(),
            reader: None,
            gate_shut: false,
            armed: None,
            phase: Phase::Connecting,
            draining: false,
            closed: false,
            ended: None,
            drained_by: None,
            linger_after: None,
            linger: None,
            fault: None,
            batch: Batch::default(),
        }
    }

    /// One call of ours, and nothing else going on: nobody else will have something to write soon.
    pub(super) fn is_lone(&self) -> bool {
        self.calls.len() == 1 && self.serving.is_empty()
    }

    /// No request waits for its handler.
    pub(super) fn is_quiet(&self) -> bool {
        self.serving.is_empty()
    }

    pub(super) fn answer(&mut self, now: Timestamp, call: Incoming, outcome: Outcome, after: &mut After) {
        if let Some(stream) = self.stream(call.into()) {
            if stream.is_over() {
                return;
            }
            stream.finish_answer(after);
        } else if self.serving.get(&call.id()).is_some_and(|served| served.call == call) {
            let served = self.serving.remove(&call.id());
            after.spend(served.and_then(|served| served.waker));
        } else {
            return;
        }
        let gone = match outcome {
            Outcome::Reply(reply) => {
                let (code, args) = reply.into_parts();
                self.core.respond(now, call, Answer { code, args })
            }
            Outcome::Reject(code, message) => self.core.reject(now, call, code, &message),
            Outcome::Written => return,
        };
        // Abandoned a moment ago, and its event has been seen already: nobody waits for the answer.
        let _ = gone;
        self.skip_unread(now, call.into());
        self.release(call.into());
    }

    pub(super) fn finish(
        &mut self,
        call: Outgoing,
        result: Result<(ResponseHead, Args), CallError>,
        after: &mut After,
    ) {
        let Some(slot) = self.calls.get_mut(&call.id()).filter(|slot| slot.call == call) else { return };
        let result = result.map_err(|error| {
            let lost = error.code == ErrorCode::Network;
            Failed { error, phase: self.phase, detail: self.fault.clone().filter(|_| lost) }
        });
        if let Stage::Streamed(stream) = &mut slot.stage {
            return match result {
                Ok((head, args)) => stream.respond(head, Some(args), after),
                Err(failed) => stream.end(Ended::Failed(failed), after),
            };
        }
        match std::mem::replace(&mut slot.stage, Stage::Done(result)) {
            Stage::Waiting(waker) | Stage::Collecting(waker, _) => after.wake(waker),
            Stage::Done(_) | Stage::Streamed(_) => {}
        }
    }

    pub(super) fn abandon(&mut self, call: Incoming, code: ErrorCode, after: &mut After) {
        let Some(served) = self.serving.get_mut(&call.id()).filter(|served| served.call == call) else {
            return;
        };
        if let Some(stream) = &mut served.stream {
            if !stream.is_over() {
                stream.end(Ended::Abandoned(code), after);
                after.wake(served.waker.take());
            }
            return;
        }
        served.abandoned = Some(code);
        after.wake(served.waker.take());
        if served.head.is_some() {
            self.serving.remove(&call.id());
        }
    }

    pub(super) fn over(&mut self, now: Timestamp, reason: CloseReason, after: &mut After) {
        self.closed = true;
        self.draining = true;
        self.ended = Some(Failed { error: end(&reason), phase: self.phase, detail: self.fault.clone() });
        // The last answers have left the core; a slow peer has as long for them as the drain has.
        let drained_by = self.drained_by.or_else(|| self.linger_after.map(|linger| now + linger));
        self.linger = drained_by.filter(|_| reason == CloseReason::Drained);
        for waker in [self.reader.take(), self.out.waker()] {
            after.wake(waker);
        }
        after.closed(reason);
    }

    /// Gives back the memory of a burst that is over.
    pub(super) fn trim(&mut self) {
        if self.calls.is_empty() && self.serving.is_empty() && self.batch.arrived.is_empty() {
            self.calls = IdMap::default();
            self.serving = IdMap::default();
            self.batch = Batch::default();
        }
    }
}

/// What a connection's end is to a call that it did not take.
#[allow(clippy::wildcard_enum_match_arm, reason = "all other ends, known or not, are those of a byte stream")]
fn end(reason: &CloseReason) -> CallError {
    let (code, origin) = match reason {
        CloseReason::Remote { code, message } => {
            return CallError { code: *code, origin: Origin::Remote, message: message.clone() };
        }
        CloseReason::Malformed(_) | CloseReason::Protocol(_) | CloseReason::TooManyUselessFrames => {
            (ErrorCode::Fatal, Origin::Local)
        }
        _ => (ErrorCode::Network, Origin::Local),
    };
    CallError { code, origin, message: reason.to_string() }
}
