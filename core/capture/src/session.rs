//! What the frames of one connection mean together: calls, and what was asked and answered beside them.

mod calls;

use alloc::boxed::Box;
use alloc::collections::{BTreeMap, VecDeque};
use core::net::SocketAddr;
use core::time::Duration;

use tchannel_wire::{Frame as WireFrame, FrameHeader, FrameType, Message, NO_MESSAGE};

use crate::framing::{Piece, Placed};
use crate::record::{CallName, Connection, Event, Frame, Place, Record, Stream, Unanswered};
use crate::stream::{Direction, End};
use crate::{Counters, Limits};
use calls::{Calls, Part};

/// Most pings and handshakes of a connection that wait for their answer.
const MAX_ASKED: usize = 64;

/// One connection.
#[derive(Debug)]
pub(crate) struct Session {
    connection: Connection,
    calls: Calls,
    /// When pings and init reqs were asked, by the direction that they went and their ids.
    asked: BTreeMap<(Direction, FrameType, u32), Option<Duration>>,
    /// Whether frames were seen, of each direction.
    spoken: [bool; 2],
    /// What the other direction began with, while nothing of this one tells whether that is of interest.
    foreign: Option<Stream>,
}

/// What sessions share.
pub(crate) struct Shared<'a> {
    pub(crate) records: &'a mut VecDeque<Record>,
    pub(crate) counters: &'a mut Counters,
    pub(crate) limits: &'a Limits,
}

/// What a frame says of calls.
#[derive(Default)]
struct Told {
    part: Part,
    latency: Option<Duration>,
}

impl Session {
    pub(crate) fn new(ends: Option<(SocketAddr, SocketAddr)>) -> Self {
        let connection = Connection { number: 0, ends };
        Self {
            connection,
            calls: Calls::default(),
            asked: BTreeMap::new(),
            spoken: [false; 2],
            foreign: None,
        }
    }

    /// Bytes that are kept, about.
    pub(crate) fn cost(&self) -> usize {
        self.calls.cost()
    }

    /// Whether anything was told of it.
    pub(crate) fn is_known(&self) -> bool {
        self.spoken.contains(&true)
    }

    /// Takes what came off a direction.
    pub(crate) fn piece(&mut self, direction: Direction, piece: Piece, shared: &mut Shared<'_>) {
        match piece {
            Piece::Frame(placed) => self.frame(direction, placed, shared),
            Piece::Resync { offset, at, skipped } => {
                self.event(direction, offset, at, Event::Resync { skipped }, shared);
            }
            Piece::Gap { offset, at, missing, torn } => {
                self.calls.tear(direction);
                if self.is_known() {
                    self.event(direction, offset, at, Event::Gap { missing, torn }, shared);
                }
            }
            Piece::Broken { offset, at, bytes, why } => {
                // Whose frame it is nobody can tell, nor what else is lost until the next one.
                self.calls.tear(direction);
                self.event(direction, offset, at, Event::Broken { bytes, why }, shared);
            }
            Piece::Foreign { offset, at, bytes } => {
                self.foreign(direction, offset, at, Event::Foreign { bytes }, shared);
            }
            Piece::Cut { offset, at, bytes, end } => {
                self.event(direction, offset, at, Event::Cut { bytes, end }, shared);
            }
        }
    }

    /// Ends the calls that are open; the oldest first.
    pub(crate) fn finish(&mut self, end: End, shared: &mut Shared<'_>) {
        while let Some(call) = self.calls.pop_oldest(self.connection, Unanswered::Ended(end)) {
            shared.call(call);
        }
    }

    /// Forgets an ended call, or drops the one that has been open longest; tells whether there was one.
    pub(crate) fn make_room(&mut self, shared: &mut Shared<'_>) -> bool {
        self.calls.forget_ended() || self.drop_oldest(shared)
    }

    fn drop_oldest(&mut self, shared: &mut Shared<'_>) -> bool {
        let dropped = self.calls.pop_oldest(self.connection, Unanswered::Dropped);
        dropped
            .map(|call| {
                shared.counters.calls_dropped += 1;
                shared.call(call);
            })
            .is_some()
    }

    fn frame(&mut self, direction: Direction, placed: Placed, shared: &mut Shared<'_>) {
        let Placed { offset, at, bytes } = placed;
        let Ok(Some(header)) = FrameHeader::peek(&bytes) else { return };
        self.speak(direction, shared);
        let frame =
            WireFrame { kind: header.kind, id: header.id, body: bytes.slice(tchannel_wire::FRAME_HEADER..) };
        let message = Message::decode(&frame);
        let Told { part, latency } = self.told(direction, header, &message, at, shared);
        shared.counters.frames += 1;
        let Part { call, fault, over, replaced } = part;
        let place = self.place(direction, offset, at);
        let number = shared.counters.frames;
        let frame = Frame { number, place, bytes, header, message, fault, call, latency };
        shared.counters.faults += u64::from(!frame.is_good());
        if let Some(replaced) = replaced {
            shared.call(replaced);
        }
        shared.records.push_back(Record::Frame(Box::new(frame)));
        if let Some(over) = over {
            shared.call(over);
        }
        while self.calls.len() > shared.limits.calls {
            self.drop_oldest(shared);
        }
    }

