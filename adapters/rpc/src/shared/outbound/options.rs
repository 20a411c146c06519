//! What may be said about a call.

use std::borrow::Cow;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use tchannel_mesh::retry::{RetryPolicy, Verdict};
use tchannel_mesh::{CallOptions, Parent, Setting};
use tchannel_proto::wire::{ChecksumKind, Headers, RetryFlags, Tracing};

use super::{Outbound, To};
use crate::shared::call::Response;
use crate::shared::host::Host;
use crate::shared::peers::Peer;

impl Outbound {
    /// The service to call, instead of the sub-channel's own.
    pub fn service(mut self, service: &str) -> Self {
        let endpoint = self.target.endpoint().clone();
        self.target = self.origin.target(service, &endpoint);
        self
    }

    /// Calls this address and no other, in one attempt. A peer made for it is never chosen for other calls. A call on a
    /// certain connection ignores it.
    pub fn host(mut self, to: impl Into<Host>) -> Self {
        if !matches!(self.to, To::Connection(_)) {
            self.to = To::Host(to.into());
        }
        self
    }

    /// Calls this peer and no other, in one attempt. A call on a certain connection ignores it.
    pub fn peer(mut self, to: &Peer) -> Self {
        if !matches!(self.to, To::Connection(_)) {
            self.to = To::Peer(to.clone());
        }
        self
    }

    /// Longest time from `send` to the answer: over all attempts, connecting and waiting included. Default 30 s, or
    /// 100 ms for a [`request`](crate::SubChannel::request). 0 is refused.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Longest time of one attempt. Default none. Makes timeouts of attempts be retried, unless retries are off.
    pub fn timeout_per_attempt(self, timeout: Duration) -> Self {
        self.with(|options| options.timeout_per_attempt = Setting::Is(timeout))
    }

    /// Attempts in all. Default 5.
    pub fn max_attempts(self, attempts: NonZeroU32) -> Self {
        self.with(|options| options.max_attempts = Some(attempts))
    }

    /// Retries after the first attempt: 0 means one attempt. Default 4.
    pub fn retry_limit(self, retries: u32) -> Self {
        self.max_attempts(NonZeroU32::MIN.saturating_add(retries))
    }

    /// Which failures allow another attempt (`re`). Default a failed connection.
    pub fn retry(self, flags: RetryFlags) -> Self {
        self.with(|options| options.retry_flags = Some(flags))
    }

    /// How bold retries are. Default: as the documented libraries.
    pub fn retry_policy(self, policy: RetryPolicy) -> Self {
        self.with(|options| options.retry_policy = Some(policy))
    }

    /// Asked about every response that is not ok, until the call's time is over. Flags do not stop such retries; a call
    /// that is out of attempts or peers gets the last response. Called by the task that polls the [`Call`]. Not asked
    /// about calls that are [opened](Outbound::open): they have one attempt.
    ///
    /// [`Call`]: crate::Call
    pub fn retry_if(mut self, judge: impl Fn(&Response) -> Verdict + Send + Sync + 'static) -> Self {
        self.judge = Some(Arc::new(judge));
        self
    }

    /// Goes back to a peer that was tried, when all were. Default off.
    pub fn allow_same_peer(self, allow: bool) -> Self {
        self.with(|options| options.allow_same_peer = Some(allow))
    }

    /// Whether the call counts in the load of its peer. Default on.
    pub fn track_pending(self, track: bool) -> Self {
        self.with(|options| options.track_pending = Some(track))
    }

    /// Connected peers that score this or worse are not chosen; lower is better. Default none.
    pub fn peer_score_threshold(self, threshold: u64) -> Self {
        self.with(|options| options.peer_score_threshold = Setting::Is(threshold))
    }

    /// The call being served that causes this one, from [`Request::child`](crate::Request::child): its trace goes on, and
    /// its deadline bounds this one.
    pub fn parent(mut self, parent: Parent) -> Self {
        self.parent = Some(parent);
        self
    }

