//! Which recording came nearest to a call that none answers, and what was different.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;
use core::cmp::Reverse;
use core::fmt::{self, Write as _};

use super::{Matcher, Matchers, headers};
use crate::cassette::Entry;
use crate::{Request, TransportHeader};

/// A recording that has much in common with a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Nearest {
    /// Its place in the file, counted from 1.
    pub number: usize,
    /// It has answered a call already.
    pub is_played: bool,
    /// What is different, in the order of [`Matcher`]; none if it is the same call, and used up.
    pub differences: Vec<Difference>,
}

/// What a recording and a call do not have in common.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// What was compared.
    pub matcher: Matcher,
    /// The recording's, from shortly before the first byte that differs, with escapes.
    pub recorded: String,
    /// The call's.
    pub asked: String,
}

/// The recording with the least differences of weight. Of several the one that is left, whose body is most alike, that
/// comes first.
pub(crate) fn nearest(entries: &[Entry], asked: &Request, matchers: Matchers) -> Option<Nearest> {
    let rank = |(_, entry): &(usize, &Entry)| {
        let recorded = &entry.interaction.request;
        let differing = Matcher::ALL.map(|matcher| !matchers.passes(matcher, recorded, asked));
        (differing, entry.is_played, Reverse(in_common(&recorded.body, &asked.body)))
    };
    let (index, entry) = entries.iter().enumerate().min_by_key(rank)?;
    let recorded = &entry.interaction.request;
    let differences = matchers
        .chosen()
        .filter(|matcher| !matcher.accepts(recorded, asked))
        .map(|matcher| Difference::new(matcher, recorded, asked))
        .collect();
    Some(Nearest { number: index + 1, is_played: entry.is_played, differences })
}

/// How many bytes are the same at the beginning and at the end.
fn in_common(one: &[u8], other: &[u8]) -> usize {
    let start = first_difference(one, other);
    let (one, other) = (&one[start..], &other[start..]);
    start + one.iter().rev().zip(other.iter().rev()).take_while(|(one, other)| one == other).count()
}

fn first_difference(one: &[u8], other: &[u8]) -> usize {
    one.iter().zip(other).take_while(|(one, other)| one == other).count()
}

impl Matchers {
    /// What is not compared passes.
    fn passes(self, matcher: Matcher, recorded: &Request, asked: &Request) -> bool {
        !self.contains(matcher) || matcher.accepts(recorded, asked)
    }
}

impl Difference {
    fn new(matcher: Matcher, recorded: &Request, asked: &Request) -> Self {
        let sides = [recorded, asked];
        let [left, right] = match matcher {
            Matcher::ServiceName => sides.map(|side| Cow::from(side.service.as_bytes())),
            Matcher::Endpoint => sides.map(|side| Cow::from(side.endpoint.as_bytes())),
            Matcher::ArgScheme => sides.map(|side| Cow::from(side.scheme.as_str().as_bytes())),
            Matcher::Body => sides.map(|side| Cow::from(&side.body[..])),
            Matcher::Headers => headers::shown(recorded, asked),
            Matcher::HostPort => sides.map(|side| Cow::from(&side.host_port[..])),
            Matcher::TransportHeaders => sides.map(|side| Cow::from(listed(&side.transport_headers))),
        };
        let at = first_difference(&left, &right);
        Difference { matcher, recorded: excerpt(&left, at), asked: excerpt(&right, at) }
    }
}

fn listed(headers: &[TransportHeader]) -> Vec<u8> {
    let lines = headers.iter().map(|header| [&header.key[..], b": ", &header.value[..]].concat());
    lines.collect::<Vec<_>>().join(&b", "[..])
}

/// Some bytes before a place and some more behind it, readable.
fn excerpt(bytes: &[u8], at: usize) -> String {
    let start = at.saturating_sub(BEFORE);
    let end = bytes.len().min(at + BEHIND);
    let mut excerpt = String::from(if start > 0 { "…" } else { "" });
    for chunk in bytes[start..end].utf8_chunks() {
        excerpt.extend(chunk.valid().chars().flat_map(char::escape_debug));
        for byte in chunk.invalid() {
            write!(excerpt, "\\x{byte:02x}").expect("a string takes whatever is written to it");
        }
    }
    if end < bytes.len() {
        excerpt.push('…');
    }
    excerpt
}

impl fmt::Display for Nearest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = self.number;
        if self.differences.is_empty() {
            return write!(f, "interaction {number} is this call, but was played already");
        }
        let played = if self.is_played { " (played already)" } else { "" };
        write!(f, "nearest is interaction {number}{played}, which differs in ")?;
        for (index, difference) in self.differences.iter().enumerate() {
            write!(f, "{}{difference}", if index > 0 { " and " } else { "" })?;
        }
        Ok(())
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Difference { matcher, recorded, asked } = self;
        write!(f, "{matcher} (recorded \"{recorded}\", asked \"{asked}\")")
    }
}

/// Bytes that are shown before the first difference.
const BEFORE: usize = 16;
/// Bytes that are shown from the first difference on.
const BEHIND: usize = 40;
