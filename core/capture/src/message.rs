//! The arguments of one message, put together from its frames.

use alloc::vec::Vec;

use bytes::Bytes;
use tchannel_wire::{Checksum, ChecksumKind, Chunks, Field, Flags, MAX_ARG1, Malformed, Problem};

/// One argument, as far as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Argument {
    /// Its bytes, or the first of them.
    pub bytes: Bytes,
    /// How many were seen in all.
    pub len: u64,
}

impl Argument {
    /// Whether all bytes that were seen are kept.
    pub fn is_kept(&self) -> bool {
        u64::try_from(self.bytes.len()) == Ok(self.len)
    }
}

/// The three arguments of a message.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Arguments {
    /// arg1, arg2, arg3.
    pub args: [Argument; 3],
    /// Frames that were seen of the message.
    pub frames: u32,
    /// How it is summed.
    pub checksum: ChecksumKind,
    /// Whether the last frame was seen.
    pub ended: bool,
    /// Whether frames of it may be missing from the capture.
    pub torn: bool,
    /// The first thing that is wrong with it.
    pub fault: Option<Malformed>,
}

impl Arguments {
    /// Whether all of the message was seen and nothing is wrong with it.
    pub fn is_whole(&self) -> bool {
        self.ended && !self.torn && self.fault.is_none()
    }
}

/// A message of which frames are still to come.
#[derive(Debug, Default)]
pub(crate) struct Assembly {
    kept: [Vec<u8>; 3],
    lens: [u64; 3],
    /// The argument that the next chunk belongs to, from 0.
    arg: usize,
    frames: u32,
    kind: ChecksumKind,
    /// The checksum before the next frame; `None` if that is not known.
    running: Option<u32>,
    ended: bool,
    torn: bool,
    /// It was when arg1 had not ended.
    arg1_torn: bool,
    fault: Option<Malformed>,
}

impl Assembly {
    /// A message whose first frame comes next.
    pub(crate) fn begin(kind: ChecksumKind) -> Self {
        Self { kind, running: Some(0), ..Self::default() }
    }

    /// Takes the next frame. Gives what is wrong with it; `limit` is how many bytes are kept of each argument.
    pub(crate) fn accept(
        &mut self,
        flags: Flags,
        checksum: Checksum,
        chunks: &Chunks,
        limit: usize,
    ) -> Option<Malformed> {
        self.frames = self.frames.saturating_add(1);
        let (sum, order, end) = (self.verify(checksum, chunks), self.sort(chunks, limit), self.close(flags));
        let fault = sum.or(order).or(end);
        self.fault = self.fault.or(fault);
        fault
    }

    /// Takes the next frame, of which nothing can be read. What it held is missing.
    pub(crate) fn spoil(&mut self, fault: Malformed) {
        self.frames = self.frames.saturating_add(1);
        self.fault = self.fault.or(Some(fault));
        self.tear();
    }

    /// Notes that frames may be missing.
    pub(crate) fn tear(&mut self) {
        if !self.ended {
            self.torn = true;
            self.arg1_torn |= self.arg == 0;
            self.running = None;
        }
    }

    /// Whether the last frame was seen.
    pub(crate) fn is_ended(&self) -> bool {
        self.ended
    }

    /// arg1, once all of it was seen.
    pub(crate) fn arg1(&self) -> Option<&[u8]> {
        (self.arg > 0 && !self.arg1_torn).then_some(&self.kept[0])
    }

    /// Bytes that are kept.
    pub(crate) fn cost(&self) -> usize {
        self.kept.iter().map(Vec::capacity).sum()
    }

    /// All that is known, for good.
    pub(crate) fn finish(self) -> Arguments {
        let Self { kept, lens, frames, kind, ended, torn, fault, .. } = self;
        let mut lens = lens.into_iter();
        let args = kept.map(|bytes| Argument { bytes: bytes.into(), len: lens.next().unwrap_or_default() });
        Arguments { args, frames, checksum: kind, ended, torn, fault }
    }

    fn verify(&mut self, checksum: Checksum, chunks: &Chunks) -> Option<Malformed> {
        if checksum.kind != self.kind {
            let changed = self.frames > 1;
            self.kind = checksum.kind;
            self.running = None;
            return changed.then_some(fault(Field::ChecksumType, Problem::Changed));
        }
        // The sender's own value is what its next frame goes on from.
        let running = self.running.replace(checksum.value)?;
        checksum.verify(chunks, running).err()
    }

    /// Gives each chunk to its argument.
    fn sort(&mut self, chunks: &Chunks, limit: usize) -> Option<Malformed> {
        for (index, chunk) in chunks.iter_slices().enumerate() {
            // arg3 that is empty so far may be begun again: python sends it so.
            if index > 0 && !(self.arg == 2 && self.lens[2] == 0) {
                if self.arg == 2 {
                    return Some(count(4));
                }
                self.arg += 1;
            }
            self.lens[self.arg] =
                self.lens[self.arg].saturating_add(u64::try_from(chunk.len()).unwrap_or(u64::MAX));
            let kept = &mut self.kept[self.arg];
            let room = limit.saturating_sub(kept.len()).min(chunk.len());
            kept.extend_from_slice(&chunk[..room]);
        }
        let arg1 = usize::try_from(self.lens[0]).unwrap_or(usize::MAX);
        (arg1 > MAX_ARG1).then_some(fault(Field::Arg1, Problem::TooLong { len: arg1, limit: MAX_ARG1 }))
    }

    fn close(&mut self, flags: Flags) -> Option<Malformed> {
        self.ended = !flags.more();
        (self.ended && self.arg < 2 && !self.torn).then_some(count(self.arg + 1))
    }
}

fn fault(field: Field, problem: Problem) -> Malformed {
    Malformed { frame: None, field, offset: 0, problem }
}

fn count(got: usize) -> Malformed {
    fault(Field::Args, Problem::Count { expected: 3, got })
}
