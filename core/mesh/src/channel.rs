//! Many connections as one machine: calls find peers, peers find connections, requests find endpoints.
//!
//! ```text
//!  call ──→ calls ── choose ──→ peers ── dial ──→ connections ──→ Action::Connect
//!             ↑                                        │
//!             └────── response, failed ────────────────┤
//!  Event::Request ←── dispatch ←── request ────────────┘
//! ```

mod bounded;
mod calls;
mod choice;
mod config;
mod connections;
mod event;
mod failure;
mod given;
mod guard;
mod idle;
mod lists;
mod meter;
mod serve;
mod snapshot;
mod sockets;
mod spans;
mod streams;
mod tab;
mod table;
#[cfg(test)]
mod testing;
mod totals;
mod work;

pub use calls::Call;
pub use config::{ChannelConfig, ConfigError};
pub use event::{Action, Event};
pub use failure::{Failure, Phase};
pub use idle::DRAIN_TIMEOUT;
pub use lists::ListError;
pub use snapshot::{
    ChannelState, ConnectionSnapshot, ConnectionState, Exchange, PeerScore, PeerSnapshot, Snapshot,
    SubChannelSnapshot,
};

use alloc::boxed::Box;
use alloc::collections::{BTreeMap, BTreeSet, VecDeque};
use alloc::string::{String, ToString};
use alloc::sync::Arc;
use core::net::SocketAddr;

use tchannel_proto::{Connection, Timestamp};

use crate::host_port::HostPort;
use crate::limits::Admission;
use crate::peers::PeerKey;
use crate::retry::Budget;
use crate::rng::Rng;
use crate::services::Services;
use crate::slots::{Place, Slots};

use calls::Pending;
use connections::Member;
use guard::Guard;
use lists::List;
use meter::Meter;
use serve::Served;
use spans::Spans;
use table::Peers;
use totals::Totals;
use work::Work;

macro_rules! named {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Place);

        impl $name {
            /// A small number, used again once this name is free: for a table of what belongs to it.
            pub fn index(self) -> usize {
                self.0.index()
            }
        }
    };
}

named! {
    /// Names a connection between the machine and its driver.
    ConnKey
}
named! {
    /// Names a call of ours across its attempts. Free after its [`Event::Failed`], or the [`Event::Response`] with its
    /// args, or the `Done` of its reading.
    Ticket
}
named! {
    /// Names a call of a peer's. Free once it is answered or [`Event::Abandoned`].
    Inbound
}

/// A call, whoever made it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Party {
    /// Made by this channel.
    Ours(Ticket),
    /// Made by a peer.
    Theirs(Inbound),
}

impl From<Ticket> for Party {
    fn from(call: Ticket) -> Self {
        Party::Ours(call)
    }
}

impl From<Inbound> for Party {
    fn from(call: Inbound) -> Self {
        Party::Theirs(call)
    }
}

/// What a timer is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Due {
    Connection(ConnKey),
    Call(Ticket),
    /// A connection is old.
    Old(ConnKey),
    /// Idle connections are looked for.
    Sweep,
    /// Rates of requests are told.
    Rates,
}

