//! The side that serves calls: handlers, as the caller's plan says.

use std::collections::VecDeque;

use bytes::Bytes;
use tchannel_proto::wire::{ErrorCode, ResponseCode};
use tchannel_proto::{Arg, Args, CallId, Incoming, Read, RequestHead, Response, WriteError};

use super::{Task, World};
use crate::pattern;
use crate::scenario::Serve;
use crate::upload::Upload;

/// A request that a handler works on.
#[derive(Debug)]
pub(super) struct Serving {
    /// The call's number; a stranger's has none.
    pub(super) number: Option<usize>,
    serve: Serve,
    /// Reads what comes.
    reading: bool,
    /// What is to be echoed.
    args: Option<Args>,
    /// What a relay has read and not written.
    queue: VecDeque<(Arg, Bytes)>,
    /// The request is read to its end.
    read: bool,
    finished: usize,
}

impl Serving {
    /// Does nothing about this request from here on.
    pub(super) fn ignore(&mut self) {
        self.serve = Serve::Ignore;
        self.reading = false;
        self.queue.clear();
    }
}

impl World {
    /// A request begins. Its arg1 is the number of the call that it belongs to.
    pub(super) fn request(&mut self, node: usize, call: Incoming, head: &RequestHead, args: Option<Args>) {
        assert!(!self.nodes[node].drains, "node {node} drains, and request {} is served", call.id());
        let number = self.number(node, &head.arg1);
        let serve =
            number.map_or(Serve::Echo { after: std::time::Duration::ZERO }, |at| self.calls[at].serve);
        let serving = Serving {
            number,
            serve,
            reading: false,
            args: None,
            queue: VecDeque::new(),
            read: false,
            finished: 0,
        };
        self.nodes[node].serving.insert(call, serving);
        let whole = args.is_some();
        match serve {
            Serve::Echo { .. } if whole => self.collected_request(node, call, args),
            Serve::Echo { .. } => {
                // Gone: an Abandoned event is on its way.
                let _ = self.nodes[node].machine.collect(call);
            }
            Serve::Relay => {
                if self.nodes[node].machine.reply(self.now, call, ResponseCode::OK).is_ok() {
                    self.begin_reading(node, call, args);
                }
            }
            Serve::Stream { after, .. } => {
                self.begin_reading(node, call, args);
                self.plan(after, Task::Answer(node, call));
            }
            Serve::Sink => self.begin_reading(node, call, args),
            Serve::Answer { after, .. } | Serve::Refuse { after, .. } => {
                self.check_request(node, call, args.as_ref());
                self.plan(after, Task::Answer(node, call));
            }
            Serve::Regret { after, .. } => {
                let _ = self.nodes[node].machine.reply(self.now, call, ResponseCode::OK);
                self.plan(after, Task::Answer(node, call));
            }
            Serve::Ignore => {}
        }
    }

    /// The call that an arg1 names, if the peer made it and it is not over.
    fn number(&self, node: usize, arg1: &[u8]) -> Option<usize> {
        let number: usize = std::str::from_utf8(arg1).ok()?.strip_prefix("call ")?.parse().ok()?;
        let call = self.calls.get(number)?;
        (call.node == Self::peer(node) && !self.nodes[call.node].gone).then_some(number)
    }

    fn begin_reading(&mut self, node: usize, call: Incoming, args: Option<Args>) {
        let Some(args) = args else {
            if let Some(serving) = self.nodes[node].serving.get_mut(&call) {
                serving.reading = true;
            }
            return self.request_readable(node, call);
        };
        self.check_request(node, call, Some(&args));
        if let Some(serving) = self.nodes[node].serving.get_mut(&call) {
            serving.queue.push_back((Arg::Two, args.arg2));
            serving.queue.extend(args.arg3.into_iter().map(|piece| (Arg::Three, piece)));
            serving.read = true;
        }
        self.request_readable(node, call);
    }

    /// Compares whole arguments with what was sent.
    fn check_request(&mut self, node: usize, call: Incoming, args: Option<&Args>) {
        let Some(args) = args else { return };
        let trouble = *self.trouble(node);
        let number = self.nodes[node].serving.get(&call).and_then(|serving| serving.number);
        let Some(number) = number.filter(|_| !trouble.hostile) else { return };
        let record = &mut self.calls[number];
        let read = record.request_read.read_whole(args);
        assert!(read.is_ok(), "law 8: request {number}: {read:?}");
        let (read, sent) = (record.request_read.lens, record.request.lens);
        assert!(read == sent, "law 8: request {number}: {read:?} bytes of {sent:?}");
    }

    pub(super) fn collected_request(&mut self, node: usize, call: Incoming, args: Option<Args>) {
        self.check_request(node, call, args.as_ref());
        let Some(serving) = self.nodes[node].serving.get_mut(&call) else { return };
        serving.args = args;
        if let Serve::Echo { after } = serving.serve {
            self.plan(after, Task::Answer(node, call));
        }
    }

    /// Reads what there is, as far as it can be passed on, and passes it on.
    pub(super) fn request_readable(&mut self, node: usize, call: Incoming) {
        while self.pass_on(node, call) {
            match self.nodes[node].machine.read(self.now, call) {
                Ok(Read::Part { arg, bytes }) => self.request_part(node, call, arg, bytes),
                Ok(Read::Done) => self.request_done(node, call),
                Ok(Read::Blocked) => return,
                Err(_) => {
                    if let Some(serving) = self.nodes[node].serving.get_mut(&call) {
                        serving.reading = false;
                    }
                }
            }
        }
    }

