//! Connections by their ends, and which of them go when there are too many.

use alloc::collections::BTreeMap;
use core::net::SocketAddr;
use core::time::Duration;

use super::connection::Connection;
use crate::link::Segment;
use crate::session::Shared;

/// Both ends of a connection, the smaller address first.
type Ends = (SocketAddr, SocketAddr);

/// What an entry costs beside what the connection keeps.
const ENTRY: usize = 4_096;

#[derive(Debug, Default)]
pub(super) struct Table {
    connections: BTreeMap<Ends, Entry>,
    /// The connections in the order in which they were last heard of.
    order: BTreeMap<u64, Ends>,
    clock: u64,
    cost: usize,
}

#[derive(Debug)]
struct Entry {
    connection: Connection,
    heard: u64,
    cost: usize,
}

impl Table {
    pub(super) fn cost(&self) -> usize {
        self.cost
    }

    pub(super) fn take(&mut self, segment: &Segment<'_>, at: Option<Duration>, shared: &mut Shared<'_>) {
        let ends = (segment.from.min(segment.to), segment.from.max(segment.to));
        let known = self.connections.get(&ends);
        if known.is_none() && segment.bytes.is_empty() && !segment.flags.syn {
            return;
        }
        if known.is_some_and(|entry| entry.connection.is_later(segment)) {
            self.finish(ends, shared);
        }
        self.clock += 1;
        let Self { connections, order, clock, cost } = self;
        let entry = connections.entry(ends).or_insert_with(|| {
            *cost += ENTRY;
            Entry { connection: Connection::new(segment, shared.limits), heard: *clock, cost: ENTRY }
        });
        order.remove(&entry.heard);
        order.insert(*clock, ends);
        entry.heard = *clock;
        entry.connection.take(segment, at, shared);
        *cost -= entry.cost;
        entry.cost = ENTRY + entry.connection.cost();
        *cost += entry.cost;
        self.make_room(ends, shared);
    }

    /// Ends the connection that was silent longest; tells whether there was one.
    pub(super) fn finish_one(&mut self, shared: &mut Shared<'_>) -> bool {
        let Some((_, ends)) = self.order.first_key_value() else { return false };
        self.finish(*ends, shared);
        true
    }

    fn finish(&mut self, ends: Ends, shared: &mut Shared<'_>) {
        if let Some(mut entry) = self.connections.remove(&ends) {
            self.order.remove(&entry.heard);
            self.cost -= entry.cost;
            entry.connection.finish(shared);
        }
    }

    fn make_room(&mut self, last: Ends, shared: &mut Shared<'_>) {
        while self.connections.len() > shared.limits.connections.max(1) || self.cost > shared.limits.memory {
            let Some((_, oldest)) = self.order.first_key_value() else { return };
            if *oldest != last {
                let known =
                    self.connections.get(oldest).is_some_and(|entry| entry.connection.is_of_interest());
                shared.counters.connections_dropped += u64::from(known);
                self.finish_one(shared);
                continue;
            }
            let Some(entry) = self.connections.get_mut(&last) else { return };
            if !entry.connection.make_room(shared) {
                return;
            }
            self.cost -= entry.cost;
            entry.cost = ENTRY + entry.connection.cost();
            self.cost += entry.cost;
        }
    }
}
