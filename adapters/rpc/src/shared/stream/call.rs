//! A streamed call of ours, and the head of its answer.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use tchannel_mesh::HostPort;
use tchannel_proto::ResponseHead;
use tchannel_proto::wire::{ChecksumKind, Headers, ResponseCode, Tracing};

use super::{BodyReader, Line, ReaderEnd};
use crate::shared::call::Sent;
use crate::shared::error::CallError;
use crate::shared::hub::Answer;

/// A streamed call on its way. It ends when the response begins, perhaps before the request is at its end.
///
/// # Cancel safety
///
/// Dropping it cancels the call, and tells the peer if the peer can take it. To wait for several things, wait for `&mut`
/// of it: the call goes on, and nothing is lost.
#[must_use = "a call that is dropped is cancelled"]
pub struct StreamedCall {
    stage: Stage,
}

enum Stage {
    Refused(CallError),
    Open(Sent, ReaderEnd),
    Over,
}

impl StreamedCall {
    pub(crate) fn refused(error: CallError) -> Self {
        StreamedCall { stage: Stage::Refused(error) }
    }

    pub(crate) fn open(sent: Sent) -> Self {
        let end = ReaderEnd::new(Line::asking(sent.clone()));
        StreamedCall { stage: Stage::Open(sent, end) }
    }
}

impl Future for StreamedCall {
    type Output = Result<StreamedResponse, CallError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match std::mem::replace(&mut self.stage, Stage::Over) {
            Stage::Open(sent, end) => match sent.hub.poll_head(sent.id, cx) {
                Poll::Ready(Ok(Answer { head, args, peer, attempts: _ })) => {
                    Poll::Ready(Ok(StreamedResponse { head, peer, body: BodyReader::new(end, args) }))
                }
                Poll::Ready(Err(failed)) => Poll::Ready(Err(sent.failure(*failed))),
                Poll::Pending => {
                    self.stage = Stage::Open(sent, end);
                    Poll::Pending
                }
            },
            Stage::Refused(error) => Poll::Ready(Err(error)),
            Stage::Over => panic!("`StreamedCall` polled after completion"),
        }
    }
}

impl fmt::Debug for StreamedCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let stage = match &self.stage {
            Stage::Refused(_) => "refused",
            Stage::Open(..) => "open",
            Stage::Over => "over",
        };
        f.debug_tuple("StreamedCall").field(&stage).finish()
    }
}

/// An answer that has begun. Look at [`ok`](StreamedResponse::ok): an application error is an answer, too.
///
/// Its call's deadline is met: from here on there is no limit of time, unless
/// [`Config::stream_idle_timeout`](crate::Config::stream_idle_timeout) is set.
#[derive(Debug)]
pub struct StreamedResponse {
    head: ResponseHead,
    peer: Option<HostPort>,
    body: BodyReader,
}

impl StreamedResponse {
    /// Whether the call succeeded; if not, the arguments say why.
    pub fn ok(&self) -> bool {
        self.head.code.is_ok()
    }

    /// The code byte: 0 is success, all others are application errors.
    pub fn code(&self) -> ResponseCode {
        self.head.code
    }

    /// Transport headers.
    pub fn headers(&self) -> Headers<'_> {
        self.head.headers.headers()
    }

    /// The tracing block that the peer sent back.
    pub fn tracing(&self) -> Tracing {
        self.head.tracing
    }

    /// How its argument bytes are protected.
    pub fn checksum(&self) -> ChecksumKind {
        self.head.checksum
    }

    /// Who answered.
    pub fn peer(&self) -> Option<&HostPort> {
        self.peer.as_ref()
    }

    /// The arguments, as they arrive.
    pub fn body(&mut self) -> &mut BodyReader {
        &mut self.body
    }

    /// Takes the arguments.
    pub fn into_body(self) -> BodyReader {
        self.body
    }
}
