//! Own calls: from a ticket to attempts, and back to one end.

use alloc::boxed::Box;
use alloc::sync::Arc;
use core::time::Duration;

use bytes::Bytes;
use tchannel_proto::wire::{ErrorCode, ResponseCode};
use tchannel_proto::{Args, CallError, Origin, Outgoing, Request, RequestHead, ResponseHead, Timestamp};

use super::failure::Whereabouts;
use super::meter::{Ended, Volume};
use super::{Channel, ConnKey, Due, Event, Phase, Ticket};
use crate::options::{CallOptions, CallPlan, Direct, Layers, Parent, Sizes, Style};
use crate::peers::PeerKey;
use crate::retry::{Attempts, Step, Verdict};
use crate::stats::LabelKey;
use crate::trace::Span;
use crate::{NotSent, OpenError};

/// A call to start: what its plan says, and what is its own.
#[derive(Clone, Debug)]
pub struct Call<'a> {
    /// Serves any number of calls.
    pub plan: &'a Arc<CallPlan>,
    /// The caller's patience. The plan's, unless this call has another.
    pub timeout: Duration,
    /// The one peer that it goes to. The plan's, unless this call has another.
    pub direct: Option<Direct>,
    /// The call being served that causes this one.
    pub parent: Option<Parent>,
    /// arg1.
    pub endpoint: Bytes,
    /// arg2 and arg3; `None`: they are written in parts, and the response is read in parts.
    pub args: Option<Args>,
}

impl<'a> Call<'a> {
    /// A streamed call as planned, caused by no other. For a whole one set `args`.
    pub fn of(plan: &'a Arc<CallPlan>, endpoint: Bytes) -> Self {
        let (timeout, direct) = (plan.timeout, plan.direct.clone());
        Call { plan, timeout, direct, parent: None, endpoint, args: None }
    }
}

/// A response, and who gave it.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    head: ResponseHead,
    args: Option<Args>,
    peer: PeerKey,
}

/// A call that has not ended.
#[derive(Debug)]
pub(super) struct Pending {
    pub(super) plan: Arc<CallPlan>,
    pub(super) direct: Option<Direct>,
    pub(super) endpoint: Bytes,
    /// `None`: they are written in parts.
    args: Option<Args>,
    pub(super) span: Span,
    pub(super) labels: LabelKey,
    pub(super) volume: Volume,
    /// What a response that is read in parts began with.
    code: ResponseCode,
    pub(super) attempts: Attempts<Answer>,
    /// Where the running attempt is.
    pub(super) running: Option<Running>,
    /// Where the last one failed.
    failed: Whereabouts,
    due: Option<Timestamp>,
}

/// An attempt on the wire, or waiting for its connection.
#[derive(Clone, Copy, Debug)]
pub(super) struct Running {
    pub(super) connection: ConnKey,
    pub(super) call: Outgoing,
    pub(super) peer: PeerKey,
    /// When its connection took it.
    pub(super) began: Timestamp,
    deadline: Timestamp,
}

impl Channel {
    /// Starts a call. It ends with one [`Event::Response`], for a streamed one read to its end or followed by one
    /// [`Event::Rest`], or with one [`Event::Failed`].
    ///
    /// A streamed one makes one attempt, and its deadline guards the first frame of the response. Errors leave the state
    /// as it was.
    pub fn start(&mut self, now: Timestamp, call: Call<'_>) -> Result<Ticket, OpenError> {
        self.step(now);
        self.begin(call)
    }

    /// Plans and starts a call in the style of the Python documents. Errors leave the state as it was.
    pub fn call(
        &mut self,
        now: Timestamp,
        endpoint: Bytes,
        args: Args,
        options: &CallOptions,
    ) -> Result<Ticket, OpenError> {
        self.plan_and_start(now, (Style::Python, None), endpoint, args, options)
    }

