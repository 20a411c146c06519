//! Writing a message in pieces, with back-pressure: for callers and handlers of every world.

use bytes::Bytes;
use tchannel_proto::{Gone, WriteError};

use crate::model::Flow;
use crate::pattern;

/// A message that is being written.
#[derive(Clone, Copy, Debug)]
pub struct Upload {
    /// The call that it belongs to.
    pub number: usize,
    /// The handler's side of the call writes.
    pub reply: bool,
    /// Bytes of arg2 and arg3.
    pub sizes: [usize; 2],
    /// Bytes of one write.
    pub piece: usize,
    /// Flush after each piece.
    pub flush: bool,
    /// `Writable` has to come first.
    pub blocked: bool,
}

/// Where a message goes: one call of a machine.
pub trait Sink {
    /// `write`.
    fn write(&mut self, bytes: Bytes) -> Result<(), WriteError>;
    /// `flush`. A call that has ended shows at the next write.
    fn flush(&mut self);
    /// `finish_arg`.
    fn finish_arg(&mut self) -> Result<(), Gone>;
}

/// How far writing came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pumped {
    /// To the end of the message.
    Done,
    /// Until the machine was full.
    Blocked,
    /// Until the call was over.
    Gone,
}

impl Upload {
    /// Writes until the message is finished or the machine is full. `flow` is what was written so far.
    pub fn pump(&self, flow: &mut Flow, sink: &mut impl Sink) -> Pumped {
        while flow.finished < 2 {
            let arg = flow.finished;
            let left = self.sizes[arg] - flow.lens[arg];
            if left == 0 {
                if sink.finish_arg().is_err() {
                    return Pumped::Gone;
                }
                flow.finished += 1;
                continue;
            }
            let len = left.min(self.piece);
            match sink.write(pattern::bytes(flow.salts[arg], flow.lens[arg], len)) {
                Ok(()) => {
                    flow.lens[arg] += len;
                    if self.flush {
                        sink.flush();
                    }
                }
                Err(WriteError::Blocked(_)) => return Pumped::Blocked,
                Err(WriteError::Gone(_)) => return Pumped::Gone,
            }
        }
        Pumped::Done
    }
}
