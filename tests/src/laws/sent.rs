//! Laws 7 and 11 on the wire: every frame that leaves is decoded and held against the list of what is never sent.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::time::Duration;

use bytes::BytesMut;
use tchannel_proto::wire::{
    CallReq, CallRes, Checksum, ChecksumKind, Chunks, Continue, ErrorCode, ErrorFrame, FRAME_HEADER, Frame,
    FrameHeader, FrameType, Init, MAX_HEADER_KEY, Message, NO_MESSAGE, Tracing, header_keys, init_keys,
};
use tchannel_proto::{Timestamp, Transmit};

use super::ends::Ends;
use super::heard::Heard;
use crate::pattern;

/// One frame that was sent, for traces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Note {
    kind: FrameType,
    id: u32,
    len: usize,
    digest: u64,
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.id == NO_MESSAGE {
            write!(f, "{}, {} bytes #{:016x}", self.kind, self.len, self.digest)
        } else {
            write!(f, "{} {}, {} bytes #{:016x}", self.kind, self.id, self.len, self.digest)
        }
    }
}

/// Law 7 for one frame: decoding gives a message, an error or nothing; a message that can be encoded decodes to itself.
pub fn check_codec(frame: &Frame) -> Option<Message> {
    let message = Message::decode(frame).ok().flatten()?;
    let mut encoded = BytesMut::new();
    if message.encode(frame.id, &mut encoded).is_ok() {
        let again = Frame::take(&mut encoded).ok().flatten();
        law!(7, encoded.is_empty(), "{} bytes behind the encoded frame", encoded.len());
        let decoded = again.and_then(|again| Message::decode(&again).ok().flatten());
        law!(7, decoded.as_ref() == Some(&message), "{message:?} became {decoded:?}");
    } else {
        law!(7, encoded.is_empty(), "a refused encode left {} bytes", encoded.len());
    }
    Some(message)
}

/// Everything a machine has sent.
#[derive(Debug)]
pub(super) struct Sent {
    dialer: bool,
    frame_size: usize,
    bytes: BytesMut,
    introduced: bool,
    draining: bool,
    dead: bool,
    started: BTreeSet<u32>,
    cancelled: BTreeSet<u32>,
    requests: BTreeMap<u32, Flow>,
    responses: BTreeMap<u32, Flow>,
    notes: Vec<Note>,
}

impl Sent {
    pub(super) fn new(dialer: bool, frame_size: u16) -> Self {
        Sent {
            dialer,
            frame_size: usize::from(frame_size),
            bytes: BytesMut::new(),
            introduced: false,
            draining: false,
            dead: false,
            started: BTreeSet::new(),
            cancelled: BTreeSet::new(),
            requests: BTreeMap::new(),
            responses: BTreeMap::new(),
            notes: Vec::new(),
        }
    }

    pub(super) fn take_notes(&mut self) -> Vec<Note> {
        std::mem::take(&mut self.notes)
    }

    /// A request that was answered before it ended, and never was ended: the peer's entry would stay.
    pub(super) fn unfinished(&self, ends: &Ends) -> Option<u32> {
        self.requests.keys().copied().find(|id| ends.was_answered(*id))
    }

    pub(super) fn transmit(&mut self, now: Timestamp, transmit: &Transmit, heard: &mut Heard, ends: &Ends) {
        for part in transmit.parts() {
            self.bytes.extend_from_slice(part);
        }
        loop {
            match FrameHeader::peek(&self.bytes) {
                Ok(Some(header)) if usize::from(header.size) <= self.bytes.len() => {
                    let raw = self.bytes.split_to(usize::from(header.size)).freeze();
                    let frame = Frame { kind: header.kind, id: header.id, body: raw.slice(FRAME_HEADER..) };
                    self.frame(now, &frame, &raw, heard, ends);
                }
                Ok(_) => break,
                Err(malformed) => law!(11, false, "the stream breaks: {malformed}"),
            }
        }
        law!(11, self.bytes.is_empty(), "a Transmit ends inside a frame");
    }

