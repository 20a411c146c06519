//! Calls of the peer's: the request side.

use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::format;
use alloc::string::ToString;
use core::time::Duration;

use bytes::Bytes;
use smallvec::SmallVec;
use tchannel_wire::{
    CallReqView, Cancel, ContinueView, ErrorCode, FrameType, HeaderBlock, Headers, Malformed, NO_MESSAGE,
    Tracing, header_keys, salvage_more, salvage_tracing,
};

use super::Connection;
use super::control::{PendingError, Refusal};
use super::ending::REMEMBERED;
use super::receive::peer_text;
use crate::body::Body;
use crate::calls::assembly::{Fault, Inbox, whole};
use crate::calls::incoming::Place;
use crate::calls::{Key, Side};
use crate::error::CloseReason;
use crate::event::{Args, Event, RequestHead};
use crate::time::Timestamp;

/// A request that is not taken: how to say so, and whether more of it is coming.
struct No {
    id: u32,
    tracing: Tracing,
    more: bool,
    code: ErrorCode,
    message: Cow<'static, str>,
}

/// Why a request is not taken.
type Why = (ErrorCode, Cow<'static, str>);

impl Connection {
    pub(super) fn call_req(&mut self, id: u32, body: Body) {
        if id == NO_MESSAGE {
            return self.fatal(CloseReason::Protocol("call req with the id that means no message".into()));
        }
        if let Place::Call(_) = self.calls.theirs.place(id) {
            return self.fatal(CloseReason::Protocol(format!("call req: duplicate id {id}")));
        }
        let request = match CallReqView::decode(body.bytes()) {
            Ok(request) => request,
            Err(malformed) => return self.refuse_unreadable(id, body, malformed),
        };
        let (tracing, more) = (request.tracing, request.flags.more());
        let begun = self.admit_theirs(&request).and_then(|()| {
            if more { self.first_frame(id, &request, body) } else { self.only_frame(id, &request, body) }
        });
        if let Err((code, message)) = begun {
            self.refuse(No { id, tracing, more, code, message });
        }
    }

    /// What is wrong with a readable request, before its arguments are looked at.
    fn admit_theirs(&self, request: &CallReqView) -> Result<(), Why> {
        if let Some(reason) = self.drain.reason()
            && !self.config.exempt_services.iter().any(|exempt| exempt == request.route.service())
        {
            return Err((ErrorCode::Declined, format!("connection draining: {reason}").into()));
        }
        if self.calls.theirs.len() >= self.most_incoming() {
            return Err((ErrorCode::Busy, "too many calls".into()));
        }
        let bad = |text: &'static str| Err((ErrorCode::BadRequest, Cow::Borrowed(text)));
        if request.ttl == 0 && !request.flags.more() && !self.profile.streams_without_ttl() {
            return bad("ttl must be greater than 0");
        }
        if self.config.require_caller_headers {
            let headers = request.route.headers();
            if headers.get(header_keys::SCHEME).is_none() {
                return bad("transport header as is required");
            }
            if headers.get(header_keys::CALLER).is_none() {
                return bad("transport header cn is required");
            }
        }
        Ok(())
    }

    fn only_frame(&mut self, id: u32, request: &CallReqView, body: Body) -> Result<(), Why> {
        let quirks = &mut self.stats.fragment_quirks;
        let args = whole(request.checksum, request.chunks, quirks).map_err(fault)?;
        let len: usize = args.iter().map(|arg| arg.len()).sum();
        if len > self.config.max_message.get() {
            return Err(fault(Fault::TooLarge));
        }
        let held = request.route.as_bytes().len() + len;
        if self.gate.held() + held > self.most_held {
            return Err((ErrorCode::Busy, "too many bytes held".into()));
        }
        let deadline = self.deadline(request.ttl);
        let key = self.begin_theirs(id, request, deadline);
        self.calls.entry(key).inbox.deliver();
        self.arm(key);
        let [arg1, arg2, arg3] = args;
        body.make_room(arg3, &mut self.keep);
        let arg1 = body.part(arg1, &mut self.keep);
        let args = Args::of_parts(body.part(arg2, &mut self.keep), body.part(arg3, &mut self.keep));
        let (call, head) = (self.calls.incoming(key), self.head(request, deadline, body, arg1));
        self.push_held(Event::Request { call, head, args: Some(args) }, held);
        Ok(())
    }

    fn first_frame(&mut self, id: u32, request: &CallReqView, body: Body) -> Result<(), Why> {
        let deadline = self.deadline(request.ttl);
        let head = self.head(request, deadline, body, Bytes::new());
        let frame = ContinueView { flags: request.flags, checksum: request.checksum, chunks: request.chunks };
        let key = self.begin_theirs(id, request, deadline);
        let held = head.route.as_bytes().len();
        self.calls.entry(key).head = Some(head);
        self.with_inbox(key, |inbox| inbox.hold_head(held));
        self.arm(key);
        match self.take_chunks(key, &frame, body) {
            Err(why) => {
                self.calls.entry(key).inbox.end();
                self.finish_theirs(key);
                Err(why)
            }
            Ok(useful) => {
                self.announce(key);
                if !useful {
                    self.useless();
                }
                Ok(())
            }
        }
    }

    pub(super) fn call_req_continue(&mut self, id: u32, body: Body) {
        self.calls.theirs.forget_old(self.now, REMEMBERED);
        let at = match self.calls.theirs.place(id) {
            Place::Nothing => return self.useless(),
            Place::Skip => {
                self.stats.late_frames += 1;
                if salvage_more(body.bytes()) {
                    self.calls.theirs.renew(id);
                } else {
                    self.calls.theirs.end_skip(id);
                }
                return;
            }
            Place::Call(at) => at,
        };
        let call = self.calls.theirs.slab.get_mut(at);
        let key = call.key(Side::Theirs, at);
        if call.inbox.is_ended() {
            return self.useless();
        }
        if call.over || (call.answered && call.whole) {
            self.stats.late_frames += 1;
            if !salvage_more(body.bytes()) {
                call.inbox.end();
            }
            return;
        }
        let taken = ContinueView::decode(body.bytes())
            .map_err(|malformed| fault(Fault::Malformed(malformed.within(FrameType::CallReqContinue))))
            .and_then(|frame| self.take_chunks(key, &frame, body));
        match taken {
            Err((code, message)) => {
                if !salvage_more(body.bytes()) {
                    self.calls.entry(key).inbox.end();
                }
                self.bad_call(code);
                if !self.is_closed() {
                    self.abandon(key, code, message);
                }
            }
            Ok(useful) => {
                if !self.too_large(key) {
                    self.arm(key);
                    self.announce(key);
                }
                if !useful {
                    self.useless();
                }
            }
        }
    }

    /// Verifies and sorts the chunks of one frame of a fragmented request; says whether it carried any bytes.
    fn take_chunks(&mut self, key: Key, frame: &ContinueView, body: Body) -> Result<bool, Why> {
        let useful = self.take_frame(key, frame, body).map_err(fault)?;
        if self.gate.held() > self.most_held {
            return Err((ErrorCode::Busy, "too many bytes held".into()));
        }
        Ok(useful)
    }

    /// Delivers the request once arg1 is whole, then whatever its owner waits for.
    fn announce(&mut self, key: Key) {
        let entry = self.calls.entry(key);
        if entry.head.is_some() {
            let Some(arg1) = self.with_inbox(key, Inbox::take_arg1) else { return };
            if let Some(mut head) = self.calls.entry(key).head.take() {
                head.arg1 = arg1;
                let call = self.calls.incoming(key);
                self.push(Event::Request { call, head, args: None });
            }
        } else {
            self.tell_reader(key);
        }
    }

    fn head(&mut self, request: &CallReqView, deadline: Timestamp, body: Body, arg1: Bytes) -> RequestHead {
        RequestHead {
            route: body.route(request.route, &mut self.keep),
            arg1,
            tracing: request.tracing,
            deadline,
            checksum: request.checksum.kind,
            flags: request.flags,
        }
    }

    fn deadline(&self, ttl: u32) -> Timestamp {
        let ttl = if ttl == 0 { self.config.max_ttl } else { Duration::from_millis(ttl.into()) };
        self.now + ttl.min(self.config.max_ttl)
    }

    fn begin_theirs(&mut self, id: u32, request: &CallReqView, deadline: Timestamp) -> Key {
        let epoch = self.next_epoch();
        let scheme = self.schemes.answer_to(request.route.headers());
        let now = self.now;
        let (at, call) = self.calls.theirs.insert(id);
        call.epoch = epoch;
        call.tracing = request.tracing;
        call.began = now;
        call.touched = now;
        call.deadline = deadline;
        call.scheme = Some(scheme);
        call.inbox.begin(request.checksum.kind);
        Key { side: Side::Theirs, at, epoch }
    }

    #[cold]
    fn refuse_unreadable(&mut self, id: u32, body: Body, malformed: Malformed) {
        self.refuse(No {
            id,
            tracing: salvage_tracing(body.bytes()),
            more: salvage_more(body.bytes()),
            code: ErrorCode::BadRequest,
            message: malformed.to_string().into(),
        });
    }

    /// Answers a request that gets no entry, and skips the rest of it.
    #[cold]
    fn refuse(&mut self, no: No) {
        // A peer that only logs our notice goes on calling: that must not cost the old calls the connection.
        let told = no.code == ErrorCode::Declined && self.control.errors.len() < self.most_incoming();
        if told {
            self.stats.refused_calls += 1;
        } else {
            self.bad_call(no.code);
        }
        if self.is_closed() {
            return;
        }
        let refusal = Refusal { id: no.id, code: no.code, tracing: no.tracing, message: no.message };
        self.control.errors.push_back(PendingError::Refusal(refusal));
        self.note_waiting();
        if no.more {
            self.skip_rest(no.id);
        } else {
            self.calls.theirs.end_skip(no.id);
        }
    }

    fn most_incoming(&self) -> usize {
        usize::try_from(self.config.max_incoming_calls.get()).unwrap_or(usize::MAX)
    }

    fn bad_call(&mut self, code: ErrorCode) {
        if code == ErrorCode::BadRequest {
            self.stats.bad_calls += 1;
        } else {
            self.stats.refused_calls += 1;
        }
        self.useless();
    }

    pub(super) fn cancelled(&mut self, id: u32, body: &Bytes) {
        self.stats.cancels_requested += 1;
        if let Place::Call(at) = self.calls.theirs.place(id)
            && let Ok(cancel) = Cancel::decode(body)
            && self.config.honor_cancel
        {
            let call = self.calls.theirs.slab.get(at);
            let key = call.key(Side::Theirs, at);
            if !call.over && !call.outbox.is_sent() {
                self.stats.cancels_honored += 1;
                let why = peer_text(&cancel.why);
                self.abandon(key, ErrorCode::Cancelled, format!("cancelled: {why}"));
            }
        }
        self.useless();
    }
}

#[cold]
fn fault(fault: Fault) -> Why {
    (ErrorCode::BadRequest, fault.to_string().into())
}

/// The one header of each answer, encoded once for each scheme in use.
#[derive(Debug, Default)]
pub(super) struct Schemes {
    /// Each scheme, and the header that names it.
    known: SmallVec<[(Box<[u8]>, HeaderBlock); 2]>,
}

/// Peers use a handful of schemes; more are encoded anew each time.
const SCHEMES: usize = 8;
/// The scheme of requests that name none.
const RAW: &str = "raw";

impl Schemes {
    fn answer_to(&mut self, headers: Headers<'_>) -> HeaderBlock {
        let scheme = headers.get_bytes(header_keys::SCHEME).unwrap_or(RAW.as_bytes());
        if let Some((_, block)) = self.known.iter().find(|(known, _)| **known == *scheme) {
            return block.clone();
        }
        let text = headers.get(header_keys::SCHEME).unwrap_or(RAW);
        let block = HeaderBlock::encode([(header_keys::SCHEME, text)])
            .expect("a received header value is short enough to send");
        if self.known.len() < SCHEMES {
            self.known.push((scheme.into(), block.clone()));
        }
        block
    }
}
