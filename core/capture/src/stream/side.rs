//! One direction: where it is, and what waits for its turn.

use alloc::collections::BTreeMap;
use core::time::Duration;

use bytes::{Buf, Bytes};

use super::End;
use crate::link::Segment;

/// Number of a byte in its direction, from 0 for the first that was seen. Bytes before that have negative ones.
pub(super) type Offset = i64;

/// How far back, in bytes, a segment may be something that is sent again. Farther back it is taken to be far ahead: the
/// numbers of TCP go round.
const OLD: u32 = 1 << 26;
/// How far ahead, in bytes, an acknowledgement is believed.
const AHEAD: u32 = 1 << 30;
/// What an entry costs beside its bytes.
const ENTRY: usize = 128;

#[derive(Debug, Default)]
pub(super) struct Side {
    /// TCP's number of the byte 0, once anything was seen.
    first: Option<u32>,
    /// Whether that byte is the first one ever sent.
    pub(super) from_start: bool,
    /// The byte to be given next.
    pub(super) next: Offset,
    /// The other side has everything before this byte.
    acked: Offset,
    held: BTreeMap<Offset, Held>,
    /// Where the direction ends, if that was seen.
    end: Option<(Offset, End, Option<Duration>, u64)>,
    pub(super) cost: usize,
    pub(super) ended: bool,
}

/// A segment that waits for its turn.
#[derive(Debug)]
pub(super) struct Held {
    pub(super) at: Option<Duration>,
    pub(super) bytes: Bytes,
    /// How much of the other direction had arrived where it was sent.
    ack: Option<Offset>,
    /// Number of the packet on this connection.
    packet: u64,
}

impl Held {
    /// The byte behind it, if it begins at `start`.
    fn end(&self, start: Offset) -> Offset {
        start.saturating_add(Offset::try_from(self.bytes.len()).unwrap_or(Offset::MAX))
    }
}

impl Side {
    pub(super) fn begins_otherwise(&self, first: u32) -> bool {
        self.first.is_some_and(|known| known != first)
    }

    /// Whether a number is neither of what was sent nor of what may be next.
    pub(super) fn is_elsewhere(&self, number: u32) -> bool {
        self.offset(number).is_some_and(|offset| offset.saturating_sub(self.next) > i64::from(OLD))
    }

    /// Notes an acknowledgement of bytes of this side.
    pub(super) fn acknowledged(&mut self, number: u32) -> Option<Offset> {
        let ahead = number.wrapping_sub(self.number(self.next)?);
        if ahead > AHEAD {
            return None;
        }
        let offset = self.next.saturating_add(i64::from(ahead));
        self.acked = self.acked.max(offset);
        Some(offset)
    }

    /// Takes what is new in a segment.
    pub(super) fn take(
        &mut self,
        segment: &Segment<'_>,
        at: Option<Duration>,
        ack: Option<Offset>,
        packet: u64,
    ) {
        let flags = segment.flags;
        let number = if flags.syn { segment.seq.wrapping_add(1) } else { segment.seq };
        if self.first.is_none() && (flags.syn || flags.fin || flags.rst || !segment.bytes.is_empty()) {
            self.first = Some(number);
            self.from_start = flags.syn;
        }
        let Some(start) = self.offset(number).filter(|_| !self.ended) else { return };
        let len = |bytes: usize| Offset::try_from(bytes).unwrap_or(Offset::MAX);
        let end = start.saturating_add(len(segment.bytes.len())).saturating_add(len(segment.cut));
        if (flags.fin || flags.rst) && self.end.is_none() {
            let how = if flags.rst { End::Reset } else { End::Finished };
            self.end = Some((end, how, at, packet));
        }
        let fresh = usize::try_from(self.next.saturating_sub(start)).unwrap_or(0);
        let Some(bytes) = segment.bytes.get(fresh..).filter(|bytes| !bytes.is_empty()) else { return };
        let start = start.max(self.next);
        let mut held = Held { at, bytes: Bytes::new(), ack, packet };
        if let Some(known) = self.held.get_mut(&start) {
            // They were there when less of the other direction was: what is sent again says what is known by then.
            known.ack = known.ack.zip(ack).map(|(one, other)| one.min(other));
            held.ack = known.ack;
            if known.bytes.len() >= bytes.len() {
                return;
            }
        }
        self.cost += ENTRY + bytes.len();
        held.bytes = Bytes::copy_from_slice(bytes);
        if let Some(shorter) = self.held.insert(start, held) {
            self.cost -= ENTRY + shorter.bytes.len();
        }
    }

