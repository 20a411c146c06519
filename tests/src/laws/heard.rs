//! What the peer said, as far as answers are judged by it.

use std::collections::{BTreeMap, VecDeque};

use bytes::{Buf, BytesMut};
use tchannel_proto::wire::{
    CallReq, ChecksumKind, Frame, FrameType, Init, NO_MESSAGE, Tracing, header_keys, init_keys,
    salvage_tracing,
};

use super::Language;

/// Frames that a machine has taken in.
#[derive(Debug, Default)]
pub(super) struct Heard {
    /// Bytes offered so far that the machine has not taken are the last `waiting` of these.
    bytes: BytesMut,
    waiting: usize,
    frames: u64,
    language: Option<Language>,
    init: Option<u32>,
    asked: BTreeMap<u32, VecDeque<Asked>>,
    pings: BTreeMap<u32, u32>,
}

/// A request that is owed an answer.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) tracing: Tracing,
    /// What a response has to look like; none for a request that cannot be read.
    pub(super) shape: Option<Shape>,
}

#[derive(Debug)]
pub(super) struct Shape {
    pub(super) checksum: ChecksumKind,
    pub(super) scheme: Option<String>,
}

impl Heard {
    /// The input buffer before the machine sees it.
    pub(super) fn offer(&mut self, input: &[u8]) {
        if input.len() < self.waiting {
            // The driver has thrown away what the machine no longer takes.
            self.bytes.clear();
            self.waiting = 0;
        }
        self.bytes.extend_from_slice(&input[self.waiting..]);
        self.waiting = input.len();
    }

    /// The machine took this many bytes of what was offered.
    pub(super) fn take(&mut self, taken: usize) {
        self.waiting -= taken;
        while self.bytes.len() > self.waiting {
            let Ok(Some(frame)) = Frame::take(&mut self.bytes) else {
                // Garbage, or bytes taken after the end: no answer depends on them.
                self.bytes.advance(self.bytes.len() - self.waiting);
                return;
            };
            self.frame(&frame);
        }
    }

    fn frame(&mut self, frame: &Frame) {
        super::check_codec(frame);
        self.frames += 1;
        match FrameType::from_byte(frame.kind) {
            // Anything before it is fatal, and so is a second one.
            Some(FrameType::InitReq | FrameType::InitRes) if self.frames == 1 => {
                self.init = Some(frame.id);
                if let Ok(init) = Init::decode(&frame.body) {
                    self.language = Some(Language::of(init.headers.get(init_keys::LANGUAGE)));
                }
            }
            Some(FrameType::CallReq) => self.asked.entry(frame.id).or_default().push_back(asked(frame)),
            Some(FrameType::PingReq) => *self.pings.entry(frame.id).or_default() += 1,
            _ => {}
        }
    }

    pub(super) fn language(&self) -> Option<Language> {
        self.language
    }

    /// The id of the peer's init.
    pub(super) fn init(&self) -> Option<u32> {
        self.init
    }

    /// Settles one debt for a request on `id` with this tracing.
    pub(super) fn answer(&mut self, id: u32, tracing: &Tracing) -> Option<Asked> {
        let asked = self.asked.get_mut(&id)?;
        let at = asked.iter().position(|one| one.tracing == *tracing)?;
        let found = asked.remove(at);
        if asked.is_empty() {
            self.asked.remove(&id);
        }
        found
    }

    /// Settles one debt for a ping.
    pub(super) fn pong(&mut self, id: u32) -> bool {
        match self.pings.get_mut(&id) {
            Some(count) if *count > 0 => {
                *count -= 1;
                true
            }
            _ => false,
        }
    }
}

fn asked(frame: &Frame) -> Asked {
    match CallReq::decode(&frame.body) {
        Ok(call) if frame.id != NO_MESSAGE => Asked {
            tracing: call.tracing,
            shape: Some(Shape {
                checksum: call.checksum.kind.for_response(),
                scheme: call.route.headers().get(header_keys::SCHEME).map(str::to_owned),
            }),
        },
        Ok(_) | Err(_) => Asked { tracing: salvage_tracing(&frame.body), shape: None },
    }
}
