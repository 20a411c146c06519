//! Own calls: from a ticket to attempts, and back to one end.

use alloc::sync::Arc;

use bytes::Bytes;
use tchannel_proto::wire::ErrorCode;
use tchannel_proto::{Args, CallError, Outgoing, Request, RequestHead, ResponseHead, Timestamp};

use super::{Channel, ConnKey, Due, Event, Ticket};
use crate::options::{CallOptions, CallPlan, Direct, Layers, Sizes, Style};
use crate::peers::{Choice, PeerKey};
use crate::retry::{Attempts, Step, Verdict};
use crate::trace::Span;
use crate::{NotSent, OpenError};

/// A response, and who gave it.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    head: ResponseHead,
    args: Args,
    peer: PeerKey,
}

/// A call that has not ended.
#[derive(Debug)]
pub(super) struct Pending {
    plan: CallPlan,
    endpoint: Bytes,
    args: Args,
    span: Span,
    attempts: Attempts<Answer>,
    /// Where the running attempt is.
    running: Option<Running>,
    due: Option<Timestamp>,
}

/// An attempt on the wire, or waiting for its connection.
#[derive(Clone, Copy, Debug)]
struct Running {
    connection: ConnKey,
    call: Outgoing,
    peer: PeerKey,
    deadline: Timestamp,
}

impl Channel {
    pub(super) fn start(
        &mut self,
        style: Style,
        subchannel: Option<(&str, &CallOptions)>,
        endpoint: Bytes,
        args: Args,
        options: &CallOptions,
    ) -> Result<Ticket, OpenError> {
        if self.draining.is_some() {
            return Err(OpenError::Closed);
        }
        let config = Arc::clone(&self.config);
        let layers = Layers {
            call: options,
            subchannel,
            channel: &config.defaults,
            channel_name: &config.name,
            style,
        };
        let max_message = self.connection_config.max_message.get();
        let sizes = Sizes { endpoint: endpoint.len(), body: args.len(), max_message };
        let plan = layers.plan(self.now, sizes)?;
        let span = Span::begin(&mut self.rng, config.trace_sample, plan.lineage);
        let ticket = Ticket(self.next_ticket);
        self.next_ticket += 1;
        let attempts = Attempts::new(self.now, plan.rules.clone());
        if let Err(overloaded) = self.admission.begin(plan.route.service()) {
            let error = NotSent::from(overloaded).into();
            self.events.push_back(Event::Failed { ticket, error });
            return Ok(ticket);
        }
        let pending = Pending { plan, endpoint, args, span, attempts, running: None, due: None };
        self.calls.insert(ticket, pending);
        let (now, budget) = (self.now, &mut self.budget);
        let step = self.calls.get_mut(&ticket).and_then(|call| call.attempts.start(now, budget));
        self.run(ticket, step);
        Ok(ticket)
    }

    pub(super) fn decided(&mut self, ticket: Ticket, verdict: Verdict) {
        let now = self.now;
        let step = self.calls.get_mut(&ticket).and_then(|call| call.attempts.decided(now, verdict));
        self.run(ticket, step);
    }

    pub(super) fn cancelled(&mut self, ticket: Ticket, why: &str) {
        let now = self.now;
        let Some(call) = self.calls.get_mut(&ticket) else { return };
        if let Some(running) = call.running.take() {
            self.release(running, ticket);
            if let Some(member) = self.members.get_mut(&running.connection) {
                member.connection.cancel(now, running.call, why);
            }
            self.over(ticket);
            self.touched(running.connection);
        } else {
            self.over(ticket);
        }
    }

    pub(super) fn call_due(&mut self, ticket: Ticket) {
        let (now, budget) = (self.now, &mut self.budget);
        let step = self.calls.get_mut(&ticket).and_then(|call| call.attempts.expired(now, budget));
        self.run(ticket, step);
    }

    pub(super) fn answered(&mut self, key: ConnKey, call: Outgoing, head: ResponseHead, args: Args) {
        let Some((ticket, running)) = self.ended(key, call) else { return };
        let answer = Answer { head, args, peer: running.peer };
        let ok = answer.head.code.is_ok();
        let step = self.calls.get_mut(&ticket).and_then(|call| call.attempts.answered(ok, answer));
        self.run(ticket, step);
    }

    pub(super) fn attempt_failed(&mut self, key: ConnKey, call: Outgoing, error: CallError) {
        let Some((ticket, running)) = self.ended(key, call) else { return };
        let now = self.now;
        if error.code == ErrorCode::Busy
            && let Some(peer) = self.peers.get_mut(running.peer)
        {
            peer.load.answered_busy(now, running.deadline.since(now));
        }
        let budget = &mut self.budget;
        let step = self.calls.get_mut(&ticket).and_then(|call| call.attempts.failed(now, error, budget));
        self.run(ticket, step);
    }

    /// The running attempt of a ticket is over.
    fn ended(&mut self, key: ConnKey, call: Outgoing) -> Option<(Ticket, Running)> {
        let ticket = self.members.get_mut(&key)?.calls.remove(&call)?;
        let running = self.calls.get_mut(&ticket)?.running.take()?;
        self.release(running, ticket);
        Some((ticket, running))
    }

