//! Byte pipes between nodes: latency, bandwidth, segments, a window, stalls and ends, all in virtual time.

use std::collections::VecDeque;
use std::time::Duration;

use bytes::{Buf, Bytes};
use tchannel_proto::Timestamp;

/// How one direction of a link behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// From leaving one end to arriving at the other.
    pub latency: Duration,
    /// Time that each byte takes on the wire, in nanoseconds; 0 for an unlimited rate.
    pub nanos_per_byte: u64,
    /// Bytes that travel together at most.
    pub segment: usize,
    /// Bytes that may be on their way or waiting to be read, as socket buffers allow.
    pub window: usize,
}

impl Shape {
    /// No delay, no limits worth speaking of.
    pub const PLAIN: Shape =
        Shape { latency: Duration::ZERO, nanos_per_byte: 0, segment: 1 << 20, window: 8 << 20 };
}

/// One direction of a link.
#[derive(Debug)]
pub struct Pipe {
    shape: Shape,
    segments: VecDeque<(Timestamp, Bytes)>,
    queued: usize,
    /// Bytes that the reader has taken but the machine has not; counted while its gate is shut.
    pub withheld: usize,
    /// When the last byte written so far has left.
    busy_until: Timestamp,
    stalled_until: Timestamp,
    finished: bool,
    broken: bool,
}

impl Pipe {
    /// An empty pipe.
    pub fn new(shape: Shape) -> Self {
        Pipe {
            shape,
            segments: VecDeque::new(),
            queued: 0,
            withheld: 0,
            busy_until: Timestamp::ZERO,
            stalled_until: Timestamp::ZERO,
            finished: false,
            broken: false,
        }
    }

    /// Takes what fits of `bytes`, and says how much that was. A pipe that has ended swallows everything.
    pub fn push(&mut self, now: Timestamp, bytes: &mut dyn Buf) -> usize {
        if self.finished || self.broken {
            let len = bytes.remaining();
            bytes.advance(len);
            return len;
        }
        let room = self.shape.window.saturating_sub(self.queued + self.withheld);
        let taken = room.min(bytes.remaining());
        let mut left = taken;
        while left > 0 {
            let segment = bytes.copy_to_bytes(left.min(self.shape.segment));
            left -= segment.len();
            self.append(now, segment);
        }
        taken
    }

    /// Puts bytes in as if they had been written, whatever the window says.
    pub fn force(&mut self, now: Timestamp, bytes: Bytes) {
        if !self.finished && !self.broken && !bytes.is_empty() {
            self.append(now, bytes);
        }
    }

    fn append(&mut self, now: Timestamp, segment: Bytes) {
        let len = u64::try_from(segment.len()).unwrap_or(u64::MAX);
        let sending = Duration::from_nanos(len.saturating_mul(self.shape.nanos_per_byte));
        self.busy_until = self.busy_until.max(now) + sending;
        self.queued += segment.len();
        let arrival = (self.busy_until + self.shape.latency).max(self.stalled_until);
        self.segments.push_back((arrival, segment));
    }

    /// The next bytes that have arrived, at most `limit` of them and out of one segment.
    pub fn pull(&mut self, now: Timestamp, limit: usize) -> Option<Bytes> {
        let (arrival, segment) = self.segments.front_mut()?;
        if *arrival > now || limit == 0 {
            return None;
        }
        let part = segment.split_to(limit.min(segment.len()));
        if segment.is_empty() {
            self.segments.pop_front();
        }
        self.queued -= part.len();
        Some(part)
    }

    /// When there will be something to pull, or the end.
    pub fn next_arrival(&self) -> Option<Timestamp> {
        self.segments.front().map(|(arrival, _)| *arrival)
    }

    /// Whether everything was pulled and nothing more will come.
    pub fn is_at_end(&self) -> bool {
        self.broken || (self.finished && self.segments.is_empty())
    }

    /// Whether it was cut: both ends notice at once.
    pub fn is_broken(&self) -> bool {
        self.broken
    }

    /// Lets nothing more arrive before `until`.
    pub fn stall(&mut self, now: Timestamp, until: Timestamp) {
        self.stalled_until = self.stalled_until.max(until);
        for (arrival, _) in self.segments.iter_mut().filter(|(arrival, _)| *arrival > now) {
            *arrival = (*arrival).max(until);
        }
    }

    /// What is under way still arrives, then the end.
    pub fn finish(&mut self) {
        self.finished = true;
    }

    /// Loses what is under way.
    pub fn cut(&mut self) {
        self.broken = true;
        self.segments.clear();
        self.queued = 0;
    }
}

#[cfg(test)]
mod tests;
