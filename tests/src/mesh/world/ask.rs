//! The side that makes calls.

use tchannel_mesh::peers::PeerKey;
use tchannel_mesh::retry::{RetryPolicy, Verdict};
use tchannel_mesh::{CallOptions, Direct, Failure, Setting, Ticket};
use tchannel_proto::wire::{ErrorCode, ResponseCode};
use tchannel_proto::{Args, CallError, Origin, Timestamp};

use super::{Task, World};
use crate::mesh::laws::{Attempt, NUMBER, check_attempt};
use crate::mesh::machine::Start;
use crate::mesh::model::{Call, End, FAILED_BY_APPLICATION, Handled, Parent, Said};
use crate::mesh::network::{host_port, resolve};
use crate::mesh::scenario::{Announces, Ask, Service, Way, Word};
use crate::model::Flow;
use crate::pattern;
use crate::upload::Upload;

impl Service {
    pub(super) fn name(self) -> &'static str {
        match self {
            Service::Common => "common",
            Service::Own => "own",
            Service::Unknown => "unknown",
        }
    }
}

impl World {
    /// Makes a call; gives its number. A node that is down makes none.
    pub fn call(&mut self, ask: &Ask) -> Option<usize> {
        self.call_for(ask, None)
    }

    /// Makes a call on behalf of a request that is being served: its deadline bounds the call's.
    pub(super) fn call_for(&mut self, ask: &Ask, parent: Option<(Parent, Timestamp)>) -> Option<usize> {
        let (now, number, node) = (self.now, self.calls.len(), ask.node % self.nodes.len());
        let ask = Ask { node, ..*ask };
        let bound = parent.map_or(Timestamp::MAX, |(_, deadline)| deadline);
        let options = self.options(number, &ask, parent)?;
        let (mut request, salt) = (Flow::new(4 * number), 4 * number);
        let mut args = Args::default();
        if ask.way == Way::Whole {
            let arg3 = pattern::pieces(salt + 1, 0, ask.sizes[1]).collect();
            args = Args { arg2: pattern::bytes(salt, 0, ask.sizes[0]), arg3 };
            (request.lens, request.finished) = (ask.sizes, 2);
        }
        let endpoint = if ask.parts { &b"parts"[..] } else { b"whole" };
        let defaults = CallOptions::new();
        let subchannel = ask.document.then_some((ask.service.name(), &defaults));
        let deadline = bound.min(now + ask.timeout);
        let start = Start { endpoint: endpoint.into(), args, options: &options, subchannel, deadline };
        let started = self.on(node, |process| {
            // One without any time left is none to the budget.
            if deadline > now {
                process.retries.called(now);
            }
            process.machine.start(now, start)
        })?;
        let mut call = Call {
            number,
            node,
            life: self.nodes[node].life,
            ask,
            parent: parent.map(|(parent, _)| parent),
            started: now,
            deadline,
            ticket: started.as_ref().ok().copied(),
            attempts: Vec::new(),
            handled: Vec::new(),
            request,
            response: Flow::new(salt),
            code: None,
            began: None,
            asked: 0,
            cancelled: false,
            end: None,
        };
        match started {
            Ok(ticket) => {
                let at = ticket.index();
                self.trace.node(now, node, format_args!("makes call {number} as ticket {at}: {ask:?}"));
                self.on(node, |process| process.waiting.insert(ticket, number));
                self.calls.push(call);
                if let Way::Parts { piece, open } = ask.way {
                    let sizes = ask.sizes;
                    let upload = Upload { number, reply: false, sizes, piece, flush: false, blocked: false };
                    if open {
                        self.write_some(node, ticket.into(), &upload);
                    } else {
                        self.upload(node, ticket.into(), upload);
                    }
                }
            }
            Err(error) => {
                self.trace.node(now, node, format_args!("cannot make call {number}: {error}"));
                call.end = Some((now, End::Refused(error.to_string())));
                self.calls.push(call);
            }
        }
        Some(number)
    }

    fn options(&self, number: usize, ask: &Ask, parent: Option<(Parent, Timestamp)>) -> Option<CallOptions> {
        let process = self.nodes[ask.node].process.as_ref()?;
        let mut options = CallOptions::new().header(NUMBER, number.to_string());
        options.service = Some(ask.service.name().into());
        options.timeout = Some(ask.timeout);
        options.timeout_per_attempt = ask.per_attempt.map_or(Setting::Off, Setting::Is);
        options.max_attempts = std::num::NonZeroU32::new(ask.attempts.max(1));
        options.retry_flags = Some(ask.flags);
        options.retry_policy = Some(if ask.strict { RetryPolicy::Strict } else { RetryPolicy::Documented });
        options.application_retry = Some(ask.word.is_some());
        options.allow_same_peer = Some(ask.same_peer);
        options.streamed = Some(ask.way != Way::Whole);
        options.track_pending = Some(ask.tracked);
        options.parent =
            parent.map(|(parent, deadline)| tchannel_mesh::Parent { tracing: parent.tracing, deadline });
        options.no_parent = parent.is_none().then_some(true);
        if let Some(shard) = ask.shard {
            options.shard_key = Setting::Is(shard.to_string().into());
        }
        if let Some(who) = ask.direct {
            let host = host_port(who.node % self.nodes.len(), who.by_name);
            options.direct = Setting::Is(Direct::Host(host));
        }
        if let Some(over) = ask.over {
            let sockets = process.sockets.len();
            let key = process.sockets.keys().nth(over % sockets.max(1))?;
            options.direct = Setting::Is(Direct::Connection(*key));
        }
        Some(options)
    }

