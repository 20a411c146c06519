//! One TCP connection: segments of both directions in, their bytes out, each after all that its sender had seen.
//!
//! A segment says how much of the other direction had arrived where it was sent. It is given on after that much of the
//! other direction, so that a request comes before its answer however packets were mixed up on their way to the file.
//!
//! Bytes that are missing are waited for: as long as they may still be sent again, or be next in a file whose packets are
//! out of order. Then they are a gap.

mod side;

use alloc::collections::VecDeque;
use core::time::Duration;

use bytes::Bytes;

use crate::link::Segment;
use side::{Held, Offset, Side};

/// A direction of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Direction {
    /// From the side that opened the connection; from the one that was seen first where that was missed.
    Forward,
    /// From the other side.
    Back,
}

impl Direction {
    /// The other one.
    #[must_use = "gives the other direction, changes nothing in place"]
    pub const fn reverse(self) -> Self {
        match self {
            Self::Forward => Self::Back,
            Self::Back => Self::Forward,
        }
    }

    pub(crate) const fn index(self) -> usize {
        match self {
            Self::Forward => 0,
            Self::Back => 1,
        }
    }
}

/// Why a direction brings no more bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// Its sender has ended it.
    Finished,
    /// One side has broken the connection.
    Reset,
    /// The capture ends, or something else took the connection's place.
    Unseen,
}

/// The next that a direction brings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Given {
    pub(crate) direction: Direction,
    pub(crate) at: Option<Duration>,
    pub(crate) what: What,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum What {
    Bytes(Bytes),
    /// So many bytes were never captured.
    Gap(u64),
    End(End),
}

/// Missing bytes that their receiver has acknowledged are given up after this many further packets of the connection:
/// they may yet come only if the file's packets are out of order.
const REORDERED_PACKETS: u64 = 32;
/// The same, when packets are few.
const REORDERED_FOR: Duration = Duration::from_millis(100);
/// Missing bytes that were not acknowledged are sent again; several times within this.
const RESENT_WITHIN: Duration = Duration::from_secs(5);

/// Both directions of a connection.
#[derive(Debug, Default)]
pub(crate) struct Streams {
    sides: [Side; 2],
    given: VecDeque<Given>,
    packets: u64,
    over: bool,
}

impl Streams {
    /// Whether the segment belongs to a later connection between the same ports.
    pub(crate) fn is_later(&self, direction: Direction, segment: &Segment<'_>) -> bool {
        let side = &self.sides[direction.index()];
        if segment.flags.syn {
            return side.begins_otherwise(segment.seq.wrapping_add(1));
        }
        // What was under way at the end comes late; what is elsewhere is of one whose beginning was not captured.
        self.is_over() && !segment.bytes.is_empty() && side.is_elsewhere(segment.seq)
    }

    /// Whether both directions have ended.
    pub(crate) fn is_over(&self) -> bool {
        self.over || self.sides.iter().all(|side| side.ended)
    }

    /// Whether the first bytes of this direction are known to be those that were sent first.
    pub(crate) fn is_from_start(&self, direction: Direction) -> bool {
        self.sides[direction.index()].from_start
    }

    /// What it costs to keep, in bytes.
    pub(crate) fn cost(&self) -> usize {
        let waiting = self.given.iter().map(|given| match &given.what {
            What::Bytes(bytes) => bytes.len(),
            What::Gap(_) | What::End(_) => 0,
        });
        self.sides.iter().map(|side| side.cost).sum::<usize>() + waiting.sum::<usize>()
    }

