//! A call, before it is sent.

mod start;

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tchannel_proto::wire::{ChecksumKind, RetryFlags, Route, Tracing};
use tchannel_proto::{Args, Request, RequestHead, Timestamp};

use super::call::{Call, Sent};
use super::channel::Channel;
use super::error::{CallError, Refusal};
use super::host::Host;
use super::hub::Hub;
use super::link::{Link, Message};
use super::stream::{BodyWriter, Line, StreamedCall, WriterEnd};
use super::target::Target;
use start::{Unstarted, to_host};

/// A call with its options: a plain value. Building it does nothing; clones can be sent many times.
#[derive(Clone)]
#[must_use = "a call does nothing until it is sent"]
pub struct Outbound {
    via: Via,
    target: Arc<Target>,
    timeout: Duration,
    caller: Option<String>,
    scheme: Cow<'static, str>,
    retry: Cow<'static, str>,
    headers: Vec<(Cow<'static, str>, String)>,
    tracing: Tracing,
    checksum: ChecksumKind,
    args: Args,
}

#[derive(Clone)]
enum Via {
    Channel(Channel, Option<Host>),
    Connection(Arc<Link>),
}

impl Via {
    fn hub(&self) -> &Arc<Hub> {
        match self {
            Via::Channel(channel, _) => channel.hub(),
            Via::Connection(link) => &link.hub,
        }
    }
}

impl Outbound {
    pub(crate) fn through(channel: &Channel, service: &str, endpoint: &[u8]) -> Self {
        Outbound::new(Via::Channel(channel.clone(), None), service, endpoint)
    }

    pub(crate) fn on(link: &Arc<Link>, service: &str, endpoint: &[u8]) -> Self {
        Outbound::new(Via::Connection(link.clone()), service, endpoint)
    }

    fn new(via: Via, service: &str, endpoint: &[u8]) -> Self {
        let hub = via.hub();
        Outbound {
            target: hub.targets.find(service, endpoint),
            timeout: hub.options.timeout,
            via,
            caller: None,
            scheme: Cow::Borrowed("raw"),
            retry: Cow::Borrowed(RetryFlags::default().as_str()),
            headers: Vec::new(),
            tracing: Tracing::default(),
            checksum: ChecksumKind::default(),
            args: Args::default(),
        }
    }

    /// The peer: an address, or `host:port`. A call on a certain connection needs none and ignores it.
    pub fn host(mut self, to: impl Into<Host>) -> Self {
        if let Via::Channel(_, host) = &mut self.via {
            *host = Some(to.into());
        }
        self
    }

    /// Application headers, encoded as the scheme demands. Default empty.
    pub fn arg2(mut self, arg2: impl Into<Bytes>) -> Self {
        self.args.arg2 = arg2.into();
        self
    }

    /// The body. Default empty.
    ///
    /// Where the bytes have an owner ([`Bytes::from_owner`]), its `Drop` must not call back into the channel: a
    /// connection may let go of them under its lock.
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

    /// Longest time from `send` to the answer, connecting included. Default that of the channel, 30 s.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// How the arguments are encoded (`as`). Default raw.
    pub fn scheme(mut self, scheme: impl Into<Cow<'static, str>>) -> Self {
        self.scheme = scheme.into();
        self
    }

    /// The caller's service (`cn`). Default the channel's name.
    pub fn caller(mut self, caller: impl Into<String>) -> Self {
        self.caller = Some(caller.into());
        self
    }

    /// After which failures others may try again (`re`). Default a failed connection.
    pub fn retry(mut self, flags: RetryFlags) -> Self {
        self.retry = Cow::Borrowed(flags.as_str());
        self
    }

    /// Names the shard of the service (`sk`).
    pub fn shard_key(self, key: impl Into<String>) -> Self {
        self.header("sk", key)
    }

    /// Names a service to route by instead (`rd`).
    pub fn routing_delegate(self, service: impl Into<String>) -> Self {
        self.header("rd", service)
    }

    /// Sets a transport header; setting one again replaces its value.
    pub fn header(mut self, key: impl Into<Cow<'static, str>>, value: impl Into<String>) -> Self {
        let (key, value) = (key.into(), value.into());
        match &*key {
            "cn" => self.caller = Some(value),
            "as" => self.scheme = Cow::Owned(value),
            "re" => self.retry = Cow::Owned(value),
            _ => match self.headers.iter_mut().find(|(known, _)| *known == key) {
                Some((_, old)) => *old = value,
                None => self.headers.push((key, value)),
            },
        }
        self
    }

