//! Calls whose arguments are written and read in parts.

use alloc::format;

use bytes::Bytes;
use tchannel_wire::{ErrorCode, ResponseCode};

use super::control::PendingCancel;
use super::schedule::ttl;
use super::whole::wire_code;
use super::{Connection, State};
use crate::calls::assembly::Inbox;
use crate::calls::{CallId, Incoming, Key, Outgoing, Side};
use crate::error::{CallError, Gone, OpenError, WriteError};
use crate::event::{Event, Read, RequestHead};

impl Connection {
    pub(super) fn start_streamed(&mut self, head: RequestHead) -> Result<Outgoing, OpenError> {
        let key = self.admit(&head, 0)?;
        self.begin_call(key, head);
        self.calls.entry(key).inbox.read_in_parts();
        self.arm(key);
        self.enqueue(key);
        Ok(self.calls.outgoing(key))
    }

    pub(super) fn start_reply(&mut self, call: Incoming, code: ResponseCode) -> Result<(), Gone> {
        let key = self.unanswered(call)?;
        let now = self.now;
        let call = self.calls.entry(key);
        call.answered = true;
        call.code = wire_code(code);
        call.touched = now;
        let kind = call.inbox.kind().for_response();
        call.outbox.begin(kind);
        self.arm(key);
        self.enqueue(key);
        Ok(())
    }

    pub(super) fn write_part(&mut self, call: CallId, bytes: Bytes) -> Result<(), WriteError> {
        let key = self.writable(call)?;
        let high = self.config.unsent_high.get();
        let room = self.has_room(bytes.len());
        let outbox = &mut self.calls.entry(key).outbox;
        if outbox.unsent() >= high {
            outbox.block(bytes.len());
            return Err(WriteError::Blocked(bytes));
        }
        if !room {
            outbox.block(bytes.len());
            self.wait_for_room(key);
            return Err(WriteError::Blocked(bytes));
        }
        self.unsent += bytes.len();
        self.calls.entry(key).outbox.push(bytes);
        self.untimed(|connection| connection.enqueue(key));
        Ok(())
    }

    pub(super) fn flush_parts(&mut self, call: CallId) -> Result<(), Gone> {
        let key = self.writable(call)?;
        self.calls.entry(key).outbox.flush();
        Ok(())
    }

    pub(super) fn finish_part(&mut self, call: CallId) -> Result<(), Gone> {
        let key = self.writable(call)?;
        self.calls.entry(key).outbox.end_arg();
        self.untimed(|connection| connection.enqueue(key));
        Ok(())
    }

    fn writable(&self, call: CallId) -> Result<Key, Gone> {
        let key = self.calls.find(call).ok_or(Gone)?;
        self.calls.get(key).filter(|call| call.outbox.is_writable()).map(|_| key).ok_or(Gone)
    }

    pub(super) fn read_part(&mut self, call: CallId) -> Result<Read, Gone> {
        let key = self.readable(call)?;
        if self.calls.entry(key).inbox.is_collected() {
            return Err(Gone);
        }
        let read = self.with_inbox(key, Inbox::read);
        match read {
            Read::Part { .. } => {
                self.calls.entry(key).touched = self.now;
                self.gate.read(self.now);
                self.arm(key);
            }
            Read::Done if key.side == Side::Ours => {
                self.complete(key);
                self.close_if_drained();
            }
            Read::Blocked | Read::Done => self.arm(key),
        }
        Ok(read)
    }

    pub(super) fn collect_parts(&mut self, call: CallId) -> Result<(), Gone> {
        let key = self.readable(call)?;
        let call = self.calls.entry(key);
        // Who collects before the response begins waits for all of it, as `call` does.
        call.guarded |= key.side == Side::Ours && !call.answered;
        self.with_inbox(key, Inbox::collect);
        self.arm(key);
        if !self.too_large(key) && self.calls.entry(key).inbox.is_ended() {
            self.deliver_whole(key);
        }
        self.close_if_drained();
        Ok(())
    }

    fn readable(&self, call: CallId) -> Result<Key, Gone> {
        let key = self.calls.find(call).ok_or(Gone)?;
        let call = self.calls.get(key).ok_or(Gone)?;
        // Who answered a request whole has done with it.
        let done = key.side == Side::Theirs && call.answered && call.whole;
        if done || call.inbox.is_delivered() { Err(Gone) } else { Ok(key) }
    }

    /// Fails a collected message that grew past its limit.
    pub(super) fn too_large(&mut self, key: Key) -> bool {
        let limit = self.config.max_message.get();
        let inbox = &self.calls.entry(key).inbox;
        let too_large = inbox.is_collected() && inbox.total() > limit;
        if too_large {
            match key.side {
                Side::Ours => {
                    self.bad_response(key, &format!("message too large: more than {limit} bytes"));
                }
                Side::Theirs => {
                    self.stats.bad_calls += 1;
                    self.abandon(key, ErrorCode::BadRequest, "message too large");
                }
            }
        }
        too_large
    }

    /// Gives a collected message to its owner.
    pub(super) fn deliver_whole(&mut self, key: Key) {
        let args = self.with_inbox(key, Inbox::take_args);
        let response = self.calls.entry(key).response.take();
        match (response, self.calls.handle(key)) {
            (Some(head), CallId::Outgoing(call)) => {
                self.push(Event::Response { call, head, args: Some(args) });
            }
            (_, call) => self.push(Event::Whole { call, args }),
        }
        if key.side == Side::Ours {
            self.complete(key);
        }
    }

    /// The owner answered without reading to the end, or the call is over: what is there makes room.
    #[inline]
    pub(super) fn drop_unread(&mut self, key: Key) {
        if self.calls.entry(key).inbox.cost() > 0 {
            self.with_inbox(key, Inbox::discard);
        }
    }

    /// New bytes were put into an inbox: whoever waits for them is told.
    pub(super) fn tell_reader(&mut self, key: Key) {
        let inbox = &mut self.calls.entry(key).inbox;
        if inbox.is_collected() {
            if inbox.is_ended() {
                self.deliver_whole(key);
            }
        } else if inbox.should_tell() {
            let call = self.calls.handle(key);
            self.push(Event::Readable(call));
        }
    }

    /// Tells the peer that nobody waits for the response, if it began the call and can take a cancel.
    pub(super) fn cancel_on_wire(&mut self, key: Key, why: &str) {
        let now = self.now;
        let call = self.calls.entry(key);
        let began = call.outbox.is_started() && !call.inbox.is_ended();
        let cancel = PendingCancel {
            id: call.id,
            ttl: ttl(now, call.deadline),
            tracing: call.tracing,
            why: why.chars().take(MAX_WHY).collect(),
        };
        let allowed = self.config.send_cancel && self.profile.takes_control_frames();
        if began && allowed && matches!(self.state, State::Active) {
            self.control.cancels.push_back(cancel);
            self.note_waiting();
        }
    }

    /// A response that cannot be read fails its call here; the peer is not told.
    pub(super) fn bad_response(&mut self, key: Key, why: &str) {
        self.stats.bad_responses += 1;
        let error = CallError::local(ErrorCode::BadRequest, self.about(key, why));
        self.fail(key, error);
    }
}

/// Characters of a cancel's reason that are kept; the frame cuts it to 255 bytes.
const MAX_WHY: usize = 255;
