use std::time::Duration;

use bytes::Bytes;
use tchannel_capture::{CaptureFile, Damage, Decoder, Limits, Packet, Record};

use super::kit::*;

/// All packets, and how it ended; whatever the pieces.
fn packets(file: &[u8]) -> (Vec<Packet>, Option<Damage>, bool) {
    let whole = packets_in(file, file.len().max(1));
    for piece in [1, 3, 50] {
        assert_eq!(packets_in(file, piece), whole, "{piece} bytes at a time");
    }
    whole
}

fn packets_in(file: &[u8], piece: usize) -> (Vec<Packet>, Option<Damage>, bool) {
    let mut capture = CaptureFile::new();
    let mut packets = Vec::new();
    for piece in file.chunks(piece) {
        capture.push(piece);
        loop {
            match capture.poll() {
                Ok(Some(packet)) => packets.push(packet),
                Ok(None) => break,
                Err(damage) => return (packets, Some(damage), false),
            }
        }
    }
    let whole = capture.is_whole();
    (packets, None, whole)
}

fn packet(at: Option<Duration>, link: u16, bytes: &'static [u8], cut: usize) -> Packet {
    Packet { at, link, bytes: Bytes::from_static(bytes), cut }
}

fn number(big: bool, number: u32) -> [u8; 4] {
    if big { number.to_be_bytes() } else { number.to_le_bytes() }
}

fn short(big: bool, number: u16) -> [u8; 2] {
    if big { number.to_be_bytes() } else { number.to_le_bytes() }
}

#[test]
fn pcap_is_read_in_both_orders_and_both_units() {
    for big in [false, true] {
        for (magic, part, nanos) in [(0xA1B2_C3D4, 250_000, 250_000_000), (0xA1B2_3C4D, 77, 77)] {
            let mut file = number(big, magic).to_vec();
            file.extend([short(big, 2), short(big, 4)].concat());
            // The upper half of the link type tells of checksums behind packets.
            for field in [0, 0, 65_535, 0x2400_0001, 12, part, 3, 10] {
                file.extend(number(big, field));
            }
            file.extend(b"abc");
            let (packets, damage, whole) = packets(&file);
            assert_eq!(packets, [packet(Some(Duration::new(12, nanos)), 1, b"abc", 7)]);
            assert_eq!((damage, whole), (None, true));
        }
    }
}

fn block(big: bool, kind: u32, body: &[u8]) -> Vec<u8> {
    let len = number(big, u32::try_from(12 + body.len()).expect("a short block"));
    [&number(big, kind)[..], &len, body, &len].concat()
}

/// A section with an interface of Ethernet, whose options are these.
fn section(big: bool, options: &[u8]) -> Vec<u8> {
    let head = [&number(big, 0x1A2B_3C4D)[..], &short(big, 1), &short(big, 0), &[0xFF; 8]].concat();
    let interface = [&short(big, 1)[..], &[0, 0], &number(big, 96), options].concat();
    [block(big, 0x0A0D_0D0A, &head), block(big, 1, &interface)].concat()
}

fn enhanced(big: bool, interface: u32, time: u64, bytes: &[u8]) -> Vec<u8> {
    let len = u32::try_from(bytes.len()).expect("a short packet");
    let [high, low] = [time >> 32, time & 0xFFFF_FFFF].map(|half| u32::try_from(half).expect("half"));
    let mut body = [interface, high, low, len, len + 2].map(|field| number(big, field)).concat();
    body.extend(bytes);
    body.resize(body.len().next_multiple_of(4), 0);
    // A comment, which nobody reads.
    body.extend([&short(big, 1)[..], &short(big, 2), b"hi\0\0", &[0; 4]].concat());
    block(big, 6, &body)
}

#[test]
fn pcapng_is_read_in_both_orders_with_all_kinds_of_packets() {
    for big in [false, true] {
        let mut file = section(big, &[]);
        file.extend(enhanced(big, 0, 3_000_001, b"abcde"));
        // A block that nobody knows, and names of hosts.
        file.extend([block(big, 0xBAD, &[1; 40]), block(big, 4, &[0; 8])].concat());
        file.extend(block(big, 3, &[&number(big, 4)[..], b"abcd"].concat()));
        let old = [
            &short(big, 0)[..],
            &short(big, 9),
            &[0, 2, 0, 3].map(|field| number(big, field)).concat(),
            b"yo\0\0",
        ];
        file.extend(block(big, 2, &old.concat()));
        // Another section, in the other order.
        file.extend([section(!big, &[]), enhanced(!big, 0, 1, b"z"), enhanced(!big, 5, 1, b"z")].concat());
        let (packets, damage, whole) = packets(&file);
        let expected = [
            packet(Some(Duration::from_micros(3_000_001)), 1, b"abcde", 2),
            packet(None, 1, b"abcd", 0),
            packet(Some(Duration::from_micros(2)), 1, b"", 3),
            packet(Some(Duration::from_micros(1)), 1, b"z", 2),
            packet(None, u16::MAX, b"z", 2),
        ];
        assert_eq!(packets[..2], expected[..2]);
        assert_eq!(packets[3..], expected[3..]);
        assert_eq!((packets.len(), damage, whole), (5, None, true));
    }
}