    /// A request left.
    pub(super) fn attempted(&mut self, node: usize, number: usize, attempt: Attempt) {
        let Some(call) = self.calls.get(number) else { return };
        if self.trouble.hostile || self.is_taken_for_another(node, attempt.to) {
            return;
        }
        assert!(call.node == node, "law 8: call {number} of node {} is sent by node {node}", call.node);
        let nodes = self.nodes.len();
        let names = self.nodes[node].process.as_ref().map_or(0, |process| {
            let leads = |peer: &&tchannel_mesh::HostPort| resolve(peer, nodes) == Some(attempt.to);
            process.peers.iter().filter(leads).count()
        });
        let named = call.ask.direct.is_some_and(|who| who.node % nodes == attempt.to);
        let names = names + usize::from(named) + usize::from(call.ask.over.is_some());
        // A peer that came back is another peer.
        let names = if self.trouble.lists { names.saturating_mul(100) } else { names };
        check_attempt(call, &attempt, names);
        let retried = call.attempts.len() > call.asked;
        self.calls[number].attempts.push(attempt);
        let budget = self.nodes[node].setup.budget;
        if let Some(process) = self.nodes[node].process.as_mut().filter(|_| retried && budget) {
            process.retries.retried(self.now);
        }
    }

    /// Whether a node lies about its address to one that dialled it by a name, and cannot know better.
    fn is_taken_for_another(&self, node: usize, peer: usize) -> bool {
        let named = self.nodes[node].process.as_ref().is_some_and(|process| process.named.contains(&peer));
        named && matches!(self.nodes[peer].setup.announces, Announces::Other(_))
    }

    pub(super) fn responded(
        &mut self,
        node: usize,
        ticket: Ticket,
        code: ResponseCode,
        args: Option<Args>,
        peer: PeerKey,
        attempts: u32,
    ) {
        let Some(number) = self.number(node, ticket) else { return };
        let whole = args.is_some();
        self.trace.node(
            self.now,
            node,
            format_args!("call {number} is answered: {code:?}, whole: {whole}, attempts: {attempts}"),
        );
        let call = &mut self.calls[number];
        (call.code, call.began) = (Some(code), Some(self.now));
        self.check_answer(node, number, peer, attempts);
        let Some(args) = args else {
            return self.begin_reading_response(node, ticket, number);
        };
        let read = self.calls[number].response.read_whole(&args);
        assert!(read.is_ok() || self.trouble.hostile, "law 8: response {number}: {read:?}");
        self.ended(node, ticket, End::Answered);
    }

    /// Who answered is who was asked.
    fn check_answer(&self, node: usize, number: usize, peer: PeerKey, attempts: u32) {
        let call = &self.calls[number];
        let liar = |handled: &Handled| self.is_taken_for_another(node, handled.node);
        if self.trouble.hostile || call.handled.iter().any(liar) {
            return;
        }
        let sent = u32::try_from(call.attempts.len()).unwrap_or(u32::MAX);
        assert!(
            sent <= attempts && attempts <= call.ask.attempts.max(1),
            "law 2: call {number} says that it made {attempts} attempts, {sent} were sent"
        );
        let name = self.nodes[node].process.as_ref().and_then(|process| process.machine.channel().peer(peer));
        let Some(at) = name.and_then(|name| resolve(name, self.nodes.len())) else { return };
        let by = call.handled.iter().any(|handled| handled.node == at);
        assert!(by, "law 8: call {number} is answered by node {at}, and was handled by {:?}", call.handled);
    }

