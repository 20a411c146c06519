//! Frames off one direction of a connection, and how to find them again when bytes are missing.

mod plausible;

use alloc::collections::VecDeque;
use core::time::Duration;

use bytes::{Buf, Bytes, BytesMut};
use tchannel_wire::{FRAME_HEADER, Field, FrameHeader, Malformed, Problem};

use crate::stream::End;
use plausible::{Looks, header, whole_frame};

/// What came off a direction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Piece {
    /// One frame, its header included.
    Frame(Placed),
    /// Frames go on here, behind bytes that are none, or not known to be.
    Resync { offset: u64, at: Option<Duration>, skipped: u64 },
    /// Bytes that were never captured, and the begun frame that they are missing from.
    Gap { offset: u64, at: Option<Duration>, missing: u64, torn: Option<FrameHeader> },
    /// A frame whose size cannot be: nothing tells where the next one is.
    Broken { offset: u64, at: Option<Duration>, bytes: Bytes, why: Malformed },
    /// The first bytes of a direction, and no frame.
    Foreign { offset: u64, at: Option<Duration>, bytes: Bytes },
    /// The direction ended within a frame.
    Cut { offset: u64, at: Option<Duration>, bytes: Bytes, end: End },
}

/// A frame, and where it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Placed {
    /// Of the first byte, from the start of the direction.
    pub(crate) offset: u64,
    /// When its last byte was seen.
    pub(crate) at: Option<Duration>,
    pub(crate) bytes: Bytes,
}

/// What the bytes of a direction are taken for at its start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Start {
    /// Frames, from the first byte on.
    Frames,
    /// Frames from the first byte on, or something else altogether.
    Anything,
    /// Something that began earlier.
    Midway,
}

/// One direction.
#[derive(Debug)]
pub(crate) struct Framing {
    buffer: BytesMut,
    /// Offset of the buffer's first byte.
    offset: u64,
    /// When the bytes up to an offset were seen, in ascending order.
    times: VecDeque<(u64, Option<Duration>)>,
    state: State,
    /// No more bytes will come, or none that wait to be judged together with those that are here.
    eager: bool,
    /// What comes next does not follow what is here.
    apart: bool,
    ended: Option<End>,
}

#[derive(Debug, Clone, Copy)]
enum State {
    /// A frame begins at the buffer's front.
    Follow,
    /// One may; else it is this.
    Expect(Else),
    /// The rest of a torn frame is to come, this many bytes.
    Skip(u64),
    /// Looking for a frame; so many bytes were none.
    Scan(u64),
    /// Nobody cares.
    Ignore,
}

#[derive(Debug, Clone, Copy)]
enum Else {
    Foreign,
    Broken,
    Lost,
}

/// Most marks for times. When there are more, late ones stand for those before.
const MAX_TIMES: usize = 256;

impl Framing {
    /// `eager`: frames are judged by the bytes that are here, without waiting for the next header.
    pub(crate) fn new(start: Start, eager: bool) -> Self {
        let state = match start {
            Start::Frames => State::Expect(Else::Broken),
            Start::Anything => State::Expect(Else::Foreign),
            Start::Midway => State::Scan(0),
        };
        Self {
            buffer: BytesMut::new(),
            offset: 0,
            times: VecDeque::new(),
            state,
            eager,
            apart: false,
            ended: None,
        }
    }

    /// Adds the next bytes.
    pub(crate) fn push(&mut self, bytes: &[u8], at: Option<Duration>) {
        if matches!(self.state, State::Ignore) {
            return;
        }
        self.buffer.extend_from_slice(bytes);
        let end = self.offset.saturating_add(as_u64(self.buffer.len()));
        if self.times.len() == MAX_TIMES || self.times.back().is_some_and(|(_, last)| *last == at) {
            self.times.pop_back();
        }
        self.times.push_back((end, at));
    }

    /// Notes that no more will come.
    pub(crate) fn end(&mut self, end: End) {
        self.ended = Some(end);
        self.eager = true;
    }

    /// Bytes that are kept.
    pub(crate) fn cost(&self) -> usize {
        self.buffer.capacity() + self.times.len() * size_of::<(u64, Option<Duration>)>()
    }

    /// Notes that bytes are missing behind those that are here: what waits for them to become a frame is none, and
    /// frames behind it can be polled.
    pub(crate) fn part(&mut self) {
        self.apart = true;
    }

    /// Says that bytes are missing here. All that can be polled has been, since [`part`](Self::part).
    pub(crate) fn gap(&mut self, missing: u64, at: Option<Duration>) -> Option<Piece> {
        let offset = self.offset.saturating_add(as_u64(self.buffer.len()));
        let mut torn = None;
        self.apart = false;
        self.state = match self.state {
            State::Ignore => return None,
            State::Follow | State::Expect(_) => {
                torn = peek(&self.buffer);
                behind(&self.buffer, missing)
            }
            State::Skip(left) => left.checked_sub(missing).map_or(State::Scan(0), State::Skip),
            State::Scan(skipped) => State::Scan(skipped + as_u64(self.buffer.len())),
        };
        self.consume(self.buffer.len());
        self.offset = self.offset.saturating_add(missing);
        Some(Piece::Gap { offset, at, missing, torn })
    }