    /// Plans and starts a call of a sub-channel, given by its name and defaults, in the style of the request documents.
    /// Errors leave the state as it was.
    pub fn request(
        &mut self,
        now: Timestamp,
        subchannel: (&str, &CallOptions),
        endpoint: Bytes,
        args: Args,
        options: &CallOptions,
    ) -> Result<Ticket, OpenError> {
        self.plan_and_start(now, (Style::Document, Some(subchannel)), endpoint, args, options)
    }

    /// The response that the application is asked about in [`Event::Ask`].
    pub fn asked(&self, ticket: Ticket) -> Option<(&ResponseHead, &Args)> {
        let answer = self.calls.get(ticket.0)?.attempts.asking()?;
        Some((&answer.head, answer.args.as_ref()?))
    }

    /// Where the running attempt of a call is, and until when it may take.
    pub fn attempt_of(&self, ticket: Ticket) -> Option<(ConnKey, Timestamp)> {
        let running = self.calls.get(ticket.0)?.running?;
        Some((running.connection, running.deadline))
    }

    /// What the application says to the response in [`Event::Ask`]. Nothing happens if the call is over.
    pub fn decide(&mut self, now: Timestamp, ticket: Ticket, verdict: Verdict) {
        self.step(now);
        let now = self.now;
        let step = self.calls.get_mut(ticket.0).and_then(|call| call.attempts.decided(now, verdict));
        self.follow(ticket, step);
        self.settle();
    }

    /// Gives up a call: it fails with `Cancelled`, and the peer is told if it can take that. Nothing happens if the call
    /// is over.
    pub fn cancel(&mut self, now: Timestamp, ticket: Ticket, why: &str) {
        self.step(now);
        let Some(call) = self.calls.get_mut(ticket.0) else { return };
        if let Some(running) = call.running {
            if let Some(member) = self.members.get_mut(running.connection.0) {
                member.connection.cancel(self.now, running.call, why);
                self.touch(running.connection);
            }
        } else {
            let error = CallError { code: ErrorCode::Cancelled, origin: Origin::Local, message: why.into() };
            let step = call.attempts.end(error);
            self.follow(ticket, step);
        }
        self.settle();
    }

    fn plan_and_start(
        &mut self,
        now: Timestamp,
        (style, subchannel): (Style, Option<(&str, &CallOptions)>),
        endpoint: Bytes,
        args: Args,
        options: &CallOptions,
    ) -> Result<Ticket, OpenError> {
        self.step(now);
        let config = Arc::clone(&self.config);
        let layers = Layers {
            call: options,
            subchannel,
            channel: &config.defaults,
            channel_name: &config.name,
            style,
        };
        let parent = layers.parent()?.copied();
        let plan = Arc::new(layers.plan()?);
        let args = (!plan.streamed).then_some(args);
        self.begin(Call { parent, args, ..Call::of(&plan, endpoint) })
    }

    fn begin(&mut self, call: Call<'_>) -> Result<Ticket, OpenError> {
        let Call { plan, timeout, direct, parent, endpoint, args } = call;
        if self.draining.is_some() {
            return Err(OpenError::Closed);
        }
        let body = args.as_ref().map_or(0, Args::len);
        let max_message = self.config.connection.max_message.get();
        Sizes { endpoint: endpoint.len(), body, max_message }.check()?;
        if timeout.is_zero() {
            return Err(OpenError::ZeroTimeout { option: "timeout" });
        }
        let lineage = plan.trace.lineage(parent.map(|parent| parent.tracing));
        let span = Span::begin(&mut self.rng, self.config.trace_sample, lineage);
        let mut rules = plan.rules.clone();
        rules.once |= args.is_none() || direct.is_some();
        // Nobody can be asked about a response that is still being read.
        rules.application_retry &= args.is_some();
        let own = self.now + timeout;
        let ends = Parent::bound(parent.as_ref(), own);
        let attempts = Attempts::new(self.now, ends, rules);
        let labels = self.count_call(plan, &endpoint);
        let pending = Pending {
            plan: Arc::clone(plan),
            direct,
            endpoint,
            args,
            span,
            labels,
            volume: Volume::default(),
            code: ResponseCode::OK,
            attempts,
            running: None,
            failed: Whereabouts::default(),
            due: None,
        };
        let ticket = Ticket(self.calls.insert(pending));
        if let Err(overloaded) = self.admission.begin(|| plan.route.service()) {
            let error = CallError::from(NotSent::from(overloaded));
            self.count_call_end(ticket, Ended::from(&error));
            let failure = self.failure(ticket, error);
            self.calls.remove(ticket.0);
            self.events.extend(failure.map(|failure| Event::Failed { ticket, failure }));
            return Ok(ticket);
        }
        let (now, budget) = (self.now, &mut self.budget);
        let step = self.calls.get_mut(ticket.0).and_then(|call| call.attempts.start(now, budget));
        self.follow(ticket, step);
        self.settle();
        Ok(ticket)
    }

