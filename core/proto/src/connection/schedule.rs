//! Frames out: control frames first, then calls in turn, one frame each.

use tchannel_wire::{self as wire, ErrorCode, FRAME_HEADER, Fragment, MAX_FRAME, WholeArgs};

use super::control::PendingError;
use super::{Connection, State, Waiting};
use crate::calls::fragments::is_copied;
use crate::calls::{Key, Side};
use crate::error::CallError;
use crate::event::{Event, RequestHead};
use crate::time::Timestamp;
use crate::transmit::Transmit;

impl Connection {
    pub(super) fn build_transmit(&mut self) -> Option<Transmit> {
        self.outstanding = false;
        if !self.output_waits() {
            self.waiting = Waiting::No;
            self.unblock_all();
            self.close_if_drained();
            return None;
        }
        self.builder.begin();
        match self.state {
            State::Closed => self.control.put_fatal(&mut self.builder),
            State::Handshake(_) => self.control.put_init(&mut self.builder),
            State::Active => {
                if !self.control.is_empty() {
                    self.put_control();
                }
                self.put_calls();
            }
        }
        self.waiting = if self.output_waits() { Waiting::Since(self.now) } else { Waiting::No };
        self.close_if_drained();
        let len = self.builder.len();
        self.stats.bytes_sent += u64::try_from(len).unwrap_or(u64::MAX);
        (len > 0).then(|| self.builder.finish())
    }

    fn put_control(&mut self) {
        self.control.put_init(&mut self.builder);
        self.control.put_slots(&mut self.builder);
        self.put_errors();
        self.control.put_cancels(&mut self.builder, self.config.max_transmit.get());
    }

    fn put_errors(&mut self) {
        while self.builder.len() < self.config.max_transmit.get()
            && let Some(error) = self.control.errors.pop_front()
        {
            match error {
                PendingError::Refusal(refusal) => {
                    let out = &mut self.builder.head;
                    wire::put_error(out, refusal.id, refusal.code, &refusal.tracing, &refusal.message);
                }
                PendingError::Call(key) => {
                    let call = self.calls.entry(key);
                    if let Some((code, message)) = call.error.take() {
                        wire::put_error(&mut self.builder.head, call.id, code, &call.tracing, &message);
                        self.finish_theirs(key);
                    }
                }
            }
        }
    }

    fn put_calls(&mut self) {
        while self.builder.len() < self.config.max_transmit.get()
            && let Some(key) = self.ready.pop_front()
        {
            let Some(call) = self.calls.get_mut(key) else { continue };
            call.outbox.queued = false;
            if !call.outbox.has_work() {
                continue;
            }
            let mut time = 0;
            if key.side == Side::Ours && !call.outbox.is_started() {
                time = ttl(self.now, call.deadline);
                if time == 0 {
                    self.fail_unsent(key);
                    continue;
                }
            }
            if !self.put_only_frame(key, time) {
                self.put_frame(key, time);
            }
            self.sent(key);
        }
        self.unblock_all();
    }

    /// Its time ran out in the queue.
    #[cold]
    fn fail_unsent(&mut self, key: Key) {
        let why = self.phase(key);
        let error = CallError::local(ErrorCode::Timeout, self.about(key, why));
        self.fail(key, error);
    }

    /// Tells writers that waited for the whole connection's unsent bytes.
    fn unblock_all(&mut self) {
        if !self.blocked.is_empty() && self.unsent <= self.most_unsent / 2 {
            for key in core::mem::take(&mut self.blocked) {
                if self.calls.get(key).is_some() {
                    self.calls.entry(key).outbox.listed = false;
                    self.unblock(key);
                }
            }
        }
    }

    /// A writer waits until the connection has room, not only until its own bytes are sent.
    pub(super) fn wait_for_room(&mut self, key: Key) {
        let outbox = &mut self.calls.entry(key).outbox;
        if !outbox.listed {
            outbox.listed = true;
            self.blocked.push_back(key);
            if self.blocked.len() > 2 * (self.calls.ours.len() + self.calls.theirs.len()) + 64 {
                let mut blocked = core::mem::take(&mut self.blocked);
                blocked.retain(|key| self.calls.get(*key).is_some());
                self.blocked = blocked;
            }
        }
    }

    /// Whether the connection takes a write of `len` bytes; one write, however large, if nothing else is unsent.
    pub(super) fn has_room(&self, len: usize) -> bool {
        self.unsent == 0 || self.unsent.saturating_add(len) <= self.most_unsent
    }

