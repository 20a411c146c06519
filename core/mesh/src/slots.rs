//! Entries by number, whose names are never mistaken for each other: the table behind every handle here, and for owners
//! who keep something for each.

use alloc::vec::Vec;

/// Names an entry. Its number is used again, with another epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    at: u32,
    epoch: u32,
}

impl Place {
    /// The first entry with this number.
    pub const fn first(at: u32) -> Self {
        Place { at, epoch: 0 }
    }

    /// Its number.
    pub const fn number(self) -> u32 {
        self.at
    }

    /// Its number, for another table.
    pub const fn index(self) -> usize {
        self.at as usize
    }
}

/// A table that grows to the most entries it ever held at once.
#[derive(Debug)]
pub struct Slots<T> {
    entries: Vec<Entry<T>>,
    free: Vec<u32>,
}

#[derive(Debug)]
struct Entry<T> {
    epoch: u32,
    value: Option<T>,
}

impl<T> Slots<T> {
    /// Puts an entry where one was removed, or at the end.
    pub fn insert(&mut self, value: T) -> Place {
        self.insert_with(|_| value)
    }

    /// The same for an entry that knows its own name.
    pub fn insert_with(&mut self, make: impl FnOnce(Place) -> T) -> Place {
        let at = self.free.pop().unwrap_or_else(|| {
            self.entries.push(Entry { epoch: 0, value: None });
            u32::try_from(self.entries.len() - 1).expect("fewer entries than fit into memory")
        });
        let entry = &mut self.entries[at as usize];
        let place = Place { at, epoch: entry.epoch };
        entry.value = Some(make(place));
        place
    }

    /// The entry of this name.
    pub fn get(&self, place: Place) -> Option<&T> {
        let entry = self.entries.get(place.index())?;
        entry.value.as_ref().filter(|_| entry.epoch == place.epoch)
    }

    /// The entry of this name, to change.
    pub fn get_mut(&mut self, place: Place) -> Option<&mut T> {
        let entry = self.entries.get_mut(place.index())?;
        entry.value.as_mut().filter(|_| entry.epoch == place.epoch)
    }

    /// Takes an entry out; its name means nothing from here on.
    pub fn remove(&mut self, place: Place) -> Option<T> {
        let entry = self.entries.get_mut(place.index()).filter(|entry| entry.epoch == place.epoch)?;
        let value = entry.value.take()?;
        entry.epoch = entry.epoch.wrapping_add(1);
        self.free.push(place.at);
        Some(value)
    }

    /// Entries there are.
    pub fn len(&self) -> usize {
        self.entries.len() - self.free.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All entries in the order of their numbers.
    pub fn iter(&self) -> impl Iterator<Item = (Place, &T)> {
        (0_u32..).zip(&self.entries).filter_map(|(at, entry)| {
            let place = Place { at, epoch: entry.epoch };
            entry.value.as_ref().map(|value| (place, value))
        })
    }

    /// The same, to change.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = (Place, &mut T)> {
        (0_u32..).zip(&mut self.entries).filter_map(|(at, entry)| {
            let place = Place { at, epoch: entry.epoch };
            entry.value.as_mut().map(|value| (place, value))
        })
    }
}

impl<T> Default for Slots<T> {
    fn default() -> Self {
        Slots { entries: Vec::new(), free: Vec::new() }
    }
}

/// What somebody else calls things that have numbers of their own.
#[derive(Debug)]
pub struct Names<K, N> {
    places: Vec<Option<(K, N)>>,
}

impl<K: Copy + PartialEq, N: Copy> Names<K, N> {
    /// Notes the name of a thing with this number. A thing that had the number before is forgotten.
    pub fn put(&mut self, at: usize, key: K, name: N) {
        if at >= self.places.len() {
            self.places.resize(at + 1, None);
        }
        self.places[at] = Some((key, name));
    }

    /// The name of a thing, if the number is still its own.
    pub fn find(&self, at: usize, key: K) -> Option<N> {
        let (known, name) = (*self.places.get(at)?)?;
        (known == key).then_some(name)
    }

    /// Every thing with its name, by numbers.
    pub fn iter(&self) -> impl Iterator<Item = (K, N)> {
        self.places.iter().filter_map(|known| *known)
    }

    /// The same, and forgets it.
    pub fn take(&mut self, at: usize, key: K) -> Option<N> {
        let name = self.find(at, key)?;
        self.places[at] = None;
        Some(name)
    }
}

impl<K, N> Default for Names<K, N> {
    fn default() -> Self {
        Names { places: Vec::new() }
    }
}

#[cfg(test)]
mod tests;