    /// Takes a segment. `window` is how many bytes of a direction may wait for missing ones.
    pub(crate) fn accept(
        &mut self,
        direction: Direction,
        segment: &Segment<'_>,
        at: Option<Duration>,
        window: usize,
    ) {
        if self.is_over() {
            return;
        }
        self.packets += 1;
        let (this, other) = (direction.index(), direction.reverse().index());
        let ack = segment.ack.and_then(|ack| self.sides[other].acknowledged(ack));
        self.sides[this].take(segment, at, ack, self.packets);
        self.release();
        for direction in [Direction::Forward, Direction::Back] {
            if self.is_lost(direction, at) {
                self.skip(direction, at);
                self.release();
            }
        }
        while let Some(direction) = self.over_window(window) {
            self.skip(direction, at);
            self.release();
        }
        if self.sides.iter().any(Side::is_reset) {
            self.finish(at, End::Reset);
        }
    }

    /// Gives all that is held, whatever is missing. Nothing more will come.
    pub(crate) fn finish(&mut self, at: Option<Duration>, end: End) {
        self.release();
        while !self.over
            && let Some(direction) = [Direction::Forward, Direction::Back]
                .into_iter()
                .find(|direction| self.waiter(*direction).is_some())
        {
            self.skip(direction, at);
            self.release();
        }
        self.end(at, end);
    }

    /// The next that there is.
    pub(crate) fn poll(&mut self) -> Option<Given> {
        self.given.pop_front()
    }

    /// Whether all that was given has been polled.
    pub(crate) fn is_empty(&self) -> bool {
        self.given.is_empty()
    }

    fn release(&mut self) {
        loop {
            let forward = self.give(Direction::Forward);
            let back = self.give(Direction::Back);
            if !forward && !back {
                return;
            }
        }
    }

    /// Gives what is next in this direction and may go; tells whether anything did.
    fn give(&mut self, direction: Direction) -> bool {
        let seen = self.sides[direction.reverse().index()].next;
        let side = &mut self.sides[direction.index()];
        let mut any = false;
        while let Some(Held { at, bytes, .. }) = side.pop(seen) {
            self.given.push_back(Given { direction, at, what: What::Bytes(bytes) });
            any = true;
        }
        if let Some((end, at)) = side.pop_end() {
            any = true;
            self.given.push_back(Given { direction, at, what: What::End(end) });
        }
        any
    }

    fn end(&mut self, at: Option<Duration>, end: End) {
        for direction in [Direction::Forward, Direction::Back] {
            let side = &mut self.sides[direction.index()];
            if !side.ended {
                side.ended = true;
                self.given.push_back(Given { direction, at, what: What::End(end) });
            }
            side.forget();
        }
        self.over = true;
    }

    /// What waits for bytes that this direction is missing: when it came, and as which packet.
    fn waiter(&self, direction: Direction) -> Option<(Option<Duration>, u64)> {
        let side = &self.sides[direction.index()];
        let by_other = || self.sides[direction.reverse().index()].waits_for(side.next);
        side.behind_hole().or_else(by_other)
    }

    fn is_lost(&self, direction: Direction, now: Option<Duration>) -> bool {
        let Some((since, packet)) = self.waiter(direction) else { return false };
        let waited = now.unwrap_or_default().saturating_sub(since.unwrap_or_default());
        if self.sides[direction.index()].is_missed_by_capture() {
            self.packets - packet >= REORDERED_PACKETS || waited >= REORDERED_FOR
        } else {
            waited >= RESENT_WITHIN
        }
    }

    /// Gives a hole of this direction up; or what is next in it, if that is here and waits for the other direction.
    fn skip(&mut self, direction: Direction, at: Option<Duration>) {
        let side = &mut self.sides[direction.index()];
        if let Some(Held { at, bytes, .. }) = side.pop(Offset::MAX) {
            self.given.push_back(Given { direction, at, what: What::Bytes(bytes) });
            return;
        }
        let gap = side.skip();
        if gap > 0 {
            self.given.push_back(Given { direction, at, what: What::Gap(gap) });
        }
    }

    fn over_window(&self, window: usize) -> Option<Direction> {
        [Direction::Forward, Direction::Back]
            .into_iter()
            .find(|direction| self.sides[direction.index()].cost > window)
    }
}
