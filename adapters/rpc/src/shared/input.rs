//! Where bytes are read to: little memory for a lone call, much under load, none while idle.

use std::fmt;
use std::io::{self, Read};
use std::sync::Arc;

use bytes::BytesMut;

use super::pool::{CHUNK, Pool};

/// A connection's read buffer. Frames are taken off its front without copying them.
pub struct Input {
    bytes: BytesMut,
    /// What to have room for.
    room: usize,
    /// Least number of bytes that is worth a read.
    wants: usize,
    /// Small reads in a row.
    small: u8,
    /// Bytes of the memory that `bytes` is a part of.
    held: usize,
    /// `bytes` is a chunk of the pool's.
    pooled: bool,
    pool: Arc<Pool>,
}

impl Input {
    pub(crate) fn new(pool: &Arc<Pool>) -> Self {
        Input {
            bytes: BytesMut::new(),
            room: LEAST,
            wants: 1,
            small: 0,
            held: 0,
            pooled: false,
            pool: pool.clone(),
        }
    }

    /// The buffer, with room behind what it holds. To be called once there is something to read; read as much as
    /// fits.
    pub fn space(&mut self) -> &mut BytesMut {
        let spare = self.bytes.capacity() - self.bytes.len();
        // The rest of a frame that has begun goes where the frame is, if it fits: no copy.
        if spare < self.wants || (self.bytes.is_empty() && spare < self.room) {
            self.renew();
        }
        &mut self.bytes
    }

    /// Reads once from a stream of the standard library, which fills the space; bytes that it does not fill are not there
    /// afterwards. Returns what the stream does.
    pub fn read_from(&mut self, mut stream: impl Read) -> io::Result<usize> {
        let room = self.room;
        let space = self.space();
        let before = space.len();
        let len = space.capacity().min(before + room.max(LEAST));
        space.resize(len, 0);
        let read = stream.read(&mut space[before..]);
        space.truncate(before + read.as_ref().copied().unwrap_or_default());
        read
    }

    /// Gives up memory that an idle connection does not need: all of an empty buffer, and most of one with the
    /// beginning of a frame. To be called when there is nothing to read.
    pub fn release(&mut self) {
        let len = self.bytes.len();
        if len == 0 || (len < LEAST && self.held > STEP * LEAST) {
            let rest = BytesMut::from(&self.bytes[..]);
            self.held = len;
            let spent = std::mem::replace(&mut self.bytes, rest);
            if std::mem::take(&mut self.pooled) {
                self.pool.give(spent);
            }
        }
    }

    /// Makes room, in another buffer if this one is in use.
    fn renew(&mut self) {
        let pooled = self.room >= CHUNK;
        if !pooled && !self.pooled {
            self.bytes.reserve(self.room.max(self.wants));
            self.held = self.bytes.capacity();
            return;
        }
        let mut fresh =
            if pooled { self.pool.take() } else { BytesMut::with_capacity(self.bytes.len() + CHUNK / STEP) };
        fresh.extend_from_slice(&self.bytes);
        self.held = fresh.capacity();
        let spent = std::mem::replace(&mut self.bytes, fresh);
        if std::mem::replace(&mut self.pooled, pooled) {
            self.pool.give(spent);
        }
    }

    pub(crate) fn bytes(&mut self) -> &mut BytesMut {
        &mut self.bytes
    }

    /// Says how much the connection needs to go on.
    pub(crate) fn want(&mut self, wants: usize) {
        self.wants = wants;
    }

    /// Learns from the size of a read.
    pub(crate) fn adapt(&mut self, count: usize) {
        if count >= self.room / (STEP * STEP) {
            self.small = 0;
        } else {
            self.small += 1;
        }
        if count >= self.room {
            self.room = (self.room * STEP).min(CHUNK);
        } else if self.small >= PATIENCE {
            self.small = 0;
            self.room = (self.room / STEP).max(LEAST);
        }
    }
}

impl fmt::Debug for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Input")
            .field("len", &self.bytes.len())
            .field("room", &self.room)
            .finish_non_exhaustive()
    }
}

/// Room for a lone small call.
const LEAST: usize = 4 << 10;

/// Small reads in a row before less room is made.
const PATIENCE: u8 = 32;

/// From [`LEAST`] to [`CHUNK`] it is three steps.
const STEP: usize = 4;

#[cfg(test)]
mod tests;
