//! Many connections as one machine: calls find peers, peers find connections, requests find endpoints.
//!
//! ```text
//!  call ──→ tickets ── choose ──→ peers ── dial ──→ connections ──→ Action::Connect
//!             ↑                                         │
//!             └────── response, failed ─────────────────┤
//!  Event::Request ←── dispatch ←── request ─────────────┘
//! ```

mod calls;
mod config;
mod connections;
mod event;
mod lists;
mod serve;
mod table;
#[cfg(test)]
mod testing;

pub use config::ChannelConfig;
pub use event::{Action, Event, Reply};
pub use lists::ListError;

use alloc::collections::{BTreeMap, BTreeSet, VecDeque};
use alloc::string::{String, ToString};
use alloc::sync::Arc;
use core::net::SocketAddr;

use bytes::{Bytes, BytesMut};
use tchannel_proto::{Args, Config, Lost, Timestamp, Transmit};

use crate::host_port::HostPort;
use crate::limits::{Admission, TooManyAccepted};
use crate::peers::PeerKey;
use crate::retry::{Budget, Verdict};
use crate::rng::Rng;
use crate::services::{Services, check_name};
use crate::{CallOptions, OpenError, Style};

use calls::Pending;
use connections::Member;
use lists::List;
use table::Peers;

/// Names a connection between the machine and its driver.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnKey(u32);

/// Names a call across its attempts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticket(u64);

/// What a timer is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Due {
    Connection(ConnKey),
    Call(Ticket),
}

/// A service's whole side of TChannel: own calls, peers, connections, endpoints. Without I/O.
///
/// The contract is that of a [`Connection`](tchannel_proto::Connection), for many: after any `&mut` call drain what you
/// like, in any order: [`poll_action`](Self::poll_action), [`poll_event`](Self::poll_event), and
/// [`poll_transmit`](Self::poll_transmit) of each connection that [`poll_ready`](Self::poll_ready) names. Sleep until
/// [`poll_timeout`](Self::poll_timeout). Read a connection's socket while its [`wants_input`](Self::wants_input) is not
/// 0; after [`Action::Resume`] offer the bytes that were left first.
#[derive(Debug)]
pub struct Channel {
    config: Arc<ChannelConfig>,
    connection_config: Arc<Config>,
    now: Timestamp,
    rng: Rng,
    host_port: String,
    services: Services,
    admission: Admission,
    budget: Budget,
    peers: Peers,
    root: List,
    lists: BTreeMap<String, List>,
    members: BTreeMap<ConnKey, Member>,
    next_member: u32,
    calls: BTreeMap<Ticket, Pending>,
    next_ticket: u64,
    due: BTreeSet<(Timestamp, Due)>,
    ready: VecDeque<ConnKey>,
    actions: VecDeque<Action>,
    events: VecDeque<Event>,
    draining: Option<(String, Timestamp)>,
    drained: bool,
}

impl Channel {
    /// A channel that listens nowhere and knows no peers. `seed` decides everything that is left to chance; towards
    /// strangers it should be hard to guess.
    pub fn new(now: Timestamp, config: ChannelConfig, seed: u64) -> Result<Self, crate::ServiceError> {
        check_name(&config.name)?;
        Ok(Channel {
            now,
            rng: Rng::new(seed),
            host_port: NOT_LISTENING.to_string(),
            services: Services::new(),
            admission: Admission::new(config.limits.clone()),
            budget: Budget::new(config.retry_ratio),
            peers: Peers::default(),
            root: List::new(config.strategy.clone()),
            lists: BTreeMap::new(),
            members: BTreeMap::new(),
            next_member: 0,
            calls: BTreeMap::new(),
            next_ticket: 0,
            due: BTreeSet::new(),
            ready: VecDeque::new(),
            actions: VecDeque::new(),
            events: VecDeque::new(),
            draining: None,
            drained: false,
            connection_config: Arc::clone(&config.connection),
            config: Arc::new(config),
        })
    }

