//! What the halves of a streamed call do under the lock.

use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use tchannel_mesh::Party;
#[cfg(feature = "http")]
use tchannel_proto::Remote;
use tchannel_proto::wire::ResponseCode;
use tchannel_proto::{Arg, Read, WriteError};

use super::{Ended, Stream, Wanted};
use crate::shared::hub::calls::{Answer, Failed, Ours};
use crate::shared::hub::requests::Theirs;
use crate::shared::hub::turn::{Flush, Turn};
use crate::shared::hub::{After, Hub, Side};
use crate::shared::lock;
use crate::shared::parked::Parked;

impl Hub {
    /// Looks for the beginning of a response; takes it out.
    pub(crate) fn poll_head(&self, id: Ours, cx: &Context<'_>) -> Poll<Result<Answer, Box<Failed>>> {
        let mut parked = Parked::new(cx);
        let mut state = lock(&self.state);
        let Some(stream) = state.stream(Side::Ours(id)) else { return Poll::Pending };
        if let Some(Ended::Failed(failed)) = &stream.ended {
            return Poll::Ready(Err(failed.clone()));
        }
        if let Some(answer) = stream.head.take() {
            return Poll::Ready(Ok(answer));
        }
        parked.store(&mut stream.reader);
        Poll::Pending
    }

    /// The peer that a call of ours goes to, once it has introduced itself.
    #[cfg(feature = "http")]
    pub(crate) fn poll_peer(&self, side: Side, cx: &Context<'_>) -> Poll<Result<Arc<Remote>, Ended>> {
        let mut parked = Parked::new(cx);
        let mut state = lock(&self.state);
        let Some(stream) = state.stream(side) else { return Poll::Ready(Err(Ended::Over)) };
        if let Some(ended) = &stream.ended {
            return Poll::Ready(Err(ended.clone()));
        }
        if let Some(remote) = state.remote_of(side) {
            return Poll::Ready(Ok(remote));
        }
        if let Some(stream) = state.stream(side) {
            parked.store(&mut stream.writer);
            state.curious.push(side);
        }
        Poll::Pending
    }

    /// The next part of the message that comes in; `None` at its end.
    pub(crate) fn poll_read(
        self: &Arc<Self>,
        side: Side,
        cx: &Context<'_>,
    ) -> Poll<Result<Option<(Arg, Bytes)>, Ended>> {
        let mut parked = Parked::new(cx);
        let mut turn = self.turn();
        let Some(stream) = turn.stream(side) else { return Poll::Ready(Err(Ended::Over)) };
        if let Some(ended) = &stream.ended {
            return Poll::Ready(Err(ended.clone()));
        }
        if let Some(part) = stream.first.take() {
            return Poll::Ready(Ok(Some(part)));
        }
        if let Some(rest) = &mut stream.rest {
            return Poll::Ready(Ok(rest.pop_front()));
        }
        let read = match turn.read(side) {
            Some(Read::Part { arg, bytes }) => Poll::Ready(Ok(Some((arg, bytes)))),
            Some(Read::Done) => Poll::Ready(Ok(None)),
            Some(Read::Blocked) => {
                if let Some(stream) = turn.stream(side) {
                    parked.store(&mut stream.reader);
                }
                Poll::Pending
            }
            None => Poll::Ready(Err(Ended::Over)),
        };
        let mut after = After::default();
        if matches!((&read, side), (Poll::Ready(Ok(None)), Side::Ours(_)))
            && let Some(stream) = turn.stream(side)
        {
            // What is left of our request is cut short on the wire.
            stream.wake_writer(&mut after);
        }
        turn.end(Flush::Later, &mut after);
        read
    }

    /// Writes to the current argument; takes all of `bytes`, or nothing for now.
    pub(crate) fn poll_write(
        self: &Arc<Self>,
        side: Side,
        bytes: &mut Bytes,
        cx: &Context<'_>,
    ) -> Poll<Result<(), Ended>> {
        let mut parked = Parked::new(cx);
        let mut turn = self.turn();
        let now = turn.now();
        let Some(stream) = turn.stream(side) else { return Poll::Ready(Err(Ended::Over)) };
        if let Some(ended) = &stream.ended {
            return Poll::Ready(Err(ended.clone()));
        }
        let Some(party) = turn.party(side) else { return Poll::Ready(Err(Ended::Over)) };
        match turn.mesh.write(now, party, std::mem::take(bytes)) {
            Ok(()) => {
                turn.end(Flush::Later, &mut After::default());
                Poll::Ready(Ok(()))
            }
            Err(WriteError::Blocked(back)) => {
                *bytes = back;
                if let Some(stream) = turn.stream(side) {
                    parked.store(&mut stream.writer);
                }
                turn.end(Flush::Later, &mut After::default());
                Poll::Pending
            }
            Err(WriteError::Gone(_)) => Poll::Ready(Err(Ended::Over)),
        }
    }

    /// Makes what was written so far leave in frames of its own.
    pub(crate) fn flush(self: &Arc<Self>, side: Side) -> Result<(), Ended> {
        self.alter(side, |turn, party, _| {
            let now = turn.now();
            turn.mesh.flush(now, party).map_err(|_| Ended::Over)
        })
    }

    /// Ends arg2.
    pub(crate) fn end_arg2(self: &Arc<Self>, side: Side) -> Result<(), Ended> {
        self.alter(side, |turn, party, _| {
            let now = turn.now();
            turn.mesh.finish_arg(now, party).map_err(|_| Ended::Over)
        })
    }

