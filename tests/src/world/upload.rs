//! Writing a message in pieces, with back-pressure.

use tchannel_proto::{CallId, WriteError};

use super::World;
use crate::pattern;

/// A message that is being written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Upload {
    pub(super) number: usize,
    /// The handler's side of the call writes.
    pub(super) reply: bool,
    pub(super) sizes: [usize; 2],
    pub(super) piece: usize,
    /// Flush after each piece.
    pub(super) flush: bool,
    pub(super) blocked: bool,
}

impl World {
    /// Starts writing, and goes on by itself from then on.
    pub(super) fn upload(&mut self, node: usize, call: CallId, upload: Upload) {
        self.nodes[node].uploads.insert(call, upload);
        self.pump(node, call);
    }

    /// Writes until the message is finished or the machine is full.
    pub(super) fn pump(&mut self, node: usize, call: CallId) {
        while let Some(upload) = self.nodes[node].uploads.get(&call).copied() {
            let record = &mut self.calls[upload.number];
            let flow = if upload.reply { &mut record.reply } else { &mut record.request };
            let arg = flow.finished;
            if arg == 2 {
                self.nodes[node].uploads.remove(&call);
                return;
            }
            let machine = &mut self.nodes[node].machine;
            let left = upload.sizes[arg] - flow.lens[arg];
            if left == 0 {
                if machine.finish_arg(call).is_err() {
                    self.nodes[node].uploads.remove(&call);
                    return;
                }
                flow.finished += 1;
                continue;
            }
            let len = left.min(upload.piece);
            match machine.write(call, pattern::bytes(flow.salts[arg], flow.lens[arg], len)) {
                Ok(()) => {
                    flow.lens[arg] += len;
                    if upload.flush {
                        // A call that ended meanwhile shows at the next write.
                        let _ = machine.flush(call);
                    }
                }
                Err(WriteError::Blocked(_)) => {
                    self.nodes[node].uploads.insert(call, Upload { blocked: true, ..upload });
                    return;
                }
                Err(WriteError::Gone(_)) => {
                    self.nodes[node].uploads.remove(&call);
                    return;
                }
            }
        }
    }

    /// `Writable`: on with whatever was blocked.
    pub(super) fn unblocked(&mut self, node: usize, call: CallId) {
        if let Some(upload) = self.nodes[node].uploads.get_mut(&call) {
            upload.blocked = false;
        }
        self.pump(node, call);
        if let CallId::Incoming(call) = call {
            self.request_readable(node, call);
        }
    }
}
