//! Frames, packets and files, made by hand.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use tchannel_capture::wire::{
    CallReq, CallRes, Cancel, Checksum, ChecksumKind, Chunks, Continue, ErrorCode, ErrorFrame, Flags,
    HeaderBlock, Init, Message, ResponseCode, Route, Tracing,
};
use tchannel_capture::{Call, Decoder, Direction, Frame, Limits, Record};

pub(crate) use Direction::{Back, Forward};

/// Bytes of one frame.
pub(crate) fn frame(id: u32, message: &Message) -> Vec<u8> {
    let mut out = BytesMut::new();
    message.encode(id, &mut out).expect("a message that can be sent");
    out.to_vec()
}

pub(crate) fn init_req() -> Vec<u8> {
    let headers = [("host_port", "0.0.0.0:0"), ("process_name", "demo")].into_iter().collect();
    frame(1, &Message::InitReq(Init { version: 2, headers }))
}

pub(crate) fn init_res() -> Vec<u8> {
    let headers = [("host_port", "10.0.0.2:99"), ("process_name", "demo")].into_iter().collect();
    frame(1, &Message::InitRes(Init { version: 2, headers }))
}

pub(crate) fn ping(id: u32) -> Vec<u8> {
    frame(id, &Message::PingReq)
}

/// The frames of a message, its arg3 cut into pieces of `piece` bytes; `head` makes the first one.
fn fragments(
    id: u32,
    args: [&[u8]; 3],
    piece: usize,
    request: bool,
    head: impl FnOnce(Flags, Checksum, Chunks) -> Message,
) -> Vec<Vec<u8>> {
    let kind = ChecksumKind::Crc32c;
    let mut pieces: Vec<&[u8]> = args[2].chunks(piece.max(1)).collect();
    if pieces.is_empty() {
        pieces.push(&[]);
    }
    let (last, mut head, mut running, mut frames) = (pieces.len() - 1, Some(head), 0, Vec::new());
    for (number, piece) in pieces.into_iter().enumerate() {
        let chunks =
            if number == 0 { Chunks::encode([args[0], args[1], piece]) } else { Chunks::encode([piece]) };
        let chunks = chunks.expect("short pieces");
        running = chunks.checksum(kind, running);
        let (flags, checksum) = (Flags(u8::from(number < last)), Checksum { kind, value: running });
        let message = match head.take() {
            Some(head) => head(flags, checksum, chunks),
            None if request => Message::CallReqContinue(Continue { flags, checksum, chunks }),
            None => Message::CallResContinue(Continue { flags, checksum, chunks }),
        };
        frames.push(frame(id, &message));
    }
    frames
}

/// A request to the service `svc`.
pub(crate) fn request(id: u32, arg1: &str, arg3: &[u8], piece: usize) -> Vec<Vec<u8>> {
    let route = Route::encode("svc", [("cn", "demo"), ("as", "raw")]).expect("short headers");
    fragments(id, [arg1.as_bytes(), b"", arg3], piece, true, |flags, checksum, chunks| {
        Message::CallReq(CallReq { flags, ttl: 1_000, tracing: Tracing::ZERO, route, checksum, chunks })
    })
}

/// An answer.
pub(crate) fn answer(id: u32, code: u8, arg3: &[u8], piece: usize) -> Vec<Vec<u8>> {
    let headers = HeaderBlock::encode([("as", "raw")]).expect("one header");
    fragments(id, [b"", b"", arg3], piece, false, |flags, checksum, chunks| {
        let code = ResponseCode(code);
        Message::CallRes(CallRes { flags, code, tracing: Tracing::ZERO, headers, checksum, chunks })
    })
}

pub(crate) fn error(id: u32, code: ErrorCode, text: &'static str) -> Vec<u8> {
    let message = Bytes::from_static(text.as_bytes());
    frame(id, &Message::Error(ErrorFrame { code, tracing: Tracing::ZERO, message }))
}

pub(crate) fn cancel(id: u32) -> Vec<u8> {
    frame(id, &Message::Cancel(Cancel { ttl: 0, tracing: Tracing::ZERO, why: Bytes::from_static(b"enough") }))
}

/// One TCP segment of the connection between 10.0.0.1:5000 and 10.0.0.2:99.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Segment {
    pub(crate) direction: Direction,
    pub(crate) seq: u32,
    pub(crate) ack: u32,
    pub(crate) flags: u8,
    pub(crate) payload: Vec<u8>,
}

pub(crate) const SYN: u8 = 0x02;
pub(crate) const FIN: u8 = 0x11;
pub(crate) const RST: u8 = 0x14;
pub(crate) const ACK: u8 = 0x10;

impl Segment {
    /// As an IPv4 packet.
    pub(crate) fn packet(&self) -> Vec<u8> {
        let total = u16::try_from(40 + self.payload.len()).expect("a packet");
        let (from, to) = match self.direction {
            Forward => ([10, 0, 0, 1, 0x13, 0x88], [10, 0, 0, 2, 0, 99]),
            Back => ([10, 0, 0, 2, 0, 99], [10, 0, 0, 1, 0x13, 0x88]),
        };
        let mut packet = vec![0x45, 0];
        packet.extend(total.to_be_bytes());
        packet.extend([0, 0, 0x40, 0, 64, 6, 0, 0]);
        packet.extend([&from[..4], &to[..4], &from[4..], &to[4..]].concat());
        packet.extend(self.seq.to_be_bytes());
        packet.extend(self.ack.to_be_bytes());
        packet.extend([0x50, self.flags, 0xFF, 0xFF, 0, 0, 0, 0]);
        packet.extend(&self.payload);
        packet
    }
}

