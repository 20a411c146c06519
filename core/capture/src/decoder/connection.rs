//! One connection, from its segments to its records.

use core::net::SocketAddr;
use core::time::Duration;

use crate::decoder::Limits;
use crate::framing::{Framing, Start};
use crate::link::Segment;
use crate::session::{Session, Shared};
use crate::stream::{Direction, End, Streams, What};

#[derive(Debug)]
pub(super) struct Connection {
    /// The side that [`Direction::Forward`] comes from.
    from: SocketAddr,
    /// Whether its ports are known to speak TChannel.
    named: bool,
    streams: Streams,
    /// What each direction says, once it does.
    framings: [Option<Framing>; 2],
    session: Session,
    over: bool,
}

impl Connection {
    /// The connection that this segment is the first one of.
    pub(super) fn new(segment: &Segment<'_>, limits: &Limits) -> Self {
        // The answer to a SYN comes from the side that was asked.
        let (from, to) = if segment.flags.syn && segment.ack.is_some() {
            (segment.to, segment.from)
        } else {
            (segment.from, segment.to)
        };
        Self {
            from,
            named: !limits.ports.is_empty(),
            streams: Streams::default(),
            framings: [None, None],
            session: Session::new(Some((from, to))),
            over: false,
        }
    }

    pub(super) fn is_later(&self, segment: &Segment<'_>) -> bool {
        self.streams.is_later(self.direction(segment), segment)
    }

    pub(super) fn take(&mut self, segment: &Segment<'_>, at: Option<Duration>, shared: &mut Shared<'_>) {
        self.streams.accept(self.direction(segment), segment, at, shared.limits.window);
        self.go_on(shared);
    }

    /// Tells what can be told without more segments.
    pub(super) fn finish(&mut self, shared: &mut Shared<'_>) {
        self.streams.finish(None, End::Unseen);
        self.go_on(shared);
    }

    pub(super) fn make_room(&mut self, shared: &mut Shared<'_>) -> bool {
        self.session.make_room(shared)
    }

    /// Whether something was told of it, and more might have come.
    pub(super) fn is_of_interest(&self) -> bool {
        !self.over && self.session.is_known()
    }

    pub(super) fn cost(&self) -> usize {
        let framings = self.framings.iter().flatten().map(Framing::cost);
        self.streams.cost() + self.session.cost() + framings.sum::<usize>()
    }

    fn direction(&self, segment: &Segment<'_>) -> Direction {
        if segment.from == self.from { Direction::Forward } else { Direction::Back }
    }

    fn go_on(&mut self, shared: &mut Shared<'_>) {
        while let Some(given) = self.streams.poll() {
            let direction = given.direction;
            let start = match (self.streams.is_from_start(direction), self.named) {
                (true, true) => Start::Frames,
                (true, false) => Start::Anything,
                (false, _) => Start::Midway,
            };
            let framing = self.framings[direction.index()].get_or_insert_with(|| Framing::new(start, true));
            let end = match given.what {
                What::Bytes(bytes) => {
                    framing.push(&bytes, given.at);
                    None
                }
                What::Gap(missing) => {
                    framing.part();
                    while let Some(piece) = framing.poll() {
                        self.session.piece(direction, piece, shared);
                    }
                    if let Some(gap) = framing.gap(missing, given.at) {
                        self.session.piece(direction, gap, shared);
                    }
                    None
                }
                What::End(end) => {
                    framing.end(end);
                    Some(end)
                }
            };
            while let Some(piece) = framing.poll() {
                self.session.piece(direction, piece, shared);
            }
            if let Some(end) = end
                && self.streams.is_over()
                && !self.over
                && self.streams.is_empty()
            {
                self.over = true;
                self.session.finish(end, shared);
            }
        }
    }
}
