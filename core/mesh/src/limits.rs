//! How much a channel takes on.

mod places;

use alloc::collections::BTreeMap;
use alloc::string::String;
use core::net::IpAddr;
use core::num::{NonZeroU32, NonZeroUsize};

use thiserror::Error;

pub use places::Places;

/// Limits of a channel. The defaults are safe towards strangers and do not limit own calls.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Calls of ours in flight in the whole channel; more are [`Overloaded`]. Default `None`: no limit.
    pub max_pending: Option<NonZeroUsize>,
    /// The same for each service called. Default `None`.
    pub max_pending_for_service: Option<NonZeroUsize>,
    /// Calls of peers in the whole channel that are not answered yet; more are answered `busy`. Default 65,536.
    pub max_incoming_total: NonZeroUsize,
    /// Accepted connections open at once; further ones are closed at once. Default 10,000.
    pub max_connections_accepted: NonZeroUsize,
    /// The same from one address; of IPv6, from one network of 64 bits. Default `None`: many clients may share an address
    /// behind a proxy or a translating router. For servers that strangers reach directly.
    pub max_connections_per_address: Option<NonZeroUsize>,
    /// Accepted connections at once whose handshake is not done; further ones are closed at once. Room for a burst of
    /// clients that all come back, and a bound on the places that those take who never say who they are. Default 1,000.
    pub max_handshakes: NonZeroUsize,
    /// Connections dialled to one peer and open at once, those that drain included; a call that would need one more
    /// looks for another peer. Default 4.
    pub max_connections_per_peer: NonZeroU32,
    /// Argument bytes received and not read, over all connections, with 64 bytes of bookkeeping for each part. The call
    /// that brings the byte over fails: a peer's with `busy`, one of ours as cancelled, for it may have run. Default 1 GiB.
    pub max_held_total: NonZeroUsize,
    /// Argument bytes not sent yet, over all connections. More calls are [`Overloaded`], more answers are `busy`,
    /// streams are blocked except for one write on a connection with nothing unsent. Default 1 GiB.
    pub max_unsent_total: NonZeroUsize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            max_pending: None,
            max_pending_for_service: None,
            max_incoming_total: NonZeroUsize::MIN.saturating_add(65_535),
            max_connections_accepted: NonZeroUsize::MIN.saturating_add(9_999),
            max_connections_per_address: None,
            max_handshakes: NonZeroUsize::MIN.saturating_add(999),
            max_connections_per_peer: NonZeroU32::MIN.saturating_add(3),
            max_held_total: NonZeroUsize::MIN.saturating_add((1 << 30) - 1),
            max_unsent_total: NonZeroUsize::MIN.saturating_add((1 << 30) - 1),
        }
    }
}

/// A limit for own calls is reached. Nothing was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Overloaded {
    /// [`Limits::max_pending`].
    #[error("max-pending: {limit} calls are in flight already; wait for some to end, or raise the limit")]
    MaxPending {
        /// The limit in force.
        limit: NonZeroUsize,
    },
    /// [`Limits::max_pending_for_service`].
    #[error(
        "max-pending-for-service: {limit} calls to this service are in flight already; wait for some to end, or \
         raise the limit"
    )]
    MaxPendingForService {
        /// The limit in force.
        limit: NonZeroUsize,
    },
    /// [`Limits::max_unsent_total`].
    #[error(
        "max-unsent-total: with this call more than {limit} bytes would wait to be sent; wait for some to be sent, or \
         raise the limit"
    )]
    MaxUnsentTotal {
        /// The limit in force.
        limit: NonZeroUsize,
    },
}

