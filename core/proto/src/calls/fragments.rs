//! Writing a message: arguments in, frames out.

use alloc::collections::VecDeque;

use bytes::Bytes;
use tchannel_wire::{ChecksumKind, Fragment};

use crate::event::Args;
use crate::transmit::Builder;

/// What a message has yet to send, in order.
#[derive(Debug)]
enum Piece {
    Data(Bytes),
    EndArg,
    /// Nothing written later may share a frame with what came before.
    Flush,
}

/// The argument that the owner writes to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Writing {
    #[default]
    Two,
    Three,
    Finished,
}

/// The sending half of a call: arg2 and arg3 on their way into frames.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    /// Both arguments, while they may still leave in one go; then nothing is in `pieces`.
    whole: Option<Args>,
    pieces: VecDeque<Piece>,
    unsent: usize,
    kind: ChecksumKind,
    running: u32,
    writing: Writing,
    /// The next chunk belongs to arg3.
    in_arg3: bool,
    begun: bool,
    started: bool,
    sent: bool,
    /// The owner was refused and waits for `Writable`.
    blocked: bool,
    refused: usize,
    /// It is in the connection's list of those who wait for room.
    pub(crate) listed: bool,
    /// A `Writable` is on its way.
    told: bool,
    /// It has a place in the round robin.
    pub(crate) queued: bool,
}

/// Buffers of a finished call are kept up to this many pieces.
const KEPT: usize = 16;

impl Outbox {
    /// From here on there is a first frame to send.
    pub(crate) fn begin(&mut self, kind: ChecksumKind) {
        self.begun = true;
        self.kind = kind;
    }

    /// Takes both arguments whole; they have `len` bytes.
    #[inline]
    pub(crate) fn push_whole(&mut self, args: Args, len: usize) {
        self.unsent = len;
        self.writing = Writing::Finished;
        self.whole = Some(args);
    }

    pub(crate) fn push(&mut self, bytes: Bytes) {
        if !bytes.is_empty() {
            self.unsent += bytes.len();
            self.pieces.push_back(Piece::Data(bytes));
        }
    }

    /// Ends the argument being written; false if both have ended.
    pub(crate) fn end_arg(&mut self) -> bool {
        self.writing = match self.writing {
            Writing::Two => Writing::Three,
            Writing::Three => Writing::Finished,
            Writing::Finished => return false,
        };
        self.pieces.push_back(Piece::EndArg);
        true
    }

    pub(crate) fn flush(&mut self) {
        let new = match self.pieces.back() {
            Some(Piece::Data(_) | Piece::EndArg) => true,
            Some(Piece::Flush) => false,
            None => !self.started,
        };
        if new {
            self.pieces.push_back(Piece::Flush);
        }
    }

    pub(crate) fn kind(&self) -> ChecksumKind {
        self.kind
    }

    /// Drops what was not sent.
    pub(crate) fn discard(&mut self) {
        self.whole = None;
        if !self.pieces.is_empty() {
            self.pieces.clear();
        }
        self.unsent = 0;
    }

    /// Drops what was not sent; no frame of this message will follow.
    pub(crate) fn stop(&mut self) {
        self.discard();
        self.writing = Writing::Finished;
        self.sent = true;
    }

    /// Drops what was not sent; all that remains is to end the message, if it began.
    pub(crate) fn abandon(&mut self) {
        self.discard();
        self.writing = Writing::Finished;
        if !self.started {
            self.sent = true;
        } else if !self.sent {
            if !self.in_arg3 {
                self.pieces.push_back(Piece::EndArg);
            }
            self.pieces.push_back(Piece::EndArg);
        }
    }

    pub(crate) fn is_writable(&self) -> bool {
        self.begun && self.writing != Writing::Finished
    }

    /// The first frame has left.
    pub(crate) fn is_started(&self) -> bool {
        self.started
    }

    /// The last frame has left.
    pub(crate) fn is_sent(&self) -> bool {
        self.sent
    }

    pub(crate) fn unsent(&self) -> usize {
        self.unsent
    }

    /// A write of `len` bytes was refused.
    pub(crate) fn block(&mut self, len: usize) {
        self.blocked = true;
        self.refused = len;
    }

    /// Bytes of the write that was refused last.
    pub(crate) fn refused(&self) -> usize {
        self.refused
    }

    /// Whether the owner waits, and little enough of its own is unsent.
    pub(crate) fn may_go_on(&self, high: usize) -> bool {
        self.blocked && self.unsent <= high / 2
    }

    /// Whether the owner waits and was not told yet.
    pub(crate) fn should_tell(&mut self) -> bool {
        let tell = self.blocked && !self.told;
        self.blocked = false;
        self.told |= tell;
        tell
    }

    /// The owner got its `Writable`.
    pub(crate) fn heard(&mut self) {
        self.told = false;
    }

