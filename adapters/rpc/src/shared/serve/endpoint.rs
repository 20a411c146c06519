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

use super::handler::Handler;
use super::{Outcome, Reject, Reply, Request};
use crate::shared::link::Link;
use crate::shared::notice::Notice;

/// A handler with its type forgotten.
pub(super) struct Endpoint {
    service: Box<str>,
    name: Box<str>,
    /// The only `as` that it takes.
    pub(super) scheme: Option<Box<str>>,
    handler: Box<dyn Start>,
    /// Grows with every request answered at once, falls with every one that takes long.
    trust: AtomicU8,
}

pub(super) type Running = Pin<Box<dyn Future<Output = Result<Reply, Reject>> + Send>>;

trait Start: Send + Sync {
    fn start(&self, request: Request) -> Running;
}

impl<H: Handler> Start for H {
    fn start(&self, request: Request) -> Running {
        Box::pin(self.handle(request))
    }
}

impl Endpoint {
    pub(super) fn new(service: &str, name: &[u8], scheme: Option<&str>, handler: impl Handler) -> Self {
        Endpoint {
            service: service.into(),
            name: String::from_utf8_lossy(name).into(),
            scheme: scheme.map(Into::into),
            handler: Box::new(handler),
            trust: AtomicU8::new(0),
        }
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
    pub(super) fn start(&self, link: &Link, request: Request) -> Result<Running, Outcome> {
        catch_unwind(AssertUnwindSafe(|| self.handler.start(request)))
            .map_err(|panic| self.panicked(link, &*panic))
    }

    /// Goes on with the handler; a panic in it becomes an outcome.
    pub(super) fn poll(&self, link: &Link, running: &mut Running, cx: &mut Context<'_>) -> Poll<Outcome> {
        match catch_unwind(AssertUnwindSafe(|| running.as_mut().poll(cx))) {
            Ok(Poll::Pending) => Poll::Pending,
            Ok(Poll::Ready(Ok(reply))) => Poll::Ready(Outcome::Reply(reply)),
            Ok(Poll::Ready(Err(reject))) => {
                let (code, message, detail) = reject.into_parts();
                if let Some(detail) = detail {
                    self.failed(link, &detail.to_string());
                }
                Poll::Ready(Outcome::Reject(code, message))
            }
            Err(panic) => Poll::Ready(self.panicked(link, &*panic)),
        }
    }

    fn panicked(&self, link: &Link, panic: &(dyn Any + Send)) -> Outcome {
        let text = panic.downcast_ref::<&str>().copied();
        let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
        self.failed(link, &format!("panicked: {}", text.unwrap_or("no message")))
    }

    /// The handler gave no answer of its own; its caller learns only that.
    pub(super) fn failed(&self, link: &Link, detail: &str) -> Outcome {
        let (service, endpoint) = (&*self.service, &*self.name);
        link.hub.notice(&Notice::HandlerFailed { service, endpoint, detail });
        Outcome::Reject(ErrorCode::Unexpected, Cow::Borrowed(UNEXPECTED))
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
