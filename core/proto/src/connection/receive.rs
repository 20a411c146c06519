//! Frames in: framing, and which file a frame belongs to.

use alloc::string::String;

use bytes::{Buf, Bytes, BytesMut};
use tchannel_wire::{Claim, FRAME_HEADER, FrameHeader, FrameType, NO_MESSAGE};

use super::control::PONGS;
use super::{Connection, State};
use crate::calls::Key;
use crate::calls::assembly::{Inbox, SHARE_FROM};
use crate::error::CloseReason;
use crate::event::Event;

/// Short parts of many frames share an allocation of this size, so a kept one pins at most this much.
const KEEP: usize = 4 << 10;

impl Connection {
    pub(super) fn take_frames(&mut self, input: &mut BytesMut) {
        while !self.is_closed() {
            if self.gate.is_shut() {
                return;
            }
            let header = match FrameHeader::peek(input) {
                Ok(Some(header)) => header,
                Ok(None) => {
                    self.lacking = FRAME_HEADER - input.len().min(FRAME_HEADER - 1);
                    return;
                }
                Err(malformed) => {
                    self.fatal(CloseReason::Malformed(malformed));
                    break;
                }
            };
            if !self.expects(&input[..FRAME_HEADER], header.kind) {
                break;
            }
            let size = usize::from(header.size);
            if input.len() < size {
                self.lacking = size - input.len();
                return;
            }
            let short = size - FRAME_HEADER < self.config.pin_threshold;
            let body = if short {
                let body = keep(&mut self.keep, &input[FRAME_HEADER..size]);
                input.advance(size);
                body
            } else {
                let mut frame = input.split_to(size);
                frame.advance(FRAME_HEADER);
                frame.freeze()
            };
            self.stats.frames_received += 1;
            self.stats.bytes_received += u64::from(header.size);
            self.lacking = FRAME_HEADER;
            self.frame(header.kind, header.id, &body, short);
            // After each frame, not after each read: how the bytes are cut must not decide which calls are declined.
            self.close_if_drained();
        }
        input.clear();
    }

    /// Changes a call's inbox, and tells the gate.
    pub(super) fn with_inbox<R>(&mut self, key: Key, change: impl FnOnce(&mut Inbox) -> R) -> R {
        let inbox = &mut self.calls.entry(key).inbox;
        let before = (inbox.cost(), inbox.unread());
        let result = change(inbox);
        self.gate.moved(self.now, &self.config, before, inbox);
        result
    }

    /// `short`: the body was copied out of the driver's buffer already.
    fn frame(&mut self, kind: u8, id: u32, body: &Bytes, short: bool) {
        self.prove_life();
        let Some(kind) = FrameType::from_byte(kind) else {
            self.stats.unknown_types += 1;
            return self.useless();
        };
        match kind {
            FrameType::InitReq => self.init_req(id, body),
            FrameType::InitRes => self.init_res(id, body),
            FrameType::CallReq => self.call_req(id, body, short),
            FrameType::CallReqContinue => self.call_req_continue(id, body),
            FrameType::CallRes => self.call_res(id, body, short),
            FrameType::CallResContinue => self.call_res_continue(id, body),
            FrameType::Error if matches!(self.state, State::Handshake(_)) => self.refused(body),
            FrameType::Error => self.error(id, body),
            FrameType::Cancel => self.cancelled(id, body),
            FrameType::Claim => self.claim(body),
            FrameType::PingReq => self.ping_req(id),
            FrameType::PingRes => self.ping_res(id),
        }
    }

    /// Counts a frame that serves no call; too many end the connection.
    pub(super) fn useless(&mut self) {
        self.stats.useless_frames += 1;
        if !self.patience.spend(self.now) {
            self.fatal(CloseReason::TooManyUselessFrames);
        }
    }

    fn ping_req(&mut self, id: u32) {
        let pongs = &mut self.control.pongs;
        if id != NO_MESSAGE && pongs.len() < PONGS && !pongs.contains(&id) {
            pongs.push(id);
            self.note_waiting();
        }
        self.useless();
    }

    fn claim(&mut self, body: &Bytes) {
        self.stats.claims += 1;
        if self.config.claims
            && let Ok(claim) = Claim::decode(body)
        {
            self.push(Event::Claim(claim.tracing));
        }
        self.useless();
    }
}

/// Copies a short part out of a buffer that it would pin.
pub(super) fn keep(chunk: &mut BytesMut, bytes: &[u8]) -> Bytes {
    if bytes.is_empty() {
        return Bytes::new();
    }
    make_room(chunk, bytes.len());
    chunk.extend_from_slice(bytes);
    chunk.split().freeze()
}

/// Makes `len` more bytes fit, in a fresh allocation if the old one is still in use.
pub(super) fn make_room(chunk: &mut BytesMut, len: usize) {
    if chunk.capacity() < len {
        chunk.reserve(KEEP.max(len));
    }
}

/// Copies a part that would pin much more than itself: into the chunk if it is shorter than `threshold`.
pub(super) fn keep_if_short(chunk: &mut BytesMut, bytes: Bytes, threshold: usize) -> Bytes {
    if bytes.len() < threshold {
        keep(chunk, &bytes)
    } else if bytes.len() < SHARE_FROM {
        Bytes::copy_from_slice(&bytes)
    } else {
        bytes
    }
}

/// Bytes kept of a text of the peer's. One frame may end many calls, each with its own copy.
const PEER_TEXT: usize = 512;

/// What the peer says, for people: lossy, and cut.
pub(super) fn peer_text(text: &[u8]) -> String {
    let readable = String::from_utf8_lossy(&text[..text.len().min(PEER_TEXT)]);
    // Bytes that are no text grow when they are replaced.
    if text.len().max(readable.len()) <= PEER_TEXT {
        return readable.into_owned();
    }
    let end = (0..=PEER_TEXT).rev().find(|at| readable.is_char_boundary(*at)).unwrap_or(0);
    // The cut may have left the beginning of a character.
    let cut = readable[..end].trim_end_matches(char::REPLACEMENT_CHARACTER);
    [cut, "…"].concat()
}
