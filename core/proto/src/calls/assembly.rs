//! Reading a message: frames in, arguments out.

use alloc::collections::VecDeque;

use bytes::{Bytes, BytesMut};
use smallvec::SmallVec;
use tchannel_wire::{Checksum, ChecksumKind, ChunksView, ContinueView, Malformed};
use thiserror::Error;

use crate::MAX_ARG1;
use crate::body::{Body, SHARE_FROM};
use crate::event::{Arg, Args, Read, join};

/// Bookkeeping bytes counted for each part that is held, so that many tiny parts are not free.
pub(crate) const PART_COST: usize = 64;

/// What makes a message unreadable. The text goes to the peer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub(crate) enum Fault {
    #[error("expected 3 args, got {0}")]
    Count(usize),
    #[error("arg1 length {0} is larger than the limit {MAX_ARG1}")]
    Arg1TooLong(usize),
    #[error("message too large")]
    TooLarge,
    #[error("checksum type changed")]
    KindChanged,
    #[error("{0}")]
    Malformed(Malformed),
}

/// How the owner takes the arguments.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Mode {
    /// Not said yet: the bytes wait.
    #[default]
    Undecided,
    Parts,
    Collect,
}

/// The receiving half of a call: verified argument bytes that wait to be read.
#[derive(Debug, Default)]
pub(crate) struct Inbox {
    mode: Mode,
    kind: ChecksumKind,
    running: u32,
    /// The argument that the next chunk belongs to: 1, 2 or 3; 0 before the first frame.
    arg: u8,
    arg1: BytesMut,
    arg3_len: usize,
    /// Bytes of all arguments so far.
    total: usize,
    parts: VecDeque<(Arg, Bytes)>,
    /// Short parts that came after `parts`, joined: waiting, each would pin or cost more than it holds.
    tail: BytesMut,
    tail_arg: Option<Arg>,
    /// Bytes of the head, while it waits for the rest of arg1.
    head: usize,
    /// What all of it costs.
    cost: usize,
    ended: bool,
    /// The arguments went out with the head, or as a whole: there is nothing to read.
    delivered: bool,
    /// The owner found nothing and waits for `Readable`.
    hungry: bool,
    /// A `Readable` is on its way.
    told: bool,
    /// It counts as over the limit for unread bytes.
    pub(crate) high: bool,
}

/// Buffers of a finished call are kept up to this many parts.
const KEPT: usize = 16;

impl Inbox {
    /// Takes the first frame's checksum type; later frames must agree.
    pub(crate) fn begin(&mut self, kind: ChecksumKind) {
        self.kind = kind;
        self.arg = 1;
    }

    /// Verifies the frame's checksum against all frames before it.
    pub(crate) fn verify(&mut self, frame: &ContinueView) -> Result<(), Fault> {
        if frame.checksum.kind != self.kind {
            return Err(Fault::KindChanged);
        }
        self.running = frame.checksum.verify(frame.chunks, self.running).map_err(Fault::Malformed)?;
        Ok(())
    }

    /// The head waits here until arg1 is whole.
    pub(crate) fn hold_head(&mut self, len: usize) {
        self.head = len;
        self.cost += len;
    }

    /// Sorts the chunks of one verified frame into arguments. Says whether it carried any argument bytes.
    pub(crate) fn accept(
        &mut self,
        frame: &ContinueView,
        body: Body,
        quirks: &mut u64,
    ) -> Result<bool, Fault> {
        let mut useful = false;
        for (index, chunk) in frame.chunks.iter().enumerate() {
            let arg3_begins = index > 0 && self.arg == 2;
            if index > 0 {
                match self.arg {
                    // python ends arg3 as empty when two bytes are left, and sends the real one after it.
                    3 if self.arg3_len == 0 => *quirks += 1,
                    3 => return Err(Fault::Count(4)),
                    _ => self.arg += 1,
                }
            }
            useful |= !chunk.is_empty();
            if !chunk.is_empty() {
                self.append(chunk, body)?;
            } else if arg3_begins && self.mode != Mode::Collect {
                // It tells a reader in parts that arg2 is whole.
                self.push(Arg::Three, Bytes::new());
            }
        }
        if !frame.flags.more() {
            if self.arg < 3 {
                return Err(Fault::Count(self.arg.into()));
            }
            self.ended = true;
        }
        Ok(useful)
    }

