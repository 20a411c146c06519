//! Entries by index, used again with whatever memory they grew.

use alloc::vec::Vec;

use super::call::Call;

/// Holds the calls of one table. A freed entry keeps its buffers for the next call.
#[derive(Debug, Default)]
pub(crate) struct Slab {
    entries: Vec<Call>,
    free: Vec<u32>,
}

impl Slab {
    #[inline]
    pub(crate) fn insert(&mut self) -> (u32, &mut Call) {
        let at = self.free.pop().unwrap_or_else(|| {
            self.entries.push(Call::default());
            u32::try_from(self.entries.len() - 1).expect("call limits are 32-bit numbers")
        });
        (at, &mut self.entries[at as usize])
    }

    #[inline]
    pub(crate) fn remove(&mut self, at: u32) {
        self.entries[at as usize].recycle();
        self.free.push(at);
    }

    /// As `get`, for places that may not exist.
    pub(crate) fn find(&self, at: u32) -> Option<&Call> {
        self.entries.get(at as usize)
    }

    pub(crate) fn get(&self, at: u32) -> &Call {
        &self.entries[at as usize]
    }

    pub(crate) fn get_mut(&mut self, at: u32) -> &mut Call {
        &mut self.entries[at as usize]
    }

    pub(crate) fn len(&self) -> usize {
        self.entries.len() - self.free.len()
    }

    /// Gives up all memory, if no entry is in use.
    pub(crate) fn rest(&mut self) {
        if self.len() == 0 {
            *self = Slab::default();
        }
    }

    /// Every index in use, in order.
    pub(crate) fn indices(&self) -> impl Iterator<Item = u32> {
        (0_u32..).zip(&self.entries).filter(|(_, call)| call.used).map(|(at, _)| at)
    }
}
