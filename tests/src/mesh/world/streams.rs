//! Messages in parts, both ways.

use bytes::Bytes;
use tchannel_mesh::{Inbound, Party, Ticket};
use tchannel_proto::wire::ResponseCode;
use tchannel_proto::{Arg, Args, Gone, Read, Timestamp, WriteError};

use super::{Task, World};
use crate::mesh::machine::Machine;
use crate::mesh::model::{End, Said};
use crate::mesh::scenario::Takes;
use crate::pattern;
use crate::upload::{Pumped, Sink, Upload};

/// One call of a channel.
struct Of<'a>(&'a mut Machine, Timestamp, Party);

impl Sink for Of<'_> {
    fn write(&mut self, bytes: Bytes) -> Result<(), WriteError> {
        self.0.write(self.1, self.2, bytes)
    }

    fn flush(&mut self) {
        let _ = self.0.flush(self.1, self.2);
    }

    fn finish_arg(&mut self) -> Result<(), Gone> {
        self.0.finish_arg(self.1, self.2)
    }
}

impl World {
    /// Writes a request, and goes on by itself from then on.
    pub(super) fn upload(&mut self, node: usize, call: Party, upload: Upload) {
        self.on(node, |process| process.uploads.insert(call, upload));
        self.pump(node, call);
    }

    fn pump(&mut self, node: usize, call: Party) {
        let now = self.now;
        let Some(process) = self.nodes[node].process.as_mut() else { return };
        let Some(upload) = process.uploads.get_mut(&call) else { return };
        let flow = &mut self.calls[upload.number].request;
        match upload.pump(flow, &mut Of(&mut process.machine, now, call)) {
            Pumped::Blocked => upload.blocked = true,
            Pumped::Done | Pumped::Gone => drop(process.uploads.remove(&call)),
        }
        self.touched.insert(node);
    }

    /// Writes the first piece of a request that is left open.
    pub(super) fn write_some(&mut self, node: usize, call: Party, upload: &Upload) {
        let (now, len) = (self.now, upload.sizes[0].min(upload.piece));
        let flow = &self.calls[upload.number].request;
        let bytes = pattern::bytes(flow.salts[0], 0, len);
        if self.on(node, |process| process.machine.write(now, call, bytes).is_ok()) == Some(true) {
            self.calls[upload.number].request.lens[0] = len;
        }
    }

    /// `Writable`: on with whatever was blocked.
    pub(super) fn unblocked(&mut self, node: usize, call: Party) {
        match call {
            Party::Ours(_) => {
                self.on(node, |process| {
                    if let Some(upload) = process.uploads.get_mut(&call) {
                        upload.blocked = false;
                    }
                });
                self.pump(node, call);
            }
            Party::Theirs(call) => self.read_request(node, call),
        }
    }

    pub(super) fn begin_reading_response(&mut self, node: usize, ticket: Ticket, number: usize) {
        match self.calls[number].ask.takes {
            Takes::AtOnce => self.read_response(node, ticket),
            Takes::Late(after) => {
                let life = self.nodes[node].life;
                self.plan(self.now + after, Task::Read { node, life, ticket });
            }
        }
    }

    /// Reads whatever is there of a response, unless it is too early for that.
    pub(super) fn read_response(&mut self, node: usize, ticket: Ticket) {
        let now = self.now;
        let Some(number) = self.number(node, ticket) else { return };
        let call = &self.calls[number];
        let early = match call.ask.takes {
            Takes::AtOnce => false,
            Takes::Late(after) => call.began.is_none_or(|began| now < began + after),
        };
        if call.code.is_none() || early {
            return;
        }
        loop {
            match self.on(node, |process| process.machine.read(now, ticket.into())) {
                Some(Ok(Read::Part { arg, bytes })) => {
                    let read = self.calls[number].response.read(arg, &bytes);
                    assert!(read.is_ok() || self.trouble.hostile, "law 8: response {number}: {read:?}");
                }
                Some(Ok(Read::Done)) => {
                    self.trace.node(now, node, format_args!("has read call {number} to its end"));
                    return self.ended(node, ticket, End::Answered);
                }
                Some(Ok(Read::Blocked) | Err(Gone)) | None => return,
            }
        }
    }

    /// What its reader had not read when the connection ended behind a response.
    pub(super) fn rest(&mut self, node: usize, ticket: Ticket, rest: &Args) {
        let Some(number) = self.number(node, ticket) else { return };
        let read = self.calls[number].response.read_whole(rest);
        assert!(read.is_ok() || self.trouble.hostile, "law 8: response {number}: {read:?}");
        self.trace.node(self.now, node, format_args!("has the rest of call {number}"));
        self.ended(node, ticket, End::Answered);
    }

    /// Begins to send a request back as it comes.
    pub(super) fn relay(
        &mut self,
        node: usize,
        call: Inbound,
        of: Option<(usize, usize)>,
        code: ResponseCode,
    ) {
        let now = self.now;
        let begun = self.on(node, |process| process.machine.reply(now, call, code).is_ok());
        self.trace.node(now, node, format_args!("replies to {}: {begun:?}", call.index()));
        if begun == Some(true) {
            self.say(of, Said::Answer(code));
            self.on(node, |process| {
                if let Some(serving) = process.serving.get_mut(&call) {
                    serving.reading = true;
                }
            });
            self.read_request(node, call);
        }
    }

    /// Reads a request, and sends it back, until one of them has enough.
    pub(super) fn read_request(&mut self, node: usize, call: Inbound) {
        let (now, hostile) = (self.now, self.trouble.hostile);
        self.on(node, |process| {
            let machine = &mut process.machine;
            let Some(serving) = process.serving.get_mut(&call).filter(|serving| serving.reading) else {
                return;
            };
            loop {
                while let Some((arg, bytes)) = serving.queue.pop_front() {
                    if arg == Arg::Three && serving.finished == 0 && finish(machine, now, call) {
                        serving.finished = 1;
                    }
                    match machine.write(now, call.into(), bytes) {
                        Ok(()) => {}
                        Err(WriteError::Blocked(bytes)) => return serving.queue.push_front((arg, bytes)),
                        // Abandoned is on its way.
                        Err(WriteError::Gone(_)) => serving.reading = false,
                    }
                }
                if serving.read {
                    while serving.finished < 2 && finish(machine, now, call) {
                        serving.finished += 1;
                    }
                    drop(process.serving.remove(&call));
                    return;
                }
                match machine.read(now, call.into()) {
                    Ok(Read::Part { arg, bytes }) => {
                        let read = serving.flow.read(arg, &bytes);
                        assert!(read.is_ok() || hostile, "law 8: request {:?}: {read:?}", serving.of);
                        serving.queue.push_back((arg, bytes));
                    }
                    Ok(Read::Done) => serving.read = true,
                    Ok(Read::Blocked) | Err(Gone) => return,
                }
            }
        });
    }
}

fn finish(machine: &mut Machine, now: Timestamp, call: Inbound) -> bool {
    machine.finish_arg(now, call.into()).is_ok()
}
