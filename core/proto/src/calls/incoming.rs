//! The table of the peer's calls. The peer picks the ids, so they are hashed with a key that it does not know.

use alloc::collections::VecDeque;
use alloc::vec::Vec;
use core::time::Duration;

use super::call::Call;
use super::slab::Slab;
use crate::time::Timestamp;

const FREE: u32 = u32::MAX;
/// The call is over, the rest of its request is still coming and is skipped. The other bits are a serial number.
const SKIP: u32 = 1 << 31;
/// Frames for a skipped id still come.
const BUSY: u32 = 1 << 30;

/// What an id of the peer's stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Nothing,
    Skip,
    Call(u32),
}

/// Calls by id: open addressing, linear probing, never iterated.
#[derive(Debug)]
pub(crate) struct IncomingTable {
    pub(crate) slab: Slab,
    slots: Vec<(u32, u32)>,
    taken: usize,
    key: u64,
    skips: VecDeque<(Timestamp, u32, u32)>,
    skip_serial: u32,
}

impl IncomingTable {
    pub(crate) fn new(seed: u64) -> Self {
        // The finalizer of splitmix64 spreads any seed over all bits; an odd multiplier mixes every bit upwards.
        let mut key = seed.wrapping_add(0x9E37_79B9_7F4A_7C15);
        key = (key ^ (key >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        key = (key ^ (key >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        key = (key ^ (key >> 31)) | 1;
        IncomingTable {
            slab: Slab::default(),
            slots: Vec::new(),
            taken: 0,
            key,
            skips: VecDeque::new(),
            skip_serial: 0,
        }
    }

    pub(crate) fn place(&self, id: u32) -> Place {
        match self.find(id).map(|slot| self.slots[slot].1) {
            None => Place::Nothing,
            Some(value) if value & SKIP != 0 => Place::Skip,
            Some(at) => Place::Call(at),
        }
    }

    /// Adds a call under an id that has no call; a skip entry makes way.
    #[inline]
    pub(crate) fn insert(&mut self, id: u32) -> (u32, &mut Call) {
        let (at, call) = self.slab.insert();
        call.used = true;
        call.id = id;
        self.set(id, at);
        (at, self.slab.get_mut(at))
    }

    #[inline]
    pub(crate) fn remove(&mut self, at: u32) {
        let id = self.slab.get(at).id;
        self.slab.remove(at);
        self.clear(id);
    }

    /// The rest of this id's request is skipped until it ends, `until` comes, or `limit` newer ones exist.
    pub(crate) fn skip(&mut self, id: u32, until: Timestamp, limit: usize) {
        self.skip_serial = (self.skip_serial + 1) % (BUSY - 1);
        self.set(id, SKIP | self.skip_serial);
        self.skips.push_back((until, id, self.skip_serial));
        if self.skips.len() > limit {
            self.drop_oldest_skip();
        }
    }

    pub(crate) fn end_skip(&mut self, id: u32) {
        if self.place(id) == Place::Skip {
            self.clear(id);
        }
    }

    /// A frame came for a skipped id, and more will: it is kept for another term when its time comes.
    pub(crate) fn renew(&mut self, id: u32) {
        if self.place(id) == Place::Skip
            && let Some(slot) = self.find(id)
        {
            self.slots[slot].1 |= BUSY;
        }
    }

    /// Forgets the skipped ids whose time has come; those that were renewed stay for `term` more.
    pub(crate) fn forget_old(&mut self, now: Timestamp, term: Duration) {
        while let Some((until, id, serial)) = self.skips.front().copied()
            && until <= now
        {
            match self.find(id) {
                Some(slot) if self.slots[slot].1 == SKIP | BUSY | serial => {
                    self.slots[slot].1 &= !BUSY;
                    self.skips.pop_front();
                    self.skips.push_back((now + term, id, serial));
                }
                Some(_) | None => self.drop_oldest_skip(),
            }
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.slab.len()
    }

    pub(crate) fn rest(&mut self) {
        self.slab.rest();
        if self.taken == 0 {
            self.slots = Vec::new();
        }
        if self.skips.is_empty() {
            self.skips = VecDeque::new();
        }
    }

    pub(crate) fn tombstones(&self) -> usize {
        self.skips.len()
    }

    fn drop_oldest_skip(&mut self) {
        if let Some((_, id, serial)) = self.skips.pop_front()
            && self.find(id).is_some_and(|slot| self.slots[slot].1 & !BUSY == SKIP | serial)
        {
            self.clear(id);
        }
    }

    fn home(&self, id: u32) -> usize {
        let mixed = (u64::from(id) ^ (self.key >> 32)).wrapping_mul(self.key);
        let high = usize::try_from(mixed >> 32).expect("32 bits fit");
        high & (self.slots.len() - 1)
    }

    fn find(&self, id: u32) -> Option<usize> {
        if self.slots.is_empty() {
            return None;
        }
        let mask = self.slots.len() - 1;
        let mut slot = self.home(id);
        // At least half the slots are free, so the search ends.
        while self.slots[slot].1 != FREE {
            if self.slots[slot].0 == id {
                return Some(slot);
            }
            slot = (slot + 1) & mask;
        }
        None
    }

    #[inline]
    fn set(&mut self, id: u32, value: u32) {
        if let Some(slot) = self.find(id) {
            self.slots[slot].1 = value;
            return;
        }
        if self.taken * 2 >= self.slots.len() {
            let len = (self.slots.len() * 2).max(16);
            let old = core::mem::replace(&mut self.slots, alloc::vec![(0, FREE); len]);
            for (id, value) in old {
                if value != FREE {
                    self.put(id, value);
                }
            }
        }
        self.taken += 1;
        self.put(id, value);
    }

    fn put(&mut self, id: u32, value: u32) {
        let mask = self.slots.len() - 1;
        let mut slot = self.home(id);
        while self.slots[slot].1 != FREE {
            slot = (slot + 1) & mask;
        }
        self.slots[slot] = (id, value);
    }

    /// Empties the id's slot and moves later ones of the same run up, so that searches still end at a free slot.
    #[inline]
    fn clear(&mut self, id: u32) {
        let Some(mut hole) = self.find(id) else { return };
        let mask = self.slots.len() - 1;
        self.taken -= 1;
        let mut slot = hole;
        loop {
            slot = (slot + 1) & mask;
            let (id, value) = self.slots[slot];
            if value == FREE {
                break;
            }
            let from_home = slot.wrapping_sub(self.home(id)) & mask;
            let from_hole = slot.wrapping_sub(hole) & mask;
            if from_home >= from_hole {
                self.slots[hole] = (id, value);
                hole = slot;
            }
        }
        self.slots[hole] = (0, FREE);
    }
}

#[cfg(test)]
mod tests;
