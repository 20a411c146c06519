//! What a handler is given that reads and writes bit by bit.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tchannel_mesh::Parent;
#[cfg(any(feature = "http", feature = "sthrift"))]
use tchannel_proto::wire::ErrorCode;
use tchannel_proto::wire::{ChecksumKind, Flags, Headers, ResponseCode, Scheme, Tracing};
use tchannel_proto::{Args, Remote};

#[cfg(any(feature = "http", feature = "sthrift"))]
use super::Request;
use super::endpoint::{Endpoint, Exchange};
use super::request::{About, about_the_request};
use super::{Connection, Outcome, Reject, Reply};
use crate::shared::hub::Theirs;
use crate::shared::link::Link;
use crate::shared::stream::{BodyError, BodyReader, BodyWriter, Line, ReaderEnd, WriterEnd};

/// A request whose arguments may still be on their way.
pub struct StreamedRequest {
    about: About,
    body: BodyReader,
}

about_the_request!(StreamedRequest);

impl StreamedRequest {
    /// The arguments, as they arrive.
    pub fn body(&mut self) -> &mut BodyReader {
        &mut self.body
    }

    /// Takes the arguments.
    pub fn into_body(self) -> BodyReader {
        self.body
    }

    /// Waits for arg2: a request that has it and no body, and the body. What is too long is the caller's fault.
    #[cfg(any(feature = "http", feature = "sthrift"))]
    pub(crate) async fn apart(mut self) -> Result<(Request, BodyReader), Reject> {
        let arg2 = match self.body.arg2().await {
            Ok(arg2) => arg2,
            Err(error @ BodyError::Arg2TooLong { .. }) => {
                return Err(Reject::new(ErrorCode::BadRequest, error.to_string()));
            }
            Err(error) => return Err(error.into()),
        };
        Ok((Request::new(self.about, Args::new(arg2, Bytes::new())), self.body))
    }
}

impl fmt::Debug for StreamedRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StreamedRequest").field("head", &self.about.head).finish_non_exhaustive()
    }
}

/// The right to answer a request. What is not answered before the caller's time is over, is answered by a timeout.
///
/// Dropped without an answer, the caller gets the error that the handler returns, or `unexpected error`.
#[must_use = "a request without an answer is refused"]
pub struct Responder {
    end: WriterEnd,
    endpoint: Arc<Endpoint>,
    link: Arc<Link>,
}

impl Responder {
    /// Begins the answer, now: the caller learns of it at once, and its clock stops.
    ///
    /// The code 0 is success, all others are application errors.
    pub fn respond(self, code: ResponseCode) -> Result<BodyWriter, BodyError> {
        self.end.line().reply(code)?;
        Ok(BodyWriter::new(self.end))
    }

    /// Begins a successful answer.
    pub fn ok(self) -> Result<BodyWriter, BodyError> {
        self.respond(ResponseCode::OK)
    }

    /// Answers whole. Nobody learns it if nobody waits any more.
    pub fn reply(self, reply: Reply) {
        self.end.line().answer(Outcome::Reply(reply));
    }

    /// Refuses the request.
    pub fn reject(self, reject: Reject) {
        let outcome = self.endpoint.rejected(&self.link, reject);
        self.end.line().answer(outcome);
    }
}

impl fmt::Debug for Responder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Responder").finish_non_exhaustive()
    }
}

/// The two directions of a call of the peer's, whether its request came whole or not.
pub(super) fn exchange(id: Theirs, about: About, args: Option<Args>, endpoint: &Arc<Endpoint>) -> Exchange {
    let link = about.link.clone();
    link.hub.begin_stream(id);
    let line = Line::answering(link.clone(), id, endpoint.clone());
    let body = BodyReader::new(ReaderEnd::new(line.clone()), args);
    let responder = Responder { end: WriterEnd::new(line), endpoint: endpoint.clone(), link };
    (StreamedRequest { about, body }, responder)
}