    /// Tells what init frames announce from now on. All interfaces (`0.0.0.0`, `[::]`) are no address that a peer could
    /// dial: then none is announced.
    pub fn handle_listening(&mut self, now: Timestamp, at: SocketAddr) {
        self.step(now);
        self.host_port =
            if at.ip().is_unspecified() { NOT_LISTENING.to_string() } else { plain(at).to_string() };
    }

    /// A peer dialled this side, and reached it at `to`. An error leaves nothing behind: close the socket.
    pub fn handle_accepted(&mut self, now: Timestamp, to: SocketAddr) -> Result<ConnKey, TooManyAccepted> {
        self.step(now);
        self.accept(to)
    }

    /// The socket that [`Action::Connect`] asked for is open.
    pub fn handle_connected(&mut self, now: Timestamp, key: ConnKey) {
        self.step(now);
        self.connected(key);
    }

    /// Takes whole frames off the front of `input`, as [`Connection::handle_input`](tchannel_proto::Connection::handle_input)
    /// does. Input of a connection that is over is dropped.
    pub fn handle_input(&mut self, now: Timestamp, key: ConnKey, input: &mut BytesMut) {
        self.step(now);
        self.input(key, input);
    }

    /// Says that a transport took bytes of a connection's `Transmit`.
    pub fn handle_written(&mut self, now: Timestamp, key: ConnKey) {
        self.step(now);
        self.written(key);
    }

    /// A socket ended, or could not be opened.
    pub fn handle_lost(&mut self, now: Timestamp, key: ConnKey, why: Lost) {
        self.step(now);
        self.lost(key, why);
    }

    /// Acts on every deadline up to `now`; afterwards [`poll_timeout`](Self::poll_timeout) is none or later.
    pub fn handle_timeout(&mut self, now: Timestamp) {
        self.step(now);
        self.expire();
    }

    /// The next thing that the driver has to do with a socket.
    pub fn poll_action(&mut self) -> Option<Action> {
        self.actions.pop_front()
    }

    /// A connection that may have bytes to send; each is named once until it is polled.
    pub fn poll_ready(&mut self) -> Option<ConnKey> {
        while let Some(key) = self.ready.pop_front() {
            if let Some(member) = self.members.get_mut(&key) {
                member.queued = false;
                return Some(key);
            }
        }
        None
    }

    /// The next bytes for a connection; `None` before its socket is open.
    pub fn poll_transmit(&mut self, now: Timestamp, key: ConnKey) -> Option<Transmit> {
        self.step(now);
        self.transmit(key)
    }

    /// The next thing that the owner has to know.
    pub fn poll_event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    /// When to call [`handle_timeout`](Self::handle_timeout), exactly.
    pub fn poll_timeout(&self) -> Option<Timestamp> {
        self.due.first().map(|(at, _)| *at)
    }

    /// 0: do not read this connection; see [`Connection::wants_input`](tchannel_proto::Connection::wants_input).
    pub fn wants_input(&self, key: ConnKey) -> usize {
        self.members.get(&key).map_or(0, |member| member.connection.wants_input())
    }

    /// Starts a call in the style of the Python documents. It ends with one [`Event::Response`] or one
    /// [`Event::Failed`]. Errors leave the state as it was.
    pub fn call(
        &mut self,
        now: Timestamp,
        endpoint: Bytes,
        args: Args,
        options: &CallOptions,
    ) -> Result<Ticket, OpenError> {
        self.step(now);
        self.start(Style::Python, None, endpoint, args, options)
    }

    /// Starts a call of a sub-channel, given by its name and defaults, in the style of the request documents.
    /// Errors leave the state as it was.
    pub fn request(
        &mut self,
        now: Timestamp,
        subchannel: (&str, &CallOptions),
        endpoint: Bytes,
        args: Args,
        options: &CallOptions,
    ) -> Result<Ticket, OpenError> {
        self.step(now);
        self.start(Style::Document, Some(subchannel), endpoint, args, options)
    }

