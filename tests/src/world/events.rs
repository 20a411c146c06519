//! What a node's owner does about each event.

use tchannel_proto::{Args, CallId, CloseReason, Event};

use super::World;

impl World {
    /// Takes every event that waits and acts on it; says whether there was one.
    pub(super) fn deliver_events(&mut self, node: usize) -> bool {
        let events = self.nodes[node].machine.events();
        let busy = !events.is_empty();
        for event in events {
            self.act_on(node, event);
        }
        busy
    }

    fn act_on(&mut self, node: usize, event: Event) {
        let (now, trace) = (self.now, self.trace.clone());
        match event {
            Event::Ready(remote) => trace.node(now, node, format_args!("ready: {:?}", remote.language)),
            Event::Request { call, head, args } => {
                trace.node(
                    now,
                    node,
                    format_args!("request {} {:?} {}", call.id(), head.endpoint(), Shown(&args)),
                );
                self.request(node, call, &head, args);
            }
            Event::Response { call, head, args } => {
                let code = head.code.0;
                trace.node(now, node, format_args!("response {} code {code} {}", call.id(), Shown(&args)));
                self.response(node, call, code, args);
            }
            Event::Whole { call: CallId::Incoming(call), args } => {
                let args = Some(args);
                trace.node(now, node, format_args!("whole request {} {}", call.id(), Shown(&args)));
                self.collected_request(node, call, args);
            }
            Event::Whole { call: CallId::Outgoing(call), args } => {
                let args = Some(args);
                trace.node(now, node, format_args!("whole response {} {}", call.id(), Shown(&args)));
                self.answered(node, call, args);
            }
            Event::Readable(call) => {
                trace.node(now, node, format_args!("readable {call:?}"));
                match call {
                    CallId::Incoming(call) => self.request_readable(node, call),
                    CallId::Outgoing(call) => self.response_readable(node, call),
                }
            }
            Event::Writable(call) => {
                trace.node(now, node, format_args!("writable {call:?}"));
                self.unblocked(node, call);
            }
            Event::Abandoned { call, code } => {
                trace.node(now, node, format_args!("abandoned {}: {code}", call.id()));
                self.abandoned(node, call);
            }
            Event::Failed { call, error } => {
                trace.node(now, node, format_args!("failed {}: {error}", call.id()));
                self.failed(node, call, error);
            }
            Event::Draining(reason) => {
                trace.node(now, node, format_args!("the peer drains: {reason}"));
                self.trouble(node).draining = true;
            }
            Event::Claim(tracing) => trace.node(now, node, format_args!("claim {tracing:?}")),
            Event::Closed(reason) => {
                trace.node(now, node, format_args!("closed: {reason}"));
                self.closed(node, &reason);
            }
        }
    }

    /// Nothing closes a connection but what the scenario did to it.
    fn closed(&mut self, node: usize, reason: &CloseReason) {
        let now = self.now;
        let trouble = self.trouble(node);
        #[allow(clippy::wildcard_enum_match_arm, reason = "no other reason is ever expected")]
        let expected = match reason {
            CloseReason::Drained | CloseReason::DrainTimeout => trouble.draining,
            CloseReason::Local | CloseReason::Lost(_) => trouble.lost,
            CloseReason::HandshakeTimeout | CloseReason::Stalled => trouble.slow,
            CloseReason::Stale => true,
            CloseReason::Unhealthy => trouble.watchful && trouble.slow,
            // Calls are forgotten while many of their frames are still coming.
            CloseReason::TooManyUselessFrames | CloseReason::Remote { .. } => trouble.tight || trouble.slow,
            // Malformed, Protocol, and whatever else there may be.
            _ => false,
        };
        assert!(expected || trouble.hostile, "nothing explains why node {node} closed at {now}: {reason}");
        trouble.lost = true;
        self.nodes[node].closed_at = Some(now);
        self.nodes[node].serving.clear();
        self.nodes[node].uploads.clear();
    }
}

/// Arguments as lengths.
struct Shown<'a>(&'a Option<Args>);

impl std::fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0 {
            Some(args) => write!(f, "{} + {} bytes", args.arg2.len(), args.len() - args.arg2.len()),
            None => write!(f, "in parts"),
        }
    }
}