    /// The next bytes, if they are here and the other side has given what their sender had `seen`.
    pub(super) fn pop(&mut self, seen: Offset) -> Option<Held> {
        let ready = |held: &Held| held.ack.is_none_or(|ack| ack <= seen);
        loop {
            let mut begun = self.held.range(..=self.next);
            let (start, _) = begun.find(|(start, held)| held.end(**start) <= self.next || ready(held))?;
            let start = *start;
            let mut held = self.held.remove(&start)?;
            self.cost -= ENTRY + held.bytes.len();
            // Sent twice, cut differently.
            let known = usize::try_from(self.next - start).unwrap_or(usize::MAX);
            if known < held.bytes.len() {
                self.next = held.end(start);
                held.bytes.advance(known);
                return Some(held);
            }
        }
    }

    /// That the direction ends here, once.
    pub(super) fn pop_end(&mut self) -> Option<(End, Option<Duration>)> {
        let (offset, end, at, _) = self.end?;
        if self.ended || offset > self.next || !self.held.is_empty() {
            return None;
        }
        self.ended = true;
        // The end has a number of its own, which is acknowledged like a byte.
        self.next = self.next.saturating_add(1);
        Some((end, at))
    }

    /// Whether a reset was reached: both directions end, whatever is held.
    pub(super) fn is_reset(&self) -> bool {
        self.end.is_some_and(|(offset, end, ..)| end == End::Reset && offset <= self.next)
    }

    /// When something came that lies behind missing bytes of this direction.
    pub(super) fn behind_hole(&self) -> Option<(Option<Duration>, u64)> {
        if let Some((offset, held)) = self.held.first_key_value() {
            return (*offset > self.next).then_some((held.at, held.packet));
        }
        let (offset, _, at, packet) = self.end?;
        (offset > self.next && !self.ended).then_some((at, packet))
    }

    /// When something came of this direction that waits for the byte `next` of the other one.
    pub(super) fn waits_for(&self, next: Offset) -> Option<(Option<Duration>, u64)> {
        let (offset, held) = self.held.first_key_value()?;
        let waits = *offset <= self.next && held.ack.is_some_and(|ack| ack > next);
        waits.then_some((held.at, held.packet))
    }

    /// Whether the next byte has arrived at the other side, and only the capture has not seen it.
    pub(super) fn is_missed_by_capture(&self) -> bool {
        self.acked > self.next
    }

    /// Goes on behind the missing bytes; gives how many there are, as far as is known.
    pub(super) fn skip(&mut self) -> u64 {
        let held = self.held.first_key_value().map(|(offset, _)| *offset);
        let end = self.end.filter(|_| !self.ended).map(|(offset, ..)| offset);
        let to =
            [held, end, Some(self.acked)].into_iter().flatten().filter(|offset| *offset > self.next).min();
        let gap = to.map_or(0, |to| to - self.next);
        self.next += gap;
        u64::try_from(gap).unwrap_or_default()
    }

    /// Drops what is held.
    pub(super) fn forget(&mut self) {
        self.held.clear();
        self.cost = 0;
    }

    /// TCP's number of a byte.
    fn number(&self, offset: Offset) -> Option<u32> {
        let [.., a, b, c, d] = offset.to_be_bytes();
        self.first.map(|first| first.wrapping_add(u32::from_be_bytes([a, b, c, d])))
    }

    /// The byte that a number of TCP's means here.
    fn offset(&self, number: u32) -> Option<Offset> {
        let ahead = number.wrapping_sub(self.number(self.next)?);
        let back = ahead.wrapping_neg();
        Some(if ahead != 0 && back <= OLD {
            self.next.saturating_sub(i64::from(back))
        } else {
            self.next.saturating_add(i64::from(ahead))
        })
    }
}
