//! Lengths of base 128, in the two orders that peers write them.

use alloc::vec::Vec;

use super::error::{Error, Part};

/// Which of a length's groups of seven bits comes first. Below 128 there is but one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LengthOrder {
    /// As node writes: 300 is `82 2c`.
    MostSignificantFirst,
    /// As go writes: 300 is `ac 02`.
    LeastSignificantFirst,
}

/// A u32 takes five groups.
const MAX_GROUPS: usize = 5;

impl LengthOrder {
    /// The order that a peer reads, by the language it named when it connected (`tchannel_language`).
    pub fn of(language: &str) -> Self {
        if language == "go" { Self::LeastSignificantFirst } else { Self::MostSignificantFirst }
    }

    /// Writes a length and the bytes.
    pub(super) fn put(self, out: &mut Vec<u8>, part: Part, bytes: &[u8]) -> Result<(), Error> {
        let too_long =
            || Error::TooLong { part, len: bytes.len(), limit: u32::MAX.try_into().unwrap_or(usize::MAX) };
        let mut left = u32::try_from(bytes.len()).map_err(|_| too_long())?;
        let mut groups = [0; MAX_GROUPS];
        let mut count = 0;
        for group in &mut groups {
            *group = low_group(left) | 0x80;
            count += 1;
            left >>= 7;
            if left == 0 {
                break;
            }
        }
        let groups = &mut groups[..count];
        if self == Self::MostSignificantFirst {
            groups.reverse();
        }
        groups[count - 1] &= 0x7F;
        out.extend_from_slice(groups);
        out.extend_from_slice(bytes);
        Ok(())
    }

    /// The length that begins here, and what follows; `None` where it does not end within five bytes.
    pub(super) fn take(self, bytes: &[u8]) -> Option<(usize, &[u8])> {
        let end = bytes.iter().take(MAX_GROUPS).position(|byte| byte & 0x80 == 0)?;
        let (groups, rest) = bytes.split_at_checked(end + 1)?;
        let add = |len: u64, group: &u8| len << 7 | u64::from(group & 0x7F);
        let len = match self {
            Self::MostSignificantFirst => groups.iter().fold(0, add),
            Self::LeastSignificantFirst => groups.iter().rev().fold(0, add),
        };
        Some((usize::try_from(len).unwrap_or(usize::MAX), rest))
    }
}

fn low_group(value: u32) -> u8 {
    let [_, _, _, low] = value.to_be_bytes();
    low & 0x7F
}

#[cfg(test)]
mod tests;
