//! What goes in and out of a connection, apart from bytes and time.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::sync::Arc;
use bytes::Bytes;
use smallvec::SmallVec;
use tchannel_wire::{ChecksumKind, ErrorCode, Flags, HeaderBlock, Headers, ResponseCode, Route, Tracing};

use crate::calls::{CallId, Incoming, Outgoing};
use crate::error::{CallError, CloseReason};
use crate::remote::Remote;
use crate::time::Timestamp;

/// Something that the owner of a connection has to know.
#[derive(Debug)]
pub enum Event {
    /// The handshake is done.
    Ready(Arc<Remote>),
    /// The peer calls. arg1 is whole and in the head.
    Request {
        /// Names the call in answers.
        call: Incoming,
        /// Everything before arg2.
        head: RequestHead,
        /// The rest, if it came in the same frame; else `read` or `collect` it.
        args: Option<Args>,
    },
    /// The answer to a call of ours. An application error is `head.code` not ok, not a failure.
    Response {
        /// The call that it answers; over if `args` is there.
        call: Outgoing,
        /// Everything before arg2.
        head: ResponseHead,
        /// The rest, if it is complete; else `read` or `collect` it.
        args: Option<Args>,
    },
    /// The rest of a message that `collect` asked for; or of a response that was all there when the connection ended, and
    /// not read to its end. The call is over.
    Whole {
        /// The call whose request or response it is.
        call: CallId,
        /// arg2 and arg3.
        args: Args,
    },
    /// `read` will give something, or `Done`. At most one is pending for each call.
    Readable(CallId),
    /// `write` will take bytes again. At most one is pending for each call.
    Writable(CallId),
    /// Nobody waits for the answer any more: stop working. Answers are `Gone` from here on.
    Abandoned {
        /// The call of the peer's.
        call: Incoming,
        /// `Cancelled`, `Timeout`, `Network`, `Busy` or `BadRequest`.
        code: ErrorCode,
    },
    /// A call of ours failed. Each call ends with exactly one of a whole response, read or handed over, or this.
    Failed {
        /// The call.
        call: Outgoing,
        /// Why.
        error: CallError,
    },
    /// The peer takes no new calls; the text is its reason.
    Draining(String),
    /// The peer announces that it, or another worker, took a call; only with `Config::claims`.
    Claim(Tracing),
    /// The connection is over. Always the last event, and given once.
    Closed(CloseReason),
}

/// Everything of a request before arg2.
///
/// As input it is what to send; as output it is what the peer sent, with slices of its frame.
#[derive(Clone, Debug)]
pub struct RequestHead {
    /// Service name and transport headers.
    pub route: Route,
    /// The endpoint, at most [`MAX_ARG1`](crate::MAX_ARG1) bytes.
    pub arg1: Bytes,
    /// Identity of the call in traces; zeros for none.
    pub tracing: Tracing,
    /// When the answer stops being useful. Outgoing: the wire ttl is made from it when the first frame leaves.
    pub deadline: Timestamp,
    /// How argument bytes are protected.
    pub checksum: ChecksumKind,
    /// The flags byte as received. Never sent.
    pub flags: Flags,
}

impl RequestHead {
    /// A head with no tracing and the default checksum, crc32c.
    pub fn new(route: Route, arg1: impl Into<Bytes>, deadline: Timestamp) -> Self {
        RequestHead {
            route,
            arg1: arg1.into(),
            tracing: Tracing::default(),
            deadline,
            checksum: ChecksumKind::Crc32c,
            flags: Flags::default(),
        }
    }

    /// The service that is called.
    pub fn service(&self) -> &str {
        self.route.service()
    }

    /// Its transport headers.
    pub fn headers(&self) -> Headers<'_> {
        self.route.headers()
    }

    /// arg1 as text for people: lossy, at most 100 characters.
    pub fn endpoint(&self) -> Cow<'_, str> {
        endpoint_text(&self.arg1)
    }
}

/// Longest endpoint shown in a message, in characters.
const ENDPOINT_SHOWN: usize = 100;

/// An endpoint as text for people: lossy, at most 100 characters.
pub fn endpoint_text(arg1: &[u8]) -> Cow<'_, str> {
    // Four bytes hold any character, so this much is enough for the characters shown.
    let text = String::from_utf8_lossy(&arg1[..arg1.len().min(4 * ENDPOINT_SHOWN)]);
    match text.char_indices().nth(ENDPOINT_SHOWN) {
        None => text,
        Some((end, _)) => Cow::Owned(text[..end].into()),
    }
}

/// A whole request to send.
#[derive(Clone, Debug)]
pub struct Request {
    /// Everything before arg2.
    pub head: RequestHead,
    /// arg2 and arg3.
    pub args: Args,
}

/// Everything of a received response before arg2.
#[derive(Clone, Debug)]
pub struct ResponseHead {
    /// Ok, or the application's error byte.
    pub code: ResponseCode,
    /// Transport headers.
    pub headers: HeaderBlock,
    /// The tracing block that the peer sent back.
    pub tracing: Tracing,
    /// How its argument bytes were protected.
    pub checksum: ChecksumKind,
}

/// A whole response to send. Headers, tracing and checksum kind follow from the request.
#[derive(Clone, Debug)]
pub struct Response {
    /// Ok, or an application error.
    pub code: ResponseCode,
    /// arg2 and arg3.
    pub args: Args,
}

/// arg2 and arg3 of a message.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Args {
    /// Application headers, as the arg scheme encodes them.
    pub arg2: Bytes,
    /// The body, in pieces; joining them is the reader's choice.
    pub arg3: SmallVec<[Bytes; 1]>,
}

impl Args {
    /// Arguments with a body in one piece.
    pub fn new(arg2: impl Into<Bytes>, arg3: impl Into<Bytes>) -> Self {
        let mut pieces = SmallVec::new();
        pieces.push(arg3.into());
        Args { arg2: arg2.into(), arg3: pieces }
    }

    /// The same, without a piece for an empty body.
    pub(crate) fn of_parts(arg2: Bytes, arg3: Bytes) -> Self {
        let mut pieces = SmallVec::new();
        if !arg3.is_empty() {
            pieces.push(arg3);
        }
        Args { arg2, arg3: pieces }
    }

    /// Bytes in both arguments.
    pub fn len(&self) -> usize {
        self.arg2.len() + self.arg3.iter().map(Bytes::len).sum::<usize>()
    }

    /// Whether both arguments are empty.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The body in one piece; copies only if it came in several.
    pub fn body(&self) -> Bytes {
        join(&self.arg3)
    }
}

/// One `Bytes` of many; free for none and one.
pub(crate) fn join(pieces: &[Bytes]) -> Bytes {
    match pieces {
        [] => Bytes::new(),
        [one] => one.clone(),
        many => {
            let mut joined = bytes::BytesMut::with_capacity(many.iter().map(Bytes::len).sum());
            for piece in many {
                joined.extend_from_slice(piece);
            }
            joined.freeze()
        }
    }
}

/// Which of the two arguments that follow the head.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Arg {
    /// arg2.
    Two,
    /// arg3.
    Three,
}

/// What `read` found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Read {
    /// Verified bytes, in order. The first part of arg3 says that arg2 is whole; it may be empty.
    Part {
        /// The argument that they belong to.
        arg: Arg,
        /// The bytes.
        bytes: Bytes,
    },
    /// Nothing now; a `Readable` event will come.
    Blocked,
    /// The message was read to its end.
    Done,
}