    /// Whether there is a frame to send now.
    pub(crate) fn has_work(&mut self) -> bool {
        if self.started {
            while matches!(self.pieces.front(), Some(Piece::Flush)) {
                self.pieces.pop_front();
            }
        }
        self.begun && !self.sent && (!self.started || !self.pieces.is_empty())
    }

    /// arg2 and arg3, if the message is whole, arg2 is to be copied, and arg3 is in one piece.
    pub(crate) fn in_one_go(&self, share_from: usize) -> Option<[&[u8]; 2]> {
        let Args { arg2, arg3 } = self.whole.as_ref()?;
        let arg3: &[u8] = match &arg3[..] {
            [] => &[],
            [only] => only,
            [..] => return None,
        };
        is_copied(arg2, share_from).then_some([arg2, arg3])
    }

    /// arg3 of such a message, to leave beside its frame.
    pub(crate) fn take_arg3(&mut self) -> Option<Bytes> {
        self.whole.as_mut()?.arg3.pop()
    }

    /// The whole message has left in one frame.
    pub(crate) fn sent_whole(&mut self) {
        self.whole = None;
        self.unsent = 0;
        (self.in_arg3, self.started, self.sent) = (true, true, true);
    }

    /// Adds arg1 to the first frame of the message.
    pub(crate) fn put_arg1(
        &mut self,
        frame: &mut Fragment,
        out: &mut Builder,
        arg1: &Bytes,
        share_from: usize,
    ) {
        frame.open_chunk(&mut out.head);
        self.put(frame, out, arg1.clone(), share_from);
    }

    /// Adds as much of arg2 and arg3 as fits and finishes the frame. The chunks follow wire.md 7.2.
    pub(crate) fn fill(
        &mut self,
        mut frame: Fragment,
        out: &mut Builder,
        frame_size: usize,
        share_from: usize,
    ) {
        if let Some(args) = self.whole.take() {
            self.spread(args);
        }
        frame.open_chunk(&mut out.head);
        let more = loop {
            let room = frame.room(frame_size);
            match self.pieces.front_mut() {
                None => break true,
                Some(Piece::Flush) => {
                    self.pieces.pop_front();
                    break true;
                }
                Some(Piece::Data(_)) if room == 0 => break true,
                Some(Piece::Data(bytes)) => {
                    let part = bytes.split_to(room.min(bytes.len()));
                    if bytes.is_empty() {
                        self.pieces.pop_front();
                    }
                    self.unsent -= part.len();
                    self.put(&mut frame, out, part, share_from);
                }
                Some(Piece::EndArg) if self.in_arg3 => {
                    self.pieces.pop_front();
                    self.sent = true;
                    break false;
                }
                Some(Piece::EndArg) => {
                    let arg3_is_empty = matches!(self.pieces.get(1), Some(Piece::EndArg));
                    if room >= 3 || (room == 2 && arg3_is_empty) {
                        self.pieces.pop_front();
                        self.in_arg3 = true;
                        frame.open_chunk(&mut out.head);
                    } else {
                        // The next frame opens with an empty chunk for this argument: named peers lose it otherwise.
                        break true;
                    }
                }
            }
        };
        self.started = true;
        frame.finish(&mut out.head, more, self.running);
    }

    /// The arguments do not leave in one go.
    fn spread(&mut self, args: Args) {
        let data = |bytes: Bytes| (!bytes.is_empty()).then_some(Piece::Data(bytes));
        self.pieces.extend(data(args.arg2));
        self.pieces.push_back(Piece::EndArg);
        self.pieces.extend(args.arg3.into_iter().filter_map(data));
        self.pieces.push_back(Piece::EndArg);
    }

    fn put(&mut self, frame: &mut Fragment, out: &mut Builder, part: Bytes, share_from: usize) {
        self.running = self.kind.update(self.running, &part);
        if is_copied(&part, share_from) {
            frame.copy(&mut out.head, &part);
        } else {
            frame.share(part.len());
            out.share(part);
        }
    }

    #[inline]
    pub(crate) fn recycle(&mut self) {
        let Outbox {
            whole,
            pieces,
            unsent,
            kind: _,
            running,
            writing,
            in_arg3,
            begun,
            started,
            sent,
            blocked,
            refused,
            listed,
            told,
            queued,
        } = self;
        *whole = None;
        if !pieces.is_empty() {
            pieces.clear();
        }
        if pieces.capacity() > KEPT {
            *pieces = VecDeque::new();
        }
        (*unsent, *running, *writing, *refused) = (0, 0, Writing::Two, 0);
        (*in_arg3, *begun, *started, *sent) = (false, false, false, false);
        (*blocked, *listed, *told, *queued) = (false, false, false, false);
    }
}

/// Whether bytes join the header buffer; others leave beside it.
pub(crate) fn is_copied(bytes: &[u8], share_from: usize) -> bool {
    bytes.is_empty() || bytes.len() < share_from
}
