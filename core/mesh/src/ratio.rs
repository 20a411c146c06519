//! Shares of a whole, without floating point.

use core::fmt;

/// A share in parts per million. Exact, ordered, and the same on every machine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ratio(u32);

impl Ratio {
    /// Nothing.
    pub const ZERO: Self = Ratio(0);
    /// All of it.
    pub const ONE: Self = Ratio(MILLION);

    /// `parts` of a million: 10,000 is one in a hundred. More than a million is more than all.
    pub const fn per_million(parts: u32) -> Self {
        Ratio(parts)
    }

    /// `parts` of a hundred.
    pub const fn percent(parts: u32) -> Self {
        Ratio(parts.saturating_mul(MILLION / 100))
    }

    /// Parts of a million.
    pub const fn as_per_million(self) -> u32 {
        self.0
    }

    /// Whether `part` is this share of `whole`, or more of it.
    pub fn is_reached(self, part: u64, whole: u64) -> bool {
        u128::from(part) * u128::from(MILLION) >= u128::from(whole) * u128::from(self.0)
    }
}

impl fmt::Display for Ratio {
    /// Per cent with four decimals: `10.0000%`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let percent = MILLION / 100;
        write!(f, "{}.{:04}%", self.0 / percent, self.0 % percent)
    }
}

pub(crate) const MILLION: u32 = 1_000_000;

#[cfg(test)]
mod tests;
