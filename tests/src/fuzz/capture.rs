//! Captures: files from anywhere, and packets that somebody chose.

use tchannel_capture::{Decoder, Limits, Record, explain};

use crate::source::{Rng, Source, Tape};

/// The first byte picks what the others are: a file of packets, the bytes of a connection, or choices of packets.
pub fn capture(data: &[u8]) {
    let Some((how, data)) = data.split_first() else { return };
    match how {
        0 => judged(Decoder::capture, data),
        1 => judged(Decoder::dump, data),
        _ => judged(Decoder::capture, &chosen(&mut Tape::new(data))),
    }
}

/// Any chunking tells the same, within the limits.
fn judged(decoder: fn(Limits) -> Decoder, file: &[u8]) {
    let whole = records(decoder, file, file.len().max(1));
    for step in [1, 7, 100] {
        assert_eq!(records(decoder, file, step), whole, "law 1: {step} bytes at a time");
    }
}

fn records(decoder: fn(Limits) -> Decoder, file: &[u8], step: usize) -> Vec<Record> {
    let limits = limits();
    // What is kept is measured behind each packet: one is on top.
    let most = limits.memory + 2 * tchannel_capture::MAX_PACKET;
    let mut decoder = decoder(limits);
    let mut records = Vec::new();
    for part in file.chunks(step) {
        decoder.push(part);
        while let Some(record) = decoder.poll() {
            sensible(&record);
            records.push(record);
            assert!(decoder.memory() <= most, "law 4: {} bytes are kept", decoder.memory());
        }
    }
    decoder.finish();
    while let Some(record) = decoder.poll() {
        sensible(&record);
        records.push(record);
    }
    assert_eq!(decoder.poll(), None, "what is finished stays so");
    assert!(decoder.memory() <= most, "law 4: {} bytes are kept", decoder.memory());
    // A frame has 16 bytes, and a call a frame; a gap or a resync takes a packet.
    assert!(records.len() <= 4 + file.len() / 4, "law 4: {} records of {} bytes", records.len(), file.len());
    records
}

fn sensible(record: &Record) {
    let Record::Frame(frame) = record else { return };
    assert_eq!(usize::from(frame.header.size), frame.bytes.len());
    let (fields, _) = explain(&frame.bytes);
    let mut at = 0;
    for field in &fields {
        assert_eq!(field.at, at, "fields lie side by side");
        at += field.len;
    }
    assert!(at <= frame.bytes.len());
    if frame.is_good() {
        assert_eq!(at, frame.bytes.len(), "a good frame is explained to its end");
    }
}

/// So small that a few packets reach them.
fn limits() -> Limits {
    let mut limits = Limits::default();
    (limits.connections, limits.calls) = (3, 6);
    (limits.window, limits.keep, limits.memory) = (8 << 10, 64, 64 << 10);
    limits
}

/// A pcap file of packets that may belong together.
fn chosen(source: &mut Tape<'_>) -> Vec<u8> {
    let mut file = b"\xD4\xC3\xB2\xA1\x02\0\x04\0\0\0\0\0\0\0\0\0\0\0\x04\0\x65\0\0\0".to_vec();
    let mut next = [[0_u32; 2]; 4];
    let mut now = 0_u32;
    while !source.is_spent() && file.len() < MOST {
        now = now.wrapping_add(u32::from(source.byte()) << 10);
        let (which, way) = (source.below(4), source.below(2));
        let flags = source.pick(&[0x10, 0x10, 0x10, 0x18, 0x02, 0x12, 0x11, 0x14, 0x00]);
        let payload = payload(source);
        // Mostly what follows; else something near.
        let near = |source: &mut Tape<'_>, number: u32| match source.byte() {
            0..=199 => number,
            away => number.wrapping_add(u32::from(away)).wrapping_sub(220),
        };
        let seq = near(source, next[which][way]);
        let ack = near(source, next[which][1 - way]);
        let len = u32::try_from(payload.len()).expect("a short payload");
        next[which][way] =
            seq.wrapping_add(len).wrapping_add(u32::from(flags & 0x02 != 0 || flags & 0x01 != 0));
        put_packet(
            &mut file,
            now,
            [u16::try_from(which).expect("below 4"), 99],
            way,
            [seq, ack],
            flags,
            &payload,
        );
    }
    file
}

