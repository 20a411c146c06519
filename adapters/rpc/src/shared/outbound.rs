//! A call, before it is sent.

mod options;
#[cfg(feature = "cassette")]
mod taped;

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tchannel_mesh::retry::Verdict as Decision;
use tchannel_mesh::{Call as Planned, CallOptions, CallPlan, Direct, HostPort, OpenError, Parent};
use tchannel_proto::Args;

use super::call::{Call, Response, Sent};
use super::error::{CallError, Refusal};
use super::host::Host;
use super::hub::Hub;
use super::link::Link;
use super::peers::Peer;
#[cfg(any(feature = "http", feature = "json", feature = "thrift"))]
use super::schemes::Place;
use super::stream::{BodyWriter, Line, StreamedCall, WriterEnd};
use super::target::{Origin, Target};

/// A call with its options: a plain value. Building it does nothing; clones can be sent many times.
///
/// What is not said comes from the sub-channel's defaults, then from the channel's.
#[derive(Clone)]
#[must_use = "a call does nothing until it is sent"]
pub struct Outbound {
    hub: Arc<Hub>,
    origin: Arc<Origin>,
    target: Arc<Target>,
    to: To,
    timeout: Option<Duration>,
    parent: Option<Parent>,
    no_parent: bool,
    scheme: Cow<'static, str>,
    /// What few calls say.
    others: Option<Box<CallOptions>>,
    judge: Option<Judge>,
    args: Args,
}

/// Where a call goes.
#[derive(Clone)]
enum To {
    /// To a peer of a list.
    Any,
    Host(Host),
    Peer(Peer),
    Connection(Arc<Link>),
}

/// What the application thinks of responses that are not ok.
pub(crate) type Judge = Arc<dyn Fn(&Response) -> Decision + Send + Sync>;

impl Outbound {
    pub(crate) fn new(hub: &Arc<Hub>, origin: &Arc<Origin>, service: &str, endpoint: &[u8]) -> Self {
        Outbound {
            target: origin.target(service, endpoint),
            hub: hub.clone(),
            origin: origin.clone(),
            to: To::Any,
            timeout: None,
            parent: None,
            no_parent: false,
            scheme: Cow::Borrowed(""),
            others: None,
            judge: None,
            args: Args::default(),
        }
    }

    /// A call on a certain connection.
    pub(crate) fn on(link: &Arc<Link>, service: &str, endpoint: &[u8]) -> Self {
        let hub = &link.hub;
        Outbound { to: To::Connection(link.clone()), ..Outbound::new(hub, &hub.root, service, endpoint) }
    }

    /// Application headers, encoded as the scheme demands. Default empty.
    pub fn arg2(mut self, arg2: impl Into<Bytes>) -> Self {
        self.args.arg2 = arg2.into();
        self
    }

    /// The body. Default empty.
    ///
    /// Where the bytes have an owner ([`Bytes::from_owner`]), its `Drop` must not call back into the channel: the
    /// channel may let go of them under its lock.
    pub fn arg3(mut self, arg3: impl Into<Bytes>) -> Self {
        self.args.arg3.clear();
        self.args.arg3.push(arg3.into());
        self
    }

    /// The body in pieces, which are sent without joining them.
    pub fn arg3_pieces(mut self, pieces: impl IntoIterator<Item = Bytes>) -> Self {
        self.args.arg3 = pieces.into_iter().collect();
        self
    }

    /// Sends it. The request is on its way when this returns; the answer comes from the future.
    ///
    /// What is wrong with the call itself, or its channel, comes from the future, too; then nothing was sent.
    pub fn send(self) -> Call {
        #[cfg(feature = "cassette")]
        if let Some(tape) = self.hub.cassette.tape() {
            return self.send_through(&tape);
        }
        self.send_now()
    }

    /// The same past a cassette.
    pub(crate) fn send_now(self) -> Call {
        let judge = self.judge.clone();
        match self.start(false) {
            Ok(sent) => Call::sent(sent, judge),
            Err(error) => Call::refused(error),
        }
    }

    /// Begins a call whose arguments are written bit by bit, and whose response is read so. The two directions run
    /// at the same time, and neither waits for the other.
    ///
    /// The timeout is for the beginning of the response. Dropping the writer before its end, the future, or the
    /// response's body before its end, cancels the call. Such a call has one attempt.
    ///
    /// What is wrong with the call itself, or its channel, comes from both; then nothing was sent. A call that has
    /// arguments already is refused.
    pub fn open(self) -> (BodyWriter, StreamedCall) {
        #[cfg(feature = "cassette")]
        if let Some(refusal) = self.hub.cassette.tape().and_then(|tape| tape.passes_streams().err()) {
            let error = CallError::refused(refusal, self.named_host(), self.target);
            return (BodyWriter::refused(error.clone()), StreamedCall::refused(error));
        }
        match self.start(true) {
            Ok(sent) => {
                let writer = WriterEnd::new(Line::asking(sent.clone()));
                (BodyWriter::new(writer), StreamedCall::open(sent))
            }
            Err(error) => (BodyWriter::refused(error.clone()), StreamedCall::refused(error)),
        }
    }

