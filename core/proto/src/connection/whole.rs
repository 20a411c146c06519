//! Calls whose arguments are handed over at once.

use alloc::format;

use tchannel_wire::{ChecksumKind, ErrorCode, ResponseCode};

use super::Connection;
use super::ending::REMEMBERED;
use crate::MAX_ARG1;
use crate::calls::{Incoming, Key, Outgoing, Side};
use crate::error::{CallError, Gone, OpenError};
use crate::event::{Request, RequestHead, Response};

/// What goes on the wire for it: peers know 0 and 1.
pub(super) fn wire_code(code: ResponseCode) -> ResponseCode {
    if code.is_ok() { ResponseCode::OK } else { ResponseCode::NOT_OK }
}

impl Connection {
    pub(super) fn start_whole(&mut self, request: Request) -> Result<Outgoing, OpenError> {
        let len = request.args.len();
        let key = self.admit(&request.head, len)?;
        self.begin_call(key, request.head);
        let call = self.calls.entry(key);
        call.whole = true;
        call.guarded = true;
        call.inbox.collect();
        call.outbox.push_whole(request.args, len);
        self.unsent += len;
        self.arm(key);
        self.enqueue(key);
        Ok(self.calls.outgoing(key))
    }

    /// Checks every limit, then takes an id.
    #[inline]
    pub(super) fn admit(&mut self, head: &RequestHead, args: usize) -> Result<Key, OpenError> {
        if self.is_closed() {
            return Err(OpenError::Closed);
        }
        if self.drain.is_draining() {
            return Err(OpenError::Draining);
        }
        if !head.route.is_sendable() {
            return Err(OpenError::HeaderKey);
        }
        if head.checksum == ChecksumKind::FarmHash {
            return Err(OpenError::Checksum);
        }
        if head.arg1.len() > MAX_ARG1 {
            return Err(OpenError::Arg1TooLong { len: head.arg1.len() });
        }
        let (len, limit) = (head.arg1.len() + args, self.config.max_message.get());
        if len > limit {
            return Err(OpenError::TooLarge { len, limit });
        }
        let limit = usize::try_from(self.config.max_outgoing_calls.get()).unwrap_or(usize::MAX);
        if self.calls.ours.len() >= limit {
            return Err(OpenError::Full { what: "max_outgoing_calls", limit });
        }
        let limit = self.most_unsent;
        if self.unsent.saturating_add(args) > limit {
            return Err(OpenError::Full { what: "max_unsent", limit });
        }
        self.calls.ours.forget_old(self.now, REMEMBERED);
        let epoch = self.next_epoch();
        let (at, call) = self.calls.ours.insert();
        call.epoch = epoch;
        Ok(Key { side: Side::Ours, at, epoch })
    }

    #[inline]
    pub(super) fn begin_call(&mut self, key: Key, head: RequestHead) {
        let now = self.now;
        let call = self.calls.entry(key);
        call.began = now;
        call.touched = now;
        call.deadline = head.deadline;
        call.tracing = head.tracing;
        call.outbox.begin(head.checksum);
        call.head = Some(head);
    }

    pub(super) fn answer_whole(&mut self, call: Incoming, response: Response) -> Result<(), Gone> {
        let key = self.unanswered(call)?;
        let (len, limit) = (response.args.len(), self.config.max_message.get());
        if len > limit {
            let message = format!("the response has {len} bytes, the limit is {limit}");
            self.answer_with_error(key, ErrorCode::Unexpected, message.into());
            return Ok(());
        }
        if self.unsent.saturating_add(len) > self.most_unsent {
            self.answer_with_error(key, ErrorCode::Busy, "too many unsent bytes".into());
            return Ok(());
        }
        let call = self.calls.entry(key);
        call.whole = true;
        call.answered = true;
        call.code = wire_code(response.code);
        let kind = call.inbox.kind().for_response();
        call.outbox.begin(kind);
        call.outbox.push_whole(response.args, len);
        self.unsent += len;
        self.drop_unread(key);
        self.arm(key);
        self.enqueue(key);
        Ok(())
    }

    pub(super) fn answer_error(
        &mut self,
        call: Incoming,
        code: ErrorCode,
        message: &str,
    ) -> Result<(), Gone> {
        let key = self.calls.find(call.into()).ok_or(Gone)?;
        let entry = self.calls.entry(key);
        if entry.answered && entry.whole {
            return Err(Gone);
        }
        self.patience.earn();
        self.answer_with_error(key, code, alloc::string::String::from(message).into());
        Ok(())
    }

    /// The entry of a call that may still be answered.
    pub(super) fn unanswered(&self, call: Incoming) -> Result<Key, Gone> {
        let key = self.calls.find(call.into()).ok_or(Gone)?;
        match self.calls.get(key) {
            Some(entry) if !entry.answered => Ok(key),
            Some(_) | None => Err(Gone),
        }
    }

    pub(super) fn give_up(&mut self, call: Outgoing, why: &str) {
        if let Some(key) = self.calls.find(call.into()) {
            self.cancel_on_wire(key, why);
            let why = format!("cancelled: {why}");
            let error = CallError::local(ErrorCode::Cancelled, self.about(key, &why));
            self.fail(key, error);
        }
    }
}