    /// Writes the one frame of a whole message; false if it needs several or is in pieces, and nothing was done.
    fn put_only_frame(&mut self, key: Key, ttl: u32) -> bool {
        let call = self.calls.entry(key);
        let out = &mut self.builder.head;
        let share_from = self.config.pin_threshold;
        let Some([arg2, arg3]) = call.outbox.in_one_go(share_from) else { return false };
        let (unsent, checksum) = (call.outbox.unsent(), call.outbox.kind());
        let room = usize::from(self.config.frame_size).saturating_sub(AROUND + unsent);
        let arg3_beside = !is_copied(arg3, share_from);
        let args = |arg1| WholeArgs { args: [arg1, arg2, arg3], checksum, arg3_beside };
        match (key.side, &call.head, &call.scheme) {
            (Side::Ours, Some(RequestHead { route, arg1, tracing, .. }), _)
                if is_copied(arg1, share_from) && route.as_bytes().len() + arg1.len() <= room =>
            {
                wire::put_call_req(out, call.id, ttl, tracing, route, &args(arg1));
            }
            (Side::Theirs, _, Some(scheme)) if scheme.as_bytes().len() <= room => {
                wire::put_call_res(out, call.id, call.code, &call.tracing, scheme, &args(&[]));
            }
            (Side::Ours | Side::Theirs, _, _) => return false,
        }
        if arg3_beside && let Some(arg3) = call.outbox.take_arg3() {
            self.builder.share(arg3);
        }
        call.outbox.sent_whole();
        call.touched = self.now;
        self.unsent -= unsent;
        true
    }

    /// Writes one frame of a call.
    fn put_frame(&mut self, key: Key, ttl: u32) {
        let call = self.calls.entry(key);
        let out = &mut self.builder;
        let share_from = self.config.pin_threshold;
        let mut frame_size = usize::from(self.config.frame_size).max(FRAME_HEADER + 64);
        let unsent = call.outbox.unsent();
        let kind = call.outbox.kind();
        let frame = match (key.side, call.outbox.is_started()) {
            (Side::Ours, true) => Fragment::call_req_continue(&mut out.head, call.id, kind),
            (Side::Theirs, true) => Fragment::call_res_continue(&mut out.head, call.id, kind),
            (Side::Ours, false) => {
                let head = call.head.as_ref().expect("a call of ours keeps its head");
                let mut frame =
                    Fragment::call_req(&mut out.head, call.id, ttl, &head.tracing, &head.route, kind);
                frame_size = frame_size.max(frame.len() + 2 + head.arg1.len() + 2).min(MAX_FRAME);
                call.outbox.put_arg1(&mut frame, out, &head.arg1, share_from);
                frame
            }
            (Side::Theirs, false) => {
                let scheme = call.scheme.as_ref().expect("a call of theirs keeps the header of its answer");
                let mut frame =
                    Fragment::call_res(&mut out.head, call.id, call.code, &call.tracing, scheme, kind);
                frame_size = frame_size.max(frame.len() + 2 + 2).min(MAX_FRAME);
                call.outbox.put_arg1(&mut frame, out, &bytes::Bytes::new(), share_from);
                frame
            }
        };
        call.outbox.fill(frame, out, frame_size, share_from);
        call.touched = self.now;
        self.unsent -= unsent - call.outbox.unsent();
    }

    /// A frame of this call was built: what comes next for it?
    fn sent(&mut self, key: Key) {
        let call = self.calls.entry(key);
        if call.outbox.is_sent() {
            match key.side {
                Side::Ours if call.over => return self.remove_ours(key, None),
                Side::Ours => {}
                Side::Theirs => {
                    self.patience.earn();
                    return self.finish_theirs(key);
                }
            }
        } else if call.outbox.has_work() {
            call.outbox.queued = true;
            self.ready.push_back(key);
        }
        if !call.whole {
            self.arm(key);
            self.unblock(key);
        }
    }

    /// Tells a blocked writer that it may go on, once there is room.
    fn unblock(&mut self, key: Key) {
        let high = self.config.unsent_high.get();
        let Some(outbox) = self.calls.get(key).map(|call| &call.outbox) else { return };
        if outbox.may_go_on(high) {
            if !self.has_room(outbox.refused()) {
                self.wait_for_room(key);
            } else if self.calls.entry(key).outbox.should_tell() {
                let call = self.calls.handle(key);
                self.push(Event::Writable(call));
            }
        }
    }

    /// Whether `poll_transmit` would give something.
    pub(super) fn output_waits(&self) -> bool {
        match self.state {
            State::Closed => self.control.fatal.is_some(),
            State::Handshake(_) => self.control.init.is_some(),
            State::Active => !self.ready.is_empty() || !self.control.is_empty(),
        }
    }
}

/// More than what a call frame holds beside service, headers and arguments.
const AROUND: usize = 64;

/// What is left until `deadline` in whole milliseconds, never more than is true.
pub(super) fn ttl(now: Timestamp, deadline: Timestamp) -> u32 {
    u32::try_from(deadline.since(now).as_millis()).unwrap_or(u32::MAX)
}