#[test]
fn clocks_of_pcapng_have_the_resolution_and_offset_of_their_interface() {
    let resolution = |value: u8| [&short(false, 9)[..], &short(false, 1), &[value, 0, 0, 0]].concat();
    let offset = [&short(false, 14)[..], &short(false, 8), &100_i64.to_le_bytes()].concat();
    let cases = [
        (resolution(9), 1_000_000_005, Duration::new(1, 5)),
        (resolution(3), 2_500, Duration::from_millis(2_500)),
        (resolution(0x80 | 2), 6, Duration::from_millis(1_500)),
        ([offset, resolution(0)].concat(), 7, Duration::from_secs(107)),
        (resolution(127), 7, Duration::ZERO),
        (resolution(0xFF), u64::MAX, Duration::ZERO),
        // Longer than the block.
        ([&short(false, 9)[..], &short(false, 100)].concat(), 1_000_000, Duration::from_secs(1)),
    ];
    for (options, units, expected) in cases {
        let file = [section(false, &options), enhanced(false, 0, units, b"z")].concat();
        assert_eq!(packets(&file).0[0].at, Some(expected), "{options:?}");
    }
}

#[test]
fn the_same_conversation_is_read_from_either_format() {
    let mut talk = Talk::begin([1, 1]);
    talk.say(Forward, &init_req());
    talk.frames(Forward, &request(2, "echo", b"hello", 2));
    let mut file = section(false, &[]);
    for (segment, number) in talk.segments.iter().zip(0..) {
        let ethernet = [&[0; 12][..], &[0x08, 0x00], &segment.packet()].concat();
        file.extend(enhanced(false, 0, 1_000_000_000 + 1_000 * number, &ethernet));
    }
    assert_eq!(decode(&file), decode(&talk.file()));
}

#[test]
fn what_cannot_be_is_refused_where_it_is() {
    let good = pcap(&Talk::begin([1, 1]).segments[..1]);
    let mut long = good.clone();
    long.extend([0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 4, 0, 1, 0, 4, 0]);
    assert_eq!(packets(&long).1, Some(Damage::PacketLength { at: 80, len: 262_145 }));
    let mut version = good.clone();
    version[4] = 3;
    assert_eq!(packets(&version).1, Some(Damage::Version { version: 3 }));
    assert_eq!(packets(b"#!/bin/sh\n").1, Some(Damage::NoCapture));
    assert_eq!(packets(b"\x1F\x8B\x08\0").1, Some(Damage::Compressed));
    let section = section(false, &[]);
    for (kind, len) in [(6, 16), (6, 1 << 20), (9, 8), (9, 13), (1, 16)] {
        let file = [&section[..], &number(false, kind), &number(false, len), &[0; 4]].concat();
        let at = u64::try_from(section.len()).expect("short");
        assert_eq!(packets(&file).1, Some(Damage::BlockLength { at, len }), "{kind}");
    }
    let more = [&section[..], &enhanced(false, 0, 0, b"abcd")[..]].concat();
    let mut more = more;
    more[section.len() + 20] = 200;
    assert!(matches!(packets(&more).1, Some(Damage::BlockLength { .. })));
    let interfaces = vec![block(false, 1, &[0; 8]); 5_000].concat();
    assert_eq!(packets_in(&[section, interfaces].concat(), 1 << 20).1, Some(Damage::Interfaces));
}

#[test]
fn a_huge_block_that_nobody_knows_is_not_kept() {
    let mut file = CaptureFile::new();
    file.push(&[&section(false, &[])[..], &number(false, 9), &number(false, 0xFFFF_FFFC), &[0; 4]].concat());
    for _ in 0..100 {
        file.push(&[0; 4_096]);
        assert_eq!(file.poll(), Ok(None));
    }
    assert!(!file.is_whole());
}

#[test]
fn a_file_that_ends_early_is_not_whole() {
    let file = pcap(&Talk::begin([1, 1]).segments);
    for len in [30, file.len() - 1] {
        let mut decoder = Decoder::capture(Limits::default());
        decoder.push(&file[..len]);
        decoder.finish();
        assert_eq!((decoder.poll(), decoder.is_whole()), (None, false), "{len} bytes");
    }
}

#[test]
fn a_file_that_ends_within_its_header_is_no_capture() {
    let pcap = pcap(&Talk::begin([1, 1]).segments);
    for file in [&b""[..], &pcap[..3], &pcap[..20], &section(false, &[])[..12]] {
        let records = decode(file);
        assert_eq!(records, [Record::Damaged(Damage::TooShort { len: file.len() })]);
    }
    assert_eq!(decode(&pcap[..24]), []);
}
