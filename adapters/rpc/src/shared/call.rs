//! A call in flight, and its answer.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use tchannel_proto::wire::{ChecksumKind, Headers, ResponseCode, Tracing};
use tchannel_proto::{Args, Outgoing, ResponseHead, Timestamp};

use super::error::CallError;
use super::link::{Failed, Link};
use super::target::Target;

/// A call on its way. Dropping it cancels the call, and tells the peer if the peer can take it.
#[must_use = "a call that is dropped is cancelled"]
pub struct Call {
    stage: Stage,
}

enum Stage {
    Refused(CallError),
    Sent(Sent),
    Over,
}

/// A call that a connection has taken.
#[derive(Clone)]
pub(crate) struct Sent {
    pub(crate) link: Arc<Link>,
    pub(crate) call: Outgoing,
    pub(crate) target: Arc<Target>,
    pub(crate) began: Timestamp,
}

impl Call {
    pub(crate) fn refused(error: CallError) -> Self {
        Call { stage: Stage::Refused(error) }
    }

    pub(crate) fn sent(sent: Sent) -> Self {
        Call { stage: Stage::Sent(sent) }
    }
}

impl Future for Call {
    type Output = Result<Response, CallError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        if let Stage::Sent(sent) = &self.stage {
            let Poll::Ready(result) = sent.link.poll_call(sent.call, cx) else { return Poll::Pending };
            let result = match result {
                Ok((head, args)) => Ok(Response { head, args }),
                Err(failed) => Err(sent.failure(failed)),
            };
            self.stage = Stage::Over;
            return Poll::Ready(result);
        }
        match std::mem::replace(&mut self.stage, Stage::Over) {
            Stage::Refused(error) => Poll::Ready(Err(error)),
            Stage::Sent(_) | Stage::Over => panic!("`Call` polled after completion"),
        }
    }
}

impl Sent {
    /// What its caller is told.
    pub(crate) fn failure(&self, failed: Failed) -> CallError {
        let elapsed = self.link.hub.clock.now().since(self.began);
        let peer = Some(self.link.peer.clone());
        let error = CallError::new(failed.error, failed.phase, peer, self.target.clone(), elapsed);
        error.with_detail(failed.detail)
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        if let Stage::Sent(sent) = &self.stage {
            sent.link.cancel(sent.call);
        }
    }
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let stage = match &self.stage {
            Stage::Refused(_) => "refused",
            Stage::Sent(_) => "sent",
            Stage::Over => "over",
        };
        f.debug_tuple("Call").field(&stage).finish()
    }
}

/// An answer. Look at [`ok`](Response::ok): an application error is an answer, too.
#[derive(Clone, Debug)]
pub struct Response {
    head: ResponseHead,
    args: Args,
}

impl Response {
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

    /// How its argument bytes were protected.
    pub fn checksum(&self) -> ChecksumKind {
        self.head.checksum
    }

    /// Application headers, as the scheme encodes them.
    pub fn arg2(&self) -> &Bytes {
        &self.args.arg2
    }

    /// The body in the pieces in which it came.
    pub fn arg3(&self) -> &[Bytes] {
        &self.args.arg3
    }

    /// The body in one piece; copies only if it came in several.
    pub fn body(&self) -> Bytes {
        self.args.body()
    }

    /// Takes the arguments.
    pub fn into_args(self) -> Args {
        self.args
    }
}