    fn request_part(&mut self, node: usize, call: Incoming, arg: Arg, bytes: Bytes) {
        let hostile = self.trouble(node).hostile;
        let entry = &mut self.nodes[node];
        entry.shut_since = None;
        let Some(serving) = entry.serving.get_mut(&call) else { return };
        if let Some(number) = serving.number.filter(|_| !hostile) {
            let read = self.calls[number].request_read.read(arg, &bytes);
            assert!(read.is_ok(), "law 8: request {number}: {read:?}");
        }
        if serving.serve == Serve::Relay {
            serving.queue.push_back((arg, bytes));
        }
    }

    fn request_done(&mut self, node: usize, call: Incoming) {
        let hostile = self.trouble(node).hostile;
        let Some(serving) = self.nodes[node].serving.get_mut(&call) else { return };
        serving.read = true;
        if let Some(number) = serving.number.filter(|_| !hostile) {
            let record = &self.calls[number];
            let (read, sent) = (record.request_read.lens, record.request.lens);
            // A caller that was answered ends its request early.
            assert!(
                record.end.is_some() || read == sent,
                "law 8: request {number}: {read:?} bytes of {sent:?}"
            );
        }
    }

    /// Writes what a relay has read; says whether it is time to read on.
    fn pass_on(&mut self, node: usize, call: Incoming) -> bool {
        let entry = &mut self.nodes[node];
        let Some(serving) = entry.serving.get_mut(&call) else { return false };
        while let Some((arg, bytes)) = serving.queue.pop_front() {
            if serving.serve != Serve::Relay {
                continue;
            }
            let at = usize::from(arg == Arg::Three);
            if serving.finished < at && entry.machine.finish_arg(call).is_ok() {
                serving.finished = at;
            }
            let len = bytes.len();
            match entry.machine.write(call, bytes) {
                Ok(()) => {
                    if let Some(number) = serving.number {
                        self.calls[number].reply.lens[at] += len;
                    }
                }
                Err(WriteError::Blocked(bytes)) => {
                    serving.queue.push_front((arg, bytes));
                    return false;
                }
                Err(WriteError::Gone(_)) => serving.reading = false,
            }
        }
        if serving.read && serving.serve == Serve::Relay {
            while serving.finished < 2 {
                serving.finished += 1;
                let _ = entry.machine.finish_arg(call);
            }
            if let Some(number) = serving.number {
                self.calls[number].reply.finished = 2;
            }
            entry.serving.remove(&call);
            return false;
        }
        serving.reading && !serving.read
    }

    /// The handler's time has come. Gone everywhere: an Abandoned event is on its way, or was here.
    pub(super) fn answer(&mut self, node: usize, call: Incoming) {
        let now = self.now;
        let entry = &mut self.nodes[node];
        let Some(serving) = entry.serving.get_mut(&call) else { return };
        let number = serving.number;
        match serving.serve {
            Serve::Echo { .. } => {
                let args = serving.args.take().unwrap_or_default();
                entry.serving.remove(&call);
                self.respond(node, call, number, ResponseCode::OK, args);
            }
            Serve::Answer { ok, sizes, .. } => {
                entry.serving.remove(&call);
                let Some(number) = number else { return };
                let salts = self.calls[number].reply.salts;
                let arg3 = pattern::pieces(salts[1], 0, sizes[1]).collect();
                let args = Args { arg2: pattern::bytes(salts[0], 0, sizes[0]), arg3 };
                let code = if ok { ResponseCode::OK } else { ResponseCode::NOT_OK };
                self.respond(node, call, Some(number), code, args);
            }
            Serve::Stream { sizes, piece, .. } => {
                if entry.machine.reply(now, call, ResponseCode::OK).is_ok()
                    && let Some(number) = number
                {
                    let upload = Upload { number, reply: true, sizes, piece, flush: false, blocked: false };
                    self.upload(node, call.into(), upload);
                }
            }
            Serve::Refuse { code, .. } | Serve::Regret { code, .. } => {
                entry.serving.remove(&call);
                let done = entry.machine.reject(now, call, code, "as planned");
                self.trace.node(now, node, format_args!("rejects {}: {done:?}", call.id()));
            }
            Serve::Relay | Serve::Sink | Serve::Ignore => {}
        }
    }

    fn respond(
        &mut self,
        node: usize,
        call: Incoming,
        number: Option<usize>,
        code: ResponseCode,
        args: Args,
    ) {
        let lens = [args.arg2.len(), args.len() - args.arg2.len()];
        let done = self.nodes[node].machine.respond(self.now, call, Response { code, args });
        self.trace.node(self.now, node, format_args!("responds {}: {done:?}", call.id()));
        if let Some(number) = number.filter(|_| done.is_ok()) {
            self.calls[number].reply.lens = lens;
            self.calls[number].reply.finished = 2;
        }
    }

    pub(super) fn abandoned(&mut self, node: usize, call: Incoming) {
        let entry = &mut self.nodes[node];
        let (now, id) = (self.now, CallId::from(call));
        entry.serving.remove(&call);
        entry.uploads.remove(&id);
        let late = entry.machine.reject(now, call, ErrorCode::Unexpected, "too late");
        assert!(late.is_err(), "law 2: {call:?} was abandoned, and an answer was taken");
        assert!(entry.machine.read(now, call).is_err(), "law 2: {call:?} was abandoned, and can be read");
    }
}