    /// What the application says to the response in [`Event::Ask`]. Nothing happens if the call is over.
    pub fn decide(&mut self, now: Timestamp, ticket: Ticket, verdict: Verdict) {
        self.step(now);
        self.decided(ticket, verdict);
    }

    /// Gives up a call. It ends with no event; the peer is told if it can take that.
    pub fn cancel(&mut self, now: Timestamp, ticket: Ticket, why: &str) {
        self.step(now);
        self.cancelled(ticket, why);
    }

    /// Answers a request of a peer's.
    pub fn respond(
        &mut self,
        now: Timestamp,
        to: Reply,
        response: tchannel_proto::Response,
    ) -> Result<(), tchannel_proto::Gone> {
        self.step(now);
        self.answer(to, |connection, now, call| connection.respond(now, call, response))
    }

    /// Answers a request of a peer's with an error frame.
    pub fn reject(
        &mut self,
        now: Timestamp,
        to: Reply,
        code: tchannel_proto::wire::ErrorCode,
        message: &str,
    ) -> Result<(), tchannel_proto::Gone> {
        self.step(now);
        self.answer(to, |connection, now, call| connection.reject(now, call, code, message))
    }

    /// Adds a peer to the list of a service, or to the root list. Adding one twice changes nothing.
    pub fn add_peer(&mut self, now: Timestamp, service: Option<&str>, peer: &HostPort) -> PeerKey {
        self.step(now);
        self.add(service, peer)
    }

    /// Takes a peer off a list. If it is on no other, its connections drain for 5 s.
    pub fn remove_peer(
        &mut self,
        now: Timestamp,
        service: Option<&str>,
        peer: &HostPort,
    ) -> Result<(), ListError> {
        self.step(now);
        self.remove(service, peer)
    }

    /// Gives a service a peer list of its own; calls to others use the root list.
    pub fn isolate(&mut self, service: &str) {
        let strategy = self.config.strategy.clone();
        self.lists.entry(service.into()).or_insert_with(|| List::new(strategy));
    }

    /// Services and endpoints, to register at and to look at.
    pub fn services(&mut self) -> &mut Services {
        &mut self.services
    }

    /// Takes no new calls, tells every peer so, lets old calls finish until `deadline`, then closes.
    /// [`Event::Drained`] says that the last connection is over. A second drain can only bring the deadline forward.
    pub fn drain(&mut self, now: Timestamp, reason: &str, deadline: Timestamp) {
        self.step(now);
        self.start_drain(reason, deadline);
    }

    /// Own calls in flight, and connections.
    pub fn live(&self) -> (usize, usize) {
        (self.calls.len(), self.members.len())
    }

    /// The load of a peer at this moment: own calls, and recent `busy` answers.
    pub fn load(&mut self, now: Timestamp, peer: &HostPort) -> Option<u32> {
        self.step(now);
        let (_, peer) = self.peers.find(peer)?;
        let now = self.now;
        self.peers.get_mut(peer).map(|peer| peer.load.at(now))
    }

    fn step(&mut self, now: Timestamp) {
        self.now = self.now.max(now);
    }

    /// Moves a timer from one moment to another.
    fn set_due(&mut self, before: Option<Timestamp>, after: Option<Timestamp>, due: Due) {
        if before != after {
            if let Some(at) = before {
                self.due.remove(&(at, due));
            }
            if let Some(at) = after {
                self.due.insert((at, due));
            }
        }
    }

    fn expire(&mut self) {
        while let Some((at, due)) = self.due.first().copied()
            && at <= self.now
        {
            match due {
                Due::Connection(key) => self.connection_due(key),
                Due::Call(ticket) => self.call_due(ticket),
            }
        }
    }
}

/// IPv4 as IPv4, also where a socket for both kinds shows it as IPv6: node knows no other.
fn plain(at: SocketAddr) -> SocketAddr {
    SocketAddr::new(at.ip().to_canonical(), at.port())
}

/// What an init req announces when nobody listens.
const NOT_LISTENING: &str = "0.0.0.0:0";

#[cfg(test)]
mod tests;
