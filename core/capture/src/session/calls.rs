//! The open calls of a connection.

use alloc::boxed::Box;
use alloc::collections::btree_map::Entry;
use alloc::collections::{BTreeMap, VecDeque};
use core::time::Duration;

use bytes::{Bytes, BytesMut};
use tchannel_wire::{
    CallReq, CallRes, Cancel, Checksum, Chunks, Continue, ErrorFrame, Flags, HeaderBlock, Malformed,
    ResponseCode, Route, Tracing,
};

use super::Shared;
use crate::message::Assembly;
use crate::record::{Answer, Call, CallName, Connection, Outcome, Request, Unanswered};
use crate::stream::Direction;

/// What an entry costs beside the bytes of its arguments.
const ENTRY: usize = 512;
/// Ended calls that are remembered, for answers that come late.
const MAX_ENDED: usize = 64;

/// A call by the direction of its request, and its id.
type Key = (Direction, u32);

/// All calls of a connection that are not over.
#[derive(Debug, Default)]
pub(super) struct Calls {
    open: BTreeMap<Key, Open>,
    /// Numbers of the open ones, in the order in which they began.
    order: BTreeMap<u64, Key>,
    /// Calls that ended without an answer.
    ended: VecDeque<(Key, CallName)>,
    cost: usize,
}

#[derive(Debug)]
struct Open {
    name: CallName,
    began: Option<Duration>,
    asked: bool,
    request: Option<(AskedHead, Assembly)>,
    answer: Option<(AnswerHead, Assembly)>,
    /// What it was last found to cost.
    cost: usize,
}

#[derive(Debug)]
struct AskedHead {
    ttl: u32,
    tracing: Tracing,
    route: Route,
}

#[derive(Debug)]
struct AnswerHead {
    code: ResponseCode,
    tracing: Tracing,
    headers: HeaderBlock,
}

/// What one frame is to its call.
#[derive(Debug, Default)]
pub(super) struct Part {
    pub(super) call: Option<CallName>,
    pub(super) fault: Option<Malformed>,
    /// The call, if the frame ended it.
    pub(super) over: Option<Call>,
    /// The call that the frame's call took the id of.
    pub(super) replaced: Option<Call>,
}

/// The calls, about to be told of a frame.
pub(super) struct Frames<'a, 'b> {
    calls: &'a mut Calls,
    connection: Connection,
    id: u32,
    at: Option<Duration>,
    shared: &'a mut Shared<'b>,
}

impl Calls {
    pub(super) fn at<'a, 'b>(
        &'a mut self,
        connection: Connection,
        id: u32,
        at: Option<Duration>,
        shared: &'a mut Shared<'b>,
    ) -> Frames<'a, 'b> {
        Frames { calls: self, connection, id, at, shared }
    }

    pub(super) fn len(&self) -> usize {
        self.open.len()
    }

    pub(super) fn cost(&self) -> usize {
        self.cost
    }

    /// Notes that frames of this direction may be missing.
    pub(super) fn tear(&mut self, direction: Direction) {
        for ((caller, _), open) in &mut self.open {
            let message = if *caller == direction {
                open.request.as_mut().map(|(_, request)| request)
            } else {
                open.answer.as_mut().map(|(_, answer)| answer)
            };
            if let Some(message) = message {
                message.tear();
            }
        }
    }

    /// Ends the call that has been open longest.
    pub(super) fn pop_oldest(&mut self, connection: Connection, why: Unanswered) -> Option<Call> {
        let key = *self.order.first_key_value()?.1;
        self.close(connection, key, None, Outcome::Unanswered(why))
    }

    /// Forgets the ended call that ended first; tells whether there was one.
    pub(super) fn forget_ended(&mut self) -> bool {
        let Some((_, name)) = self.ended.pop_front() else { return false };
        self.cost -= cost(&name);
        true
    }

    fn account(&mut self, key: Key) {
        if let Some(open) = self.open.get_mut(&key) {
            let now = open.measure();
            self.cost = self.cost - open.cost + now;
            open.cost = now;
        }
    }