/// A service's whole side of TChannel: own calls, peers, connections, endpoints. Without I/O.
///
/// The contract is that of a [`Connection`], for many: after any `&mut` call drain what you like, in any order:
/// [`poll_action`](Self::poll_action), [`poll_event`](Self::poll_event), and [`poll_transmit`](Self::poll_transmit) of
/// each connection that [`poll_ready`](Self::poll_ready) names. Sleep until [`poll_timeout`](Self::poll_timeout). Read a
/// connection's socket while its [`wants_input`](Self::wants_input) is not 0; after [`Action::Resume`] offer the bytes
/// that were left first.
///
/// For people who run it: [`poll_stat`](Self::poll_stat) and [`poll_span`](Self::poll_span) give measurements and reports
/// of traces, where the configuration turns them on, and [`snapshot`](Self::snapshot) gives all that there is.
#[derive(Debug)]
pub struct Channel {
    config: Arc<ChannelConfig>,
    /// The latest moment seen.
    now: Timestamp,
    /// Peers see what it gives: they can tell all of it.
    rng: Rng,
    /// Keys of hash tables, which peers must not foresee.
    keys: Rng,
    host_port: String,
    services: Services,
    admission: Admission,
    guard: Guard,
    budget: Budget,
    peers: Peers,
    root: List,
    lists: BTreeMap<String, List>,
    members: Slots<Box<Member>>,
    calls: Slots<Pending>,
    served: Slots<Served>,
    due: BTreeSet<(Timestamp, Due)>,
    /// When idle connections are looked for next.
    swept_at: Option<Timestamp>,
    /// Rates of requests will be told.
    tells_rates: bool,
    work: Work,
    totals: Totals,
    /// `None`: nothing is measured.
    meter: Option<Box<Meter>>,
    /// `None`: no traces are reported.
    spans: Option<Box<Spans>>,
    ready: VecDeque<ConnKey>,
    actions: VecDeque<Action>,
    events: VecDeque<Event>,
    draining: Option<(String, Timestamp)>,
    drained: bool,
}

impl Channel {
    /// A channel that listens nowhere and knows no peers. `seed` decides everything that is left to chance; towards
    /// strangers it should be hard to guess.
    pub fn new(now: Timestamp, config: ChannelConfig, seed: u64) -> Result<Self, ConfigError> {
        config.check()?;
        let mut services = Services::new();
        services.meta = config.serve_built_in;
        Ok(Channel {
            now,
            rng: Rng::apart_from(seed),
            keys: Rng::new(seed),
            host_port: config.announce.clone().unwrap_or_else(|| NOT_LISTENING.to_string()),
            services,
            admission: Admission::new(config.limits.clone()),
            guard: Guard::new(&config),
            budget: Budget::new(config.retry_ratio),
            peers: Peers::default(),
            root: List::new(config.strategy.clone()),
            lists: BTreeMap::new(),
            members: Slots::default(),
            calls: Slots::default(),
            served: Slots::default(),
            due: BTreeSet::new(),
            swept_at: None,
            tells_rates: false,
            work: Work::default(),
            totals: Totals::default(),
            meter: config.stats.then(Box::default),
            spans: config.trace_reports.then(Box::default),
            ready: VecDeque::new(),
            actions: VecDeque::new(),
            events: VecDeque::new(),
            draining: None,
            drained: false,
            config: Arc::new(config),
        })
    }

    /// Tells what init frames announce from now on. All interfaces (`0.0.0.0`, `[::]`) are no address that a peer could
    /// dial: then none is announced. [`ChannelConfig::announce`] has the last word.
    pub fn handle_listening(&mut self, now: Timestamp, at: SocketAddr) {
        self.step(now);
        if self.config.announce.is_none() {
            let nowhere = at.ip().is_unspecified();
            let new = if nowhere { NOT_LISTENING.to_string() } else { plain(at).to_string() };
            if self.host_port != new {
                self.host_port = new;
                self.outdate();
            }
        }
    }

    /// Sees to it that the next call to `peer` goes over a connection that announced what is announced now: those that
    /// were dialled before that take no new calls, and drain. Hyperbahn's routers take a service's address from there.
    pub fn announce_anew(&mut self, now: Timestamp, peer: &HostPort) {
        self.step(now);
        self.replace_outdated(peer);
        self.settle();
    }

    /// Acts on every deadline up to `now`; afterwards [`poll_timeout`](Self::poll_timeout) is none or later.
    pub fn handle_timeout(&mut self, now: Timestamp) {
        self.step(now);
        while let Some((at, due)) = self.due.first().copied()
            && at <= self.now
        {
            self.due.pop_first();
            match due {
                Due::Connection(key) => self.connection_due(key),
                Due::Call(ticket) => self.call_due(ticket),
                Due::Old(key) => self.connection_old(key),
                Due::Sweep => self.sweep(),
                Due::Rates => self.tell_rates(),
            }
            self.settle();
        }
    }

