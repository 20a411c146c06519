//! Bytes on their way out.

use bytes::{Buf, Bytes, BytesMut};
use smallvec::SmallVec;

/// Owned bytes to write, in order, in as few parts as sharing allows.
///
/// Write [`parts`](Transmit::parts) vectored and [`advance`](Buf::advance) by what was taken. Holds no borrow:
/// the connection can go on while it is being written.
#[derive(Debug, Default)]
#[must_use = "bytes that are not written are lost to the peer"]
pub struct Transmit {
    /// What is written next; empty at the end only.
    front: Bytes,
    behind: SmallVec<[Bytes; 3]>,
    /// How many of those have been in front.
    taken: usize,
    remaining: usize,
}

impl Transmit {
    /// The parts still to be written, in order, none of them empty.
    pub fn parts(&self) -> impl Iterator<Item = &Bytes> {
        let front = Some(&self.front).filter(|front| !front.is_empty());
        front.into_iter().chain(&self.behind[self.taken..])
    }

    fn push(&mut self, part: Bytes) {
        if part.is_empty() {
            return;
        }
        self.remaining += part.len();
        if self.front.is_empty() {
            self.front = part;
        } else {
            self.behind.push(part);
        }
    }
}

impl Buf for Transmit {
    fn remaining(&self) -> usize {
        self.remaining
    }

    fn chunk(&self) -> &[u8] {
        &self.front
    }

    fn advance(&mut self, mut count: usize) {
        assert!(count <= self.remaining, "advanced past the end of a Transmit");
        self.remaining -= count;
        while count >= self.front.len() && !self.front.is_empty() {
            count -= self.front.len();
            self.front = Bytes::new();
            if let Some(next) = self.behind.get_mut(self.taken) {
                self.front = core::mem::take(next);
                self.taken += 1;
            }
        }
        self.front.advance(count);
    }
}

/// Collects frames: header bytes and short payloads in one buffer, long payloads beside it.
#[derive(Debug, Default)]
pub(crate) struct Builder {
    /// Kept between transmits, so that its allocation is used again once they are written.
    pub(crate) head: BytesMut,
    beside: SmallVec<[(usize, Bytes); 2]>,
    shared: usize,
}

/// A larger batch's buffer is not kept for the next.
const HEAD_KEPT: usize = 64 << 10;

/// What `head` is topped up to before frames are built: a few small calls.
const HEAD: usize = 2 << 10;

impl Builder {
    pub(crate) fn begin(&mut self) {
        if self.head.capacity() < HEAD / 2 {
            self.head.reserve(HEAD);
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.head.len() + self.shared
    }

    /// Puts `bytes` after all that is in `head` so far.
    pub(crate) fn share(&mut self, bytes: Bytes) {
        self.shared += bytes.len();
        self.beside.push((self.head.len(), bytes));
    }

    pub(crate) fn finish(&mut self) -> Transmit {
        self.shared = 0;
        let mut head = self.head.split().freeze();
        if head.len() > HEAD_KEPT {
            self.head = BytesMut::new();
        }
        if self.beside.is_empty() {
            return Transmit { remaining: head.len(), front: head, ..Transmit::default() };
        }
        let mut transmit = Transmit::default();
        transmit.behind.reserve(2 * self.beside.len());
        let mut at = 0;
        for (end, bytes) in self.beside.drain(..) {
            transmit.push(head.split_to(end - at));
            transmit.push(bytes);
            at = end;
        }
        transmit.push(head);
        transmit
    }
}