    fn frame(&mut self, now: Timestamp, frame: &Frame, raw: &[u8], heard: &mut Heard, ends: &Ends) {
        let message = check_codec(frame);
        let id = frame.id;
        let Some(message) = message else {
            law!(
                11,
                false,
                "frame type {:#04x}, id {id}, cannot be read: {:?}",
                frame.kind,
                Message::decode(frame)
            );
            return;
        };
        let kind = message.frame_type();
        let mut encoded = BytesMut::new();
        let done = message.encode(id, &mut encoded);
        law!(7, done.is_ok() && encoded[..] == *raw, "{kind} {id} is not as the codec writes it ({done:?})");
        law!(11, !self.dead, "{kind} {id} after a fatal frame");
        self.notes.push(Note { kind, id, len: raw.len(), digest: pattern::digest(raw) });
        self.handshake_order(kind, id, heard);
        self.filling(&message, id, raw.len(), ends);
        match message {
            Message::InitReq(init) | Message::InitRes(init) => check_init(kind, &init),
            Message::CallReq(call) => self.call_req(now, id, &call, ends),
            Message::CallRes(call) => self.call_res(id, &call, heard),
            Message::CallReqContinue(part) | Message::CallResContinue(part) => self.resume(kind, id, &part),
            Message::Error(error) => self.error(id, &error, heard),
            Message::PingReq => {
                check_control(kind, heard);
                law!(8, id != 0 && ends.deadline(id).is_none(), "ping {id} has the id of a live call");
                law!(11, !self.draining, "a ping while draining");
            }
            Message::Cancel(_) => {
                check_control(kind, heard);
                law!(11, self.started.contains(&id), "cancel {id}, and no such request was sent");
                law!(11, self.cancelled.insert(id), "cancel {id} twice");
                self.requests.remove(&id);
            }
            Message::PingRes => law!(11, heard.pong(id), "ping res {id}, and no such ping was received"),
            Message::Claim(_) => law!(11, false, "a claim, which nobody asked for"),
        }
    }

    /// How full frames of calls are, and how they end.
    fn filling(&self, message: &Message, id: u32, len: usize, ends: &Ends) {
        let (chunks, flags, least) = match message {
            Message::CallReq(call) => (&call.chunks, call.flags, 2),
            Message::CallRes(call) => (&call.chunks, call.flags, 2),
            Message::CallReqContinue(part) | Message::CallResContinue(part) => (&part.chunks, part.flags, 1),
            Message::InitReq(_)
            | Message::InitRes(_)
            | Message::Cancel(_)
            | Message::Claim(_)
            | Message::PingReq
            | Message::PingRes
            | Message::Error(_) => return,
        };
        let kind = message.frame_type();
        let ends_empty = chunks.iter_slices().last().is_some_and(<[u8]>::is_empty);
        let begins_late = flags.more() && ends_empty && chunks.count() > least && len >= self.frame_size;
        law!(11, !begins_late, "{kind} {id} begins an argument where none of it fits");
        let request = matches!(message, Message::CallReq(_) | Message::CallReqContinue(_));
        let whole = request && flags.more() && ends.is_whole(id);
        law!(11, !whole || len + 2 >= self.frame_size, "{kind} {id} has {len} bytes, more would fit");
    }

    fn handshake_order(&mut self, kind: FrameType, id: u32, heard: &Heard) {
        let init = if self.dialer { FrameType::InitReq } else { FrameType::InitRes };
        if kind == init {
            law!(11, !self.introduced, "{kind} twice");
            self.introduced = true;
            let expected = if self.dialer { Some(1) } else { heard.init() };
            law!(11, Some(id) == expected, "{kind} has id {id}, not {expected:?}");
        } else {
            law!(11, !matches!(kind, FrameType::InitReq | FrameType::InitRes), "{kind} from the wrong side");
            let early = kind == FrameType::Error && id == NO_MESSAGE;
            let ready = self.introduced && heard.init().is_some();
            law!(11, ready || early, "{kind} {id} before the handshake is done");
        }
    }

    fn call_req(&mut self, now: Timestamp, id: u32, call: &CallReq, ends: &Ends) {
        law!(11, id != 0 && id != NO_MESSAGE, "call req with id {id}");
        law!(11, call.ttl > 0, "call req {id} with ttl 0");
        let headers = call.route.headers();
        law!(
            11,
            headers.iter().all(|(key, _)| key.len() <= MAX_HEADER_KEY),
            "call req {id} with a long header key"
        );
        law!(11, !call.route.service().is_empty(), "call req {id} without a service");
        law!(8, !self.requests.contains_key(&id), "call req {id} inside a message with that id");
        self.started.insert(id);
        let deadline = ends.deadline(id);
        law!(2, deadline.is_some(), "call req {id} of a call that is over");
        let ends_at = now + Duration::from_millis(u64::from(call.ttl));
        law!(
            2,
            deadline.is_some_and(|at| ends_at <= at),
            "call req {id}: ttl ends {ends_at}, deadline {deadline:?}"
        );
        let flow = Flow::begin("call req", id, call.flags.0, call.checksum, &call.chunks);
        flow.keep(id, &mut self.requests);
    }

    fn call_res(&mut self, id: u32, call: &CallRes, heard: &mut Heard) {
        law!(11, id != NO_MESSAGE, "call res without an id");
        law!(11, call.code.0 <= 1, "call res {id} with code {}", call.code.0);
        law!(11, !self.responses.contains_key(&id), "call res {id} inside a response with that id");
        let asked = heard.answer(id, &call.tracing);
        let Some(shape) = asked.and_then(|asked| asked.shape) else {
            law!(11, false, "call res {id} answers no request that can be read, or has other tracing");
            return;
        };
        law!(
            11,
            call.checksum.kind == shape.checksum,
            "call res {id} has checksum type {:?}",
            call.checksum.kind
        );
        let headers = call.headers.headers();
        let scheme = shape.scheme.as_deref().unwrap_or("raw");
        law!(11, headers.get(header_keys::SCHEME) == Some(scheme), "call res {id} has headers {headers:?}");
        law!(11, headers.len() == 1, "call res {id} has headers {headers:?}");
        let flow = Flow::begin("call res", id, call.flags.0, call.checksum, &call.chunks);
        flow.keep(id, &mut self.responses);
    }