    fn close(
        &mut self,
        connection: Connection,
        key: Key,
        at: Option<Duration>,
        outcome: Outcome,
    ) -> Option<Call> {
        let open = self.open.remove(&key)?;
        self.order.remove(&open.name.number);
        self.cost -= open.cost;
        if !matches!(outcome, Outcome::Answered(_)) && open.answer.is_none() {
            if self.ended.len() == MAX_ENDED {
                self.forget_ended();
            }
            let name = CallName { late: true, ..open.name.clone() };
            self.cost += cost(&name);
            self.ended.push_back((key, name));
        }
        let Open { name, began, asked, request, answer, .. } = open;
        let latency = at.zip(began).filter(|_| asked).map(|(at, began)| at.saturating_sub(began));
        let outcome = match (outcome, answer) {
            // It had begun.
            (Outcome::Unanswered(_), Some((head, answer))) => {
                let AnswerHead { code, tracing, headers } = head;
                Outcome::Answered(Box::new(Answer { code, tracing, headers, args: answer.finish() }))
            }
            (outcome, _) => outcome,
        };
        let request = request.map(|(AskedHead { ttl, tracing, route }, args)| Request {
            ttl,
            tracing,
            route,
            args: args.finish(),
        });
        let ((direction, id), number) = (key, name.number);
        Some(Call { number, connection, direction, id, began, latency, request, outcome })
    }
}

impl Open {
    fn measure(&self) -> usize {
        let request = self.request.as_ref().map_or(0, |(_, request)| request.cost());
        let answer = |(head, answer): &(AnswerHead, Assembly)| head.headers.as_bytes().len() + answer.cost();
        cost(&self.name) + request + self.answer.as_ref().map_or(0, answer)
    }
}

/// What it costs to keep a name.
fn cost(name: &CallName) -> usize {
    let route = name.route.as_ref().map_or(0, |route| route.as_bytes().len());
    ENTRY + route + name.arg1.as_ref().map_or(0, Bytes::len)
}

impl Frames<'_, '_> {
    pub(super) fn request(&mut self, caller: Direction, call: &CallReq) -> Part {
        let head = AskedHead {
            ttl: call.ttl,
            tracing: call.tracing,
            route: call.route.copy_into(&mut BytesMut::new()),
        };
        let replaced = self.replace(caller, Unanswered::Replaced);
        let route = Some(head.route.clone());
        let open = self.open(caller, true, route);
        open.request = Some((head, Assembly::begin(call.checksum.kind)));
        Part { replaced, ..self.ask(caller, call.flags, call.checksum, &call.chunks) }
    }

    pub(super) fn request_continue(&mut self, caller: Direction, part: &Continue) -> Part {
        self.ask(caller, part.flags, part.checksum, &part.chunks)
    }

    /// A request whose head cannot be read: it may be answered all the same.
    pub(super) fn unreadable(&mut self, caller: Direction) -> Part {
        let replaced = self.replace(caller, Unanswered::Replaced);
        let name = self.open(caller, true, None).name.clone();
        Part { replaced, ..name.into() }
    }

    /// The next part of a request, or of an answer, that cannot be read.
    pub(super) fn unreadable_continue(&mut self, caller: Direction, answer: bool, fault: Malformed) -> Part {
        let Some(open) = self.calls.open.get_mut(&(caller, self.id)) else { return Part::default() };
        let message = if answer {
            open.answer.as_mut().map(|(_, answer)| answer)
        } else {
            open.request.as_mut().map(|(_, request)| request).filter(|request| !request.is_ended())
        };
        let Some(message) = message else { return Part::default() };
        message.spoil(fault);
        open.name.clone().into()
    }

    pub(super) fn answer(&mut self, caller: Direction, call: &CallRes) -> Part {
        if let Some(late) = self.late(caller) {
            return CallName { code: Some(call.code), ..late }.into();
        }
        let key = (caller, self.id);
        if self.calls.open.get(&key).is_some_and(|open| open.answer.is_some()) {
            // A second one: the first is all there will be of it.
            let replaced = self.replace(caller, Unanswered::Replaced);
            return Part { replaced, ..self.answer(caller, call) };
        }
        if !self.calls.open.contains_key(&key) {
            self.open(caller, false, None);
        }
        let head = AnswerHead {
            code: call.code,
            tracing: call.tracing,
            headers: call.headers.copy_into(&mut BytesMut::new()),
        };
        if let Some(open) = self.calls.open.get_mut(&key) {
            open.name.code = Some(call.code);
            open.answer = Some((head, Assembly::begin(call.checksum.kind)));
        }
        self.reply(caller, call.flags, call.checksum, &call.chunks)
    }

