//! Transport headers, `nh:1 (key~1 value~1){nh}`: checked once, then read in place.

mod block;
mod check;
mod typed;

pub use block::{HeaderBlock, HeaderError, Route, RouteView};
pub use typed::{HeaderValueError, RetryFlags, Scheme, Speculative};

pub(crate) use block::sendable;
use check::check;

use core::{fmt, str};

use bytes::{Bytes, BytesMut};

use crate::{Malformed, cursor::Cursor};

/// Most headers in one frame, sent or received.
pub const MAX_HEADERS: usize = 128;
/// Longest header key in bytes that is sent: tchannel-node cannot read 16.
pub const MAX_HEADER_KEY: usize = 15;
/// Longest header key in bytes that is accepted.
pub const MAX_RECEIVED_HEADER_KEY: usize = 16;
/// Longest header value in bytes: its length field has 8 bits.
pub const MAX_HEADER_VALUE: usize = 255;
/// Longest service name in bytes: its length field has 8 bits.
pub const MAX_SERVICE: usize = 255;

/// Keys that the protocol gives a meaning.
pub mod header_keys {
    /// Arg scheme.
    pub const SCHEME: &str = "as";
    /// Caller's service name.
    pub const CALLER: &str = "cn";
    /// Retry flags.
    pub const RETRY: &str = "re";
    /// Shard key.
    pub const SHARD_KEY: &str = "sk";
    /// Routing delegate.
    pub const ROUTING_DELEGATE: &str = "rd";
    /// Routing key.
    pub const ROUTING_KEY: &str = "rk";
    /// Failure domain.
    pub const FAILURE_DOMAIN: &str = "fd";
    /// Speculative execution.
    pub const SPECULATIVE: &str = "se";
    /// Address that claims at the start of work.
    pub const CLAIM_AT_START: &str = "cas";
    /// Address that claims at the end of work.
    pub const CLAIM_AT_FINISH: &str = "caf";
}

/// A view of checked transport headers. Keys are distinct, and all is UTF-8.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Headers<'a> {
    /// A checked block: the count byte and the pairs.
    block: &'a [u8],
}

impl<'a> Headers<'a> {
    /// `block` has been checked, or was written by us.
    pub(crate) const fn new(block: &'a [u8]) -> Self {
        Self { block }
    }

    #[inline]
    pub(crate) fn read(cursor: &mut Cursor<'a>) -> Result<Self, Malformed> {
        check(cursor).map(Self::new)
    }

    /// The same headers, sharing the memory of `body`.
    ///
    /// # Panics
    ///
    /// If they lie elsewhere.
    pub fn share(self, body: &Bytes) -> HeaderBlock {
        HeaderBlock::checked(body.slice_ref(self.block))
    }

    /// The same headers at the end of `chunk`, so that keeping them does not keep the frame that they came in.
    pub fn copy_into(self, chunk: &mut BytesMut) -> HeaderBlock {
        HeaderBlock::checked(block::copy(self.block, chunk))
    }

    /// The headers as encoded.
    pub const fn as_bytes(self) -> &'a [u8] {
        self.block
    }

    /// How many headers there are.
    pub fn len(self) -> usize {
        self.block.first().map_or(0, |&count| usize::from(count))
    }

    /// Whether there is none.
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// Keys and values in the order of the frame.
    pub fn iter(self) -> HeaderPairs<'a> {
        HeaderPairs { raw: self.raw() }
    }

    /// Value of one header. Walks the block: costs grow with the number of headers.
    #[inline]
    pub fn get(self, key: &str) -> Option<&'a str> {
        self.get_bytes(key).map(text)
    }

    /// The same, not shown to be text: enough for a comparison.
    #[inline]
    pub fn get_bytes(self, key: &str) -> Option<&'a [u8]> {
        self.raw().find(|(found, _)| *found == key.as_bytes()).map(|(_, value)| value)
    }

    fn raw(self) -> RawPairs<'a> {
        RawPairs { rest: self.block.get(1..).unwrap_or_default() }
    }
}

impl<'a> IntoIterator for Headers<'a> {
    type Item = (&'a str, &'a str);
    type IntoIter = HeaderPairs<'a>;

    fn into_iter(self) -> HeaderPairs<'a> {
        self.iter()
    }
}

impl fmt::Debug for Headers<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

/// Iterates over [`Headers`].
#[derive(Debug, Clone)]
pub struct HeaderPairs<'a> {
    raw: RawPairs<'a>,
}

impl<'a> Iterator for HeaderPairs<'a> {
    type Item = (&'a str, &'a str);

    fn next(&mut self) -> Option<Self::Item> {
        self.raw.next().map(|(key, value)| (text(key), text(value)))
    }
}

/// Pairs of an encoded block behind its count byte; ends where they do.
#[derive(Debug, Clone)]
pub(crate) struct RawPairs<'a> {
    rest: &'a [u8],
}

impl<'a> Iterator for RawPairs<'a> {
    type Item = (&'a [u8], &'a [u8]);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        let (key, rest) = split_short(self.rest)?;
        let (value, rest) = split_short(rest)?;
        self.rest = rest;
        Some((key, value))
    }
}

#[inline]
fn split_short(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (&len, rest) = bytes.split_first()?;
    rest.split_at_checked(usize::from(len))
}

fn text(bytes: &[u8]) -> &str {
    str::from_utf8(bytes).expect("checked when the block was read or written")
}

#[cfg(test)]
mod tests;
