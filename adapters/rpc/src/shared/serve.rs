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
use tchannel_proto::{Args, RequestHead};

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
    let mut now = hub.clock.now();
    let mut began = now;
    for arrived in batch.arrived.drain(..) {
        let id = arrived.id;
        // A call of ours that is answered in this very read must not wait for a handler.
        let quick = hub.trusts_handlers() || arrived.endpoint.is_quick();
        let inline = quick && !batch.is_calling && !arrived.endpoint.is_streamed();
        let mut serving = Serving::of(arrived);
        if !inline {
            hub.driver.serve(serving);
            continue;
        }
        // A task polls it again with its own waker, should it not be done.
        let (step, later) = serving.first_step(&mut Context::from_waker(Waker::noop()), now);
        match step {
            Poll::Ready(outcome) => batch.outcomes.push((id, outcome)),
            Poll::Pending => hub.driver.serve(serving),
        }
        now = later;
        if now.since(began) > PATIENCE {
            hub.answer_some(&mut batch.outcomes);
            now = hub.clock.now();
            began = now;
        }
    }
    hub.answer_all(batch, after);
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