    pub(super) fn answer_continue(&mut self, caller: Direction, part: &Continue) -> Part {
        self.reply(caller, part.flags, part.checksum, &part.chunks)
    }

    pub(super) fn cancel(&mut self, caller: Direction, cancel: &Cancel) -> Part {
        let why = Bytes::copy_from_slice(&cancel.why);
        self.end(caller, Outcome::Cancelled { why })
    }

    pub(super) fn error(&mut self, caller: Direction, error: &ErrorFrame) -> Part {
        let message = Bytes::copy_from_slice(&error.message);
        self.end(caller, Outcome::Failed { code: error.code, message })
    }

    fn ask(&mut self, caller: Direction, flags: Flags, checksum: Checksum, chunks: &Chunks) -> Part {
        let Some(open) = self.calls.open.get_mut(&(caller, self.id)) else { return Part::default() };
        let Some((_, request)) = open.request.as_mut().filter(|(_, request)| !request.is_ended()) else {
            return Part::default();
        };
        let fault = request.accept(flags, checksum, chunks, self.shared.limits.keep);
        if open.name.arg1.is_none() {
            open.name.arg1 = request.arg1().map(Bytes::copy_from_slice);
        }
        let name = open.name.clone();
        self.calls.account((caller, self.id));
        Part { fault, ..name.into() }
    }

    fn reply(&mut self, caller: Direction, flags: Flags, checksum: Checksum, chunks: &Chunks) -> Part {
        let key = (caller, self.id);
        let Some(open) = self.calls.open.get_mut(&key) else {
            return self.late(caller).map(Part::from).unwrap_or_default();
        };
        let Some((_, answer)) = open.answer.as_mut() else { return Part::default() };
        let fault = answer.accept(flags, checksum, chunks, self.shared.limits.keep);
        let ended = answer.is_ended();
        let name = open.name.clone();
        self.calls.account(key);
        let over = ended.then(|| {
            // `close` puts the answer that was taken in place of this.
            let none = Outcome::Unanswered(Unanswered::Replaced);
            self.calls.close(self.connection, key, self.at, none)
        });
        Part { fault, over: over.flatten(), ..name.into() }
    }

    fn end(&mut self, caller: Direction, outcome: Outcome) -> Part {
        let key = (caller, self.id);
        let Some(name) = self.calls.open.get(&key).map(|open| open.name.clone()) else {
            return self.late(caller).map(Part::from).unwrap_or_default();
        };
        let over = self.calls.close(self.connection, key, self.at, outcome);
        Part { over, ..name.into() }
    }

    fn open(&mut self, caller: Direction, asked: bool, route: Option<Route>) -> &mut Open {
        let key = (caller, self.id);
        let name = CallName { number: self.shared.name(), route, arg1: None, code: None, late: false };
        self.calls.order.insert(name.number, key);
        let cost = cost(&name);
        self.calls.cost += cost;
        let open = Open { name, began: self.at, asked, request: None, answer: None, cost };
        match self.calls.open.entry(key) {
            Entry::Occupied(mut entry) => {
                entry.insert(open);
                entry.into_mut()
            }
            Entry::Vacant(entry) => entry.insert(open),
        }
    }

    fn replace(&mut self, caller: Direction, why: Unanswered) -> Option<Call> {
        self.calls.close(self.connection, (caller, self.id), None, Outcome::Unanswered(why))
    }

    /// The call that an answer comes too late for.
    fn late(&self, caller: Direction) -> Option<CallName> {
        let key = (caller, self.id);
        if self.calls.open.contains_key(&key) {
            return None;
        }
        self.calls.ended.iter().rev().find(|(ended, _)| *ended == key).map(|(_, name)| name.clone())
    }
}
