//! What the halves of a streamed call do under the lock of its connection.

use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use tchannel_proto::wire::ResponseCode;
use tchannel_proto::{Arg, Args, CallId, Incoming, Outgoing, Read, ResponseHead, WriteError};

use super::{Ended, Stream, Wanted};
use crate::shared::link::Link;
use crate::shared::link::after::After;
use crate::shared::link::state::{Failed, State};
use crate::shared::link::turn::Flush;
use crate::shared::lock;
use crate::shared::parked::Parked;

impl Link {
    /// Looks for the head of a response; takes it out.
    pub(crate) fn poll_head(
        &self,
        call: Outgoing,
        cx: &Context<'_>,
    ) -> Poll<Result<(ResponseHead, Option<Args>), Failed>> {
        let mut parked = Parked::new(cx);
        let mut state = lock(&self.state);
        let Some(stream) = state.stream(call.into()) else { return Poll::Pending };
        if let Some(Ended::Failed(failed)) = &stream.ended {
            return Poll::Ready(Err(failed.clone()));
        }
        if let Some(response) = stream.head.take() {
            return Poll::Ready(Ok(response));
        }
        parked.store(&mut stream.reader);
        Poll::Pending
    }

    /// The next part of the message that comes in; `None` at its end.
    pub(crate) fn poll_read(
        self: &Arc<Self>,
        call: CallId,
        cx: &Context<'_>,
    ) -> Poll<Result<Option<(Arg, Bytes)>, Ended>> {
        let mut parked = Parked::new(cx);
        let mut turn = self.turn();
        let Some(stream) = turn.stream(call) else { return Poll::Ready(Err(Ended::Over)) };
        if let Some(ended) = &stream.ended {
            return Poll::Ready(Err(ended.clone()));
        }
        if let Some(part) = stream.first.take() {
            return Poll::Ready(Ok(Some(part)));
        }
        let now = turn.now();
        let (read, flush) = match turn.core.read(now, call) {
            Ok(Read::Part { arg, bytes }) => (Poll::Ready(Ok(Some((arg, bytes)))), Flush::None),
            // What is left of our request is cut short on the wire.
            Ok(Read::Done) => (Poll::Ready(Ok(None)), Flush::Later),
            Ok(Read::Blocked) => {
                if let Some(stream) = turn.stream(call) {
                    parked.store(&mut stream.reader);
                }
                (Poll::Pending, Flush::None)
            }
            Err(_) => (Poll::Ready(Err(Ended::Over)), Flush::None),
        };
        let mut after = After::default();
        if matches!((&read, call), (Poll::Ready(Ok(None)), CallId::Outgoing(_)))
            && let Some(stream) = turn.stream(call)
        {
            stream.wake_writer(&mut after);
        }
        turn.end(flush, &mut after);
        read
    }

    /// Writes to the current argument; takes all of `bytes`, or nothing for now.
    pub(crate) fn poll_write(
        self: &Arc<Self>,
        call: CallId,
        bytes: &mut Bytes,
        cx: &Context<'_>,
    ) -> Poll<Result<(), Ended>> {
        let mut parked = Parked::new(cx);
        let mut turn = self.turn();
        let Some(stream) = turn.stream(call) else { return Poll::Ready(Err(Ended::Over)) };
        if let Some(ended) = &stream.ended {
            return Poll::Ready(Err(ended.clone()));
        }
        match turn.core.write(call, std::mem::take(bytes)) {
            Ok(()) => {
                turn.end(Flush::Later, &mut After::default());
                Poll::Ready(Ok(()))
            }
            Err(WriteError::Blocked(back)) => {
                *bytes = back;
                if let Some(stream) = turn.stream(call) {
                    parked.store(&mut stream.writer);
                }
                turn.end(Flush::None, &mut After::default());
                Poll::Pending
            }
            Err(WriteError::Gone(_)) => Poll::Ready(Err(Ended::Over)),
        }
    }

    /// Makes what was written so far leave in frames of its own.
    pub(crate) fn flush(self: &Arc<Self>, call: CallId) -> Result<(), Ended> {
        self.change(call, |state, _| state.core.flush(call).map_err(|_| Ended::Over))
    }

    /// Ends arg2.
    pub(crate) fn end_arg2(self: &Arc<Self>, call: CallId) -> Result<(), Ended> {
        self.change(call, |state, _| state.core.finish_arg(call).map_err(|_| Ended::Over))
    }

    /// Ends the arguments that have not ended yet, and the message with them.
    pub(crate) fn finish(self: &Arc<Self>, call: CallId, left: usize) -> Result<(), Ended> {
        let now = self.hub.clock.now();
        self.change(call, |state, after| {
            for _ in 0..left {
                state.core.finish_arg(call).map_err(|_| Ended::Over)?;
            }
            let Some(stream) = state.stream(call) else { return Ok(()) };
            match call {
                CallId::Outgoing(_) => stream.finished = true,
                CallId::Incoming(_) => stream.finish_answer(after),
            }
            state.skip_unread(now, call);
            Ok(())
        })
    }

