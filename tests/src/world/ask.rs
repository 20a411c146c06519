//! The side that makes calls.

use std::collections::BTreeMap;
use std::time::Duration;

use tchannel_proto::wire::Route;
use tchannel_proto::{Args, CallError, CallId, Outgoing, Read, Request, RequestHead};

use super::{Task, World};
use crate::model::{Call, End};
use crate::pattern;
use crate::scenario::{Ask, Size, Take};
use crate::upload::Upload;

/// Most pieces that a message is written in.
const PIECES: usize = 200;

impl World {
    /// Makes a whole call; gives its number.
    pub fn call(&mut self, ask: &Ask) -> usize {
        let (number, head, sizes) = self.prepare(ask);
        let node = self.calls[number].node;
        let record = &mut self.calls[number];
        let salts = record.request.salts;
        record.request.lens = sizes;
        record.request.finished = 2;
        let arg3 = pattern::pieces(salts[1], 0, sizes[1]).collect();
        let args = Args { arg2: pattern::bytes(salts[0], 0, sizes[0]), arg3 };
        let opened = self.nodes[node].machine.call(self.now, Request { head, args });
        self.made(number, opened, &format!("whole, {sizes:?} bytes"));
        number
    }

    /// Makes a streamed call, written by itself in pieces or by steps; gives its number.
    pub fn open(&mut self, ask: &Ask, piece: Option<usize>, flush: bool) -> usize {
        let (number, head, sizes) = self.prepare(ask);
        let node = self.calls[number].node;
        self.calls[number].by_hand = piece.is_none();
        let opened = self.nodes[node].machine.open(self.now, head);
        self.made(number, opened, &format!("streamed, {sizes:?} bytes in pieces of {piece:?}"));
        if let (Some(call), Some(piece)) = (self.calls[number].handle, piece) {
            // Many tiny frames are a scenario of their own; here they would only take time.
            let piece = piece.max((sizes[0] + sizes[1]) / PIECES);
            let upload = Upload { number, reply: false, sizes, piece, flush, blocked: false };
            self.upload(node, call.into(), upload);
        }
        number
    }

    fn prepare(&mut self, ask: &Ask) -> (usize, RequestHead, [usize; 2]) {
        let (number, node) = (self.calls.len(), ask.node % self.nodes.len());
        let call = Call::new(number, node, ask.serve, ask.take, self.now, ask.timeout);
        let route = Route::encode("service", [("cn", "caller"), ("as", "raw")]);
        let route = route.expect("short headers can be sent");
        let mut head = RequestHead::new(route, format!("call {number}"), call.deadline);
        head.tracing.trace_id = u64::try_from(number).unwrap_or(0) + 1;
        head.checksum = ask.checksum;
        let frame_size = usize::from(self.nodes[node].machine.config().frame_size);
        let sizes = resolve(ask.sizes, frame_size, &head);
        self.calls.push(call);
        (number, head, sizes)
    }

    fn made(&mut self, number: usize, opened: Result<Outgoing, tchannel_proto::OpenError>, how: &str) {
        let record = &mut self.calls[number];
        let (now, node, serve, take) = (self.now, record.node, record.serve, record.take);
        match opened {
            Ok(call) => {
                record.handle = Some(call);
                self.nodes[node].asked.insert(call, number);
                let id = call.id();
                self.trace.node(
                    now,
                    node,
                    format_args!("makes call {number} as {id}: {how}, {serve:?}, {take:?}"),
                );
            }
            Err(error) => {
                self.trace.node(now, node, format_args!("cannot make call {number}: {error}"));
                record.end = Some((now, End::Refused(error)));
            }
        }
    }

    pub(super) fn response(&mut self, node: usize, call: Outgoing, code: u8, args: Option<Args>) {
        let Some(number) = self.nodes[node].asked.get(&call).copied() else { return };
        self.calls[number].code = Some(code);
        self.calls[number].began = Some(self.now);
        if args.is_some() {
            return self.answered(node, call, args);
        }
        match self.calls[number].take {
            // Gone: a Failed event is on its way.
            Take::Collect => drop(self.nodes[node].machine.collect(call)),
            Take::Read => self.response_readable(node, call),
            Take::Slow { every } => self.plan(every, Task::ReadPart(node, call.into())),
            Take::ByStep => {}
        }
    }

