//! All connections of a capture.

mod connection;
mod table;

use alloc::boxed::Box;
use alloc::collections::VecDeque;
use alloc::vec::Vec;

use tchannel_wire::FrameType;

use crate::file::{CaptureFile, Damage, Packet};
use crate::framing::{Framing, Piece, Start};
use crate::link::{Without, segment};
use crate::record::Record;
use crate::session::{Session, Shared};
use crate::stream::{Direction, End};
use table::Table;

/// How much is kept, and looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Connections that are followed at a time. For one more, the one is dropped that was silent longest. Default: 4,096.
    pub connections: usize,
    /// Calls of a connection that wait for their end. For one more, the oldest is dropped. Default: 4,096.
    pub calls: usize,
    /// Bytes of one direction that wait for missing ones. When there are more, the missing ones are given up. Default:
    /// 1 MiB.
    pub window: usize,
    /// Bytes that are kept of each argument; more are counted and summed, but not shown. Default: 1 MiB.
    pub keep: usize,
    /// Bytes that all connections keep together, about. When there are more, the connection is dropped that was silent
    /// longest; or the oldest call of the only one. Default: 64 MiB.
    pub memory: usize,
    /// Ports that speak TChannel: connections of others are left out, and a connection of these that does not is at
    /// fault. Default: none, which is any port, where it looks like TChannel.
    pub ports: Vec<u16>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 4_096,
            calls: 4_096,
            window: 1 << 20,
            keep: 1 << 20,
            memory: 64 << 20,
            ports: Vec::new(),
        }
    }
}

/// What was counted so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Counters {
    /// Packets.
    pub packets: u64,
    /// Those with a TCP segment.
    pub segments: u64,
    /// Those that were longer than what the capture keeps of each.
    pub cut: u64,
    /// Those with a fragment of an IP packet that may have carried TCP.
    pub fragments: u64,
    /// Those whose lengths cannot be.
    pub senseless: u64,
    /// Those that begin with something unknown.
    pub unknown_links: u64,
    /// The first number of such a beginning.
    pub unknown_link: Option<u16>,
    /// Connections with TChannel.
    pub connections: u32,
    /// Those that were dropped because there were too many, or too large.
    pub connections_dropped: u64,
    /// Frames.
    pub frames: u64,
    /// Calls.
    pub calls: u64,
    /// Those that were dropped because there were too many, or too large.
    pub calls_dropped: u64,
    /// Records that tell of something wrong: malformed frames, checksums, bytes that are no frame.
    pub faults: u64,
}

/// Takes a file in pieces, tells what is in it.
///
/// After [`push`](Self::push) and [`finish`](Self::finish), [`poll`](Self::poll) until there is nothing: what was pushed
/// and not polled is kept.
#[derive(Debug)]
pub struct Decoder {
    source: Source,
    limits: Limits,
    counters: Counters,
    records: VecDeque<Record>,
    finished: bool,
}

#[derive(Debug)]
enum Source {
    Capture { file: CaptureFile, table: Table, damaged: bool },
    Dump(Box<Dump>),
}

/// A stream without packets.
#[derive(Debug)]
struct Dump {
    framing: Framing,
    session: Session,
}

impl Decoder {
    /// For a file of packets: pcap, pcapng.
    pub fn capture(limits: Limits) -> Self {
        let source = Source::Capture { file: CaptureFile::new(), table: Table::default(), damaged: false };
        Self::new(source, limits)
    }

    /// For the bytes of a connection and nothing else. Those of both directions may be mixed, frame by frame: types
    /// tell which is which.
    pub fn dump(limits: Limits) -> Self {
        let source = Source::Dump(Box::new(Dump {
            framing: Framing::new(Start::Frames, false),
            session: Session::new(None),
        }));
        Self::new(source, limits)
    }

    fn new(source: Source, limits: Limits) -> Self {
        let (counters, records) = (Counters::default(), VecDeque::new());
        Self { source, limits, counters, records, finished: false }
    }

    /// Adds the next bytes of the file. Does nothing after [`finish`](Self::finish).
    pub fn push(&mut self, bytes: &[u8]) {
        if self.finished {
            return;
        }
        match &mut self.source {
            Source::Capture { file, .. } => file.push(bytes),
            Source::Dump(dump) => dump.framing.push(bytes, None),
        }
    }