    /// The next thing that the driver has to do with a socket.
    pub fn poll_action(&mut self) -> Option<Action> {
        self.actions.pop_front()
    }

    /// A connection that may have bytes to send; each is named once until it is polled.
    pub fn poll_ready(&mut self) -> Option<ConnKey> {
        while let Some(key) = self.ready.pop_front() {
            if let Some(member) = self.members.get_mut(key.0) {
                member.queued = false;
                return Some(key);
            }
        }
        None
    }

    /// The next thing that the owner has to know.
    pub fn poll_event(&mut self) -> Option<Event> {
        let event = self.events.pop_front()?;
        self.told(&event);
        Some(event)
    }

    /// When to call [`handle_timeout`](Self::handle_timeout). It may turn out that nothing was due by then, never that
    /// something was before.
    pub fn poll_timeout(&self) -> Option<Timestamp> {
        self.due.first().map(|(at, _)| *at)
    }

    /// Takes no new calls, tells every peer so, lets old calls finish until `deadline`, then closes.
    /// [`Event::Drained`] says that the last connection is over. A second drain can only bring the deadline forward; one
    /// whose deadline is now closes.
    pub fn drain(&mut self, now: Timestamp, reason: &str, deadline: Timestamp) {
        self.step(now);
        self.start_drain(reason, deadline);
        self.settle();
        self.drained_if_over();
    }

    /// Whether the channel takes no new calls.
    pub fn is_draining(&self) -> bool {
        self.draining.is_some()
    }

    /// Services and endpoints, to look at.
    pub fn services(&self) -> &Services {
        &self.services
    }

    /// Services and endpoints, to register at.
    pub fn services_mut(&mut self) -> &mut Services {
        &mut self.services
    }

    /// What the channel was made with.
    pub fn config(&self) -> &Arc<ChannelConfig> {
        &self.config
    }

    /// A connection, to look at.
    pub fn connection(&self, key: ConnKey) -> Option<&Connection> {
        self.members.get(key.0).map(|member| &member.connection)
    }

    /// Calls in flight, ours and peers', connections and peers.
    pub fn live(&self) -> Live {
        Live {
            ours: self.calls.len(),
            theirs: self.served.len(),
            connections: self.members.len(),
            peers: self.peers.len(),
        }
    }

    /// The load of a peer at this moment: own calls, and recent `busy` answers.
    pub fn load(&mut self, now: Timestamp, peer: &HostPort) -> Option<u32> {
        self.step(now);
        let peer = self.peers.find(peer)?;
        let now = self.now;
        self.peers.get_mut(peer).map(|peer| peer.load.at(now))
    }

    /// Where a peer is.
    pub fn peer(&self, key: PeerKey) -> Option<&HostPort> {
        self.peers.get(key).map(|peer| &peer.host_port)
    }

    fn step(&mut self, now: Timestamp) {
        self.now = self.now.max(now);
    }
}

/// How much is going on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Live {
    /// Calls that this channel made.
    pub ours: usize,
    /// Calls that peers made, handed to the owner or about to be.
    pub theirs: usize,
    /// Connections, those being dialled included.
    pub connections: usize,
    /// Peers: those on lists, and those that are called, dialled or connected.
    pub peers: usize,
}

/// IPv4 as IPv4, also where a socket for both kinds shows it as IPv6: node knows no other.
fn plain(at: SocketAddr) -> SocketAddr {
    SocketAddr::new(at.ip().to_canonical(), at.port())
}

/// What an init req announces when nobody listens.
const NOT_LISTENING: &str = "0.0.0.0:0";

#[cfg(test)]
mod tests;