/// A connection is not taken in; close its socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Refused {
    /// [`Limits::max_connections_accepted`] are open.
    #[error("max-connections-accepted: {limit} accepted connections are open already")]
    TooMany {
        /// The limit in force.
        limit: NonZeroUsize,
    },
    /// [`Limits::max_connections_per_address`] are open from its address.
    #[error("max-connections-per-address: {limit} connections from this address are open already")]
    TooManyFromOne {
        /// The limit in force.
        limit: NonZeroUsize,
    },
    /// [`Limits::max_handshakes`] are under way.
    #[error("max-handshakes: {limit} accepted connections have not finished their handshake")]
    TooManyHandshakes {
        /// The limit in force.
        limit: NonZeroUsize,
    },
    /// The channel drains.
    #[error("the channel is draining")]
    Draining,
}

/// Counts what is in flight and open against [`Limits`].
///
/// Remembers a service only while calls to it are in flight, and only if there is a limit for it.
#[derive(Clone, Debug)]
pub struct Admission {
    limits: Limits,
    pending: usize,
    pending_for: BTreeMap<String, usize>,
    places: Places,
    handshakes: usize,
}

impl Admission {
    /// Nothing in flight, nothing open.
    pub fn new(limits: Limits) -> Self {
        let places = Places::new(&limits);
        Admission { limits, pending: 0, pending_for: BTreeMap::new(), places, handshakes: 0 }
    }

    /// Takes in a call of ours, whatever its `track_pending` says. Each that is taken ends with one
    /// [`ended`](Self::ended). An error leaves the counts as they were. The service is asked for where it is counted.
    pub fn begin<'a>(&mut self, service: impl FnOnce() -> &'a str) -> Result<(), Overloaded> {
        if let Some(limit) = self.limits.max_pending
            && self.pending >= limit.get()
        {
            return Err(Overloaded::MaxPending { limit });
        }
        if let Some(limit) = self.limits.max_pending_for_service {
            let service = service();
            match self.pending_for.get_mut(service) {
                Some(pending) if *pending >= limit.get() => {
                    return Err(Overloaded::MaxPendingForService { limit });
                }
                Some(pending) => *pending += 1,
                None => {
                    self.pending_for.insert(service.into(), 1);
                }
            }
        }
        self.pending += 1;
        Ok(())
    }

    /// A call that was taken is over, however it ended.
    pub fn ended<'a>(&mut self, service: impl FnOnce() -> &'a str) {
        self.pending = self.pending.saturating_sub(1);
        if self.pending_for.is_empty() {
            return;
        }
        let service = service();
        if let Some(pending) = self.pending_for.get_mut(service) {
            *pending = pending.saturating_sub(1);
            if *pending == 0 {
                self.pending_for.remove(service);
            }
        }
    }

    /// Calls of ours in flight.
    pub fn pending(&self) -> usize {
        self.pending
    }

    /// Takes in an accepted connection. Each that is taken ends with one [`closed`](Self::closed). An error leaves the
    /// counts as they were; the connection is to be closed at once.
    pub fn accept(&mut self, from: Option<IpAddr>) -> Result<(), Refused> {
        let limit = self.limits.max_handshakes;
        if self.handshakes >= limit.get() {
            return Err(Refused::TooManyHandshakes { limit });
        }
        self.places.take(from)?;
        self.handshakes += 1;
        Ok(())
    }

    /// An accepted connection has finished its handshake.
    pub fn introduced(&mut self) {
        self.handshakes = self.handshakes.saturating_sub(1);
    }

    /// An accepted connection is over, which was [`introduced`](Self::introduced) or not.
    pub fn closed(&mut self, from: Option<IpAddr>, introduced: bool) {
        self.places.leave(from);
        if !introduced {
            self.introduced();
        }
    }

    /// Accepted connections that are open.
    pub fn accepted(&self) -> usize {
        self.places.taken()
    }

    /// Accepted connections whose handshake is not done.
    pub fn handshakes(&self) -> usize {
        self.handshakes
    }

    /// Whether one more connection may be dialled to a peer that has this many, those being dialled included.
    pub fn may_dial(&self, dialled: u32) -> bool {
        dialled < self.limits.max_connections_per_peer.get()
    }

    /// The limits in force.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }
}

#[cfg(test)]
mod tests;