    /// There is no such call. A [`request`](crate::SubChannel::request) wants either this or a parent.
    pub fn no_parent(mut self) -> Self {
        self.no_parent = true;
        self
    }

    /// How the arguments are encoded (`as`). Default raw; never empty.
    pub fn scheme(mut self, scheme: impl Into<Cow<'static, str>>) -> Self {
        let scheme = scheme.into();
        if scheme.is_empty() {
            return self.with(|options| options.scheme = Some(scheme));
        }
        self.scheme = scheme;
        self
    }

    /// The caller's service (`cn`). Default the channel's name; never empty.
    pub fn caller(self, caller: impl Into<Cow<'static, str>>) -> Self {
        self.with(|options| options.caller = Some(caller.into()))
    }

    /// Names the shard of the service (`sk`).
    pub fn shard_key(self, key: impl Into<Cow<'static, str>>) -> Self {
        self.with(|options| options.shard_key = Setting::Is(key.into()))
    }

    /// Names a service to route by instead (`rd`).
    pub fn routing_delegate(self, service: impl Into<Cow<'static, str>>) -> Self {
        self.with(|options| options.routing_delegate = Setting::Is(service.into()))
    }

    /// Names a group of the service's instances (`rk`).
    pub fn routing_key(self, key: impl Into<Cow<'static, str>>) -> Self {
        self.with(|options| options.routing_key = Setting::Is(key.into()))
    }

    /// Goes the way of a request: takes over its shard key, routing delegate and routing key, those that it has.
    pub fn routed_as(self, request: Headers<'_>) -> Self {
        self.with(|options| {
            for (ours, theirs) in [
                (&mut options.shard_key, request.shard_key()),
                (&mut options.routing_delegate, request.routing_delegate()),
                (&mut options.routing_key, request.routing_key()),
            ] {
                if let Some(theirs) = theirs {
                    *ours = Setting::Is(theirs.to_owned().into());
                }
            }
        })
    }

    /// Names a group of related calls (`fd`).
    pub fn failure_domain(self, domain: impl Into<Cow<'static, str>>) -> Self {
        self.with(|options| options.failure_domain = Setting::Is(domain.into()))
    }

    /// Sets a transport header; setting one again replaces its value.
    pub fn header(self, key: impl Into<Cow<'static, str>>, value: impl Into<Cow<'static, str>>) -> Self {
        let (key, value) = (key.into(), value.into());
        match &*key {
            "cn" => self.caller(value),
            "as" => self.scheme(value),
            _ => self.with(|options| match options.headers.iter_mut().find(|(known, _)| *known == key) {
                Some((_, old)) => *old = value,
                None => options.headers.push((key, value)),
            }),
        }
    }

    /// Sets several transport headers.
    pub fn headers<K, V>(self, headers: impl IntoIterator<Item = (K, V)>) -> Self
    where
        K: Into<Cow<'static, str>>,
        V: Into<Cow<'static, str>>,
    {
        headers.into_iter().fold(self, |call, (key, value)| call.header(key, value))
    }

    /// How argument bytes are protected. Default crc32c.
    pub fn checksum(self, kind: ChecksumKind) -> Self {
        self.with(|options| options.checksum = Some(kind))
    }

    /// Whether a call without parent begins a trace. Default on.
    pub fn trace(self, trace: bool) -> Self {
        self.with(|options| options.trace = Some(trace))
    }

    /// Puts this identity on the wire as it is, as one who passes a call on: the call has no span of its own.
    pub fn forward_tracing(self, tracing: Tracing) -> Self {
        self.with(|options| {
            options.forward_trace = Some(true);
            options.tracing = Some(tracing);
        })
    }

    /// Changes the options that have no method here. Those that have one are better set by it.
    pub fn with(mut self, change: impl FnOnce(&mut CallOptions)) -> Self {
        change(self.others.get_or_insert_default());
        self
    }
}
