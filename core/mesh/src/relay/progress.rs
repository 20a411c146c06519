//! How far a message has come.

use tchannel_wire::{ChecksumKind, Chunks, Flags};

use super::Refusal;

/// The arguments of a message that passes by. Keeps numbers only.
#[derive(Clone, Debug)]
pub(super) struct Progress {
    kind: ChecksumKind,
    /// Arguments that have begun.
    begun: usize,
    /// arg3 holds bytes.
    arg3: bool,
    ended: bool,
}

impl Progress {
    /// Looks at the first frame. What cannot be part of a message is refused.
    pub(super) fn begin(flags: Flags, kind: ChecksumKind, chunks: &Chunks) -> Result<Self, Refusal> {
        let mut progress = Progress { kind, begun: 1, arg3: false, ended: false };
        progress.frame(flags, kind, chunks)?;
        // Nobody writes this, and node closes the connection on it.
        if progress.ended && chunks.count() > 3 {
            return Err(Refusal::Args { got: chunks.count() });
        }
        Ok(progress)
    }

    /// Looks at a further frame. What cannot be part of a message is refused.
    pub(super) fn frame(&mut self, flags: Flags, kind: ChecksumKind, chunks: &Chunks) -> Result<(), Refusal> {
        if kind != self.kind {
            return Err(Refusal::ChecksumType);
        }
        for (index, chunk) in chunks.iter_slices().enumerate() {
            match self.begun {
                _ if index == 0 => {}
                // python ends arg3 as empty when two bytes are left in a frame, and sends the real one after it.
                3 if !self.arg3 => {}
                3.. => return Err(Refusal::Args { got: 4 }),
                _ => self.begun += 1,
            }
            self.arg3 |= self.begun == 3 && !chunk.is_empty();
        }
        self.ended = !flags.more();
        if self.ended && self.begun < 3 {
            return Err(Refusal::Args { got: self.begun });
        }
        Ok(())
    }

    /// Whether the last frame was there: what follows belongs to no message.
    pub(super) fn ended(&self) -> bool {
        self.ended
    }
}
