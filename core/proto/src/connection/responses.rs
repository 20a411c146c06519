//! Calls of ours: the response side.

use alloc::string::ToString;

use bytes::Bytes;
use tchannel_wire::{CallResView, ContinueView, ErrorCode, ErrorFrame, FrameType, NO_MESSAGE, salvage_more};

use super::Connection;
use super::ending::REMEMBERED;
use super::receive::peer_text;
use crate::body::Body;
use crate::calls::assembly::{Fault, whole};
use crate::calls::outgoing::Place;
use crate::calls::{Key, Side};
use crate::error::CallError;
use crate::event::{Args, Event, ResponseHead};

impl Connection {
    pub(super) fn call_res(&mut self, id: u32, body: Body) {
        let Some(key) = self.awaited(id, salvage_more(body.bytes())) else { return };
        if self.calls.entry(key).answered {
            return self.useless();
        }
        let response = match CallResView::decode(body.bytes()) {
            Ok(response) => response,
            Err(malformed) => return self.bad_response(key, &malformed.to_string()),
        };
        if response.flags.more() {
            self.first_res_frame(key, &response, body);
        } else if let Err(fault) = self.only_res_frame(key, &response, body) {
            self.bad_response(key, &fault.to_string());
        }
    }

    fn only_res_frame(&mut self, key: Key, response: &CallResView, body: Body) -> Result<(), Fault> {
        let quirks = &mut self.stats.fragment_quirks;
        let [arg1, arg2, arg3] = whole(response.checksum, response.chunks, quirks)?;
        let len = arg2.len() + arg3.len();
        if arg1.len() + len > self.config.max_message.get() {
            return Err(Fault::TooLarge);
        }
        let held = response.headers.as_bytes().len() + len;
        if self.gate.held() + held > self.most_held {
            self.hold_too_much(key);
            return Ok(());
        }
        body.make_room(arg3, &mut self.keep);
        let args = Args::of_parts(body.part(arg2, &mut self.keep), body.part(arg3, &mut self.keep));
        let (call, head) = (self.calls.outgoing(key), self.res_head(response, body));
        let entry = self.calls.entry(key);
        entry.answered = true;
        entry.inbox.deliver();
        self.push_held(Event::Response { call, head, args: Some(args) }, held);
        self.complete(key);
        Ok(())
    }

    fn res_head(&mut self, response: &CallResView, body: Body) -> ResponseHead {
        ResponseHead {
            code: response.code,
            headers: body.headers(response.headers, &mut self.keep),
            tracing: response.tracing,
            checksum: response.checksum.kind,
        }
    }

    fn first_res_frame(&mut self, key: Key, response: &CallResView, body: Body) {
        let head = self.res_head(response, body);
        let entry = self.calls.entry(key);
        entry.answered = true;
        entry.inbox.begin(response.checksum.kind);
        let frame =
            ContinueView { flags: response.flags, checksum: response.checksum, chunks: response.chunks };
        self.more_of_response(key, &frame, body, Some(head));
    }

    pub(super) fn call_res_continue(&mut self, id: u32, body: Body) {
        let Some(key) = self.awaited(id, salvage_more(body.bytes())) else { return };
        let inbox = &self.calls.entry(key).inbox;
        if !inbox.is_begun() {
            return self.bad_response(key, "call res continue before call res");
        }
        if inbox.is_ended() {
            return self.useless();
        }
        match ContinueView::decode(body.bytes()) {
            Ok(frame) => self.more_of_response(key, &frame, body, None),
            Err(malformed) => {
                self.bad_response(key, &malformed.within(FrameType::CallResContinue).to_string());
            }
        }
    }

    /// `head`: this is the first frame.
    fn more_of_response(&mut self, key: Key, frame: &ContinueView, body: Body, head: Option<ResponseHead>) {
        let useful = match self.take_frame(key, frame, body) {
            Err(fault) => return self.bad_response(key, &fault.to_string()),
            Ok(useful) => useful,
        };
        let headers = head.as_ref().map_or(0, |head| head.headers.as_bytes().len());
        let held = self.gate.held() + headers;
        if held <= self.most_held
            && let Some(head) = head
        {
            let entry = self.calls.entry(key);
            if entry.inbox.is_collected() {
                entry.response = Some(head);
                self.with_inbox(key, |inbox| inbox.hold_head(headers));
            } else {
                let call = self.calls.outgoing(key);
                self.push(Event::Response { call, head, args: None });
            }
        }
        if held > self.most_held {
            self.hold_too_much(key);
        } else if !self.too_large(key) {
            self.end_answered_request(key);
            self.arm(key);
            self.tell_reader(key);
        }
        if !useful {
            self.useless();
        }
    }

