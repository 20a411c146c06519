//! From requests that arrived to handlers that answer them.

mod endpoint;
mod handler;
mod reply;
mod request;
mod streamed;
mod task;

use std::borrow::Cow;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use tchannel_proto::wire::ErrorCode;
use tchannel_proto::{Args, RequestHead, Timestamp};

pub use handler::{Handler, StreamedHandler};
pub use reply::{Reject, Reply};
pub use request::{Connection, Request};
pub use streamed::{Responder, StreamedRequest};

pub(crate) use endpoint::Endpoint;
pub(crate) use task::Serving;

use super::hub::{After, Hub, Theirs};
use super::link::Link;

/// A request as the core gave it, and who serves it.
pub(crate) struct Arrived {
    pub(crate) id: Theirs,
    pub(crate) wire_id: u32,
    pub(crate) link: Arc<Link>,
    pub(crate) endpoint: Arc<Endpoint>,
    pub(crate) head: RequestHead,
    /// `None` if its handler reads it in parts, and only the first is there.
    pub(crate) args: Option<Args>,
}

/// What becomes of a request.
pub(crate) enum Outcome {
    Reply(Reply),
    Reject(ErrorCode, Cow<'static, str>),
    /// The handler has answered by itself, or somebody else is to.
    Written,
}

/// What a reader keeps from one batch to the next.
#[derive(Default)]
pub(crate) struct Batch {
    /// Calls of ours are in flight.
    pub(crate) is_calling: bool,
    pub(crate) arrived: Vec<Arrived>,
    pub(crate) outcomes: Vec<(Theirs, Outcome)>,
}

/// Serves all that arrived in one read, and answers in one write what is answered at once.
pub(crate) fn serve(hub: &Arc<Hub>, mut batch: Batch, after: &mut After) {
    let mut pace = Pace::new(hub);
    for arrived in batch.arrived.drain(..) {
        let id = arrived.id;
        let outcome = pace.serve(hub, arrived, batch.is_calling);
        batch.outcomes.extend(outcome.map(|outcome| (id, outcome)));
        if pace.is_long() {
            hub.answer_some(&mut batch.outcomes);
            pace = Pace::new(hub);
        }
    }
    hub.answer_all(batch, after);
}

/// How long the reader's task has been with handlers.
pub(crate) struct Pace {
    began: Timestamp,
    now: Timestamp,
}

impl Pace {
    pub(crate) fn new(hub: &Hub) -> Self {
        let now = hub.clock.now();
        Pace { began: now, now }
    }

    /// Serves a request: here, if its handler is quick, else in a task of its own.
    pub(crate) fn serve(&mut self, hub: &Arc<Hub>, arrived: Arrived, is_calling: bool) -> Option<Outcome> {
        // A call of ours that is answered in this very read must not wait for a handler.
        let quick = hub.trusts_handlers() || arrived.endpoint.is_quick();
        let inline = quick && !is_calling && !arrived.endpoint.is_streamed();
        let mut serving = Serving::of(arrived);
        if inline {
            // A task polls it again with its own waker, should it not be done.
            let (step, now) = serving.first_step(&mut Context::from_waker(Waker::noop()), self.now);
            self.now = now;
            if let Poll::Ready(outcome) = step {
                return Some(outcome);
            }
        }
        hub.driver.serve(serving);
        None
    }

    /// Whether a finished answer has waited long enough for others of its batch.
    pub(crate) fn is_long(&self) -> bool {
        self.now.since(self.began) > PATIENCE
    }
}

/// Serves all that arrived in tasks of their own: for a reader whose thread may hold what a handler waits for.
pub(crate) fn serve_apart(hub: &Arc<Hub>, mut batch: Batch, after: &mut After) {
    for arrived in batch.arrived.drain(..) {
        hub.driver.serve(Serving::of(arrived));
    }
    hub.answer_all(batch, after);
}

/// How long a finished answer may wait for others of its batch.
const PATIENCE: Duration = Duration::from_micros(100);
