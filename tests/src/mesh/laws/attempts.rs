//! The rules for attempts, looked at on the wire.

use std::time::Duration;

use tchannel_proto::Timestamp;
use tchannel_proto::wire::Tracing;

use crate::laws::law;
use crate::mesh::model::Call;

/// A request that left.
#[derive(Clone, Copy, Debug)]
pub struct Attempt {
    /// When.
    pub at: Timestamp,
    /// The node at the other end.
    pub to: usize,
    /// On the wire.
    pub ttl: Duration,
    /// On the wire.
    pub tracing: Tracing,
}

/// Law 2 for one more attempt of a call. `names` is how many of the caller's peers are the node that it goes to.
pub fn check_attempt(call: &Call, attempt: &Attempt, names: usize) {
    let Attempt { at, to, ttl, tracing } = *attempt;
    let number = call.number;
    law!(2, call.end.is_none(), "call {number} is over, and an attempt of it is sent");
    let most = if call.is_once() { 1 } else { call.ask.attempts };
    let made = call.attempts.len() + 1;
    let within = u32::try_from(made).is_ok_and(|made| made <= most);
    law!(2, within, "call {number} may make {most} attempts, and made {made}");
    let left = call.deadline.since(at);
    law!(2, ttl <= left, "call {number} has {left:?} left, its ttl is {ttl:?}");
    law!(2, !ttl.is_zero(), "call {number} is sent with no time left");
    let bound = call.ask.per_attempt.unwrap_or(Duration::MAX);
    law!(2, ttl <= bound, "an attempt of call {number} has {bound:?}, its ttl is {ttl:?}");
    let before = call.attempts.iter().filter(|attempt| attempt.to == to).count();
    law!(2, names > 0, "call {number} goes to node {to}, which is no peer of its caller");
    let again = before < names || call.ask.same_peer;
    law!(2, again, "call {number} goes to node {to} once more: it was there {before} times");
    check_tracing(call, tracing);
}

fn check_tracing(call: &Call, tracing: Tracing) {
    let number = call.number;
    law!(2, tracing.trace_id != 0, "call {number} has no trace");
    match (call.parent, call.attempts.first()) {
        (_, Some(first)) => {
            let first = first.tracing;
            let same = (first.trace_id, first.parent_id) == (tracing.trace_id, tracing.parent_id);
            law!(2, same, "two attempts of call {number} are not of one trace: {first:?}, {tracing:?}");
            let spans = call.attempts.iter().filter(|attempt| attempt.tracing.span_id == tracing.span_id);
            law!(2, spans.count() == 0, "two attempts of call {number} are span {:x}", tracing.span_id);
        }
        (Some(parent), None) => {
            let of = parent.tracing;
            let follows = (of.trace_id, of.span_id) == (tracing.trace_id, tracing.parent_id);
            law!(2, follows, "call {number} does not follow {of:?}: {tracing:?}");
            law!(2, tracing.span_id != of.span_id, "call {number} has its parent's span");
        }
        (None, None) => {
            // Attempts before it may have ended while their peers were dialled: then this is not the trace's first span.
            law!(2, tracing.parent_id == 0, "call {number} begins no trace: {tracing:?}");
        }
    }
}
