//! Calls that write by themselves, in pieces.

use bytes::Bytes;
use tchannel_proto::{CallId, Gone, WriteError};

use super::World;
use crate::laws::Lawful;
use crate::upload::{Pumped, Sink, Upload};

/// One call of a machine.
struct Of<'a>(&'a mut Lawful, CallId);

impl Sink for Of<'_> {
    fn write(&mut self, bytes: Bytes) -> Result<(), WriteError> {
        self.0.write(self.1, bytes)
    }

    fn flush(&mut self) {
        let _ = self.0.flush(self.1);
    }

    fn finish_arg(&mut self) -> Result<(), Gone> {
        self.0.finish_arg(self.1)
    }
}

impl World {
    /// Starts writing, and goes on by itself from then on.
    pub(super) fn upload(&mut self, node: usize, call: CallId, upload: Upload) {
        self.nodes[node].uploads.insert(call, upload);
        self.pump(node, call);
    }

    /// Writes until the message is finished or the machine is full.
    pub(super) fn pump(&mut self, node: usize, call: CallId) {
        let entry = &mut self.nodes[node];
        let Some(upload) = entry.uploads.get_mut(&call) else { return };
        let record = &mut self.calls[upload.number];
        let flow = if upload.reply { &mut record.reply } else { &mut record.request };
        match upload.pump(flow, &mut Of(&mut entry.machine, call)) {
            Pumped::Blocked => upload.blocked = true,
            Pumped::Done | Pumped::Gone => drop(entry.uploads.remove(&call)),
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
