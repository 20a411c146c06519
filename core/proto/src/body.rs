//! What outlives a received frame, and in which memory.

use bytes::{Bytes, BytesMut};
use tchannel_wire::{HeaderBlock, Headers, Route, RouteView};

/// Parts this long share the frame that they came in. Shorter ones are copied: a driver's read buffer is as large as
/// many of them, and would live as long as any.
pub(crate) const SHARE_FROM: usize = 16 << 10;

/// The body of a frame, by what becomes of its parts.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Body<'a> {
    /// Copied whole, being short: parts share the copy.
    Kept(&'a Bytes),
    /// Shorter than [`SHARE_FROM`]: the driver's buffer is used again, parts are copied.
    Passing(&'a [u8]),
    /// In the driver's buffer, which long parts share.
    Shared(&'a Bytes),
}

impl<'a> Body<'a> {
    pub(crate) fn bytes(self) -> &'a [u8] {
        match self {
            Body::Kept(body) | Body::Shared(body) => body,
            Body::Passing(body) => body,
        }
    }

    /// All of it.
    pub(crate) fn whole(self) -> Bytes {
        match self {
            Body::Kept(body) | Body::Shared(body) => body.clone(),
            Body::Passing(body) => Bytes::copy_from_slice(body),
        }
    }

    /// Makes room for what comes before the last argument at once: room that is made between parts finds the earlier ones
    /// in use, and needs fresh memory.
    pub(crate) fn make_room(self, last: &[u8], keep: &mut Keep) {
        let front = self.bytes().len() - last.len();
        if !matches!(self, Body::Kept(_)) && front < KEEP {
            keep.room(front);
        }
    }

    /// A part that is kept as it is, whatever it pins.
    pub(crate) fn share(self, part: &[u8]) -> Bytes {
        match self {
            Body::Kept(body) | Body::Shared(body) => body.slice_ref(part),
            Body::Passing(_) => Bytes::copy_from_slice(part),
        }
    }

    /// A part in memory that is not much larger than the part.
    pub(crate) fn part(self, part: &[u8], keep: &mut Keep) -> Bytes {
        match self {
            Body::Kept(body) => body.slice_ref(part),
            Body::Passing(_) | Body::Shared(_) if part.len() < keep.threshold => keep.copy(part),
            Body::Shared(body) if part.len() >= SHARE_FROM => body.slice_ref(part),
            Body::Passing(_) | Body::Shared(_) => Bytes::copy_from_slice(part),
        }
    }

    pub(crate) fn route(self, route: RouteView<'_>, keep: &mut Keep) -> Route {
        match self {
            Body::Kept(body) => route.share(body),
            Body::Passing(_) | Body::Shared(_) => route.copy_into(keep.room(route.as_bytes().len())),
        }
    }

    pub(crate) fn headers(self, headers: Headers<'_>, keep: &mut Keep) -> HeaderBlock {
        match self {
            Body::Kept(body) => headers.share(body),
            Body::Passing(_) | Body::Shared(_) => headers.copy_into(keep.room(headers.as_bytes().len())),
        }
    }
}

/// Where short parts are copied, so that they do not pin the driver's read buffer.
#[derive(Debug)]
pub(crate) struct Keep {
    chunk: BytesMut,
    /// Parts shorter than this come here.
    threshold: usize,
}

/// Short parts of many frames share an allocation of this size, so a kept one pins at most this much.
const KEEP: usize = 4 << 10;

impl Keep {
    pub(crate) fn new(threshold: usize) -> Self {
        Keep { chunk: BytesMut::new(), threshold }
    }

    /// Whether a body of `len` bytes is copied whole. Nothing of one that is a little longer than the threshold could share
    /// the driver's buffer either, and one copy costs less than one for each part.
    pub(crate) fn takes(&self, len: usize) -> bool {
        len < self.threshold || len < SHARE_FROM.min(2 * self.threshold)
    }

    pub(crate) fn copy(&mut self, bytes: &[u8]) -> Bytes {
        if bytes.is_empty() {
            return Bytes::new();
        }
        let chunk = self.room(bytes.len());
        chunk.extend_from_slice(bytes);
        chunk.split().freeze()
    }

    /// Nothing more will come.
    pub(crate) fn release(&mut self) {
        self.chunk = BytesMut::new();
    }

    /// The chunk with room for `len` more bytes: in a fresh allocation if the old one is still in use.
    fn room(&mut self, len: usize) -> &mut BytesMut {
        if self.chunk.capacity() < len {
            self.chunk.reserve(KEEP.max(len));
        }
        &mut self.chunk
    }
}