/// A connection under way: segments as its two ends send them.
#[derive(Clone, Debug)]
pub(crate) struct Talk {
    pub(crate) segments: Vec<Segment>,
    /// What each direction sends next.
    next: [u32; 2],
}

fn index(direction: Direction) -> usize {
    match direction {
        Forward => 0,
        Back => 1,
    }
}

impl Talk {
    /// Without a beginning: the two directions go on from these numbers.
    pub(crate) fn midway(next: [u32; 2]) -> Self {
        Self { segments: Vec::new(), next }
    }

    /// With a handshake of TCP.
    pub(crate) fn begin(next: [u32; 2]) -> Self {
        let mut talk = Self::midway(next);
        talk.segment(Forward, SYN, &[]);
        talk.segment(Back, SYN | ACK, &[]);
        talk.segment(Forward, ACK, &[]);
        talk
    }

    pub(crate) fn segment(&mut self, direction: Direction, flags: u8, payload: &[u8]) {
        let (this, other) = (index(direction), index(direction.reverse()));
        let (seq, ack) = (self.next[this], if flags & ACK == 0 { 0 } else { self.next[other] });
        self.segments.push(Segment { direction, seq, ack, flags, payload: payload.to_vec() });
        let numbers = u32::try_from(payload.len()).expect("a short payload") + u32::from(flags & 0x03 != 0);
        self.next[this] = seq.wrapping_add(numbers);
    }

    /// Sends bytes in one segment.
    pub(crate) fn say(&mut self, direction: Direction, bytes: &[u8]) {
        self.segment(direction, ACK | 0x08, bytes);
    }

    /// Sends frames, a segment each.
    pub(crate) fn frames(&mut self, direction: Direction, frames: &[Vec<u8>]) {
        for frame in frames {
            self.say(direction, frame);
        }
    }

    /// Ends both directions.
    pub(crate) fn end(&mut self) {
        self.segment(Forward, FIN, &[]);
        self.segment(Back, FIN, &[]);
        self.segment(Forward, ACK, &[]);
    }

    /// The file, a packet each millisecond.
    pub(crate) fn file(&self) -> Vec<u8> {
        pcap(&self.segments)
    }
}

/// A pcap file of IP packets, one each millisecond.
pub(crate) fn pcap(segments: &[Segment]) -> Vec<u8> {
    let packets: Vec<Vec<u8>> = segments.iter().map(Segment::packet).collect();
    pcap_of(101, &packets, 1_000)
}

pub(crate) fn pcap_of(link: u32, packets: &[Vec<u8>], micros_between: u32) -> Vec<u8> {
    let mut file = b"\xD4\xC3\xB2\xA1\x02\0\x04\0\0\0\0\0\0\0\0\0\0\0\x04\0".to_vec();
    file.extend(link.to_le_bytes());
    for (packet, number) in packets.iter().zip(0_u32..) {
        let micros = number * micros_between;
        let len = u32::try_from(packet.len()).expect("a packet").to_le_bytes();
        let time = [(1_000 + micros / 1_000_000).to_le_bytes(), (micros % 1_000_000).to_le_bytes()].concat();
        file.extend([time, len.to_vec(), len.to_vec(), packet.clone()].concat());
    }
    file
}

/// All records of a file.
pub(crate) fn decode(file: &[u8]) -> Vec<Record> {
    decode_with(Limits::default(), file)
}

pub(crate) fn decode_with(limits: Limits, file: &[u8]) -> Vec<Record> {
    run(Decoder::capture(limits), file, usize::MAX)
}

/// All records, of a file that comes in pieces.
pub(crate) fn run(mut decoder: Decoder, file: &[u8], piece: usize) -> Vec<Record> {
    let mut records = Vec::new();
    for piece in file.chunks(piece) {
        decoder.push(piece);
        records.extend(std::iter::from_fn(|| decoder.poll()));
    }
    decoder.finish();
    records.extend(std::iter::from_fn(|| decoder.poll()));
    records
}

pub(crate) fn frames<'a>(records: &'a [Record]) -> Vec<&'a Frame> {
    let frame = |record: &'a Record| match record {
        Record::Frame(frame) => Some(frame.as_ref()),
        Record::Call(_) | Record::Stream(_) | Record::Damaged(_) => None,
    };
    records.iter().filter_map(frame).collect()
}

pub(crate) fn calls<'a>(records: &'a [Record]) -> Vec<&'a Call> {
    let call = |record: &'a Record| match record {
        Record::Call(call) => Some(call.as_ref()),
        Record::Frame(_) | Record::Stream(_) | Record::Damaged(_) => None,
    };
    records.iter().filter_map(call).collect()
}

/// What is neither frame nor call, in the words of `Debug`.
pub(crate) fn others(records: &[Record]) -> Vec<String> {
    let other = |record: &Record| match record {
        Record::Frame(_) | Record::Call(_) => None,
        Record::Stream(stream) => Some(format!("{:?}", stream.event)),
        Record::Damaged(damage) => Some(format!("{damage:?}")),
    };
    records.iter().filter_map(other).collect()
}

pub(crate) const fn millis(millis: u64) -> Duration {
    Duration::from_millis(millis)
}
