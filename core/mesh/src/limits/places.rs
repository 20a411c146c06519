//! Accepted connections: how many there may be, and how many of them from one address.

use alloc::collections::BTreeMap;
use core::net::{IpAddr, Ipv6Addr};
use core::num::NonZeroUsize;

use super::{Limits, Refused};

/// Counts accepted connections against [`Limits::max_connections_accepted`] and
/// [`Limits::max_connections_per_address`].
///
/// Remembers an address only while connections from it are counted, and only if there is a limit for it.
#[derive(Clone, Debug)]
pub struct Places {
    limit: NonZeroUsize,
    limit_per_address: Option<NonZeroUsize>,
    taken: usize,
    taken_from: BTreeMap<IpAddr, usize>,
}

impl Places {
    /// None is taken.
    pub fn new(limits: &Limits) -> Self {
        Places {
            limit: limits.max_connections_accepted,
            limit_per_address: limits.max_connections_per_address,
            taken: 0,
            taken_from: BTreeMap::new(),
        }
    }

    /// Takes a place for a connection from an address, if it has one. Each that is taken is freed by one
    /// [`leave`](Self::leave) with the same address. An error leaves the counts as they were.
    pub fn take(&mut self, from: Option<IpAddr>) -> Result<(), Refused> {
        if self.taken >= self.limit.get() {
            return Err(Refused::TooMany { limit: self.limit });
        }
        if let (Some(limit), Some(from)) = (self.limit_per_address, from) {
            let taken = self.taken_from.entry(host(from)).or_default();
            if *taken >= limit.get() {
                return Err(Refused::TooManyFromOne { limit });
            }
            *taken += 1;
        }
        self.taken += 1;
        Ok(())
    }

    /// A connection from this address is over.
    pub fn leave(&mut self, from: Option<IpAddr>) {
        self.taken = self.taken.saturating_sub(1);
        let Some(from) = from.map(host) else { return };
        if let Some(taken) = self.taken_from.get_mut(&from) {
            *taken -= 1;
            if *taken == 0 {
                self.taken_from.remove(&from);
            }
        }
    }

    /// Places that are taken.
    pub fn taken(&self) -> usize {
        self.taken
    }
}

/// What stands for the host behind an address: of IPv6 the network of 64 bits, all of which one host may use.
fn host(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => address.into(),
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() >> 64 << 64).into(),
    }
}

#[cfg(test)]
mod tests;
