//! One request at work.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use tchannel_proto::Timestamp;

use super::endpoint::{Asked, Endpoint, Running};
use super::request::About;
use super::streamed::exchange;
use super::{Arrived, Outcome, Request};
use crate::shared::hub::{Theirs, Wanted};
use crate::shared::link::Link;

/// Runs a handler to its answer; ends early, dropping it, when nobody waits for the answer any more.
pub(crate) struct Serving {
    link: Arc<Link>,
    id: Theirs,
    endpoint: Arc<Endpoint>,
    stage: Stage,
    #[cfg(feature = "tracing")]
    span: Option<tracing::Span>,
}

enum Stage {
    New(Asked),
    Running(Running),
    Over,
}

impl Serving {
    /// A request at its beginning.
    pub(crate) fn of(arrived: Arrived) -> Self {
        let Arrived { id, wire_id, link, endpoint, head, args } = arrived;
        #[cfg(feature = "tracing")]
        let span = link.hub.traces_requests().then(|| {
            let caller = head.headers().caller().unwrap_or_default();
            crate::trace_events::request(head.service(), &head.endpoint(), caller, head.tracing)
        });
        let about = About { id: wire_id, head, link: link.clone() };
        let asked = match args {
            Some(args) if !endpoint.is_streamed() => Asked::Whole(Request::new(about, args)),
            args => Asked::Streamed(Box::new(exchange(id, about, args, &endpoint))),
        };
        Serving {
            #[cfg(feature = "tracing")]
            span,
            link,
            id,
            endpoint,
            stage: Stage::New(asked),
        }
    }

    /// Starts the handler, or goes on with it. Drops it when it is done.
    pub(super) fn step(&mut self, cx: &mut Context<'_>) -> Poll<Outcome> {
        #[cfg(feature = "tracing")]
        let _inside = self.span.clone().map(tracing::Span::entered);
        let mut running = match std::mem::replace(&mut self.stage, Stage::Over) {
            Stage::New(asked) => match self.endpoint.start(&self.link, asked) {
                Ok(running) => running,
                Err(outcome) => return Poll::Ready(outcome),
            },
            Stage::Running(running) => running,
            Stage::Over => return Poll::Pending,
        };
        let step = self.endpoint.poll(&self.link, &mut running, cx);
        if step.is_pending() {
            self.stage = Stage::Running(running);
        } else {
            self.endpoint.discard(&self.link, running);
        }
        step
    }

    /// As `step` for the first time, and takes note of how quick it was.
    pub(super) fn first_step(&mut self, cx: &mut Context<'_>, now: Timestamp) -> (Poll<Outcome>, Timestamp) {
        let step = self.step(cx);
        let later = self.link.hub.clock.now();
        self.endpoint.note(later.since(now), step.is_ready());
        (step, later)
    }
}

impl Serving {
    /// Whether to go on. If so, the task is woken when that changes.
    fn is_wanted(&self, cx: &mut Context<'_>) -> bool {
        if self.endpoint.is_streamed() {
            self.link.hub.poll_wanted(self.id, cx) == Wanted::Yes
        } else {
            !self.link.hub.poll_abandoned(self.id, cx)
        }
    }

    /// The handler is done, or is done with.
    fn conclude(&mut self, outcome: Outcome) {
        // Drops what the handler still holds: its halves of a streamed call know then that they have no other owner.
        if let Stage::Running(running) = std::mem::replace(&mut self.stage, Stage::Over) {
            self.endpoint.discard(&self.link, running);
        }
        if !matches!(outcome, Outcome::Written) {
            self.link.hub.answer(self.id, outcome);
        }
        if self.endpoint.is_streamed() && self.link.hub.end_stream(self.id) {
            let outcome = self.endpoint.failed(&self.link, UNANSWERED);
            self.link.hub.answer(self.id, outcome);
        }
    }
}

impl Future for Serving {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = self.get_mut();
        if !this.is_wanted(cx) {
            this.conclude(Outcome::Written);
            return Poll::Ready(());
        }
        let step = if matches!(this.stage, Stage::New(_)) {
            this.first_step(cx, this.link.hub.clock.now()).0
        } else {
            this.step(cx)
        };
        step.map(|outcome| this.conclude(outcome))
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        if matches!(self.stage, Stage::Over) {
            return;
        }
        let outcome = if self.endpoint.is_streamed() {
            Outcome::Written
        } else {
            self.endpoint.failed(&self.link, UNANSWERED)
        };
        self.conclude(outcome);
    }
}

const UNANSWERED: &str = "dropped before it answered";