    /// A call that may go on does, while there is somebody to go to.
    pub(super) fn check_failure(&self, node: usize, ticket: Ticket, failure: &Failure) {
        let Some(number) = self.number(node, ticket) else { return };
        let call = &self.calls[number];
        let error = &failure.error;
        let policy = if call.ask.strict { RetryPolicy::Strict } else { RetryPolicy::Documented };
        let mut flags = call.ask.flags;
        flags.timeout |= flags.connection && call.ask.per_attempt.is_some();
        let Some(process) = self.nodes[node].process.as_ref() else { return };
        let budget = self.nodes[node].setup.budget && process.retries.may_be_denied(self.now);
        let again = policy.allows(flags, error)
            && !call.is_once()
            && call.ask.attempts > failure.attempts
            && call.deadline > self.now
            && error.message != FAILED_BY_APPLICATION;
        let trouble = self.trouble;
        let excused = trouble.hostile || trouble.tight || trouble.slow || trouble.lists || process.draining;
        if !again || budget || excused || call.attempts.is_empty() || self.nodes[node].troubled {
            return;
        }
        let listed = process.machine.channel().peers_of(Some(call.ask.service.name()));
        let untried = listed.filter(|peer| {
            let tried = |at| call.attempts.iter().any(|attempt| attempt.to == at);
            resolve(peer, self.nodes.len()).is_some_and(|at| !tried(at) && !self.nodes[at].troubled)
        });
        // An attempt's time may be over before its connection is there.
        let sent = u32::try_from(call.attempts.len()).unwrap_or(u32::MAX);
        let unsent = usize::try_from(failure.attempts.saturating_sub(sent)).unwrap_or(0);
        let untried: Vec<_> = untried.skip(unsent).collect();
        assert!(
            untried.is_empty(),
            "law 2: call {number} gives up with {failure}, and has not tried {untried:?}"
        );
    }

    /// What the application says to a response that is not ok.
    pub(super) fn decide(&mut self, node: usize, ticket: Ticket, late: bool) {
        let Some(number) = self.number(node, ticket) else { return };
        let Some(word) = self.calls[number].ask.word else { return };
        let verdict = match word {
            Word::Later(after) if !late => {
                let life = self.nodes[node].life;
                return self.plan(self.now + after, Task::Decide { node, life, ticket });
            }
            Word::Silence => return,
            Word::Retry | Word::Later(_) => Verdict::Retry,
            Word::Accept => Verdict::Accept,
            Word::Fail => Verdict::Fail(CallError {
                code: ErrorCode::Unexpected,
                origin: Origin::Local,
                message: FAILED_BY_APPLICATION.into(),
            }),
        };
        if verdict == Verdict::Retry {
            self.calls[number].asked = self.calls[number].attempts.len();
        }
        let now = self.now;
        self.on(node, |process| process.machine.decide(now, ticket, verdict));
    }

    /// The caller gives up.
    pub(super) fn cancel(&mut self, number: usize, why: &str) {
        let now = self.now;
        let Some(call) = self.calls.get(number) else { return };
        let (node, life) = (call.node, call.life);
        let Some(ticket) = call.ticket.filter(|_| call.end.is_none() && self.is_alive(node, life)) else {
            return;
        };
        self.trace.node(now, node, format_args!("cancels call {number}: {why}"));
        self.calls[number].cancelled = true;
        self.on(node, |process| process.machine.cancel(now, ticket, why));
    }

    pub(super) fn number(&self, node: usize, ticket: Ticket) -> Option<usize> {
        self.nodes[node].process.as_ref()?.waiting.get(&ticket).copied()
    }

    pub(super) fn ended(&mut self, node: usize, ticket: Ticket, end: End) {
        let now = self.now;
        let number = self
            .on(node, |process| {
                process.uploads.remove(&ticket.into());
                let number = process.waiting.remove(&ticket)?;
                let read = process.machine.read(now, ticket.into());
                assert!(read.is_err(), "law 2: call {number} is over, and can be read: {read:?}");
                let written = process.machine.finish_arg(now, ticket.into());
                assert!(written.is_err(), "law 2: call {number} is over, and can be written");
                Some(number)
            })
            .flatten();
        let Some(number) = number else { return };
        let call = &mut self.calls[number];
        assert!(call.end.is_none(), "law 2: call {number} ends twice: {:?}, {end:?}", call.end);
        let said = match &end {
            End::Answered => Said::Answer(call.code.unwrap_or_default()),
            End::Failed(failure) => Said::Error(failure.error.code),
            End::Refused(_) | End::Lost => Said::Error(ErrorCode::Cancelled),
        };
        call.end = Some((now, end));
        if call.parent.is_some() {
            self.child_ended(node, number, said);
        }
    }

    /// A call that was left open is written to its end.
    pub(super) fn finish(&mut self, number: usize) {
        let Some(call) = self.calls.get(number) else { return };
        let (node, life, sizes) = (call.node, call.life, call.ask.sizes);
        let Way::Parts { piece, open: true } = call.ask.way else { return };
        let Some(ticket) = call.ticket.filter(|_| call.end.is_none() && self.is_alive(node, life)) else {
            return;
        };
        let upload = Upload { number, reply: false, sizes, piece, flush: true, blocked: false };
        self.upload(node, ticket.into(), upload);
    }

    /// A process ends, and nobody waits for its calls.
    pub(super) fn lose_calls(&mut self, node: usize) {
        let (now, life) = (self.now, self.nodes[node].life);
        for call in self.calls.iter_mut().filter(|call| (call.node, call.life) == (node, life)) {
            if call.end.is_none() {
                call.end = Some((now, End::Lost));
            }
        }
    }
}
