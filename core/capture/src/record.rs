//! What is told of a capture, in its order.

use alloc::boxed::Box;
use core::net::SocketAddr;
use core::time::Duration;

use bytes::Bytes;
use tchannel_wire::{ErrorCode, FrameHeader, HeaderBlock, Malformed, Message, ResponseCode, Route, Tracing};

use crate::file::Damage;
use crate::message::Arguments;
use crate::stream::{Direction, End};

/// One thing that was found.
#[derive(Debug, Clone, PartialEq)]
pub enum Record {
    /// A frame.
    Frame(Box<Frame>),
    /// A call that is over. It comes behind the frame that ended it.
    Call(Box<Call>),
    /// Something about the bytes of a direction.
    Stream(Stream),
    /// The file cannot be read any further. It comes once; what was begun is told of behind it.
    Damaged(Damage),
}

/// A connection, as records name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Connection {
    /// Counted from 1 in the order of their first records; 0 in a plain dump, which has only one.
    pub number: u32,
    /// Its two ends, the one first that [`Direction::Forward`] comes from; `None` in a plain dump.
    pub ends: Option<(SocketAddr, SocketAddr)>,
}

impl Connection {
    /// Where that direction comes from and goes to.
    pub fn from_to(self, direction: Direction) -> Option<(SocketAddr, SocketAddr)> {
        self.ends.map(|(from, to)| match direction {
            Direction::Forward => (from, to),
            Direction::Back => (to, from),
        })
    }
}

/// A place in one direction of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The connection.
    pub connection: Connection,
    /// The direction.
    pub direction: Direction,
    /// Bytes of this direction before it, those included that were not captured; counted from the first one seen.
    pub offset: u64,
    /// When the last byte was seen, since 1970; `None` where nothing tells.
    pub at: Option<Duration>,
}

/// One frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// Counted from 1, over all connections.
    pub number: u64,
    /// Where it was.
    pub place: Place,
    /// All of its bytes.
    pub bytes: Bytes,
    /// Its header.
    pub header: FrameHeader,
    /// What it says; `None` if its type is unknown.
    pub message: Result<Option<Message>, Malformed>,
    /// What is wrong with it where it stands, beyond its own bytes: a checksum, an argument too many.
    pub fault: Option<Malformed>,
    /// The call that it belongs to.
    pub call: Option<CallName>,
    /// Time from the first frame of what was asked to this one, if this is the end of the answer.
    pub latency: Option<Duration>,
}

impl Frame {
    /// Whether nothing is wrong with it.
    pub fn is_good(&self) -> bool {
        matches!(self.message, Ok(Some(_))) && self.fault.is_none()
    }
}

/// A call, as frames name it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallName {
    /// Counted from 1, over all connections.
    pub number: u64,
    /// Service and transport headers of the request, if it was seen.
    pub route: Option<Route>,
    /// arg1 of the request, if it was seen.
    pub arg1: Option<Bytes>,
    /// Code of the answer, once that has begun.
    pub code: Option<ResponseCode>,
    /// Whether the frame came when the call was over.
    pub late: bool,
}

/// A call that is over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// As frames name it.
    pub number: u64,
    /// The connection.
    pub connection: Connection,
    /// The direction of the request.
    pub direction: Direction,
    /// Id of its frames.
    pub id: u32,
    /// When the first frame of it was seen.
    pub began: Option<Duration>,
    /// From the first frame of the request to the last one of the answer; `None` without either.
    pub latency: Option<Duration>,
    /// What was asked; `None` if that was not seen, or not readable.
    pub request: Option<Request>,
    /// How it ended.
    pub outcome: Outcome,
}

impl Call {
    /// The first thing that is wrong with either message.
    pub fn fault(&self) -> Option<Malformed> {
        let answer = match &self.outcome {
            Outcome::Answered(answer) => answer.args.fault,
            Outcome::Failed { .. } | Outcome::Cancelled { .. } | Outcome::Unanswered(_) => None,
        };
        self.request.as_ref().and_then(|request| request.args.fault).or(answer)
    }
}

/// What was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Time that the caller gave, in milliseconds.
    pub ttl: u32,
    /// Trace context.
    pub tracing: Tracing,
    /// Service and transport headers.
    pub route: Route,
    /// The arguments.
    pub args: Arguments,
}

/// What was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Whether it is ok.
    pub code: ResponseCode,
    /// Trace context.
    pub tracing: Tracing,
    /// Transport headers.
    pub headers: HeaderBlock,
    /// The arguments.
    pub args: Arguments,
}

/// How a call ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// With an answer, or as much of one as was seen.
    Answered(Box<Answer>),
    /// With an error frame.
    Failed {
        /// Its code.
        code: ErrorCode,
        /// Its text, meant to be UTF-8.
        message: Bytes,
    },
    /// The caller gave it up.
    Cancelled {
        /// The reason that it told, meant to be UTF-8.
        why: Bytes,
    },
    /// Not at all.
    Unanswered(Unanswered),
}

/// Why no answer is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unanswered {
    /// The connection ended before, or the capture.
    Ended(End),
    /// Another call took its id.
    Replaced,
    /// More calls were open than are kept.
    Dropped,
}

/// Something about the bytes of a direction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stream {
    /// Where.
    pub place: Place,
    /// What.
    pub event: Event,
}

/// Something that is no frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// Frames begin here: bytes before were the rest of something, or are missing.
    Resync {
        /// Bytes that were none of a frame.
        skipped: u64,
    },
    /// Bytes were not captured.
    Gap {
        /// How many.
        missing: u64,
        /// The header of the frame that they are missing from, if one had begun.
        torn: Option<FrameHeader>,
    },
    /// A header after which the next frame cannot be found.
    Broken {
        /// The header's first bytes.
        bytes: Bytes,
        /// What is wrong with it.
        why: Malformed,
    },
    /// The other side speaks TChannel, and this one began with something else.
    Foreign {
        /// The first bytes.
        bytes: Bytes,
    },
    /// The direction ended within a frame.
    Cut {
        /// What there is of the frame.
        bytes: Bytes,
        /// How it ended.
        end: End,
    },
}

impl Event {
    /// Whether a sender has done wrong, as far as can be told.
    pub fn is_fault(&self) -> bool {
        match self {
            Self::Broken { .. } | Self::Foreign { .. } => true,
            Self::Cut { end, .. } => *end == End::Finished,
            Self::Resync { .. } | Self::Gap { .. } => false,
        }
    }
}