    /// The peer has one call less.
    fn release(&mut self, running: Running, ticket: Ticket) {
        if let Some(member) = self.members.get_mut(&running.connection) {
            member.calls.remove(&running.call);
        }
        let tracked = self.calls.get(&ticket).is_some_and(|call| call.plan.track_pending);
        if let Some(peer) = self.peers.get_mut(running.peer) {
            peer.calls -= 1;
            if tracked {
                peer.load.call_ended();
            }
        }
    }

    /// Does what the attempts of a call ask for, until they wait or are over.
    fn run(&mut self, ticket: Ticket, mut step: Option<Step<Answer>>) {
        while let Some(next) = step.take() {
            match next {
                Step::Choose | Step::TryAgain => step = self.attempt(ticket),
                Step::Ask => {
                    let code = self.calls.get(&ticket).and_then(|call| call.attempts.asking());
                    if let Some(code) = code.map(|answer| answer.head.code) {
                        self.events.push_back(Event::Ask { ticket, code });
                    }
                }
                Step::Give(end) => return self.give(ticket, end),
            }
        }
        self.set_call_due(ticket);
    }

    fn set_call_due(&mut self, ticket: Ticket) {
        if let Some(call) = self.calls.get_mut(&ticket) {
            let (before, after) = (call.due, call.attempts.poll_timeout());
            call.due = after;
            self.set_due(before, after, Due::Call(ticket));
        }
    }

    /// One attempt: a peer, a connection, a request. What comes back is the next step, if it ended at once.
    fn attempt(&mut self, ticket: Ticket) -> Option<Step<Answer>> {
        let now = self.now;
        let choice = self.choice(ticket);
        if let Some(warm) = choice.warm {
            self.dial(warm);
        }
        let call = self.calls.get_mut(&ticket)?;
        let Some(peer) = choice.peer else {
            let service = alloc::string::String::from(call.plan.route.service());
            return call.attempts.no_peer(&service);
        };
        let attempt = call.attempts.begin(now, peer, true, &mut self.budget)?;
        if attempt.retry_count > 0 {
            call.span = call.span.again(&mut self.rng);
        }
        let mut head = RequestHead::new(call.plan.route.clone(), call.endpoint.clone(), attempt.deadline);
        head.tracing = call.span.tracing();
        head.checksum = call.plan.checksum;
        let request = Request { head, args: call.args.clone() };
        let tracked = call.plan.track_pending;
        let connection = self.connection_to(peer)?;
        let sent = self.members.get_mut(&connection)?.connection.call(now, request);
        match sent {
            Err(error) => {
                let error = NotSent::from(error).into();
                let call = self.calls.get_mut(&ticket)?;
                call.attempts.failed(now, error, &mut self.budget)
            }
            Ok(outgoing) => {
                if let Some(known) = self.peers.get_mut(peer) {
                    known.calls += 1;
                    if tracked {
                        known.load.call_began();
                    }
                }
                if let Some(member) = self.members.get_mut(&connection) {
                    member.calls.insert(outgoing, ticket);
                }
                let running = Running { connection, call: outgoing, peer, deadline: attempt.deadline };
                self.calls.get_mut(&ticket)?.running = Some(running);
                self.touched(connection);
                None
            }
        }
    }

    fn choice(&mut self, ticket: Ticket) -> Choice {
        // Out of the table while its peers are looked at.
        let Some(call) = self.calls.remove(&ticket) else { return Choice::default() };
        let choice = self.choice_for(&call);
        self.calls.insert(ticket, call);
        choice
    }

    fn choice_for(&mut self, call: &Pending) -> Choice {
        let attempts = &call.attempts;
        match call.plan.direct.clone() {
            Some(Direct::Host(host)) => {
                let peer = self.peers.find_or_add(&host);
                Choice { peer: Some(peer).filter(|peer| !attempts.has_tried(*peer)), warm: None }
            }
            Some(Direct::Peer(peer)) => {
                let known = self.peers.get(peer).is_some() && !attempts.has_tried(peer);
                Choice { peer: known.then_some(peer), warm: None }
            }
            None => {
                let route = call.plan.route.clone();
                let threshold = call.plan.peer_score_threshold;
                let shard_key = route.headers().shard_key();
                let again = attempts.rules().allow_same_peer;
                self.choose(route.service(), shard_key, threshold, again, |peer| attempts.has_tried(peer))
            }
        }
    }

    fn give(&mut self, ticket: Ticket, end: Result<Answer, CallError>) {
        let attempts = self.calls.get(&ticket).map_or(0, |call| call.attempts.made());
        self.over(ticket);
        self.events.push_back(match end {
            Ok(Answer { head, args, peer }) => Event::Response { ticket, head, args, peer, attempts },
            Err(error) => Event::Failed { ticket, error },
        });
    }

    /// Nothing of the call is left.
    fn over(&mut self, ticket: Ticket) {
        if let Some(call) = self.calls.remove(&ticket) {
            self.set_due(call.due, None, Due::Call(ticket));
            self.admission.ended(call.plan.route.service());
        }
    }
}