    /// What comes next, if there are enough bytes to tell.
    pub(crate) fn poll(&mut self) -> Option<Piece> {
        loop {
            match self.state {
                State::Ignore => return None,
                State::Skip(0) => self.state = State::Expect(Else::Lost),
                State::Skip(left) => {
                    if self.buffer.is_empty() {
                        return None;
                    }
                    let here =
                        usize::try_from(left).map_or(self.buffer.len(), |left| left.min(self.buffer.len()));
                    self.consume(here);
                    self.state = State::Skip(left - as_u64(here));
                }
                State::Expect(otherwise) => match (header(&self.buffer), otherwise) {
                    (Looks::Right, _) | (Looks::Wrong, Else::Broken) => self.state = State::Follow,
                    (Looks::Wrong, Else::Lost) => self.state = State::Scan(0),
                    (Looks::Wrong, Else::Foreign) => return Some(self.foreign()),
                    (Looks::Open, Else::Broken | Else::Lost) => return self.cut(),
                    (Looks::Open, Else::Foreign) => return None,
                },
                State::Follow => return self.follow(),
                State::Scan(skipped) => return self.scan(skipped),
            }
        }
    }

    fn follow(&mut self) -> Option<Piece> {
        let size = match leads_on(&self.buffer) {
            Ok(header) => header.map(|header| usize::from(header.size)),
            // As many bytes are shown, however they come.
            Err(_) if self.buffer.len() < HEADER && !self.eager => return None,
            Err(why) => return Some(self.broken(why)),
        };
        match size.filter(|size| *size <= self.buffer.len()) {
            Some(size) => {
                let at = self.time_of(size);
                let offset = self.offset;
                let bytes = self.split(size);
                Some(Piece::Frame(Placed { offset, at, bytes }))
            }
            None => self.cut(),
        }
    }

    /// The rest, once no more will come.
    fn cut(&mut self) -> Option<Piece> {
        let end = self.ended?;
        self.state = State::Ignore;
        let offset = self.offset;
        let at = self.time_of(self.buffer.len());
        let bytes = self.split(self.buffer.len());
        (!bytes.is_empty()).then_some(Piece::Cut { offset, at, bytes, end })
    }

    fn foreign(&mut self) -> Piece {
        let (offset, at, bytes) = self.front();
        self.state = State::Ignore;
        self.consume(self.buffer.len());
        Piece::Foreign { offset, at, bytes }
    }

    fn broken(&mut self, why: Malformed) -> Piece {
        let (offset, at, bytes) = self.front();
        // What is no size begins no frame.
        self.consume(2.min(self.buffer.len()));
        self.state = State::Scan(2);
        Piece::Broken { offset, at, bytes, why }
    }

    /// Looks for a frame; leaves what may yet become one.
    fn scan(&mut self, skipped: u64) -> Option<Piece> {
        let mut at = 0;
        while at < self.buffer.len() {
            match whole_frame(&self.buffer[at..], self.eager, self.apart || self.ended.is_some()) {
                Looks::Wrong => at += 1,
                Looks::Open => break,
                Looks::Right => {
                    self.consume(at);
                    self.state = State::Follow;
                    let (offset, seen) = (self.offset, self.time_of(HEADER));
                    return Some(Piece::Resync { offset, at: seen, skipped: skipped + as_u64(at) });
                }
            }
        }
        self.consume(at);
        self.state = State::Scan(skipped + as_u64(at));
        None
    }

    /// The first bytes, for people.
    fn front(&self) -> (u64, Option<Duration>, Bytes) {
        let shown = self.buffer.len().min(HEADER);
        (self.offset, self.time_of(shown), Bytes::copy_from_slice(&self.buffer[..shown]))
    }

    /// When the last of the first `len` bytes was seen.
    fn time_of(&self, len: usize) -> Option<Duration> {
        let end = self.offset.saturating_add(as_u64(len));
        self.times.iter().find(|(until, _)| *until >= end).and_then(|(_, at)| *at)
    }

    fn split(&mut self, len: usize) -> Bytes {
        let bytes = self.buffer.split_to(len).freeze();
        self.moved(len);
        bytes
    }

    fn consume(&mut self, len: usize) {
        self.buffer.advance(len);
        self.moved(len);
    }

    fn moved(&mut self, len: usize) {
        self.offset = self.offset.saturating_add(as_u64(len));
        if self.buffer.is_empty() {
            // What was taken off it may be kept elsewhere, and this would keep its neighbours.
            self.buffer = BytesMut::new();
        }
        while self.times.front().is_some_and(|(until, _)| *until <= self.offset) {
            self.times.pop_front();
        }
    }
}

/// The header, unless it cannot lead to the next one: its size is too small, or both its type and its reserved bytes are
/// nobody's.
fn leads_on(bytes: &[u8]) -> Result<Option<FrameHeader>, Malformed> {
    let header = FrameHeader::peek(bytes)?;
    match bytes.get(2) {
        Some(kind) if plausible::is_nonsense(bytes) => {
            let problem = Problem::Unknown { value: u64::from(*kind) };
            Err(Malformed { frame: None, field: Field::FrameType, offset: 2, problem })
        }
        Some(_) | None => Ok(header),
    }
}

/// Size, type and id of a frame that has begun; zero where they are missing.
fn peek(begun: &[u8]) -> Option<FrameHeader> {
    let byte = |at: usize| begun.get(at).copied().unwrap_or_default();
    begun.first_chunk().map(|size| FrameHeader {
        size: u16::from_be_bytes(*size),
        kind: byte(2),
        id: u32::from_be_bytes([byte(4), byte(5), byte(6), byte(7)]),
    })
}

/// Where frames go on after a begun one, so many bytes of which are missing.
fn behind(begun: &[u8], missing: u64) -> State {
    let Some(size) = begun.first_chunk().map(|size| u64::from(u16::from_be_bytes(*size))) else {
        return State::Scan(0);
    };
    let here = as_u64(begun.len()).saturating_add(missing);
    size.checked_sub(here).map_or(State::Scan(0), State::Skip)
}

fn as_u64(len: usize) -> u64 {
    u64::try_from(len).unwrap_or(u64::MAX)
}

/// Bytes of a header.
const HEADER: usize = FRAME_HEADER;
