//! The channel's only source of chance: a small generator, fed by one seed.

use core::hash::Hasher;
#[allow(deprecated, reason = "the only keyed hash of `core`")]
use core::hash::SipHasher;
use core::time::Duration;

use crate::ratio::{MILLION, Ratio};

/// A seeded generator. The same seed gives the same numbers, on every machine and in every version of this crate.
///
/// It is `SplitMix64`: one word of state, every seed as good as any other, a period of 2^64. It is for choosing peers and
/// naming spans, not for secrets: one number tells all others.
#[derive(Clone, Debug)]
pub struct Rng(u64);

impl Rng {
    /// A generator that starts from `seed`.
    pub const fn new(seed: u64) -> Self {
        Rng(seed)
    }

    /// A generator whose numbers do not tell those of [`new`](Self::new) with the same seed.
    #[allow(deprecated, reason = "the only keyed hash of `core`")]
    pub(crate) fn apart_from(seed: u64) -> Self {
        Rng(SipHasher::new_with_keys(seed, GOLDEN).finish())
    }

    /// The next 64 bits.
    pub const fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(GOLDEN);
        mix(self.0)
    }

    /// The next number that is not 0: an identifier in traces.
    pub fn nonzero(&mut self) -> u64 {
        loop {
            // Only one in 2^64 is 0.
            let bits = self.bits();
            if bits != 0 {
                return bits;
            }
        }
    }

    /// A number below `n`, each as likely as any other; 0 if `n` is 0.
    pub fn below(&mut self, n: usize) -> usize {
        let n = u64::try_from(n).unwrap_or(u64::MAX);
        usize::try_from(self.below_u64(n)).unwrap_or_default()
    }

    /// Whether something of this likelihood happens now. [`Ratio::ZERO`] never does, [`Ratio::ONE`] and more always do.
    pub fn chance(&mut self, likelihood: Ratio) -> bool {
        self.below_u64(u64::from(MILLION)) < u64::from(likelihood.as_per_million())
    }

    /// A time from `low` to `high`, both included, in whole nanoseconds; `low` if `high` is less.
    pub fn between(&mut self, low: Duration, high: Duration) -> Duration {
        let width = u64::try_from(high.saturating_sub(low).as_nanos()).unwrap_or(u64::MAX);
        low.saturating_add(Duration::from_nanos(self.below_u64(width.saturating_add(1))))
    }

    /// Numbers past the last multiple of `n` are drawn again, or small results would come more often.
    fn below_u64(&mut self, n: u64) -> u64 {
        if n == 0 {
            return 0;
        }
        let past = (u64::MAX % n + 1) % n;
        loop {
            let bits = self.bits();
            if bits <= u64::MAX - past {
                return bits % n;
            }
        }
    }
}

/// Spreads the bits of a number over all 64: numbers that differ in one bit come out unrelated. No two come out equal.
pub(crate) const fn mix(bits: u64) -> u64 {
    let bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    bits ^ (bits >> 31)
}

/// 2^64 divided by the golden ratio, odd: steps through every word.
const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;

#[cfg(test)]
mod tests;
