//! From requests that arrived to handlers that answer them.

mod endpoint;
mod handler;
mod reply;
mod request;
mod services;
mod streamed;
mod task;

use std::borrow::Cow;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use tchannel_proto::wire::ErrorCode;
use tchannel_proto::{Args, Incoming, RequestHead, Timestamp};

pub use handler::{Handler, StreamedHandler};
pub use reply::{Reject, Reply};
pub use request::{Connection, Request};
pub use services::Service;
pub use streamed::{Responder, StreamedRequest};

pub(crate) use endpoint::Endpoint;
pub(crate) use services::Services;
pub(crate) use task::Serving;

use super::link::{After, Link};

/// A request as the core gave it.
pub(crate) struct Arrived {
    pub(crate) call: Incoming,
    pub(crate) head: RequestHead,
    /// `None` if only the first part is there.
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
    pub(crate) outcomes: Vec<(Incoming, Outcome)>,
}

/// Serves all that arrived in one read, and answers in one write what is answered at once.
pub(crate) fn serve(link: &Arc<Link>, mut batch: Batch, after: &mut After) {
    let mut now = link.hub.clock.now();
    let mut began = now;
    let mut parts = Vec::new();
    while !batch.arrived.is_empty() {
        for Arrived { call, head, args } in batch.arrived.drain(..) {
            let endpoint = match link.hub.services.find(&head) {
                Ok(endpoint) => endpoint,
                Err(message) => {
                    batch.outcomes.push((call, Outcome::Reject(ErrorCode::BadRequest, message.into())));
                    continue;
                }
            };
            if endpoint.is_streamed() {
                link.hub.driver.serve(Serving::streamed(link, call, endpoint, head, args));
                continue;
            }
            let Some(args) = args else {
                parts.push((call, head));
                continue;
            };
            // A call of ours that is answered in this very read must not wait for a handler.
            let inline = endpoint.is_quick() && !batch.is_calling;
            let serving = Serving::new(link, call, endpoint, Request::new(call, head, args, link.clone()));
            if !inline {
                link.hub.driver.serve(serving);
                continue;
            }
            now = start(link, call, serving, &mut batch.outcomes, now);
            if now.since(began) > PATIENCE {
                link.answer_some(&mut batch.outcomes);
                now = link.hub.clock.now();
                began = now;
            }
        }
        if !parts.is_empty() {
            link.collect(&mut parts, &mut batch.arrived);
        }
    }
    link.answer_all(batch, after);
}

/// Runs a handler here that has shown itself quick. Gives back the time.
fn start(
    link: &Arc<Link>,
    call: Incoming,
    mut serving: Serving,
    outcomes: &mut Vec<(Incoming, Outcome)>,
    now: Timestamp,
) -> Timestamp {
    // A task polls it again with its own waker, should it not be done.
    let (step, later) = serving.first_step(&mut Context::from_waker(Waker::noop()), now);
    match step {
        Poll::Ready(outcome) => outcomes.push((call, outcome)),
        Poll::Pending => link.hub.driver.serve(serving),
    }
    later
}

/// How long a finished answer may wait for others of its batch.
const PATIENCE: Duration = Duration::from_micros(100);