    /// Whether the retry table allows another attempt after this failure, by this call's flags and policy. For those who
    /// try again by themselves: attempts, time and whom the call goes to are not looked at.
    pub fn should_retry(&self, error: &CallError) -> bool {
        self.plan().is_ok_and(|plan| error.is_retried(plan.rules.policy, plan.rules.flags))
    }

    /// The same for another endpoint.
    #[cfg(feature = "thrift")]
    pub(crate) fn endpoint(mut self, endpoint: &str) -> Self {
        if self.target.endpoint() != endpoint {
            self.target = self.origin.target(self.target.service(), endpoint.as_bytes());
        }
        self
    }

    /// What is called, and at which host if it names one.
    #[cfg(any(feature = "http", feature = "json", feature = "thrift"))]
    pub(crate) fn place(&self) -> Place {
        Place { host: self.named_host(), target: self.target.clone() }
    }

    /// The host that it names, in one way or another.
    fn named_host(&self) -> Option<Host> {
        match &self.to {
            To::Any => None,
            To::Host(host) => Some(host.clone()),
            To::Peer(peer) => Some(peer.host_port().into()),
            To::Connection(link) => Some(link.peer.clone()),
        }
    }

    fn start(mut self, streamed: bool) -> Result<Sent, CallError> {
        let started = self.try_start(streamed);
        let host = self.named_host();
        match started {
            Ok(id) => Ok(Sent { hub: self.hub, id, host, target: self.target }),
            Err(refusal) => Err(CallError::refused(refusal, host, self.target)),
        }
    }

    /// Hands the arguments over to the channel.
    fn try_start(&mut self, streamed: bool) -> Result<super::hub::Ours, Refusal> {
        if streamed && !self.args.is_empty() {
            return Err(Refusal::misuse("the arguments of a streamed call are written to its body"));
        }
        let plan = self.plan()?;
        let mut call = Planned::of(&plan, self.target.endpoint().clone());
        match &self.to {
            To::Any => {}
            To::Host(host) => {
                let host = HostPort::try_from(host).map_err(|error| Refusal::misuse(error.to_string()))?;
                call.direct = Some(Direct::Host(host));
            }
            To::Peer(peer) => call.direct = Some(Direct::Host(peer.host_port().clone())),
            To::Connection(link) => call.direct = Some(self.hub.direct(link.id()).ok_or_else(Refusal::over)?),
        }
        let others = self.others.as_deref();
        let orphan = self.no_parent || others.is_some_and(|options| options.no_parent == Some(true));
        let own = self.parent.or(others.and_then(|options| options.parent));
        call.parent = own.or_else(|| self.origin.parent().filter(|_| !orphan));
        call.timeout = self.timeout.unwrap_or(call.timeout);
        call.args = (!streamed).then(|| std::mem::take(&mut self.args));
        Ok(self.hub.start(call)?)
    }

    /// What all options come to.
    fn plan(&self) -> Result<Arc<CallPlan>, OpenError> {
        if self.others.is_none() && self.judge.is_none() && self.says_enough_of_parents() {
            return self.origin.plain_plan(&self.target, &self.scheme);
        }
        let mut options = self.others.as_deref().cloned().unwrap_or_default();
        options.service = Some(self.target.service().to_owned().into());
        options.parent = self.parent.or(options.parent);
        options.no_parent = self.no_parent.then_some(true).or(options.no_parent);
        if !self.scheme.is_empty() {
            options.scheme = Some(self.scheme.clone());
        }
        if self.judge.is_some() {
            options.application_retry = Some(true);
        }
        self.origin.layers(&options).plan().map(Arc::new)
    }

    fn says_enough_of_parents(&self) -> bool {
        if self.origin.requires_parent() {
            self.parent.is_some() != self.no_parent
        } else {
            self.parent.is_none() || !self.no_parent
        }
    }
}

impl fmt::Debug for Outbound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outbound")
            .field("service", &self.target.service())
            .field("endpoint", &self.target.endpoint_text())
            .field("timeout", &self.timeout)
            .field("scheme", &self.scheme)
            .field("others", &self.others)
            .finish_non_exhaustive()
    }
}
