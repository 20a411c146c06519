//! Streamed calls, either side: what the lock guards of each.

mod halves;

use std::collections::VecDeque;
#[cfg(feature = "http")]
use std::sync::Arc;
use std::task::Waker;

use bytes::Bytes;
use tchannel_mesh::Party;
#[cfg(feature = "http")]
use tchannel_proto::Remote;
use tchannel_proto::wire::ErrorCode;
use tchannel_proto::{Arg, Args, Read};

use super::calls::{Answer, Failed};
use super::state::State;
use super::turn::Turn;
use super::{After, Side};

/// How a streamed call ended for those who still hold a half of it.
#[derive(Clone)]
pub(crate) enum Ended {
    /// A call of ours failed.
    Failed(Box<Failed>),
    /// The peer does not wait for our answer any more.
    Abandoned(ErrorCode),
    /// It was answered to its end, or refused.
    Over,
}

/// Whether a handler that streams may go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    Yes,
    /// Nobody waits for the answer.
    No,
    /// The handler let go of its answer and cannot finish it any more.
    Unanswered,
}

/// A streamed call. It stays in its slot until nobody holds any part of it.
#[derive(Default)]
pub(super) struct Stream {
    /// The response of a call of ours, until the caller takes it. With its arguments, if it came whole.
    head: Option<Answer>,
    /// The first part of a request, read before the handler ran: that tells the core how it is read.
    first: Option<(Arg, Bytes)>,
    /// What was left to read of a response when its connection ended behind it.
    rest: Option<VecDeque<(Arg, Bytes)>>,
    ended: Option<Ended>,
    /// Who waits for the response's head or for more to read.
    reader: Option<Waker>,
    writer: Option<Waker>,
    /// The written message is at its end.
    finished: bool,
    reader_gone: bool,
    writer_gone: bool,
    /// No handler runs; there is none for a call of ours.
    task_gone: bool,
}

impl Stream {
    /// A call of ours, on its way.
    pub(super) fn asking() -> Self {
        Stream { task_gone: true, ..Stream::default() }
    }

    pub(super) fn respond(&mut self, answer: Answer, after: &mut After) {
        let whole = answer.args.is_some();
        self.head = Some(answer);
        after.wake(self.reader.take());
        if whole {
            // The rest of the request has no reader any more: writing says so from now on.
            after.wake(self.writer.take());
        }
    }

    /// The connection is gone, and the response is all here.
    pub(super) fn leave(&mut self, args: Args, after: &mut After) {
        let arg2 = [(Arg::Two, args.arg2)].into_iter().filter(|(_, bytes)| !bytes.is_empty());
        self.rest = Some(arg2.chain(args.arg3.into_iter().map(|bytes| (Arg::Three, bytes))).collect());
        self.wake_reader(after);
        self.wake_writer(after);
    }

    pub(super) fn end(&mut self, ended: Ended, after: &mut After) {
        if self.ended.is_none() {
            self.ended = Some(ended);
            after.wake(self.reader.take());
            after.wake(self.writer.take());
        }
    }

    pub(super) fn is_over(&self) -> bool {
        self.ended.is_some() || self.finished
    }

    /// Its answer was given, whole or to the end.
    pub(super) fn finish_answer(&mut self, after: &mut After) {
        self.finished = true;
        self.first = None;
        self.end(Ended::Over, after);
    }

    pub(super) fn wake_reader(&mut self, after: &mut After) {
        after.wake(self.reader.take());
    }

    pub(super) fn wake_writer(&mut self, after: &mut After) {
        after.wake(self.writer.take());
    }

    fn is_unanswered(&self) -> bool {
        self.writer_gone && !self.is_over()
    }

    fn is_released(&self) -> bool {
        self.reader_gone && self.writer_gone && self.task_gone
    }
}

impl State {
    pub(super) fn stream(&mut self, side: Side) -> Option<&mut Stream> {
        match side {
            Side::Ours(id) => self.streamed_call(id),
            Side::Theirs(id) => self.serving.get_mut(id.0)?.stream.as_deref_mut(),
        }
    }

    /// The machine's name for a call, as long as it has one.
    fn party(&self, side: Side) -> Option<Party> {
        match side {
            Side::Ours(id) => self.ticket(id).map(Party::Ours),
            Side::Theirs(id) => self.inbound(id).map(Party::Theirs),
        }
    }

    /// Takes it out of its slot once nobody holds any part of it.
    pub(super) fn release(&mut self, side: Side) {
        if self.stream(side).is_some_and(|stream| stream.is_released()) {
            match side {
                Side::Ours(id) => drop(self.calls.remove(id.0)),
                Side::Theirs(id) => drop(self.serving.remove(id.0)),
            }
        }
    }
}

#[cfg(feature = "http")]
impl State {
    /// Whom a call of ours goes to.
    fn remote_of(&self, side: Side) -> Option<Arc<Remote>> {
        let Side::Ours(id) = side else { return None };
        let (link, _) = self.attempt_on(id)?;
        self.links.get(link.0)?.link.remote().cloned()
    }

    /// Has those look again who wait for their peer's introduction.
    pub(super) fn wake_curious(&mut self, after: &mut After) {
        for side in std::mem::take(&mut self.curious) {
            if let Some(stream) = self.stream(side) {
                stream.wake_writer(after);
            }
        }
    }
}

impl Turn<'_> {
    fn read(&mut self, side: Side) -> Option<Read> {
        let now = self.now();
        let party = self.party(side)?;
        self.mesh.read(now, party).ok()
    }
}
