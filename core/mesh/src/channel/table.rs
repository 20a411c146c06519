//! All peers that are known, by name and by key.

use alloc::collections::BTreeMap;
use alloc::string::ToString;
use alloc::vec::Vec;
use core::time::Duration;

use tchannel_proto::Timestamp;

use super::ConnKey;
use crate::host_port::HostPort;
use crate::peers::{Backoff, Candidate, Load, PeerKey, Side, host_port_hash};
use crate::slots::Slots;

/// One peer: an address, and what is known about it.
#[derive(Debug)]
pub(super) struct Peer {
    pub(super) host_port: HostPort,
    hash: u32,
    /// Active connections, oldest first.
    pub(super) active: Vec<(ConnKey, Side)>,
    /// Its one dial.
    pub(super) dialling: Option<ConnKey>,
    /// When its last dial began.
    pub(super) dialled_at: Timestamp,
    /// Connections that were dialled to it and are open, or being opened.
    pub(super) dialled: u32,
    pub(super) backoff: Backoff,
    pub(super) load: Load,
    /// Lists that it is on.
    pub(super) listed: u32,
    /// Calls that it runs or is about to get.
    pub(super) calls: u32,
}

impl Peer {
    /// Nothing holds it any more.
    fn is_unreferenced(&self) -> bool {
        self.listed == 0 && self.calls == 0 && self.active.is_empty() && self.dialled == 0
    }

    /// How it looks to a choice.
    pub(super) fn candidate(&mut self, now: Timestamp, key: PeerKey) -> Candidate {
        let count = |side| {
            let connections = self.active.iter().filter(|(_, of)| *of == side).count();
            u32::try_from(connections).unwrap_or(u32::MAX)
        };
        Candidate {
            key,
            hash: self.hash,
            incoming: count(Side::In),
            outgoing: count(Side::Out),
            connecting: self.dialling.is_some(),
            late: self.dialling.is_some() && now.since(self.dialled_at) >= PATIENCE,
            backed_off: self.backoff.is_active(now),
            load: self.load.at(now),
            order: 0,
            tried: false,
            ephemeral: false,
            draining: false,
        }
    }
}

/// Peers by key and by name.
#[derive(Debug, Default)]
pub(super) struct Peers {
    known: Slots<Peer>,
    names: BTreeMap<HostPort, PeerKey>,
}

impl Peers {
    pub(super) fn find(&self, host_port: &HostPort) -> Option<PeerKey> {
        self.names.get(host_port).copied()
    }

    pub(super) fn find_or_add(&mut self, host_port: &HostPort) -> PeerKey {
        if let Some(key) = self.find(host_port) {
            return key;
        }
        let key = self.add_ephemeral(host_port);
        self.names.insert(host_port.clone(), key);
        key
    }

    /// A peer that nobody finds by its name: it lives as long as its one connection.
    pub(super) fn add_ephemeral(&mut self, host_port: &HostPort) -> PeerKey {
        PeerKey(self.known.insert(Peer {
            host_port: host_port.clone(),
            hash: host_port_hash(&host_port.to_string()),
            active: Vec::new(),
            dialling: None,
            dialled_at: Timestamp::ZERO,
            dialled: 0,
            backoff: Backoff::default(),
            load: Load::default(),
            listed: 0,
            calls: 0,
        }))
    }

    pub(super) fn get(&self, key: PeerKey) -> Option<&Peer> {
        self.known.get(key.0)
    }

    pub(super) fn get_mut(&mut self, key: PeerKey) -> Option<&mut Peer> {
        self.known.get_mut(key.0)
    }

    /// Every one, in the order of their numbers.
    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Peer> {
        self.known.iter_mut().map(|(_, peer)| peer)
    }

    pub(super) fn len(&self) -> usize {
        self.known.len()
    }

    /// Forgets the peer if nothing holds it.
    pub(super) fn sweep(&mut self, key: PeerKey) {
        if self.known.get(key.0).is_some_and(Peer::is_unreferenced)
            && let Some(peer) = self.known.remove(key.0)
            && self.names.get(&peer.host_port) == Some(&key)
        {
            self.names.remove(&peer.host_port);
        }
    }
}

/// How long a dial is waited for alone: what RFC 8305 recommends between the addresses of one host.
const PATIENCE: Duration = Duration::from_millis(250);