    /// Says that the file ends here. What waits for more is told of as it is.
    pub fn finish(&mut self) {
        self.finished = true;
        if let Source::Dump(dump) = &mut self.source {
            dump.framing.end(End::Finished);
        }
    }

    /// The next record, if there is one before more bytes come.
    pub fn poll(&mut self) -> Option<Record> {
        loop {
            if let Some(record) = self.records.pop_front() {
                return Some(record);
            }
            if !self.step() {
                return None;
            }
        }
    }

    /// What was counted so far.
    pub fn counters(&self) -> &Counters {
        &self.counters
    }

    /// Whether the capture may end here: not within a packet, nor before there was any header.
    pub fn is_whole(&self) -> bool {
        match &self.source {
            Source::Capture { file, .. } => file.is_whole(),
            Source::Dump(_) => true,
        }
    }

    /// Bytes that are kept, about; those not counted that were pushed and not polled.
    pub fn memory(&self) -> usize {
        match &self.source {
            Source::Capture { table, .. } => table.cost(),
            Source::Dump(dump) => dump.framing.cost() + dump.session.cost(),
        }
    }

    /// Does the next piece of work; tells whether there was one.
    fn step(&mut self) -> bool {
        let mut shared =
            Shared { records: &mut self.records, counters: &mut self.counters, limits: &self.limits };
        match &mut self.source {
            Source::Capture { file, table, damaged } => match next(file, self.finished) {
                Ok(Some(packet)) => {
                    take(&packet, table, &mut shared);
                    true
                }
                Err(damage) if !*damaged => {
                    *damaged = true;
                    shared.records.push_back(Record::Damaged(damage));
                    true
                }
                Ok(None) if !self.finished => false,
                Ok(None) | Err(_) => table.finish_one(&mut shared),
            },
            Source::Dump(dump) => dump.step(self.finished, &mut shared),
        }
    }
}

impl Dump {
    fn step(&mut self, finished: bool, shared: &mut Shared<'_>) -> bool {
        if let Some(piece) = self.framing.poll() {
            self.session.piece(direction(&piece), piece, shared);
            while self.session.cost() > shared.limits.memory && self.session.make_room(shared) {}
            return true;
        }
        if finished {
            self.session.finish(End::Finished, shared);
        }
        !shared.records.is_empty()
    }
}

fn next(file: &mut CaptureFile, finished: bool) -> Result<Option<Packet>, Damage> {
    let packet = file.poll()?;
    if packet.is_none() && finished {
        file.check_begun()?;
    }
    Ok(packet)
}

fn take(packet: &Packet, table: &mut Table, shared: &mut Shared<'_>) {
    let counters = &mut *shared.counters;
    counters.packets += 1;
    match segment(packet.link, &packet.bytes) {
        Ok(segment) => {
            counters.segments += 1;
            counters.cut += u64::from(segment.cut > 0);
            let ports = &shared.limits.ports;
            if ports.is_empty() || ports.contains(&segment.from.port()) || ports.contains(&segment.to.port())
            {
                table.take(&segment, packet.at, shared);
            }
        }
        Err(Without::Link(link)) => {
            counters.unknown_links += 1;
            counters.unknown_link.get_or_insert(link);
        }
        Err(Without::Whole) => counters.fragments += 1,
        Err(Without::Sense) if packet.cut > 0 => counters.cut += 1,
        Err(Without::Sense) => counters.senseless += 1,
        Err(Without::Tcp) => {}
    }
}

/// In a dump of both directions, answers are recognised by their type.
fn direction(piece: &Piece) -> Direction {
    let Piece::Frame(placed) = piece else { return Direction::Forward };
    match placed.bytes.get(2).copied().and_then(FrameType::from_byte) {
        Some(
            FrameType::InitRes
            | FrameType::CallRes
            | FrameType::CallResContinue
            | FrameType::PingRes
            | FrameType::Error,
        ) => Direction::Back,
        Some(
            FrameType::InitReq
            | FrameType::CallReq
            | FrameType::CallReqContinue
            | FrameType::Cancel
            | FrameType::Claim
            | FrameType::PingReq,
        )
        | None => Direction::Forward,
    }
}
