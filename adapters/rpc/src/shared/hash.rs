//! Cheap hashes for tables whose keys are ours, or few.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hasher, RandomState};

/// A table by wire id.
pub(crate) type IdMap<V> = HashMap<u32, V, IdState>;

/// Keyed, because a peer picks the ids of its calls.
#[derive(Clone, Copy, Debug)]
pub(crate) struct IdState(u64);

impl Default for IdState {
    fn default() -> Self {
        IdState(seed())
    }
}

impl BuildHasher for IdState {
    type Hasher = IdHasher;

    fn build_hasher(&self) -> IdHasher {
        IdHasher(self.0)
    }
}

pub(crate) struct IdHasher(u64);

impl Hasher for IdHasher {
    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.write_u32(u32::from(byte));
        }
    }

    fn write_u32(&mut self, id: u32) {
        let wide = u128::from(self.0 ^ u64::from(id)) * u128::from(MIX);
        // Both halves of the product, cut to 64 bits on purpose.
        #[allow(clippy::cast_possible_truncation)]
        let folded = (wide >> 64) as u64 ^ wide as u64;
        self.0 = folded;
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

/// 2^64 divided by the golden ratio.
const MIX: u64 = 0x9E37_79B9_7F4A_7C15;

/// FNV-1a: quick for names of a few bytes. For tables whose keys this process picks.
#[derive(Clone, Copy)]
pub(crate) struct Fnv(u64);

impl Default for Fnv {
    fn default() -> Self {
        Fnv(0xCBF2_9CE4_8422_2325)
    }
}

impl Hasher for Fnv {
    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x100_0000_01B3);
        }
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

/// A number that nobody outside can foresee.
pub(crate) fn seed() -> u64 {
    RandomState::new().build_hasher().finish()
}

#[cfg(test)]
mod tests;