    /// The answer is all there, read or not: what is left of the request has no reader any more.
    fn end_answered_request(&mut self, key: Key) {
        let call = self.calls.entry(key);
        if call.inbox.is_ended() && !call.inbox.is_collected() && !call.outbox.is_sent() {
            self.unsent -= call.outbox.unsent();
            call.outbox.abandon();
            if call.outbox.should_tell() {
                let call = self.calls.handle(key);
                self.push(Event::Writable(call));
            }
            self.enqueue(key);
        }
    }

    /// Our limit, not the peer's fault, and the call may have run: it must not be tried again.
    fn hold_too_much(&mut self, key: Key) {
        let error = CallError::local(ErrorCode::Cancelled, self.about(key, "too many bytes held"));
        self.fail(key, error);
    }

    /// Verifies one frame of a fragmented message and takes its bytes; says whether there were any.
    pub(super) fn take_frame(&mut self, key: Key, frame: &ContinueView, body: Body) -> Result<bool, Fault> {
        let call = self.calls.entry(key);
        call.touched = self.now;
        call.inbox.verify(frame)?;
        let mut quirks = 0;
        let taken = self.with_inbox(key, |inbox| inbox.accept(frame, body, &mut quirks));
        self.stats.fragment_quirks += quirks;
        taken
    }

    /// The call of ours that a frame answers, if one is waiting that the peer can know of.
    fn awaited(&mut self, id: u32, more: bool) -> Option<Key> {
        self.calls.ours.forget_old(self.now, REMEMBERED);
        match self.calls.ours.place(id) {
            Place::Call(at) => {
                let call = self.calls.ours.slab.get(at);
                if call.over {
                    self.stats.late_frames += 1;
                    return None;
                }
                if call.outbox.is_started() {
                    return Some(call.key(Side::Ours, at));
                }
            }
            Place::Tombstone => {
                self.stats.late_frames += 1;
                if more {
                    self.calls.ours.renew(id);
                }
                return None;
            }
            Place::Nothing | Place::Ping => {}
        }
        self.useless();
        None
    }

    pub(super) fn error(&mut self, id: u32, body: &Bytes) {
        let frame = ErrorFrame::decode(body);
        if id == NO_MESSAGE {
            match frame {
                Ok(error) => self.connection_error(&error),
                Err(_) => self.ignore_error(),
            }
            return;
        }
        if self.awaits_pong(id) {
            return self.pong();
        }
        let Some(key) = self.awaited(id, false) else { return };
        let Ok(error) = frame else {
            return self.fail(key, CallError::remote(ErrorCode::Unexpected, "malformed error frame"));
        };
        let message = peer_text(&error.message);
        let draining = self.profile.is_closed_channel(error.code, &message);
        self.fail(key, CallError::remote(error.code, message));
        if draining {
            self.drained_by_peer("closed channel");
        }
    }

    fn connection_error(&mut self, error: &ErrorFrame) {
        let message = peer_text(&error.message);
        match error.code {
            ErrorCode::Fatal => self.refused_by_peer(ErrorCode::Fatal, message),
            ErrorCode::Declined if Self::is_notice(&message) => self.drained_by_peer(&message),
            ErrorCode::Declined
            | ErrorCode::Timeout
            | ErrorCode::Cancelled
            | ErrorCode::Busy
            | ErrorCode::Unexpected
            | ErrorCode::BadRequest
            | ErrorCode::Network
            | ErrorCode::Unhealthy
            | ErrorCode::Unknown(_) => self.ignore_error(),
        }
    }

    fn ignore_error(&mut self) {
        self.stats.ignored_errors += 1;
        self.useless();
    }
}
