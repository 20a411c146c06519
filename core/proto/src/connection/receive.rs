//! Frames in: framing, and which file a frame belongs to.

use alloc::string::String;

use bytes::{Buf, Bytes, BytesMut};
use tchannel_wire::{Claim, FRAME_HEADER, FrameHeader, FrameType, NO_MESSAGE};

use super::control::PONGS;
use super::{Connection, State};
use crate::body::{Body, SHARE_FROM};
use crate::calls::Key;
use crate::calls::assembly::Inbox;
use crate::error::CloseReason;
use crate::event::Event;

impl Connection {
    pub(super) fn take_frames(&mut self, input: &mut BytesMut) {
        while !self.is_closed() {
            if self.gate.is_shut() {
                return;
            }
            let header = match FrameHeader::peek(input) {
                Ok(Some(header)) => header,
                Ok(None) => {
                    if self.is_cut_short(input) {
                        break;
                    }
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
            self.stats.frames_received += 1;
            self.stats.bytes_received += u64::from(header.size);
            self.lacking = FRAME_HEADER;
            if self.keep.takes(size - FRAME_HEADER) {
                let body = self.keep.copy(&input[FRAME_HEADER..size]);
                input.advance(size);
                self.frame(header.kind, header.id, Body::Kept(&body));
            } else if size - FRAME_HEADER < SHARE_FROM {
                self.frame(header.kind, header.id, Body::Passing(&input[FRAME_HEADER..size]));
                input.advance(size);
            } else {
                let body = input.split_to(size).freeze().slice(FRAME_HEADER..);
                self.frame(header.kind, header.id, Body::Shared(&body));
            }
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

    fn frame(&mut self, kind: u8, id: u32, body: Body) {
        self.prove_life();
        let Some(kind) = FrameType::from_byte(kind) else {
            self.stats.unknown_types += 1;
            return self.useless();
        };
        match kind {
            FrameType::InitReq => self.init_req(id, &body.whole()),
            FrameType::InitRes => self.init_res(id, &body.whole()),
            FrameType::CallReq => self.call_req(id, body),
            FrameType::CallReqContinue => self.call_req_continue(id, body),
            FrameType::CallRes => self.call_res(id, body),
            FrameType::CallResContinue => self.call_res_continue(id, body),
            FrameType::Error if matches!(self.state, State::Handshake(_)) => self.refused(&body.whole()),
            FrameType::Error => self.error(id, &body.whole()),
            FrameType::Cancel => self.cancelled(id, &body.whole()),
            FrameType::Claim => self.claim(&body.whole()),
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
