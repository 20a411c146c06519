//! One call, in either direction.

use alloc::borrow::Cow;
use core::time::Duration;

use tchannel_wire::{ErrorCode, HeaderBlock, ResponseCode, Tracing};

use super::assembly::Inbox;
use super::fragments::Outbox;
use super::{Key, Side};
use crate::config::Config;
use crate::event::{RequestHead, ResponseHead};
use crate::time::Timestamp;

/// A call in its table; whoever takes an entry sets what `recycle` leaves. For a call of ours `outbox` is the request and `inbox` the response; for the peer's calls it
/// is the other way round.
#[derive(Debug, Default)]
pub(crate) struct Call {
    pub(crate) used: bool,
    pub(crate) id: u32,
    pub(crate) epoch: u32,
    /// The owner's handle is `Gone`; the entry stays only for what the wire is still owed.
    pub(crate) over: bool,
    /// Ours: what to send. Theirs: kept until arg1 is whole.
    pub(crate) head: Option<RequestHead>,
    pub(crate) tracing: Tracing,
    pub(crate) began: Timestamp,
    pub(crate) deadline: Timestamp,
    /// The moment for which the timer heap holds an entry that counts.
    pub(crate) timer: Option<Timestamp>,
    /// When its last frame came or went.
    pub(crate) touched: Timestamp,
    pub(crate) outbox: Outbox,
    pub(crate) inbox: Inbox,
    /// Made with `call` or answered with `respond`: nothing is streamed by the owner.
    pub(crate) whole: bool,
    /// Ours: the deadline is for all of the response, not for its first frame.
    pub(crate) guarded: bool,
    /// Ours: the response began. Theirs: an answer was given or begun.
    pub(crate) answered: bool,
    /// Ours: the head of a response that is being collected.
    pub(crate) response: Option<ResponseHead>,
    /// Theirs: whether our answer is ok.
    pub(crate) code: ResponseCode,
    /// Theirs: the header of our answer.
    pub(crate) scheme: Option<HeaderBlock>,
    /// Theirs: an error frame that waits for its turn.
    pub(crate) error: Option<(ErrorCode, Cow<'static, str>)>,
}

impl Call {
    pub(crate) fn key(&self, side: Side, at: u32) -> Key {
        Key { side, at, epoch: self.epoch }
    }

    /// Forgets the call but keeps its buffers, unless they grew large. Field by field: this runs once a call.
    #[inline]
    pub(crate) fn recycle(&mut self) {
        let Call {
            used,
            id: _,
            epoch: _,
            over,
            head,
            tracing: _,
            began: _,
            deadline: _,
            timer,
            touched: _,
            outbox,
            inbox,
            whole,
            guarded,
            answered,
            response,
            code: _,
            scheme,
            error,
        } = self;
        (*used, *over, *whole, *guarded, *answered) = (false, false, false, false, false);
        *head = None;
        *timer = None;
        *response = None;
        *scheme = None;
        *error = None;
        outbox.recycle();
        inbox.recycle();
    }

    /// When something happens to this call if nothing else does.
    pub(crate) fn next_timer(&self, side: Side, config: &Config) -> Option<Timestamp> {
        if self.over {
            return None;
        }
        let idle = config.stream_idle_timeout.map(|limit| self.touched + limit);
        match side {
            Side::Ours if !self.answered || self.guarded => Some(self.deadline),
            Side::Ours if self.inbox.is_ended() => None,
            Side::Theirs if self.answered && self.whole => None,
            Side::Theirs if !self.answered => {
                let silent = if self.inbox.is_ended() {
                    None
                } else if self.inbox.is_read_in_parts() {
                    idle
                } else {
                    Some(self.touched + config.assembly_timeout)
                };
                Some(silent.map_or(self.deadline, |at| at.min(self.deadline)))
            }
            Side::Ours | Side::Theirs => idle,
        }
    }

    /// Theirs: delivered, and its owner has not finished with it.
    pub(crate) fn is_being_served(&self) -> bool {
        !self.over && self.head.is_none() && !(self.answered && self.whole)
    }

    /// Ours: the whole response is here, perhaps unread.
    pub(crate) fn is_answered_to_the_end(&self) -> bool {
        self.answered && self.inbox.is_ended()
    }

    pub(crate) fn elapsed(&self, now: Timestamp) -> Duration {
        now.since(self.began)
    }

    pub(crate) fn budget(&self) -> Duration {
        self.deadline.since(self.began)
    }
}