    fn told(
        &mut self,
        direction: Direction,
        header: FrameHeader,
        message: &Result<Option<Message>, tchannel_wire::Malformed>,
        at: Option<Duration>,
        shared: &mut Shared<'_>,
    ) -> Told {
        let id = header.id;
        let mut calls = self.calls.at(self.connection, id, at, shared);
        let part = match message {
            Ok(Some(Message::CallReq(call))) => calls.request(direction, call),
            Ok(Some(Message::CallReqContinue(part))) => calls.request_continue(direction, part),
            Ok(Some(Message::CallRes(call))) => calls.answer(direction.reverse(), call),
            Ok(Some(Message::CallResContinue(part))) => calls.answer_continue(direction.reverse(), part),
            Ok(Some(Message::Cancel(cancel))) => calls.cancel(direction, cancel),
            Ok(Some(Message::Error(error))) if id != NO_MESSAGE => calls.error(direction.reverse(), error),
            Ok(Some(Message::PingReq)) => return self.asks(direction, FrameType::PingReq, id, at),
            Ok(Some(Message::InitReq(_))) => return self.asks(direction, FrameType::InitReq, id, at),
            Ok(Some(Message::PingRes)) => return self.answers(direction, FrameType::PingReq, id, at),
            Ok(Some(Message::InitRes(_))) => return self.answers(direction, FrameType::InitReq, id, at),
            Err(_) if header.kind == FrameType::CallReq.byte() => calls.unreadable(direction),
            Err(fault) if header.kind == FrameType::CallReqContinue.byte() => {
                calls.unreadable_continue(direction, false, *fault)
            }
            Err(fault) if header.kind == FrameType::CallResContinue.byte() => {
                calls.unreadable_continue(direction.reverse(), true, *fault)
            }
            Ok(Some(Message::Error(_) | Message::Claim(_)) | None) | Err(_) => Part::default(),
        };
        let latency = part.over.as_ref().and_then(|call| call.latency);
        Told { part, latency }
    }

    fn asks(&mut self, direction: Direction, kind: FrameType, id: u32, at: Option<Duration>) -> Told {
        if self.asked.len() == MAX_ASKED {
            self.asked.pop_first();
        }
        self.asked.insert((direction, kind, id), at);
        Told::default()
    }

    fn answers(&mut self, direction: Direction, kind: FrameType, id: u32, at: Option<Duration>) -> Told {
        let asked = self.asked.remove(&(direction.reverse(), kind, id)).flatten();
        let latency = at.zip(asked).map(|(at, asked)| at.saturating_sub(asked));
        Told { latency, ..Told::default() }
    }

    fn event(
        &mut self,
        direction: Direction,
        offset: u64,
        at: Option<Duration>,
        event: Event,
        shared: &mut Shared<'_>,
    ) {
        self.speak(direction, shared);
        let place = self.place(direction, offset, at);
        shared.stream(Stream { place, event });
    }

    /// What is no TChannel matters only if the other side speaks it.
    fn foreign(
        &mut self,
        direction: Direction,
        offset: u64,
        at: Option<Duration>,
        event: Event,
        shared: &mut Shared<'_>,
    ) {
        if self.spoken[direction.reverse().index()] {
            return self.event(direction, offset, at, event, shared);
        }
        let place = self.place(direction, offset, at);
        self.foreign = Some(Stream { place, event });
    }

    fn place(&self, direction: Direction, offset: u64, at: Option<Duration>) -> Place {
        Place { connection: self.connection, direction, offset, at }
    }

    /// Notes that there is something of this direction to tell; numbers the connection if it is the first.
    fn speak(&mut self, direction: Direction, shared: &mut Shared<'_>) {
        if self.connection.number == 0 && self.connection.ends.is_some() {
            shared.counters.connections += 1;
            self.connection.number = shared.counters.connections;
        }
        self.spoken[direction.index()] = true;
        if let Some(mut other) = self.foreign.take() {
            other.place.connection = self.connection;
            shared.stream(other);
        }
    }
}

impl Shared<'_> {
    fn call(&mut self, call: crate::record::Call) {
        self.records.push_back(Record::Call(Box::new(call)));
    }

    fn stream(&mut self, stream: Stream) {
        self.counters.faults += u64::from(stream.event.is_fault());
        self.records.push_back(Record::Stream(stream));
    }

    fn name(&mut self) -> u64 {
        self.counters.calls += 1;
        self.counters.calls
    }
}

impl From<CallName> for Part {
    fn from(call: CallName) -> Self {
        Self { call: Some(call), ..Self::default() }
    }
}
