//! The receiving half of a stream whose reads block their thread, in a slot: threads take turns to wait with it.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tchannel_proto::Timestamp;

use crate::shared::hub::Ours;
use crate::shared::input::Input;
use crate::shared::pool::Pool;
use crate::shared::runtime::ReadInTurns;

/// A receiving half, and what it has read that is not taken yet.
pub(crate) struct Inlet {
    reader: Box<dyn ReadInTurns>,
    pub(crate) input: Input,
}

impl Inlet {
    pub(crate) fn new(reader: Box<dyn ReadInTurns>, pool: &Arc<Pool>) -> Self {
        Inlet { reader, input: Input::new(pool) }
    }

    /// Waits for bytes for about `limit`; `None` if none came.
    pub(crate) fn read(&mut self, limit: Duration) -> Option<io::Result<usize>> {
        match self.reader.read(&mut self.input, limit) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => None,
            Ok(count) => {
                self.input.adapt(count);
                Some(Ok(count))
            }
            Err(error) => Some(Err(error)),
        }
    }
}

/// The way into a connection. The reading thread lends it to a caller that waits alone, and has it back when it was not
/// used for a while.
#[derive(Default)]
pub(crate) struct In {
    slot: Slot,
    /// The call whose caller would have read itself, had the inlet been here.
    pub(crate) wanted: Option<Ours>,
    /// The peer calls us over this connection: the reading thread must not be late.
    pub(crate) shared: bool,
    /// The reading thread is to take it back at once.
    pub(crate) recalled: bool,
    /// The reading thread looks again by itself.
    pub(crate) dozing: bool,
}

#[derive(Default)]
enum Slot {
    /// The reading thread has it.
    #[default]
    Home,
    /// Whoever waits may take it. Nobody has read since then.
    Idle(Box<Inlet>, Timestamp),
    /// A caller has it.
    Lent,
    /// The stream has ended.
    Over,
}

/// What the reading thread finds.
pub(crate) enum Return {
    Back(Box<Inlet>),
    /// Nobody has it; it may be had at this moment.
    At(Timestamp),
    /// A caller has it.
    Lent,
    Over,
}

impl In {
    /// Whether a caller asked for it, so that it is worth lending.
    pub(crate) fn is_lendable(&self) -> bool {
        self.wanted.is_some() && !self.shared && matches!(self.slot, Slot::Home)
    }

    pub(crate) fn lend(&mut self, inlet: Box<Inlet>, now: Timestamp) {
        self.slot = Slot::Idle(inlet, now);
        self.recalled = false;
    }

    /// For a caller that waits alone.
    pub(crate) fn borrow(&mut self, call: Ours) -> Option<Box<Inlet>> {
        if self.recalled {
            self.wanted = Some(call);
            return None;
        }
        match std::mem::replace(&mut self.slot, Slot::Lent) {
            Slot::Idle(inlet, _) => Some(inlet),
            other @ (Slot::Home | Slot::Lent | Slot::Over) => {
                self.wanted = matches!(other, Slot::Home).then_some(call).or(self.wanted);
                self.slot = other;
                None
            }
        }
    }

    /// From a caller that has it.
    pub(crate) fn put_back(&mut self, inlet: Box<Inlet>, now: Timestamp) {
        self.slot = Slot::Idle(inlet, now);
    }

    /// From a caller that found the stream's end.
    pub(crate) fn end(&mut self) {
        self.slot = Slot::Over;
    }

    /// For the reading thread, which takes it back after a pause.
    pub(crate) fn take_back(&mut self, now: Timestamp, pause: Duration) -> Return {
        match std::mem::take(&mut self.slot) {
            Slot::Idle(inlet, since) if self.recalled || now >= since + pause => Return::Back(inlet),
            Slot::Idle(inlet, since) => {
                self.slot = Slot::Idle(inlet, since);
                Return::At(since + pause)
            }
            Slot::Lent => {
                self.slot = Slot::Lent;
                Return::Lent
            }
            Slot::Over | Slot::Home => Return::Over,
        }
    }
}
