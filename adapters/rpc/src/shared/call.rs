//! A call in flight, and its answer.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use tchannel_mesh::HostPort;
use tchannel_mesh::retry::Verdict;
use tchannel_proto::wire::{ChecksumKind, Headers, ResponseCode, Tracing};
use tchannel_proto::{Args, ResponseHead};
use thiserror::Error;

#[cfg(feature = "cassette")]
use super::cassette::Taping;
use super::error::CallError;
use super::host::Host;
use super::hub::{Answer, Failed, Found, Hub, Ours};
use super::outbound::Judge;
use super::target::Target;
use super::turns::{OneCall, Reading, waits};

/// A call on its way: a future of its answer.
///
/// # Cancel safety
///
/// Dropping it cancels the call, and tells the peer if the peer can take it. To wait for several things, wait for `&mut`
/// of it: the call goes on, and nothing is lost.
#[must_use = "a call that is dropped is cancelled"]
pub struct Call {
    stage: Stage,
    judge: Option<Judge>,
    #[cfg(feature = "cassette")]
    taping: Option<Box<Taping>>,
}

enum Stage {
    /// Nothing was sent.
    Known(Result<Box<Response>, CallError>),
    Sent(Sent),
    Over,
}

/// A call that a channel has taken.
#[derive(Clone)]
pub(crate) struct Sent {
    pub(crate) hub: Arc<Hub>,
    pub(crate) id: Ours,
    /// The host that was asked for.
    pub(crate) host: Option<Host>,
    pub(crate) target: Arc<Target>,
}

impl Call {
    pub(crate) fn refused(error: CallError) -> Self {
        Call::new(Stage::Known(Err(error)), None)
    }

    pub(crate) fn sent(sent: Sent, judge: Option<Judge>) -> Self {
        Call::new(Stage::Sent(sent), judge)
    }

    /// One that has its answer without being sent.
    #[cfg(feature = "cassette")]
    pub(crate) fn played(response: Box<Response>) -> Self {
        Call::new(Stage::Known(Ok(response)), None)
    }

    /// The same, recorded once it is answered.
    #[cfg(feature = "cassette")]
    pub(crate) fn taped(mut self, taping: Box<Taping>) -> Self {
        self.taping = Some(taping);
        self
    }

    fn new(stage: Stage, judge: Option<Judge>) -> Self {
        Call {
            stage,
            judge,
            #[cfg(feature = "cassette")]
            taping: None,
        }
    }
}

impl Call {
    waits!();
}

impl OneCall for Call {
    /// None for a call with a judge: that may wait for what it would have to read itself.
    fn reading(&self) -> Option<Reading> {
        match &self.stage {
            Stage::Sent(sent) if self.judge.is_none() => Reading::of(&sent.hub, sent.id),
            Stage::Sent(_) | Stage::Known(_) | Stage::Over => None,
        }
    }
}

impl Future for Call {
    type Output = Result<Response, CallError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        while let Stage::Sent(sent) = &self.stage {
            let result = match sent.hub.poll_call(sent.id, cx) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Found::Ask(head, args)) => {
                    let response = Response { head, args, peer: None, attempts: 0 };
                    let verdict = self.judge.as_ref().map_or(Verdict::Accept, |judge| judge(&response));
                    sent.hub.decide(sent.id, verdict);
                    continue;
                }
                Poll::Ready(Found::End(Ok(answer))) => Ok(Response::from(answer)),
                Poll::Ready(Found::End(Err(failed))) => Err(sent.failure(failed)),
            };
            self.stage = Stage::Over;
            #[cfg(feature = "cassette")]
            if let (Some(taping), Ok(response)) = (self.taping.take(), &result) {
                taping.record(response);
            }
            return Poll::Ready(result);
        }
        match std::mem::replace(&mut self.stage, Stage::Over) {
            Stage::Known(known) => Poll::Ready(known.map(|response| *response)),
            Stage::Sent(_) | Stage::Over => panic!("`Call` polled after completion"),
        }
    }
}

impl Sent {
    /// What its caller is told.
    pub(crate) fn failure(&self, failed: Failed) -> CallError {
        CallError::failed(failed, self.host.clone(), self.target.clone())
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        if let Stage::Sent(sent) = &self.stage {
            sent.hub.cancel(sent.id);
        }
    }
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let stage = match &self.stage {
            Stage::Known(_) => "known",
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
    peer: Option<HostPort>,
    attempts: u32,
}

impl From<Answer> for Response {
    fn from(Answer { head, args, peer, attempts }: Answer) -> Self {
        Response { head, args: args.unwrap_or_default(), peer, attempts }
    }
}

impl Response {
    /// One that nobody gave now.
    #[cfg(feature = "cassette")]
    pub(crate) fn recorded(head: ResponseHead, args: Args) -> Self {
        Response { head, args, peer: None, attempts: 0 }
    }

    /// Who answered; `None` while the call is undecided, and for a peer that is gone.
    pub fn peer(&self) -> Option<&HostPort> {
        self.peer.as_ref()
    }

    /// Attempts that it took; 0 while the call is undecided.
    pub fn attempts(&self) -> u32 {
        self.attempts
    }

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

    /// The answer if it is ok, else its error form.
    pub fn into_result(self) -> Result<Response, NotOk> {
        if self.ok() { Ok(self) } else { Err(NotOk(Box::new(self))) }
    }
}

/// An answer that is not ok, as an error: for callers to whom it is one.
#[derive(Clone, Debug, Error)]
#[error("the application answered with code {}", .0.code().0)]
pub struct NotOk(Box<Response>);

impl NotOk {
    /// The answer.
    pub fn response(&self) -> &Response {
        &self.0
    }

    /// Takes the answer.
    pub fn into_response(self) -> Response {
        *self.0
    }
}