    fn append(&mut self, chunk: &[u8], body: Body) -> Result<(), Fault> {
        self.total += chunk.len();
        let arg = match self.arg {
            0 | 1 => {
                let len = self.arg1.len() + chunk.len();
                if len > MAX_ARG1 {
                    return Err(Fault::Arg1TooLong(len));
                }
                self.arg1.extend_from_slice(chunk);
                self.cost += chunk.len();
                return Ok(());
            }
            2 => Arg::Two,
            _ => {
                self.arg3_len += chunk.len();
                Arg::Three
            }
        };
        if chunk.len() >= SHARE_FROM {
            self.push(arg, body.share(chunk));
            return Ok(());
        }
        if self.tail_arg != Some(arg) {
            self.seal();
            self.tail_arg = Some(arg);
            self.cost += PART_COST;
        }
        self.cost += chunk.len();
        self.tail.extend_from_slice(chunk);
        Ok(())
    }

    fn push(&mut self, arg: Arg, bytes: Bytes) {
        self.seal();
        self.cost += bytes.len() + PART_COST;
        self.parts.push_back((arg, bytes));
    }

    /// The tail becomes a part like the others.
    fn seal(&mut self) {
        if let Some(arg) = self.tail_arg.take() {
            self.parts.push_back((arg, core::mem::take(&mut self.tail).freeze()));
        }
    }

    /// arg1, once it is whole; asked once.
    pub(crate) fn take_arg1(&mut self) -> Option<Bytes> {
        (self.arg > 1).then(|| {
            self.cost -= self.arg1.len() + self.head;
            self.head = 0;
            core::mem::take(&mut self.arg1).freeze()
        })
    }

    /// The next part, for a reader in parts.
    pub(crate) fn read(&mut self) -> Read {
        self.mode = Mode::Parts;
        if self.parts.is_empty() {
            self.seal();
        }
        match self.parts.pop_front() {
            Some((arg, bytes)) => {
                self.cost -= bytes.len() + PART_COST;
                Read::Part { arg, bytes }
            }
            None if self.ended => Read::Done,
            None => {
                self.hungry = true;
                Read::Blocked
            }
        }
    }

    pub(crate) fn read_in_parts(&mut self) {
        self.mode = Mode::Parts;
    }

    pub(crate) fn collect(&mut self) {
        self.mode = Mode::Collect;
    }

    /// Marks a message whose arguments were delivered with its head.
    pub(crate) fn deliver(&mut self) {
        self.arg = 3;
        self.ended = true;
        self.delivered = true;
    }

    /// Marks that no more frames will come.
    pub(crate) fn end(&mut self) {
        self.ended = true;
    }

    /// Drops what is held.
    pub(crate) fn discard(&mut self) {
        self.parts.clear();
        (self.arg1, self.tail, self.tail_arg) = (BytesMut::new(), BytesMut::new(), None);
        (self.head, self.cost) = (0, 0);
    }

    pub(crate) fn kind(&self) -> ChecksumKind {
        self.kind
    }

    pub(crate) fn is_delivered(&self) -> bool {
        self.delivered
    }

    pub(crate) fn is_begun(&self) -> bool {
        self.arg > 0
    }

    pub(crate) fn is_ended(&self) -> bool {
        self.ended
    }

    pub(crate) fn is_collected(&self) -> bool {
        self.mode == Mode::Collect
    }

    pub(crate) fn is_read_in_parts(&self) -> bool {
        self.mode == Mode::Parts
    }