    fn resume(&mut self, kind: FrameType, id: u32, part: &Continue) {
        let flows = if kind == FrameType::CallReqContinue { &mut self.requests } else { &mut self.responses };
        let Some(mut flow) = flows.remove(&id) else {
            law!(11, false, "{kind} {id}, and no message with that id is under way");
            return;
        };
        flow.frame(kind, id, part.flags.0, part.checksum, &part.chunks, false);
        flow.keep(id, flows);
    }

    fn error(&mut self, id: u32, error: &ErrorFrame, heard: &mut Heard) {
        let known = !matches!(error.code, ErrorCode::Unknown(_));
        law!(11, known, "error {id} with code {:?}", error.code);
        let text = error.text();
        law!(11, text.as_bytes() == &error.message[..], "error {id} is not UTF-8: {text}");
        let language = heard.language();
        if id == NO_MESSAGE {
            law!(11, error.tracing == Tracing::default(), "a connection error with tracing");
            if error.code == ErrorCode::Declined {
                law!(11, text.starts_with("draining: "), "a connection error Declined says {text}");
                law!(11, !self.draining, "two draining frames");
                self.draining = true;
                return;
            }
            law!(11, error.code == ErrorCode::Fatal, "a connection error with code {:?}", error.code);
            let takes = language.is_none_or(super::Language::takes_fatal_frame);
            law!(11, takes || !self.introduced, "a fatal frame to {language:?}: {text}");
            self.dead = true;
            return;
        }
        if error.code == ErrorCode::Fatal {
            let takes = language.is_some_and(super::Language::takes_fatal_on_call);
            law!(11, takes, "code 0xFF on id {id} to {language:?}: {text}");
        }
        let begun = self.responses.remove(&id).is_some();
        let owed = begun || heard.answer(id, &error.tracing).is_some();
        law!(11, owed, "error {id} ({:?}, {text}) answers no request, or has other tracing", error.code);
    }
}

fn check_init(kind: FrameType, init: &Init) {
    law!(11, init.version == 2, "{kind} with version {}", init.version);
    for key in [init_keys::HOST_PORT, init_keys::PROCESS_NAME, init_keys::LANGUAGE] {
        law!(11, init.headers.get(key).is_some(), "{kind} without {key}");
    }
    let ephemeral = init.headers.get(init_keys::HOST_PORT) == Some("0.0.0.0:0");
    law!(11, kind == FrameType::InitReq || !ephemeral, "{kind} announces 0.0.0.0:0");
}

fn check_control(kind: FrameType, heard: &Heard) {
    let language = heard.language();
    law!(11, language.is_some_and(super::Language::takes_control_frames), "{kind} to {language:?}");
}

/// One message under way: arguments, chunks and checksums so far.
#[derive(Debug)]
struct Flow {
    kind: ChecksumKind,
    running: u32,
    arg: usize,
    more: bool,
}

impl Flow {
    fn begin(what: &str, id: u32, flags: u8, checksum: Checksum, chunks: &Chunks) -> Flow {
        law!(11, chunks.count() >= 2, "{what} {id} without the chunk of arg2");
        law!(11, checksum.kind != ChecksumKind::FarmHash, "{what} {id} with farmhash");
        let mut flow = Flow { kind: checksum.kind, running: 0, arg: 1, more: true };
        flow.frame(what, id, flags, checksum, chunks, true);
        flow
    }

    fn frame(
        &mut self,
        what: impl fmt::Display,
        id: u32,
        flags: u8,
        checksum: Checksum,
        chunks: &Chunks,
        first: bool,
    ) {
        law!(11, flags <= 1, "{what} {id} with flags {flags:#04x}");
        law!(11, checksum.kind == self.kind, "{what} {id} changes the checksum type");
        match checksum.verify(chunks, self.running) {
            Ok(running) => self.running = running,
            Err(malformed) => law!(11, false, "{what} {id}: {malformed}"),
        }
        self.arg += chunks.count() - 1;
        self.more = flags == 1;
        law!(11, self.arg <= 3, "{what} {id} has {} arguments", self.arg);
        law!(11, self.more || self.arg == 3, "{what} {id} ends with {} arguments", self.arg);
        law!(11, first || self.arg > 1, "{what} {id}: arg1 is split");
    }

    fn keep(self, id: u32, flows: &mut BTreeMap<u32, Flow>) {
        if self.more {
            flows.insert(id, self);
        }
    }
}