    pub(super) fn call_due(&mut self, ticket: Ticket) {
        let (now, budget) = (self.now, &mut self.budget);
        let step = self.calls.get_mut(ticket.0).and_then(|call| {
            call.due = None;
            call.attempts.expired(now, budget)
        });
        self.follow(ticket, step);
    }

    pub(super) fn answered(&mut self, key: ConnKey, call: Outgoing, head: ResponseHead, args: Option<Args>) {
        let Some(ticket) = self.ticket(key, call) else { return };
        let Some(call) = self.calls.get_mut(ticket.0) else { return };
        // One that is read in parts goes on until it is read.
        let running = if let Some(args) = &args {
            call.volume.read += args.len();
            self.end_attempt(ticket, Ended::Answered(head.code))
        } else {
            call.code = head.code;
            call.running
        };
        let Some(running) = running else { return };
        let (ok, answer) = (head.code.is_ok(), Answer { head, args, peer: running.peer });
        let step = self.calls.get_mut(ticket.0).and_then(|call| call.attempts.answered(ok, answer));
        self.follow(ticket, step);
    }

    pub(super) fn attempt_failed(&mut self, key: ConnKey, call: Outgoing, error: CallError) {
        let Some(ticket) = self.ticket(key, call) else { return };
        let (now, phase) = (self.now, self.phase_on(key));
        let Some(running) = self.calls.get(ticket.0).and_then(|call| call.running) else { return };
        let mut peer = None;
        if let Some(known) = self.peers.get_mut(running.peer) {
            peer = Some(known.host_port.clone());
            if error.code == ErrorCode::Busy {
                known.load.answered_busy(now, running.deadline.since(now));
            }
        }
        // A peer that is on no list may be forgotten with its last call.
        self.end_attempt(ticket, Ended::from(&error));
        let Some(call) = self.calls.get_mut(ticket.0) else { return };
        call.failed = Whereabouts { phase, peer, connection: Some(key) };
        if call.attempts.is_done() {
            // Its response had begun: the reader learns that there is no more.
            return self.give(ticket, Err(error));
        }
        let (labels, denied) = (call.labels, self.budget.denied());
        let step = match call.attempts.asking() {
            // Its response was still to be read, and now cannot be.
            Some(_) => call.attempts.end(error),
            None => call.attempts.failed(now, error, &mut self.budget),
        };
        self.count_denied(labels, denied);
        self.follow(ticket, step);
    }

    /// The call of ours behind a connection's name for it.
    pub(super) fn ticket(&self, key: ConnKey, call: Outgoing) -> Option<Ticket> {
        self.members.get(key.0)?.ours.find(call.index(), call)
    }

    /// The running attempt is over, and its peer has one call less.
    fn end_attempt(&mut self, ticket: Ticket, ended: Ended) -> Option<Running> {
        let running = self.calls.get_mut(ticket.0)?.running.take()?;
        self.count_attempt_end(ticket, &running, ended);
        self.report_attempt(ticket, &running, ended);
        let call = self.calls.get(ticket.0)?;
        if let Some(peer) = self.peers.get_mut(running.peer) {
            peer.calls -= 1;
            if call.plan.track_pending {
                peer.load.call_ended();
            }
        }
        self.peers.sweep(running.peer);
        if let Some(member) = self.members.get_mut(running.connection.0) {
            member.ours.take(running.call.index(), running.call);
        }
        Some(running)
    }

