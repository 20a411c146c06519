//! One registered handler, and what is known about its habits.

use std::any::Any;
use std::borrow::Cow;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::atomic::{AtomicU8, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use tchannel_proto::wire::ErrorCode;

use super::handler::{Handler, StreamedHandler};
use super::{Outcome, Reject, Reply, Request, Responder, StreamedRequest};
use crate::shared::link::Link;
use crate::shared::notice::Notice;

/// A handler with its type forgotten.
pub(crate) struct Endpoint {
    service: Box<str>,
    name: Box<str>,
    handler: Kind,
    /// Grows with every request answered at once, falls with every one that takes long.
    trust: AtomicU8,
}

enum Kind {
    Whole(Box<dyn Start<Request, Reply>>),
    Streamed(Box<dyn Start<Exchange, ()>>),
}

/// What a handler is called with.
pub(super) enum Asked {
    Whole(Request),
    Streamed(Box<Exchange>),
}

/// The two directions of a streamed call.
pub(super) type Exchange = (StreamedRequest, Responder);

/// A handler at work.
pub(super) enum Running {
    Whole(Work<Reply>),
    Streamed(Work<()>),
}

type Work<T> = Pin<Box<dyn Future<Output = Result<T, Reject>> + Send>>;

trait Start<Q, A>: Send + Sync {
    fn start(&self, asked: Q) -> Work<A>;
}

impl<H: Handler> Start<Request, Reply> for H {
    fn start(&self, request: Request) -> Work<Reply> {
        Box::pin(self.handle(request))
    }
}

impl<H: StreamedHandler> Start<Exchange, ()> for H {
    fn start(&self, (request, responder): Exchange) -> Work<()> {
        Box::pin(self.handle(request, responder))
    }
}

impl Endpoint {
    pub(crate) fn new(service: &str, name: &[u8], handler: impl Handler) -> Self {
        Endpoint::of_kind(service, name, Kind::Whole(Box::new(handler)))
    }

    pub(crate) fn streamed(service: &str, name: &[u8], handler: impl StreamedHandler) -> Self {
        Endpoint::of_kind(service, name, Kind::Streamed(Box::new(handler)))
    }

    fn of_kind(service: &str, name: &[u8], handler: Kind) -> Self {
        Endpoint {
            service: service.into(),
            name: String::from_utf8_lossy(name).into(),
            handler,
            trust: AtomicU8::new(0),
        }
    }

    /// Whether its handler reads and writes bit by bit.
    pub(crate) fn is_streamed(&self) -> bool {
        matches!(self.handler, Kind::Streamed(_))
    }

    /// Whether it may run on the task that reads for everybody.
    pub(super) fn is_quick(&self) -> bool {
        self.trust.load(Ordering::Relaxed) >= TRUSTED
    }

    /// Takes note of how long its first step took, and whether that was all.
    pub(super) fn note(&self, took: Duration, done: bool) {
        let trust = self.trust.load(Ordering::Relaxed);
        let now = if took > BLOCKING {
            0
        } else if took > QUICK {
            trust.saturating_sub(TRUSTED / 2)
        } else if done {
            (trust + 1).min(2 * TRUSTED)
        } else {
            trust
        };
        if now != trust {
            self.trust.store(now, Ordering::Relaxed);
        }
    }

    /// Calls the handler; a panic in it becomes an outcome.
    pub(super) fn start(&self, link: &Link, asked: Asked) -> Result<Running, Outcome> {
        let start = || match (&self.handler, asked) {
            (Kind::Whole(handler), Asked::Whole(request)) => Running::Whole(handler.start(request)),
            (Kind::Streamed(handler), Asked::Streamed(exchange)) => {
                Running::Streamed(handler.start(*exchange))
            }
            (Kind::Whole(_), Asked::Streamed(_)) | (Kind::Streamed(_), Asked::Whole(_)) => {
                unreachable!("an endpoint is asked in its own way")
            }
        };
        catch_unwind(AssertUnwindSafe(start)).map_err(|panic| self.panicked(link, &*panic))
    }

    /// Goes on with the handler; a panic in it becomes an outcome.
    pub(super) fn poll(&self, link: &Link, running: &mut Running, cx: &mut Context<'_>) -> Poll<Outcome> {
        let poll = || match running {
            Running::Whole(work) => work.as_mut().poll(cx).map_ok(Outcome::Reply),
            Running::Streamed(work) => work.as_mut().poll(cx).map_ok(|()| Outcome::Written),
        };
        match catch_unwind(AssertUnwindSafe(poll)) {
            Ok(Poll::Pending) => Poll::Pending,
            Ok(Poll::Ready(Ok(outcome))) => Poll::Ready(outcome),
            Ok(Poll::Ready(Err(reject))) => Poll::Ready(self.rejected(link, reject)),
            Err(panic) => Poll::Ready(self.panicked(link, &*panic)),
        }
    }

    /// Drops the handler. A panic in that is told; the outcome stays as it is.
    pub(super) fn discard(&self, link: &Link, running: Running) {
        if let Err(panic) = catch_unwind(AssertUnwindSafe(move || drop(running))) {
            self.panicked(link, &*panic);
        }
    }

    pub(super) fn rejected(&self, link: &Link, reject: Reject) -> Outcome {
        let (code, message, detail) = reject.into_parts();
        if let Some(detail) = detail {
            return match catch_unwind(AssertUnwindSafe(move || detail.to_string())) {
                Ok(detail) => self.failed(link, &detail),
                Err(panic) => self.panicked(link, &*panic),
            };
        }
        Outcome::Reject(code, message)
    }

    fn panicked(&self, link: &Link, panic: &(dyn Any + Send)) -> Outcome {
        let text = panic.downcast_ref::<&str>().copied();
        let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
        self.failed(link, &format!("panicked: {}", text.unwrap_or("no message")))
    }

    /// The handler gave no answer of its own; unless errors are exposed, its caller learns only that.
    pub(crate) fn failed(&self, link: &Link, detail: &str) -> Outcome {
        let (service, endpoint) = (&*self.service, &*self.name);
        link.hub.notice(&Notice::HandlerFailed { service, endpoint, detail });
        let exposed = link.hub.exposes_errors().then(|| format!("{UNEXPECTED}: {detail}"));
        Outcome::Reject(ErrorCode::Unexpected, exposed.map_or(Cow::Borrowed(UNEXPECTED), Cow::Owned))
    }
}

/// What a caller is told about a handler that failed.
pub(super) const UNEXPECTED: &str = "unexpected error";

/// A step longer than this holds up other calls: it costs more than giving it a task. Once may be the scheduler's doing.
const QUICK: Duration = Duration::from_micros(10);

/// A step longer than this is the handler's own doing.
const BLOCKING: Duration = Duration::from_millis(1);

/// Quick answers in a row before a handler is believed to be quick.
const TRUSTED: u8 = 16;

#[cfg(test)]
mod tests;