    /// Sets several transport headers.
    pub fn headers<K, V>(self, headers: impl IntoIterator<Item = (K, V)>) -> Self
    where
        K: Into<Cow<'static, str>>,
        V: Into<String>,
    {
        headers.into_iter().fold(self, |call, (key, value)| call.header(key, value))
    }

    /// How argument bytes are protected. Default crc32c.
    pub fn checksum(mut self, kind: ChecksumKind) -> Self {
        self.checksum = kind;
        self
    }

    /// Identity of the call in traces. Default none.
    pub fn tracing(mut self, tracing: Tracing) -> Self {
        self.tracing = tracing;
        self
    }

    /// Sends it. The request is on its way when this returns; the answer comes from the future.
    ///
    /// What is wrong with the call itself, or its channel, comes from the future, too; then nothing was sent.
    pub fn send(self) -> Call {
        match self.start(false) {
            Ok(sent) => Call::sent(sent),
            Err(error) => Call::refused(error),
        }
    }

    /// Begins a call whose arguments are written bit by bit, and whose response is read so. The two directions run
    /// at the same time, and neither waits for the other.
    ///
    /// The timeout is for the beginning of the response. Dropping the writer before its end, the future, or the
    /// response's body before its end, cancels the call. Such a call is never tried again by itself.
    ///
    /// What is wrong with the call itself, or its channel, comes from both; then nothing was sent. A call that has
    /// arguments already is refused.
    pub fn open(self) -> (BodyWriter, StreamedCall) {
        match self.start(true) {
            Ok(sent) => {
                let writer = WriterEnd::new(Line::asking(sent.clone()));
                (BodyWriter::new(writer), StreamedCall::open(sent))
            }
            Err(error) => (BodyWriter::refused(error.clone()), StreamedCall::refused(error)),
        }
    }

    fn start(self, streamed: bool) -> Result<Sent, CallError> {
        let hub = self.via.hub().clone();
        let target = self.target.clone();
        let host = match &self.via {
            Via::Channel(_, host) => host.clone(),
            Via::Connection(link) => Some(link.peer.clone()),
        };
        let began = hub.clock.now();
        self.try_start(&hub, streamed, began).map_err(|unstarted| match unstarted {
            Unstarted::Refused(refusal) => CallError::refused(refusal, host, target),
            Unstarted::Late(failed) => failed.late(host, target, hub.clock.now().since(began)),
        })
    }

    fn try_start(self, hub: &Arc<Hub>, streamed: bool, began: Timestamp) -> Result<Sent, Unstarted> {
        if self.timeout.is_zero() {
            return Err(Refusal::misuse("a timeout of 0 leaves no time to answer").into());
        }
        if streamed && !self.args.is_empty() {
            return Err(Refusal::misuse("the arguments of a streamed call are written to its body").into());
        }
        let head = RequestHead {
            tracing: self.tracing,
            checksum: self.checksum,
            ..RequestHead::new(self.route(hub)?, self.target.endpoint().clone(), began + self.timeout)
        };
        let message = if streamed {
            Message::Streamed(head)
        } else {
            Message::Whole(Request { head, args: self.args })
        };
        let (link, call) = match self.via {
            Via::Connection(link) => match link.call(began, message) {
                Ok(call) => (link, call?),
                Err(unsent) => return Err(unsent.into()),
            },
            Via::Channel(_, host) => to_host(hub, &host.ok_or_else(Refusal::no_peer)?, message, began)?,
        };
        Ok(Sent { link, call, target: self.target, began })
    }

    fn route(&self, hub: &Hub) -> Result<Route, Refusal> {
        let caller = self.caller.as_deref().unwrap_or(&hub.name);
        if caller.is_empty() || self.scheme.is_empty() {
            return Err(Refusal::misuse("the headers `cn` and `as` must not be empty"));
        }
        let plain = self.caller.is_none() && self.headers.is_empty();
        let route = if plain && self.retry == RetryFlags::default().as_str() {
            self.target.plain_route(caller, &self.scheme)
        } else {
            self.target.route(caller, &self.scheme, &self.retry, &self.headers)
        };
        Ok(route?)
    }
}

impl fmt::Debug for Outbound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outbound")
            .field("service", &self.target.service())
            .field("endpoint", &self.target.endpoint_text())
            .field("timeout", &self.timeout)
            .field("scheme", &self.scheme)
            .field("headers", &self.headers)
            .finish_non_exhaustive()
    }
}