    /// Does what the attempts of a call ask for.
    fn follow(&mut self, ticket: Ticket, step: Option<Step<Answer>>) {
        match step {
            Some(Step::Choose | Step::TryAgain) => self.choose_soon(ticket),
            Some(Step::Ask) => {
                let asking = self.calls.get(ticket.0).and_then(|call| call.attempts.asking());
                if let Some(code) = asking.map(|answer| answer.head.code) {
                    self.events.push_back(Event::Ask { ticket, code });
                }
                self.set_call_due(ticket);
            }
            Some(Step::Give(end)) => self.give(ticket, end),
            None => {}
        }
    }

    fn set_call_due(&mut self, ticket: Ticket) {
        let Some(call) = self.calls.get_mut(ticket.0) else { return };
        if let Some(at) = call.attempts.poll_timeout()
            && call.due.is_none_or(|due| at < due)
        {
            let before = call.due.replace(at);
            self.move_due(before, at, Due::Call(ticket));
        }
    }

    /// One attempt: a peer, a connection, a request.
    pub(super) fn attempt(&mut self, ticket: Ticket) {
        let step = self.try_attempt(ticket);
        self.follow(ticket, step);
    }

    /// What comes back is the next step, if the attempt ended at once.
    fn try_attempt(&mut self, ticket: Ticket) -> Option<Step<Answer>> {
        let now = self.now;
        let body = self.calls.get(ticket.0)?.args.as_ref().map_or(0, Args::len);
        if let Some(overloaded) = self.too_much_unsent(body) {
            return self.calls.get_mut(ticket.0)?.attempts.no_peer(now, overloaded.into(), &mut self.budget);
        }
        let choice = self.choice(ticket)?;
        if let Some(warm) = choice.warm {
            self.dial(warm);
        }
        let call = self.calls.get_mut(ticket.0)?;
        let Some(peer) = choice.peer else {
            let why = match call.direct {
                Some(Direct::Connection(_)) => NotSent::Connection(tchannel_proto::OpenError::Draining),
                Some(Direct::Host(_) | Direct::Peer(_)) | None => {
                    NotSent::NoPeer { service: call.plan.route.service().into() }
                }
            };
            return call.attempts.no_peer(now, why, &mut self.budget);
        };
        let attempt = call.attempts.begin(now, peer, true, &mut self.budget)?;
        if attempt.retry_count > 0 {
            call.span = call.span.again(&mut self.rng);
        }
        let labels = call.labels;
        let mut head = RequestHead::new(call.plan.route.clone(), call.endpoint.clone(), attempt.deadline);
        head.tracing = call.span.tracing();
        head.checksum = call.plan.checksum;
        let (args, tracked) = (call.args.clone(), call.plan.track_pending);
        let list = self.lists.get(&*call.plan.peers_of);
        let direction = list.and_then(super::lists::List::direction).unwrap_or(self.config.direction);
        let connection = match call.direct {
            Some(Direct::Connection(key)) => Some(key),
            Some(Direct::Host(_) | Direct::Peer(_)) => self.connection_to(peer, self.config.direction),
            None => self.connection_to(peer, direction),
        };
        self.count_attempt(labels, &attempt);
        let Some(connection) = connection else {
            let limit = self.config.limits.max_connections_per_peer;
            return self.not_sent(ticket, peer, None, NotSent::TooManyConnections { limit });
        };
        self.share(connection);
        let member = self.members.get_mut(connection.0)?;
        let sent = match args {
            Some(args) => member.connection.call(now, Request { head, args }),
            None => member.connection.open(now, head),
        };
        match sent {
            Ok(outgoing) => {
                member.ours.put(outgoing.index(), outgoing, ticket);
                let running =
                    Running { connection, call: outgoing, peer, began: now, deadline: attempt.deadline };
                let call = self.calls.get_mut(ticket.0)?;
                call.volume.written += call.endpoint.len() + body;
                call.running = Some(running);
                if let Some(known) = self.peers.get_mut(peer) {
                    known.calls += 1;
                    if tracked {
                        known.load.call_began();
                    }
                }
                self.touch(connection);
                None
            }
            Err(error) => self.not_sent(ticket, peer, Some(connection), error.into()),
        }
    }