    /// Begins an answer; its first frame leaves at once.
    pub(crate) fn reply(self: &Arc<Self>, call: Incoming, code: ResponseCode) -> Result<(), Ended> {
        let now = self.hub.clock.now();
        self.change(call.into(), |state, _| state.core.reply(now, call, code).map_err(|_| Ended::Over))
    }

    fn change(
        self: &Arc<Self>,
        call: CallId,
        change: impl FnOnce(&mut State, &mut After) -> Result<(), Ended>,
    ) -> Result<(), Ended> {
        let mut turn = self.turn();
        if let Some(ended) = turn.stream(call).map_or(Some(Ended::Over), |stream| stream.ended.clone()) {
            return Err(ended);
        }
        let mut after = After::default();
        let changed = change(&mut turn, &mut after);
        turn.end(Flush::Now, &mut after);
        changed
    }

    /// A handler will read this request and write its answer.
    pub(crate) fn begin_stream(self: &Arc<Self>, call: Incoming) {
        let mut turn = self.turn();
        let now = turn.now();
        let first = match turn.core.read(now, call) {
            Ok(Read::Part { arg, bytes }) => Some((arg, bytes)),
            Ok(Read::Blocked | Read::Done) | Err(_) => None,
        };
        if let Some(served) = turn.serving.get_mut(&call.id()).filter(|served| served.call == call) {
            let ended = served.abandoned.map(Ended::Abandoned);
            served.stream = Some(Box::new(Stream { first, ended, ..Stream::default() }));
        }
        turn.end(Flush::None, &mut After::default());
    }

    /// Whether a handler that streams may go on. If it may, its task is woken when that changes.
    pub(crate) fn poll_wanted(&self, call: Incoming, cx: &Context<'_>) -> Wanted {
        let mut parked = Parked::new(cx);
        let mut state = lock(&self.state);
        let Some(served) = state.serving.get_mut(&call.id()).filter(|served| served.call == call) else {
            // Answered, and the peer has used the id again.
            return Wanted::Yes;
        };
        let Some(stream) = &served.stream else { return Wanted::Yes };
        if matches!(stream.ended, Some(Ended::Abandoned(_))) {
            return Wanted::No;
        }
        if stream.is_unanswered() {
            return Wanted::Unanswered;
        }
        parked.store(&mut served.waker);
        Wanted::Yes
    }

    /// A handler that streams has ended. Returns whether its call is left without an answer.
    pub(crate) fn end_stream(&self, call: Incoming) -> bool {
        let _waker;
        let mut state = lock(&self.state);
        let Some(served) = state.serving.get_mut(&call.id()).filter(|served| served.call == call) else {
            return false;
        };
        _waker = served.waker.take();
        let Some(stream) = &mut served.stream else { return false };
        stream.task_gone = true;
        let unanswered = stream.is_unanswered();
        if !unanswered {
            state.release(call.into());
        }
        unanswered
    }

    /// Nobody reads any more. A call of ours that has not been read to its end is given up.
    pub(crate) fn drop_reader(self: &Arc<Self>, call: CallId) {
        let mut turn = self.turn();
        let Some(stream) = turn.stream(call) else { return };
        let _dropped_unlocked = (stream.reader.take(), stream.first.take(), stream.head.take());
        stream.reader_gone = true;
        let open = stream.ended.is_none();
        let now = turn.now();
        if let CallId::Outgoing(call) = call
            && open
        {
            turn.core.cancel(now, call, "the response is not read");
        }
        turn.skip_unread(now, call);
        turn.release(call);
        turn.end(Flush::Later, &mut After::default());
    }

    /// Nobody writes any more. A call of ours whose request lacks its end is given up. Returns whether a call of the
    /// peer's is left without an answer; as long as its handler runs, that is the handler's to say.
    pub(crate) fn drop_writer(self: &Arc<Self>, call: CallId) -> bool {
        let mut turn = self.turn();
        let Some(stream) = turn.stream(call) else { return false };
        let _dropped_unlocked = stream.writer.take();
        stream.writer_gone = true;
        let open = !stream.is_over();
        let left_to_us = stream.task_gone;
        let mut after = After::default();
        match call {
            // A request that nobody waits for any more needs no end, and its response may still be read.
            CallId::Outgoing(call) if open && turn.core.flush(call).is_ok() => {
                let now = turn.now();
                turn.core.cancel(now, call, "the request was left unfinished");
            }
            CallId::Incoming(call) if open => {
                if left_to_us {
                    return true;
                }
                let served = turn.serving.get_mut(&call.id());
                after.wake(served.and_then(|served| served.waker.take()));
            }
            CallId::Outgoing(_) | CallId::Incoming(_) => {}
        }
        turn.release(call);
        turn.end(Flush::Later, &mut after);
        false
    }
}
