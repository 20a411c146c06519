//! What a caller may say about a call.

mod layers;
mod plan;
mod route;
#[cfg(test)]
mod testing;

pub use layers::Layers;
pub use plan::{CallPlan, Sizes};

use alloc::borrow::Cow;
use alloc::vec::Vec;
use core::num::NonZeroU32;
use core::time::Duration;

use tchannel_proto::Timestamp;
use tchannel_wire::{ChecksumKind, RetryFlags, Tracing};

use crate::channel::ConnKey;
use crate::host_port::HostPort;
use crate::peers::PeerKey;
use crate::retry::RetryPolicy;

/// A text of an option: a constant, or one made for the call.
pub type Text = Cow<'static, str>;

/// An option that can be turned off, so that a call can undo a default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Setting<T> {
    /// Not said here: the next layer of defaults decides.
    #[default]
    Inherit,
    /// None, whatever the defaults say.
    Off,
    /// This.
    Is(T),
}

impl<T> From<T> for Setting<T> {
    fn from(value: T) -> Self {
        Setting::Is(value)
    }
}

/// The call that is being served, and that causes the one being made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parent {
    /// What it carried.
    pub tracing: Tracing,
    /// When its caller stops waiting: no child waits longer.
    pub deadline: Timestamp,
}

impl Parent {
    /// When the patience of a call ends that has this much of its own.
    pub fn bound(parent: Option<&Self>, own: Timestamp) -> Timestamp {
        parent.map_or(own, |parent| own.min(parent.deadline))
    }
}

/// The one peer that a call goes to, instead of one chosen from a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Direct {
    /// Its address. A peer made for it is never chosen for other calls.
    Host(HostPort),
    /// A known peer.
    Peer(PeerKey),
    /// Whoever is at the other end of this connection.
    Connection(ConnKey),
}

/// Options of one call, or defaults for the calls of a channel or a sub-channel.
///
/// A plain value: making one does nothing, and it may be used many times. What is not said comes from the next layer:
/// call, then sub-channel, then channel, then [`Style`]. What is said counts as said: zero, none and false are values.
/// [`Layers`] puts the layers together.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct CallOptions {
    /// The service to call. Default: the sub-channel's name.
    pub service: Option<Text>,
    /// The call being served that causes this one: its trace goes on, and its deadline bounds this one.
    pub parent: Option<Parent>,
    /// There is no such call. The document style wants either this or `parent`; both at once are an error.
    pub no_parent: Option<bool>,
    /// Further transport headers, in their order. Keys must differ and have 1 to 15 bytes, values up to 255. Layers merge
    /// key by key. A field below wins over a header of its key in the same layer, except for `re`.
    pub headers: Vec<(Text, Text)>,
    /// `as`: how the arguments are encoded. Default `raw`; never empty.
    pub scheme: Option<Text>,
    /// `cn`: who calls. Default: the channel's name; never empty.
    pub caller: Option<Text>,
    /// `sk`: names the shard of the service. Default none.
    pub shard_key: Setting<Text>,
    /// `rd`: a service name to route by instead of the call's own. Default none.
    pub routing_delegate: Setting<Text>,
    /// `rk`: names a group of the service's instances. Default none.
    pub routing_key: Setting<Text>,
    /// `fd`: a group of related calls, for circuit breaking. Default none.
    pub failure_domain: Setting<Text>,
    /// The caller's patience, over all attempts, connects and waiting. Default: [`Style::timeout`]. 0 is an error.
    pub timeout: Option<Duration>,
    /// Longest time of one attempt. Default none. Setting it makes timeouts of attempts be retried, unless retries are
    /// off. 0 is an error.
    pub timeout_per_attempt: Setting<Duration>,
    /// Attempts in all. Default 5. [`retry_limit`](Self::retry_limit) sets it by the number of retries.
    pub max_attempts: Option<NonZeroU32>,
    /// Which failures allow another attempt. Default: failed connections. Sent as `re`, unless that header is given.
    pub retry_flags: Option<RetryFlags>,
    /// How bold retries are. Default: the documented libraries' table.
    pub retry_policy: Option<RetryPolicy>,
    /// Ask the application about responses that are not ok, which `retry_flags` do not stop. Default off.
    pub application_retry: Option<bool>,
    /// Go back to a peer that was tried, when all were. Default off.
    pub allow_same_peer: Option<bool>,
    /// Arguments are written and read in parts. Such a call has one attempt, and its deadline guards the first frame of
    /// the response. Default off.
    pub streamed: Option<bool>,
    /// Whether the call counts in the load of its peer. Default on.
    pub track_pending: Option<bool>,
    /// Call this peer and no other, in one attempt. Default: one of the peer list.
    pub direct: Setting<Direct>,
    /// How the arguments are protected. Default crc32c. Farmhash is an error.
    pub checksum: Option<ChecksumKind>,
    /// Whether a call without parent begins a trace. Default on.
    pub trace: Option<bool>,
    /// What to put on the wire as it is, with `forward_trace`. Default: the parent's.
    pub tracing: Option<Tracing>,
    /// The call is one that is passed on, as relays do: no span of its own, and no report. Default off.
    pub forward_trace: Option<bool>,
    /// Connected peers that score this or worse are not chosen. Lower scores are better; see
    /// [`Score`](crate::peers::Score). Default none.
    pub peer_score_threshold: Setting<u64>,
}

impl CallOptions {
    /// Nothing said.
    pub fn new() -> Self {
        CallOptions::default()
    }

    /// Allows this many retries, so one attempt more: 0 means one attempt.
    #[must_use = "gives the options back"]
    pub fn retry_limit(mut self, retries: u32) -> Self {
        self.max_attempts = Some(NonZeroU32::MIN.saturating_add(retries));
        self
    }

    /// Adds a transport header behind those that are there.
    #[must_use = "gives the options back"]
    pub fn header(mut self, key: impl Into<Text>, value: impl Into<Text>) -> Self {
        self.headers.push((key.into(), value.into()));
        self
    }
}

/// The two ways of calling that the documents describe. They differ in defaults only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Style {
    /// `subchannel.request(..)`: 100 ms, at most 5 attempts, and parent or no parent must be said.
    Document,
    /// `channel.call(..)`: 30 s, 4 retries, parent optional.
    Python,
}

impl Style {
    /// The default for [`CallOptions::timeout`].
    pub const fn timeout(self) -> Duration {
        match self {
            Style::Document => Duration::from_millis(100),
            Style::Python => Duration::from_secs(30),
        }
    }

    /// The default for [`CallOptions::max_attempts`]: 5, which is 4 retries.
    pub const fn max_attempts(self) -> NonZeroU32 {
        match self {
            Style::Document | Style::Python => NonZeroU32::MIN.saturating_add(4),
        }
    }

    /// Whether a call has to say if it has a parent.
    pub const fn requires_parent(self) -> bool {
        match self {
            Style::Document => true,
            Style::Python => false,
        }
    }
}

#[cfg(test)]
mod tests;