    /// Whether the reader waits, something is there, and it was not told yet.
    pub(crate) fn should_tell(&mut self) -> bool {
        let something = self.ended || !self.parts.is_empty() || self.tail_arg.is_some();
        let tell = self.hungry && something && !self.told;
        if tell {
            (self.hungry, self.told) = (false, true);
        }
        tell
    }

    /// The reader got its `Readable`.
    pub(crate) fn heard(&mut self) {
        self.told = false;
    }

    pub(crate) fn total(&self) -> usize {
        self.total
    }

    /// Bytes held for the owner, bookkeeping included.
    pub(crate) fn cost(&self) -> usize {
        self.cost
    }

    /// The part of `cost` that its owner could read; it stops the connection from reading when it grows.
    pub(crate) fn unread(&self) -> usize {
        if self.mode == Mode::Collect { 0 } else { self.cost - self.head - self.arg1.len() }
    }

    /// All that is left, as whole arguments.
    pub(crate) fn take_args(&mut self) -> Args {
        self.seal();
        self.cost = 0;
        self.delivered = true;
        let mut arg2: SmallVec<[Bytes; 1]> = SmallVec::new();
        let mut arg3 = SmallVec::with_capacity(self.parts.len());
        for (arg, bytes) in self.parts.drain(..) {
            match arg {
                Arg::Two => arg2.push(bytes),
                Arg::Three if bytes.is_empty() => {}
                Arg::Three => arg3.push(bytes),
            }
        }
        Args { arg2: join(&arg2), arg3 }
    }

    #[inline]
    pub(crate) fn recycle(&mut self) {
        let Inbox {
            mode,
            kind: _,
            running,
            arg,
            arg1,
            arg3_len,
            total,
            parts,
            tail,
            tail_arg,
            head,
            cost,
            ended,
            delivered,
            hungry,
            told,
            high,
        } = self;
        if !parts.is_empty() {
            parts.clear();
        }
        if parts.capacity() > KEPT {
            *parts = VecDeque::new();
        }
        if arg1.capacity() > 0 {
            *arg1 = BytesMut::new();
        }
        if tail.capacity() > 0 {
            *tail = BytesMut::new();
        }
        (*mode, *running, *arg, *tail_arg) = (Mode::Undecided, 0, 0, None);
        (*arg3_len, *total, *head, *cost) = (0, 0, 0, 0);
        (*ended, *delivered, *hungry, *told, *high) = (false, false, false, false, false);
    }
}

/// The arguments of a message that is whole in one frame, once its checksum is right.
pub(crate) fn whole<'a>(
    checksum: Checksum,
    chunks: ChunksView<'a>,
    quirks: &mut u64,
) -> Result<[&'a [u8]; 3], Fault> {
    let three = chunks.three();
    let sum = match three {
        Some(args) => args.iter().fold(0, |running, arg| checksum.kind.update(running, arg)),
        None => chunks.checksum(checksum.kind, 0),
    };
    checksum.check(sum).map_err(Fault::Malformed)?;
    match chunks.iter().next() {
        Some(arg1) if arg1.len() > MAX_ARG1 => Err(Fault::Arg1TooLong(arg1.len())),
        Some(_) | None => three.map_or_else(|| odd(chunks, quirks), Ok),
    }
}

/// The arguments in a number of chunks other than three: python repeats an empty arg3.
fn odd<'a>(chunks: ChunksView<'a>, quirks: &mut u64) -> Result<[&'a [u8]; 3], Fault> {
    let mut rest = chunks.iter();
    let (Some(arg1), Some(arg2), Some(mut arg3)) = (rest.next(), rest.next(), rest.next()) else {
        return Err(Fault::Count(chunks.count()));
    };
    for chunk in rest {
        if !arg3.is_empty() {
            return Err(Fault::Count(chunks.count()));
        }
        *quirks += 1;
        arg3 = chunk;
    }
    Ok([arg1, arg2, arg3])
}
