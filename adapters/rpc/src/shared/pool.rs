//! Large read buffers that are used again.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex};
use std::task::Waker;
use std::time::Duration;

use bytes::BytesMut;
use tchannel_proto::Timestamp;

use super::clock::Clock;
use super::lock;
use super::timers::{Due, Timers};

/// Chunks on their way round: filled, handed out as slices, and filled again when the last slice is dropped.
///
/// The system's allocator would give pages of that size back and fetch fresh ones each time: the faults cost more than
/// reading. What was not used for a second goes back.
pub(crate) struct Pool {
    clock: Clock,
    timers: Arc<Timers>,
    spent: Mutex<Spent>,
}

#[derive(Default)]
struct Spent {
    /// Each with the moment when it came here.
    chunks: VecDeque<(Timestamp, BytesMut)>,
    /// The timers know when to look.
    armed: bool,
}

impl Pool {
    pub(crate) fn new(clock: Clock, timers: Arc<Timers>) -> Self {
        Pool { clock, timers, spent: Mutex::default() }
    }

    /// An empty chunk.
    pub(crate) fn take(&self) -> BytesMut {
        let mut spent = lock(&self.spent);
        for _ in 0..spent.chunks.len().min(LOOKED_AT) {
            let Some((at, mut chunk)) = spent.chunks.pop_front() else { break };
            if chunk.try_reclaim(CHUNK) {
                return chunk;
            }
            spent.chunks.push_back((at, chunk));
        }
        drop(spent);
        BytesMut::with_capacity(CHUNK)
    }

    /// Remembers a chunk; slices of it may still be in use.
    pub(crate) fn give(self: &Arc<Self>, mut chunk: BytesMut) {
        chunk.clear();
        let now = self.clock.now();
        let waker = {
            let mut spent = lock(&self.spent);
            if spent.chunks.len() >= MOST {
                return;
            }
            spent.chunks.push_back((now, chunk));
            if spent.armed {
                return;
            }
            spent.armed = true;
            self.arm(now)
        };
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// Lets go of what was not used lately.
    pub(crate) fn sweep(self: &Arc<Self>, now: Timestamp) {
        let mut spent = lock(&self.spent);
        spent.chunks.retain(|(at, _)| now.since(*at) < KEPT);
        spent.armed = !spent.chunks.is_empty();
        if spent.armed {
            // Called by the task that a waker would wake.
            drop(self.arm(now));
        } else {
            spent.chunks = VecDeque::new();
        }
    }

    fn arm(self: &Arc<Self>, now: Timestamp) -> Option<Waker> {
        self.timers.arm(KEY, Due::Pool(Arc::downgrade(self)), None, now + KEPT)
    }
}

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool").finish_non_exhaustive()
    }
}

/// No connection has it.
const KEY: u64 = u64::MAX;

/// Bytes of a chunk: four of the largest frames.
pub(crate) const CHUNK: usize = 256 << 10;

/// How long a chunk is kept unused.
const KEPT: Duration = Duration::from_secs(1);

/// Chunks whose slices may be in use that are looked at for one that is free.
const LOOKED_AT: usize = 8;

/// Chunks remembered for each channel: 32 MiB.
const MOST: usize = 128;

#[cfg(test)]
mod tests;