/// Frames, parts of frames, or anything.
fn payload(source: &mut Tape<'_>) -> Vec<u8> {
    let len = source.below(256);
    if source.chance(64) {
        return source.run(len);
    }
    let kind = source.pick(&[0x01, 0x02, 0x03, 0x04, 0x13, 0x14, 0xC0, 0xD0, 0xD1, 0xFF]);
    let id = source.byte() & 3;
    let body: Vec<u8> = match kind {
        0x03 => [&[source.byte() & 1], &[0; 29][..], b"\x01s\0\0\0\x01a\0\0\0\x01b"].concat(),
        0x04 => [&[source.byte() & 1, source.byte() & 1], &[0; 25][..], b"\0\0\0\0\0\0\0\x01b"].concat(),
        0x13 | 0x14 => [&[source.byte() & 1], &b"\0\0\x01c"[..]].concat(),
        0xC0 | 0xFF => [&[source.byte()], &[0; 27][..]].concat(),
        _ => Vec::new(),
    };
    let size = u8::try_from(16 + body.len()).expect("a short body");
    let mut frame = [&[0, size, kind, 0, 0, 0, 0, id, 0, 0, 0, 0, 0, 0, 0, 0][..], &body].concat();
    if source.chance(40) {
        frame.truncate(len);
    }
    frame
}

fn put_packet(
    file: &mut Vec<u8>,
    now: u32,
    ports: [u16; 2],
    way: usize,
    [seq, ack]: [u32; 2],
    flags: u8,
    payload: &[u8],
) {
    let (from, to) = (ports[way], ports[1 - way]);
    let total = u16::try_from(40 + payload.len()).expect("a short packet");
    let mut packet = vec![0x45, 0];
    packet.extend(total.to_be_bytes());
    packet.extend([0, 0, 0, 0, 64, 6, 0, 0, 10, 0, 0, 1, 10, 0, 0, 1]);
    packet.extend(from.to_be_bytes());
    packet.extend(to.to_be_bytes());
    packet.extend(seq.to_be_bytes());
    packet.extend(ack.to_be_bytes());
    packet.extend([0x50, flags, 0, 0, 0, 0, 0, 0]);
    packet.extend(payload);
    let len = u32::from(total).to_le_bytes();
    file.extend([[0; 4], now.to_le_bytes(), len, len].concat());
    file.extend(packet);
}

/// Files that a corpus begins with: captures, cut short, and dumps.
pub(super) fn samples() -> Vec<Vec<u8>> {
    const CAPTURES: [&[u8]; 3] = [
        include_bytes!("../../../core/capture/tests/captures/node-rust.pcap"),
        include_bytes!("../../../core/capture/tests/captures/lossy.pcap"),
        include_bytes!("../../../core/capture/tests/captures/python-python.pcap"),
    ];
    let mut samples: Vec<Vec<u8>> =
        CAPTURES.iter().map(|file| [&[0], &file[..file.len().min(6_000)]].concat()).collect();
    samples
        .push(b"\x01\0\x10\xD0\0\0\0\0\x03\0\0\0\0\0\0\0\0\0\x10\xD1\0\0\0\0\x03\0\0\0\0\0\0\0\0".to_vec());
    samples.push(b"\x01\0\x05garbage and then \0\x10\xD0\0\0\0\0\x03\0\0\0\0\0\0\0\0".to_vec());
    let choices = |seed| {
        let mut source = Rng::new(seed);
        let len = 100 + source.below(800);
        [vec![2], source.run(len)].concat()
    };
    samples.extend((0..16).map(choices));
    samples
}

/// Longest file that is made of choices, in bytes.
const MOST: usize = 64 << 10;
