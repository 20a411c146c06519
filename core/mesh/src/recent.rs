//! A bounded table of what peers name: when it is full, what was not used for longest goes.

use alloc::collections::BTreeMap;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::num::NonZeroUsize;

/// Names an entry while it is in its table, and nothing afterwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Id {
    slot: usize,
    /// Entries made before it in this table.
    born: u64,
}

/// Values by name, at most so many.
#[derive(Clone, Debug)]
pub(crate) struct Recent<V> {
    most: NonZeroUsize,
    slots: Vec<Slot<V>>,
    by_name: BTreeMap<Arc<[u8]>, usize>,
    /// Slots by their last use, which is different for each.
    by_use: BTreeMap<u64, usize>,
    made: u64,
    uses: u64,
}

#[derive(Clone, Debug)]
struct Slot<V> {
    name: Arc<[u8]>,
    born: u64,
    used: u64,
    value: V,
}

impl<V> Recent<V> {
    pub(crate) fn new(most: NonZeroUsize) -> Self {
        Recent {
            most,
            slots: Vec::new(),
            by_name: BTreeMap::new(),
            by_use: BTreeMap::new(),
            made: 0,
            uses: 0,
        }
    }

    /// Uses the entry of this name, made first if there is none. Allocates only for a new one.
    pub(crate) fn use_or_insert(&mut self, name: &[u8], make: impl FnOnce() -> V) -> (Id, &mut V) {
        self.uses += 1;
        let at = match self.by_name.get(name) {
            Some(&at) => {
                self.by_use.remove(&self.slots[at].used);
                self.slots[at].used = self.uses;
                at
            }
            None => self.insert(name, make()),
        };
        self.by_use.insert(self.uses, at);
        let slot = &mut self.slots[at];
        (Id { slot: at, born: slot.born }, &mut slot.value)
    }

    /// The entry, without using it; `None` once it went.
    pub(crate) fn get_mut(&mut self, id: Id) -> Option<&mut V> {
        self.slots.get_mut(id.slot).filter(|slot| slot.born == id.born).map(|slot| &mut slot.value)
    }

    /// The same with its name.
    pub(crate) fn get(&self, id: Id) -> Option<(&[u8], &V)> {
        self.slots.get(id.slot).filter(|slot| slot.born == id.born).map(|slot| (&*slot.name, &slot.value))
    }

    /// Every entry with its name, in the order of names.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&[u8], &V)> {
        self.by_name.iter().map(|(name, at)| (&**name, &self.slots[*at].value))
    }

    /// Every entry with its name, in no order that means anything.
    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = (&[u8], &mut V)> {
        self.slots.iter_mut().map(|slot| (&*slot.name, &mut slot.value))
    }

    fn insert(&mut self, name: &[u8], value: V) -> usize {
        let name: Arc<[u8]> = name.into();
        let slot = Slot { name: Arc::clone(&name), born: self.made, used: self.uses, value };
        self.made += 1;
        let at = if self.slots.len() < self.most.get() {
            self.slots.push(slot);
            self.slots.len() - 1
        } else {
            let (_, oldest) = self.by_use.pop_first().expect("a full table has an oldest entry");
            self.by_name.remove(&self.slots[oldest].name);
            self.slots[oldest] = slot;
            oldest
        };
        self.by_name.insert(name, at);
        at
    }
}

#[cfg(test)]
mod tests;
