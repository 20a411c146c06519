//! The one pass over received headers.

use core::str;

use super::{MAX_HEADERS, MAX_RECEIVED_HEADER_KEY, RawPairs};
use crate::{
    cursor::Cursor,
    malformed::{Field, Malformed, Problem},
};

/// Walks a header block and says what is wrong with it, if anything is.
#[inline]
pub(super) fn check<'a>(cursor: &mut Cursor<'a>) -> Result<&'a [u8], Malformed> {
    match plain(cursor.rest(), 0) {
        Some(len) => cursor.bytes(Field::HeaderCount, len),
        None => check_closely(cursor),
    }
}

/// The same for a block behind a service name.
#[inline]
pub(super) fn check_route<'a>(cursor: &mut Cursor<'a>) -> Result<&'a [u8], Malformed> {
    let service = cursor.rest().first().map_or(0, |&len| usize::from(len));
    match plain(cursor.rest(), 1 + service) {
        Some(len) if service > 0 => cursor.bytes(Field::Service, len),
        Some(_) | None => check_route_closely(cursor),
    }
}

/// Length of the header block behind the first `start` of `bytes` and of these, if nothing needs a closer look: the
/// block is whole, lengths are as they should be, all is ASCII, keys are surely distinct.
#[inline]
fn plain(bytes: &[u8], start: usize) -> Option<usize> {
    let (&count, mut rest) = bytes.get(start..)?.split_first()?;
    let mut filter = KeyFilter::default();
    for _ in 0..count {
        let (&len, behind) = rest.split_first()?;
        let (key, behind) = behind.split_at_checked(usize::from(len))?;
        if key.is_empty() || key.len() > MAX_RECEIVED_HEADER_KEY {
            return None;
        }
        filter.insert(key);
        let (&len, behind) = behind.split_first()?;
        rest = behind.get(usize::from(len)..)?;
    }
    let len = bytes.len() - rest.len();
    let good = usize::from(count) <= MAX_HEADERS && !filter.is_suspicious() && bytes[..len].is_ascii();
    good.then_some(len)
}

#[cold]
fn check_route_closely<'a>(cursor: &mut Cursor<'a>) -> Result<&'a [u8], Malformed> {
    let at = cursor.at();
    let service = cursor.short(Field::Service)?;
    if service.is_empty() {
        return Err(Malformed::new(Field::Service, at, Problem::Empty));
    }
    if str::from_utf8(service).is_err() {
        return Err(Malformed::new(Field::Service, at, Problem::NotUtf8));
    }
    check_closely(cursor)?;
    Ok(cursor.since(at))
}

/// Looks at any block, good or not: counts, lengths, UTF-8, duplicates.
#[cold]
fn check_closely<'a>(cursor: &mut Cursor<'a>) -> Result<&'a [u8], Malformed> {
    let start = cursor.at();
    let count = usize::from(cursor.u8(Field::HeaderCount)?);
    if count > MAX_HEADERS {
        return Err(too_many(start, count));
    }
    let mut filter = KeyFilter::default();
    for _ in 0..count {
        let at = cursor.at();
        let key = cursor.short(Field::HeaderKey)?;
        if key.is_empty() || key.len() > MAX_RECEIVED_HEADER_KEY {
            return Err(bad_key(at, key));
        }
        filter.insert(key);
        cursor.short(Field::HeaderValue)?;
    }
    let block = cursor.since(start);
    if !block.is_ascii() {
        check_utf8(start, block)?;
    }
    if filter.is_suspicious() {
        check_duplicates(start, block)?;
    }
    Ok(block)
}

/// Whether an encoded block of legal keys names one of them twice; gives the offset of the second in the block.
pub(super) fn duplicate(block: &[u8]) -> Option<usize> {
    let mut keys = [(0_u128, 0_u8, 0_u16); MAX_HEADERS];
    let mut count = 0;
    for ((at, key, _), slot) in Offsets::over(block).zip(&mut keys) {
        let mut padded = [0; MAX_RECEIVED_HEADER_KEY];
        padded[..key.len()].copy_from_slice(key);
        // The length tells a key from the same key with zero bytes behind it.
        let len = u8::try_from(key.len()).expect("at most 16");
        let at = u16::try_from(at).expect("a block of 128 headers has less than 36 KiB");
        *slot = (u128::from_ne_bytes(padded), len, at);
        count += 1;
    }
    let keys = &mut keys[..count];
    keys.sort_unstable();
    let twice = keys.windows(2).find(|pair| (pair[0].0, pair[0].1) == (pair[1].0, pair[1].1));
    twice.map(|pair| usize::from(pair[1].2))
}

/// A 64-bit set of key hashes: says in one step that all keys are distinct, or that somebody has to look.
#[derive(Default)]
pub(super) struct KeyFilter {
    seen: u64,
    suspicious: bool,
}

impl KeyFilter {
    #[inline]
    pub(super) fn insert(&mut self, key: &[u8]) {
        let bit = 1 << hash(key);
        self.suspicious |= self.seen & bit != 0;
        self.seen |= bit;
    }

    pub(super) fn is_suspicious(&self) -> bool {
        self.suspicious
    }
}

/// 0..64, without collision among the protocol's own keys.
#[inline]
fn hash(key: &[u8]) -> u32 {
    let first = u32::from(key.first().copied().unwrap_or_default());
    let last = u32::from(key.last().copied().unwrap_or_default());
    (first ^ last.wrapping_mul(5)) & 63
}

fn check_utf8(start: usize, block: &[u8]) -> Result<(), Malformed> {
    for (at, key, value) in Offsets::over(block) {
        let fault = |field, at| Malformed::new(field, start + at, Problem::NotUtf8);
        str::from_utf8(key).map_err(|_| fault(Field::HeaderKey, at))?;
        str::from_utf8(value).map_err(|_| fault(Field::HeaderValue, at + 1 + key.len()))?;
    }
    Ok(())
}

fn check_duplicates(start: usize, block: &[u8]) -> Result<(), Malformed> {
    match duplicate(block) {
        Some(at) => Err(Malformed::new(Field::HeaderKey, start + at, Problem::Duplicate)),
        None => Ok(()),
    }
}

fn too_many(at: usize, count: usize) -> Malformed {
    let as_u64 = |n| u64::try_from(n).unwrap_or(u64::MAX);
    let problem = Problem::OutOfRange { value: as_u64(count), min: 0, max: as_u64(MAX_HEADERS) };
    Malformed::new(Field::HeaderCount, at, problem)
}

fn bad_key(at: usize, key: &[u8]) -> Malformed {
    let problem = if key.is_empty() {
        Problem::Empty
    } else {
        Problem::TooLong { len: key.len(), limit: MAX_RECEIVED_HEADER_KEY }
    };
    Malformed::new(Field::HeaderKey, at, problem)
}

/// Pairs of a block with the offset of each.
struct Offsets<'a> {
    pairs: RawPairs<'a>,
    at: usize,
}

impl<'a> Offsets<'a> {
    fn over(block: &'a [u8]) -> Self {
        Self { pairs: RawPairs { rest: block.get(1..).unwrap_or_default() }, at: 1 }
    }
}

impl<'a> Iterator for Offsets<'a> {
    type Item = (usize, &'a [u8], &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let (key, value) = self.pairs.next()?;
        let at = self.at;
        self.at += 2 + key.len() + value.len();
        Some((at, key, value))
    }
}

#[cfg(test)]
mod tests;
