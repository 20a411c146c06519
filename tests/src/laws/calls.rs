//! The machine's calls, each followed by the checks.

use bytes::Bytes;
use tchannel_proto::wire::{ErrorCode, ResponseCode};
use tchannel_proto::{
    CallId, Gone, Incoming, OpenError, Outgoing, Read, Request, RequestHead, Response, Timestamp, WriteError,
};

use super::Lawful;

impl Lawful {
    /// `call`.
    pub fn call(&mut self, now: Timestamp, request: Request) -> Result<Outgoing, OpenError> {
        let given = self.stamp(now);
        let deadline = request.head.deadline;
        let opened = self.machine.call(given, request);
        if let Ok(call) = opened {
            self.ends.opened(call, true, deadline);
        }
        self.check();
        opened
    }

    /// `open`.
    pub fn open(&mut self, now: Timestamp, head: RequestHead) -> Result<Outgoing, OpenError> {
        let given = self.stamp(now);
        let deadline = head.deadline;
        let opened = self.machine.open(given, head);
        if let Ok(call) = opened {
            self.ends.opened(call, false, deadline);
        }
        self.check();
        opened
    }

    /// `respond`.
    pub fn respond(&mut self, now: Timestamp, call: Incoming, response: Response) -> Result<(), Gone> {
        let given = self.stamp(now);
        let result = self.machine.respond(given, call, response);
        self.ends.answered(call, result, "respond");
        self.check();
        result
    }

    /// `reject`.
    pub fn reject(&mut self, now: Timestamp, call: Incoming, code: ErrorCode, why: &str) -> Result<(), Gone> {
        let given = self.stamp(now);
        let result = self.machine.reject(given, call, code, why);
        self.ends.rejected(call, result);
        self.check();
        result
    }

    /// `reply`.
    pub fn reply(&mut self, now: Timestamp, call: Incoming, code: ResponseCode) -> Result<(), Gone> {
        let given = self.stamp(now);
        let result = self.machine.reply(given, call, code);
        self.ends.answered(call, result, "reply");
        self.check();
        result
    }

    /// `cancel`.
    pub fn cancel(&mut self, now: Timestamp, call: Outgoing, why: &str) {
        let given = self.stamp(now);
        self.machine.cancel(given, call, why);
        self.ends.cancelled(call);
        self.check();
    }

    /// `write`.
    pub fn write(&mut self, call: impl Into<CallId>, bytes: Bytes) -> Result<(), WriteError> {
        let (at, len) = (bytes.as_ptr(), bytes.len());
        let result = self.machine.write(call.into(), bytes);
        if let Err(WriteError::Blocked(back)) = &result {
            law!(4, back.as_ptr() == at && back.len() == len, "Blocked gave other bytes back");
        }
        self.check();
        result
    }

    /// `flush`.
    pub fn flush(&mut self, call: impl Into<CallId>) -> Result<(), Gone> {
        let result = self.machine.flush(call);
        self.check();
        result
    }

    /// `finish_arg`.
    pub fn finish_arg(&mut self, call: impl Into<CallId>) -> Result<(), Gone> {
        let result = self.machine.finish_arg(call);
        self.check();
        result
    }

    /// `read`.
    pub fn read(&mut self, now: Timestamp, call: impl Into<CallId>) -> Result<Read, Gone> {
        let (given, call) = (self.stamp(now), call.into());
        let result = self.machine.read(given, call);
        self.ends.read(call, result.as_ref().ok());
        self.check();
        result
    }

    /// `collect`.
    pub fn collect(&mut self, call: impl Into<CallId>) -> Result<(), Gone> {
        let call = call.into();
        let result = self.machine.collect(call);
        self.ends.collected(call, result);
        self.check();
        result
    }

    /// `drain`.
    pub fn drain(&mut self, now: Timestamp, reason: &str, deadline: Timestamp) {
        let given = self.stamp(now);
        self.machine.drain(given, reason, deadline);
        self.check();
    }

    /// `close`.
    pub fn close(&mut self, now: Timestamp) {
        let given = self.stamp(now);
        self.machine.close(given);
        self.check();
    }
}