    /// The peer that was chosen does not take the attempt.
    fn not_sent(
        &mut self,
        ticket: Ticket,
        peer: PeerKey,
        connection: Option<ConnKey>,
        why: NotSent,
    ) -> Option<Step<Answer>> {
        let host_port = self.peers.get(peer).map(|peer| peer.host_port.clone());
        self.peers.sweep(peer);
        let call = self.calls.get_mut(ticket.0)?;
        call.failed = Whereabouts { phase: Phase::Queue, peer: host_port, connection };
        call.attempts.not_taken(self.now, peer, why, &mut self.budget)
    }

    fn give(&mut self, ticket: Ticket, end: Result<Answer, CallError>) {
        match end {
            Ok(Answer { head, args, peer }) => {
                let attempts = self.calls.get(ticket.0).map_or(0, |call| call.attempts.made());
                if args.is_some() {
                    self.over(ticket, Ended::Answered(head.code));
                }
                self.tell(Event::Response { ticket, head, args, peer, attempts });
            }
            Err(error) => {
                let ended = Ended::from(&error);
                // A response in parts that its application does not want.
                if let Some(running) = self.end_attempt(ticket, ended)
                    && let Some(member) = self.members.get_mut(running.connection.0)
                {
                    member.connection.cancel(self.now, running.call, "the response is not wanted");
                    self.touch(running.connection);
                }
                let failure = self.failure(ticket, error);
                self.over(ticket, ended);
                self.events.extend(failure.map(|failure| Event::Failed { ticket, failure }));
            }
        }
        self.drained_if_over();
    }

    fn failure(&mut self, ticket: Ticket, error: CallError) -> Option<Box<super::Failure>> {
        let call = self.calls.get_mut(ticket.0)?;
        let whereabouts = core::mem::take(&mut call.failed);
        Some(Box::new(whereabouts.failure(self.now, error, &call.attempts, call.span.tracing())))
    }

    /// A response that was read in parts has no more of them.
    pub(super) fn read_to_the_end(&mut self, ticket: Ticket) {
        if let Some(code) = self.calls.get(ticket.0).map(|call| call.code) {
            self.end_attempt(ticket, Ended::Answered(code));
            self.over(ticket, Ended::Answered(code));
            self.drained_if_over();
        }
    }

    /// The connection ended behind a response that was all there.
    pub(super) fn left_unread(&mut self, key: ConnKey, outgoing: Outgoing, args: Args) {
        let Some(ticket) = self.ticket(key, outgoing) else { return };
        let Some(call) = self.calls.get_mut(ticket.0) else { return };
        if call.attempts.asking().is_some() {
            // Whether it is tried again is asked just now: as if it had not been there.
            let message = "the connection ended before the response was taken".into();
            let error = CallError { code: ErrorCode::Network, origin: Origin::Local, message };
            return self.attempt_failed(key, outgoing, error);
        }
        call.volume.read += args.len();
        self.read_to_the_end(ticket);
        self.tell(Event::Rest { ticket, args });
    }

    /// Nothing of the call is left.
    fn over(&mut self, ticket: Ticket, ended: Ended) {
        self.count_call_end(ticket, ended);
        if let Some(call) = self.calls.remove(ticket.0) {
            self.clear_due(call.due, Due::Call(ticket));
            self.admission.ended(|| call.plan.route.service());
        }
    }
}
