//! A channel at one moment, as plain data for people and their tools.

mod take;

use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

use tchannel_proto::{Remote, Stats, Timestamp};

use super::{ConnKey, Live};
use crate::host_port::HostPort;
use crate::peers::Side;

/// All of a channel. Fields have the names of the introspection document, where it names them; its `id`, which tells the
/// channels of one process apart, is for whoever runs several.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Snapshot {
    /// When it was taken; every other time is to be seen beside it.
    pub now: Timestamp,
    /// The channel's name.
    pub service: String,
    /// What init frames announce.
    pub host_port: String,
    /// How far it is from its end.
    pub channel_state: ChannelState,
    /// By their making; then services with a peer list and nothing else, by name.
    pub sub_channels: Vec<SubChannelSnapshot>,
    /// Every peer that is known, also those on no list.
    pub root_peers: Vec<PeerSnapshot>,
    /// The root list, in the order of adding.
    pub peers: Vec<PeerScore>,
    /// Connections, those being dialled included.
    pub num_connections: usize,
    /// Each of them.
    pub connections: Vec<ConnectionSnapshot>,
    /// Calls in flight.
    pub live: Live,
    /// Argument bytes received and not handed over.
    pub held: usize,
    /// Argument bytes not sent yet.
    pub unsent: usize,
    /// Measurements and trace reports that were dropped because nobody asked for them.
    pub dropped: (u64, u64),
}

/// How far a channel is from its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ChannelState {
    /// It makes and takes calls.
    Open,
    /// Old calls end.
    Draining,
    /// It has no calls and no connections, and takes none.
    Closed,
}

/// A service of the channel's own, or one with a peer list of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SubChannelSnapshot {
    /// Its name.
    pub service: String,
    /// Whether it has a peer list of its own.
    pub isolated: bool,
    /// That list, in the order of adding; empty if it has none.
    pub isolated_peers: Vec<PeerScore>,
    /// Registered endpoints, as text, at most 100 characters of each.
    pub endpoints: Vec<String>,
    /// Whether something serves the other endpoints.
    pub has_fallback: bool,
    /// Whether something serves all calls with `as=http`.
    pub serves_http: bool,
}

/// How a list ranks a peer.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PeerScore {
    /// The peer.
    pub host_port: HostPort,
    /// The lowest wins. That of a call with a shard key may differ.
    pub score: u64,
}

/// A peer.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PeerSnapshot {
    /// Where it is. Several may be at one address: those without a name of their own are known by their socket.
    pub host_port: HostPort,
    /// Lists that it is on.
    pub lists: u32,
    /// Own calls in flight, and recent `busy` answers.
    pub load: u32,
    /// Own calls in flight, those that do not count in the load included.
    pub calls: u32,
    /// Failed dials in a row.
    pub failures: u32,
    /// Until when it rests after the last of them; it may have passed.
    pub backoff_until: Option<Timestamp>,
    /// The dial that goes on.
    pub dialling: Option<ConnKey>,
    /// Active connections that this side opened, oldest first.
    pub outbound_connections: Vec<ConnKey>,
    /// Active connections that the peer opened, oldest first.
    pub inbound_connections: Vec<ConnKey>,
}

/// A connection.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ConnectionSnapshot {
    /// Its name.
    pub id: ConnKey,
    /// Who opened it.
    pub side: Side,
    /// How far it is.
    pub connection_state: ConnectionState,
    /// For whom it was opened; `None`: the peer opened it.
    pub outbound_host_port: Option<HostPort>,
    /// Where the peer dialled from; `None`: this side dialled.
    pub remote_host_port: Option<String>,
    /// What the peer says about itself.
    pub remote_peer: Option<Arc<Remote>>,
    /// Calls of the peer's.
    pub inbound_exchange: Exchange,
    /// Calls of ours.
    pub outbound_exchange: Exchange,
    /// Results of the last pings, oldest first; true: answered in time.
    pub health_checks: Vec<bool>,
    /// When it was opened, or its dial began.
    pub since: Timestamp,
    /// When it last had calls, or a frame of one; pings do not count.
    pub last_activity: Timestamp,
    /// Argument bytes received and not handed over.
    pub held: usize,
    /// Argument bytes not sent yet.
    pub unsent: usize,
    /// What it counted since it began.
    pub stats: Stats,
}

/// How far a connection is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ConnectionState {
    /// Its socket is being opened.
    Connecting,
    /// The two sides introduce themselves.
    Handshake,
    /// Calls go both ways.
    Active,
    /// Old calls end.
    Draining,
    /// It is over, and has last bytes to send.
    Closed,
}

/// The calls of one direction.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Exchange {
    /// Entries in use.
    pub count: usize,
    /// Wire ids of those that are not answered, in no particular order.
    pub ids: Vec<u32>,
    /// Ids of calls that are over, and are remembered for late frames.
    pub tombstones: usize,
}

impl fmt::Display for ChannelState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ChannelState::Open => "open",
            ChannelState::Draining => "draining",
            ChannelState::Closed => "closed",
        })
    }
}

impl fmt::Display for ConnectionState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ConnectionState::Connecting => "connecting",
            ConnectionState::Handshake => "handshake",
            ConnectionState::Active => "active",
            ConnectionState::Draining => "draining",
            ConnectionState::Closed => "closed",
        })
    }
}