    /// Ends the arguments that have not ended yet, and the message with them.
    pub(crate) fn finish(self: &Arc<Self>, side: Side, left: usize) -> Result<(), Ended> {
        self.alter(side, |turn, party, after| {
            let now = turn.now();
            for _ in 0..left {
                turn.mesh.finish_arg(now, party).map_err(|_| Ended::Over)?;
            }
            if let Side::Theirs(id) = side {
                turn.unname(id);
            }
            let Some(stream) = turn.stream(side) else { return Ok(()) };
            match side {
                Side::Ours(_) => stream.finished = true,
                Side::Theirs(_) => stream.finish_answer(after),
            }
            Ok(())
        })
    }

    /// Begins an answer; its first frame leaves at once.
    pub(crate) fn reply(self: &Arc<Self>, id: Theirs, code: ResponseCode) -> Result<(), Ended> {
        self.alter(Side::Theirs(id), |turn, party, _| {
            let (now, Party::Theirs(call)) = (turn.now(), party) else { return Err(Ended::Over) };
            turn.mesh.reply(now, call, code).map_err(|_| Ended::Over)
        })
    }

    fn alter(
        self: &Arc<Self>,
        side: Side,
        change: impl FnOnce(&mut Turn<'_>, Party, &mut After) -> Result<(), Ended>,
    ) -> Result<(), Ended> {
        let mut turn = self.turn();
        if let Some(ended) = turn.stream(side).map_or(Some(Ended::Over), |stream| stream.ended.clone()) {
            return Err(ended);
        }
        let party = turn.party(side).ok_or(Ended::Over)?;
        let mut after = After::default();
        let changed = change(&mut turn, party, &mut after);
        turn.end(Flush::Now, &mut after);
        changed
    }

    /// A handler will read this request and write its answer.
    pub(crate) fn begin_stream(self: &Arc<Self>, id: Theirs) {
        let mut turn = self.turn();
        let first = match turn.read(Side::Theirs(id)) {
            Some(Read::Part { arg, bytes }) => Some((arg, bytes)),
            Some(Read::Blocked | Read::Done) | None => None,
        };
        if let Some(served) = turn.serving.get_mut(id.0) {
            let ended = served.abandoned.map(Ended::Abandoned);
            served.stream = Some(Box::new(Stream { first, ended, ..Stream::default() }));
        }
        turn.end(Flush::Later, &mut After::default());
    }

    /// Whether a handler that streams may go on. If it may, its task is woken when that changes.
    pub(crate) fn poll_wanted(&self, id: Theirs, cx: &Context<'_>) -> Wanted {
        let mut parked = Parked::new(cx);
        let mut state = lock(&self.state);
        let Some(served) = state.serving.get_mut(id.0) else { return Wanted::Yes };
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
    pub(crate) fn end_stream(&self, id: Theirs) -> bool {
        let _waker;
        let mut state = lock(&self.state);
        let Some(served) = state.serving.get_mut(id.0) else { return false };
        _waker = served.waker.take();
        let Some(stream) = &mut served.stream else { return false };
        stream.task_gone = true;
        let unanswered = stream.is_unanswered();
        if !unanswered {
            state.release(Side::Theirs(id));
        }
        unanswered
    }

    /// Nobody reads any more. A call of ours that has not been read to its end is given up.
    pub(crate) fn drop_reader(self: &Arc<Self>, side: Side) {
        let _dropped_unlocked;
        let mut turn = self.turn();
        let now = turn.now();
        let party = turn.party(side);
        let Some(stream) = turn.stream(side) else { return };
        _dropped_unlocked = (stream.reader.take(), stream.first.take(), stream.head.take());
        stream.reader_gone = true;
        let open = stream.ended.is_none();
        match party {
            Some(Party::Ours(ticket)) if open => turn.mesh.cancel(now, ticket, "the response is not read"),
            Some(Party::Theirs(call)) => turn.mesh.discard(now, call),
            Some(Party::Ours(_)) | None => {}
        }
        turn.release(side);
        turn.end(Flush::Later, &mut After::default());
    }

    /// Nobody writes any more. A call of ours whose request lacks its end is given up. Returns whether a call of the
    /// peer's is left without an answer; as long as its handler runs, that is the handler's to say.
    pub(crate) fn drop_writer(self: &Arc<Self>, side: Side) -> bool {
        let _dropped_unlocked;
        let mut turn = self.turn();
        let now = turn.now();
        let party = turn.party(side);
        let Some(stream) = turn.stream(side) else { return false };
        _dropped_unlocked = stream.writer.take();
        stream.writer_gone = true;
        let open = !stream.is_over();
        let left_to_us = stream.task_gone;
        let mut after = After::default();
        match (side, party) {
            // A request that nobody waits for any more needs no end, and its response may still be read.
            (Side::Ours(_), Some(Party::Ours(ticket))) if open && turn.mesh.flush(now, ticket).is_ok() => {
                turn.mesh.cancel(now, ticket, "the request was left unfinished");
            }
            (Side::Theirs(id), _) if open => {
                if left_to_us {
                    return true;
                }
                let served = turn.serving.get_mut(id.0);
                after.wake(served.and_then(|served| served.waker.take()));
            }
            (Side::Ours(_) | Side::Theirs(_), _) => {}
        }
        turn.release(side);
        turn.end(Flush::Later, &mut after);
        false
    }
}
