//! The table of our own calls: ids that count up, each its own place in a ring.

use alloc::collections::VecDeque;
use alloc::vec::Vec;
use core::time::Duration;

use super::call::Call;
use super::slab::Slab;
use crate::time::Timestamp;

/// A ring place that holds nothing.
const FREE: u32 = u32::MAX;
/// A ring place whose call ended without its response: frames for it are dropped at no cost.
const TOMB: u32 = u32::MAX - 1;
/// The same, and frames for it still come.
const BUSY_TOMB: u32 = u32::MAX - 2;
/// A ring place taken by an unanswered ping.
const PING: u32 = u32::MAX - 3;

/// The largest id; the one after it means "no message".
const LAST_ID: u32 = 0xFFFF_FFFE;

/// What an id of ours stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Nothing,
    Tombstone,
    Ping,
    Call(u32),
}

/// Calls by id. An id's place is the id modulo the ring's size; an id whose place is taken is skipped.
#[derive(Debug)]
pub(crate) struct OutgoingTable {
    pub(crate) slab: Slab,
    ring: Vec<(u32, u32)>,
    taken: usize,
    next: u32,
    tombs: VecDeque<(Timestamp, u32)>,
}

impl OutgoingTable {
    pub(crate) fn new(first: u32) -> Self {
        OutgoingTable {
            slab: Slab::default(),
            ring: Vec::new(),
            taken: 0,
            next: first,
            tombs: VecDeque::new(),
        }
    }

    pub(crate) fn place(&self, id: u32) -> Place {
        match self.slot(id) {
            Some((held, value)) if *held == id => match *value {
                FREE => Place::Nothing,
                TOMB | BUSY_TOMB => Place::Tombstone,
                PING => Place::Ping,
                at => Place::Call(at),
            },
            Some(_) | None => Place::Nothing,
        }
    }

    #[inline]
    pub(crate) fn insert(&mut self) -> (u32, &mut Call) {
        let id = self.take_id();
        let (at, call) = self.slab.insert();
        call.used = true;
        call.id = id;
        self.set(id, at);
        (at, self.slab.get_mut(at))
    }

    /// Frees the call's entry. With `until`, its id stays reserved.
    #[inline]
    pub(crate) fn remove(&mut self, at: u32, until: Option<Timestamp>, limit: usize) {
        let id = self.slab.get(at).id;
        self.slab.remove(at);
        match until {
            None => self.free(id),
            Some(until) => {
                self.set(id, TOMB);
                self.tombs.push_back((until, id));
                if self.tombs.len() > limit {
                    self.drop_oldest_tomb();
                }
            }
        }
    }

    /// A frame came for a tombstone, and more will: it is kept for another term when its time comes.
    pub(crate) fn renew(&mut self, id: u32) {
        if self.place(id) == Place::Tombstone {
            self.set(id, BUSY_TOMB);
        }
    }

    /// Frees the ids whose time has come; those that were renewed stay for `term` more.
    #[inline]
    pub(crate) fn forget_old(&mut self, now: Timestamp, term: Duration) {
        while let Some((until, id)) = self.tombs.front().copied()
            && until <= now
        {
            if self.slot(id).is_some_and(|(_, value)| *value == BUSY_TOMB) {
                self.set(id, TOMB);
                self.tombs.pop_front();
                self.tombs.push_back((now + term, id));
            } else {
                self.drop_oldest_tomb();
            }
        }
    }

    pub(crate) fn take_ping_id(&mut self) -> u32 {
        let id = self.take_id();
        self.set(id, PING);
        id
    }

    pub(crate) fn free_ping_id(&mut self, id: u32) {
        if self.place(id) == Place::Ping {
            self.free(id);
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.slab.len()
    }

    pub(crate) fn rest(&mut self) {
        self.slab.rest();
        if self.taken == 0 {
            self.ring = Vec::new();
        }
        if self.tombs.is_empty() {
            self.tombs = VecDeque::new();
        }
    }

    pub(crate) fn tombstones(&self) -> usize {
        self.tombs.len()
    }

    fn slot(&self, id: u32) -> Option<&(u32, u32)> {
        self.ring.get(id as usize & self.ring.len().wrapping_sub(1))
    }

    fn set(&mut self, id: u32, value: u32) {
        let place = id as usize & (self.ring.len() - 1);
        self.ring[place] = (id, value);
    }

    fn free(&mut self, id: u32) {
        self.set(id, FREE);
        self.taken -= 1;
    }

    fn drop_oldest_tomb(&mut self) {
        if let Some((_, id)) = self.tombs.pop_front() {
            self.free(id);
        }
    }

    /// Counts up to an id with a free place. At most half the places are taken, so one is always found.
    #[inline]
    fn take_id(&mut self) -> u32 {
        if self.taken * 2 >= self.ring.len() {
            self.grow();
        }
        loop {
            let id = self.next;
            self.next = if id == LAST_ID { 1 } else { id + 1 };
            if self.slot(id).is_some_and(|(_, value)| *value == FREE) {
                self.taken += 1;
                return id;
            }
        }
    }

    /// Doubles the ring. Ids that had places of their own still have: a longer remainder tells more apart.
    fn grow(&mut self) {
        let len = (self.ring.len() * 2).max(16);
        let old = core::mem::replace(&mut self.ring, alloc::vec![(0, FREE); len]);
        for (id, value) in old {
            if value != FREE {
                self.set(id, value);
            }
        }
    }
}

#[cfg(test)]
mod tests;
