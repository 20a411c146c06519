//! What channels tell their owners.

use tchannel_mesh::{Event, Party};
use tchannel_proto::wire::ErrorCode;

use super::World;
use crate::mesh::model::End;

impl World {
    pub(super) fn hear_events(&mut self, node: usize) -> bool {
        let mut busy = false;
        while let Some(event) = self.nodes[node].process.as_mut().and_then(|process| process.machine.event())
        {
            busy = true;
            self.happened(node, event);
        }
        busy
    }

    fn happened(&mut self, node: usize, event: Event) {
        let now = self.now;
        match event {
            Event::Request { call, head, args, .. } => self.requested(node, call, &head, args),
            Event::Abandoned { call, code } => {
                self.trace.node(now, node, format_args!("request {} is abandoned: {code}", call.index()));
                self.abandoned(node, call);
            }
            Event::Response { ticket, head, args, peer, attempts } => {
                self.responded(node, ticket, head.code, args, peer, attempts);
            }
            Event::Rest { ticket, args } => self.rest(node, ticket, &args),
            Event::Failed { ticket, failure } => {
                self.trace.node(now, node, format_args!("ticket {} failed: {failure}", ticket.index()));
                self.check_failure(node, ticket, &failure);
                self.ended(node, ticket, End::Failed(failure));
            }
            Event::Ask { ticket, code } => {
                self.trace.node(now, node, format_args!("ticket {} is not ok: {code:?}", ticket.index()));
                self.decide(node, ticket, false);
            }
            Event::Readable(Party::Ours(ticket)) => self.read_response(node, ticket),
            Event::Readable(Party::Theirs(call)) => self.read_request(node, call),
            Event::Writable(party) => self.unblocked(node, party),
            Event::Ready { key, remote } => {
                let says = &remote.host_port;
                self.trace.node(now, node, format_args!("connection {} is ready: {says:?}", key.index()));
            }
            Event::Draining { key } => {
                self.trace.node(now, node, format_args!("connection {} drains", key.index()));
            }
            Event::Closed { key, reason } => {
                self.trace.node(now, node, format_args!("connection {} is over: {reason}", key.index()));
            }
            Event::PeerAdded(peer) => self.trace.node(now, node, format_args!("{peer} is listed")),
            Event::PeerRemoved(peer) => self.trace.node(now, node, format_args!("{peer} is not listed")),
            Event::PeerUp(peer) => self.trace.node(now, node, format_args!("{peer} is up")),
            Event::PeerDown(peer) => self.trace.node(now, node, format_args!("{peer} is down")),
            Event::NearLimit(warning) => self.trace.node(now, node, format_args!("{warning:?}")),
            Event::Circuit(change) => self.trace.node(now, node, format_args!("{change:?}")),
            Event::Drained => self.trace.node(now, node, format_args!("is drained")),
            other => panic!("an event that nobody knows: {other:?}"),
        }
    }

    fn abandoned(&mut self, node: usize, call: tchannel_mesh::Inbound) {
        let now = self.now;
        let serving = self
            .on(node, |process| {
                process.uploads.remove(&call.into());
                let late = process.machine.reject(now, call, ErrorCode::Unexpected, "too late");
                assert!(late.is_err(), "law 2: {call:?} was abandoned, and an answer was taken");
                let read = process.machine.read(now, call.into());
                assert!(read.is_err(), "law 2: {call:?} was abandoned, and can be read");
                process.serving.remove(&call)
            })
            .flatten();
        // Nobody waits for the child either.
        if let Some(child) = serving.and_then(|serving| serving.child) {
            self.cancel(child, "its parent is abandoned");
        }
    }
}
