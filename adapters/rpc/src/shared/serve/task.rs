//! One request at work.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use tchannel_proto::{Incoming, Timestamp};

use super::endpoint::{Endpoint, Running};
use super::{Outcome, Request};
use crate::shared::link::Link;

/// Runs a handler to its answer; ends early, dropping it, when nobody waits for the answer any more.
pub(crate) struct Serving {
    link: Arc<Link>,
    call: Incoming,
    endpoint: Arc<Endpoint>,
    stage: Stage,
}

enum Stage {
    New(Request),
    Running(Running),
    Over,
}

impl Serving {
    pub(super) fn new(link: &Arc<Link>, call: Incoming, endpoint: Arc<Endpoint>, request: Request) -> Self {
        Serving { link: link.clone(), call, endpoint, stage: Stage::New(request) }
    }

    /// Starts the handler, or goes on with it. Drops it when it is done.
    pub(super) fn step(&mut self, cx: &mut Context<'_>) -> Poll<Outcome> {
        let mut running = match std::mem::replace(&mut self.stage, Stage::Over) {
            Stage::New(request) => match self.endpoint.start(&self.link, request) {
                Ok(running) => running,
                Err(outcome) => return Poll::Ready(outcome),
            },
            Stage::Running(running) => running,
            Stage::Over => return Poll::Pending,
        };
        let step = self.endpoint.poll(&self.link, &mut running, cx);
        if step.is_pending() {
            self.stage = Stage::Running(running);
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

impl Future for Serving {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = self.get_mut();
        if this.link.poll_abandoned(this.call, cx) {
            this.stage = Stage::Over;
            return Poll::Ready(());
        }
        let step = if matches!(this.stage, Stage::New(_)) {
            this.first_step(cx, this.link.hub.clock.now()).0
        } else {
            this.step(cx)
        };
        step.map(|outcome| this.link.answer(this.call, outcome))
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        if !matches!(self.stage, Stage::Over) {
            let outcome = self.endpoint.failed(&self.link, "dropped before it answered");
            self.link.answer(self.call, outcome);
        }
    }
}