    /// The rest of a response came whole.
    pub(super) fn answered(&mut self, node: usize, call: Outgoing, args: Option<Args>) {
        let hostile = self.trouble(node).hostile;
        let (Some(number), Some(args)) = (self.nodes[node].asked.get(&call).copied(), args) else { return };
        let read = self.calls[number].reply_read.read_whole(&args);
        assert!(read.is_ok() || hostile, "law 8: response {number}: {read:?}");
        self.ended(node, call, End::Answered);
    }

    pub(super) fn response_readable(&mut self, node: usize, call: Outgoing) {
        let Some(number) = self.nodes[node].asked.get(&call).copied() else { return };
        if self.calls[number].take == Take::Read {
            while self.read_part(node, call) {}
        }
    }

    /// Reads one part; says whether there may be more now.
    pub(super) fn read_part(&mut self, node: usize, call: Outgoing) -> bool {
        let hostile = self.trouble(node).hostile;
        let Some(number) = self.nodes[node].asked.get(&call).copied() else { return false };
        match self.nodes[node].machine.read(self.now, call) {
            Ok(Read::Part { arg, bytes }) => {
                self.nodes[node].shut_since = None;
                let read = self.calls[number].reply_read.read(arg, &bytes);
                assert!(read.is_ok() || hostile, "law 8: response {number}: {read:?}");
                true
            }
            Ok(Read::Done) => {
                self.trace.node(self.now, node, format_args!("has read response {} to its end", call.id()));
                self.ended(node, call, End::Answered);
                false
            }
            Ok(Read::Blocked) | Err(_) => false,
        }
    }

    /// A slow reader's turn; it comes back until the call is over.
    pub(super) fn read_slowly(&mut self, node: usize, call: CallId) {
        let CallId::Outgoing(call) = call else { return };
        self.read_part(node, call);
        if let Some(number) = self.nodes[node].asked.get(&call).copied()
            && let Take::Slow { every } = self.calls[number].take
        {
            self.plan(every.max(Duration::from_millis(1)), Task::ReadPart(node, call.into()));
        }
    }

    pub(super) fn failed(&mut self, node: usize, call: Outgoing, error: CallError) {
        self.ended(node, call, End::Failed(error));
    }

    fn ended(&mut self, node: usize, call: Outgoing, end: End) {
        let entry = &mut self.nodes[node];
        let Some(number) = entry.asked.remove(&call) else { return };
        entry.uploads.remove(&call.into());
        let machine = &mut entry.machine;
        let read = machine.read(self.now, call);
        assert!(read.is_err(), "law 2: call {number} is over, and can be read: {read:?}");
        assert!(machine.finish_arg(call).is_err(), "law 2: call {number} is over, and can be written");
        assert!(machine.collect(call).is_err(), "law 2: call {number} is over, and can be collected");
        let record = &mut self.calls[number];
        assert!(record.end.is_none(), "law 2: call {number} ends twice: {:?}, {end:?}", record.end);
        record.end = Some((self.now, end));
    }

    /// Calls that this node waits for.
    pub(super) fn waiting(&self, node: usize) -> BTreeMap<Outgoing, usize> {
        self.nodes[node].asked.clone()
    }
}

/// Lengths in bytes. An edge of arg2 is the end of the first frame, one of arg3 the end of the frame that it is in.
fn resolve(sizes: [Size; 2], frame_size: usize, head: &RequestHead) -> [usize; 2] {
    let checksum = 1 + head.checksum.field_len();
    // Header, flags, ttl, tracing, route, checksum, arg1 with its length, the length of arg2.
    let first = 16 + 1 + 4 + 25 + head.route.as_bytes().len() + checksum + 2 + head.arg1.len() + 2;
    let room = frame_size.saturating_sub(first);
    let arg2 = edge(sizes[0], room);
    let left = if arg2 <= room { room - arg2 } else { frame_size.saturating_sub(16 + 1 + checksum + 2) };
    [arg2, edge(sizes[1], left.saturating_sub(2))]
}

fn edge(size: Size, room: usize) -> usize {
    match size {
        Size::Bytes(bytes) => bytes,
        Size::Edge(offset) => room.saturating_add_signed(isize::from(offset)),
    }
}
