use tchannel_capture::{Counters, Decoder, Limits};

use super::kit::*;

fn talk() -> Vec<Vec<u8>> {
    let mut talk = Talk::begin([1, 1]);
    talk.say(Forward, &init_req());
    talk.segments.iter().map(Segment::packet).collect()
}

fn found(link: u32, packets: &[Vec<u8>]) -> (usize, Counters) {
    let mut decoder = Decoder::capture(Limits::default());
    decoder.push(&pcap_of(link, packets, 1_000));
    let records: Vec<_> = std::iter::from_fn(|| decoder.poll()).collect();
    (frames(&records).len(), *decoder.counters())
}

fn behind(head: &[u8]) -> Vec<Vec<u8>> {
    talk().iter().map(|packet| [head, packet].concat()).collect()
}

/// The same over IPv6, with these headers in front of TCP.
fn over_v6(first: u8, extensions: &[u8]) -> Vec<Vec<u8>> {
    let version = |packet: &Vec<u8>| {
        let rest = [extensions, &packet[20..]].concat();
        let len = u16::try_from(rest.len()).expect("short").to_be_bytes();
        let (mut from, mut to) = ([0; 16], [0; 16]);
        from[12..].copy_from_slice(&packet[12..16]);
        to[12..].copy_from_slice(&packet[16..20]);
        [&[0x60, 0, 0, 0][..], &len, &[first, 64], &from, &to, &rest].concat()
    };
    talk().iter().map(version).collect()
}

#[test]
fn each_link_type_leads_to_the_frames() {
    let mut ethernet = vec![0; 12];
    ethernet.extend([0x08, 0x00]);
    let tagged = [&[0; 12][..], &[0x88, 0xA8, 0, 5, 0x81, 0x00, 0, 7, 0x08, 0x00]].concat();
    let cooked = [&[0; 14][..], &[0x08, 0x00]].concat();
    let cooked_2 = [&[0x08, 0x00][..], &[0; 18]].concat();
    for (link, head) in [
        (1, &ethernet[..]),
        (1, &tagged),
        (113, &cooked),
        (276, &cooked_2),
        (0, &[2, 0, 0, 0]),
        (108, &[0, 0, 0, 2]),
        (101, &[]),
        (228, &[]),
        (12, &[]),
    ] {
        let (frames, counters) = found(link, &behind(head));
        assert_eq!((frames, counters.segments, counters.senseless), (1, 4, 0), "link type {link}");
    }
    let (frames, counters) = found(9, &behind(&[]));
    assert_eq!((frames, counters.unknown_links, counters.unknown_link), (0, 4, Some(9)));
}

#[test]
fn ipv6_is_read_behind_its_extensions() {
    let options = [60, 0, 1, 4, 0, 0, 0, 0];
    let routing = [51, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    let authentication = [44, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    // A fragment that is the only one.
    let fragment = [6, 0, 0, 0, 1, 2, 3, 4];
    let all = [&options[..], &[43, 0, 1, 4, 0, 0, 0, 0], &routing, &authentication, &fragment].concat();
    for (first, extensions) in [(6, vec![]), (0, all)] {
        assert_eq!(found(101, &over_v6(first, &extensions)).0, 1, "{extensions:?}");
    }
    let (frames, counters) = found(101, &over_v6(44, &[6, 0, 0, 1, 1, 2, 3, 4]));
    assert_eq!((frames, counters.fragments), (0, 4));
    // Another protocol behind the options; extensions that never end.
    assert_eq!(found(101, &over_v6(0, &[17, 0, 1, 4, 0, 0, 0, 0])).1.segments, 0);
    assert_eq!(found(101, &over_v6(0, &[[0, 0, 1, 4, 0, 0, 0, 0]; 30].concat())).1.segments, 0);
}

#[test]
fn fragments_are_counted_and_their_bytes_are_missing() {
    let mut packets = talk();
    packets[3][6] = 0x20;
    let (frames, counters) = found(101, &packets);
    assert_eq!((frames, counters.fragments, counters.segments), (0, 1, 3));
}

#[test]
fn padding_behind_the_packet_is_none_of_its_bytes() {
    let padded: Vec<_> = talk().iter().map(|packet| [&packet[..], &[0xEE; 9]].concat()).collect();
    assert_eq!(found(101, &padded).0, 1);
}

#[test]
fn a_large_packet_without_a_length_reaches_to_its_end() {
    let mut packets = talk();
    packets[3][2..4].fill(0);
    assert_eq!(found(101, &packets).0, 1);
}

#[test]
fn packets_cut_by_the_capture_lose_only_what_was_cut() {
    let mut talk = Talk::begin([1, 1]);
    talk.say(Forward, &init_req());
    let request = request(2, "echo", &[5; 600], 1_000).remove(0);
    talk.say(Forward, &request);
    talk.say(Forward, &ping(3));
    let mut file = b"\xD4\xC3\xB2\xA1\x02\0\x04\0\0\0\0\0\0\0\0\0\x2C\x01\0\0\x65\0\0\0".to_vec();
    for segment in &talk.segments {
        let packet = segment.packet();
        let kept = packet.len().min(300);
        for field in [0, 0, kept, packet.len()] {
            file.extend(u32::try_from(field).expect("short").to_le_bytes());
        }
        file.extend(&packet[..kept]);
    }
    let mut decoder = Decoder::capture(Limits::default());
    decoder.push(&file);
    decoder.finish();
    let records: Vec<_> = std::iter::from_fn(|| decoder.poll()).collect();
    let ids: Vec<u32> = frames(&records).iter().map(|frame| frame.header.id).collect();
    assert_eq!((ids, decoder.counters().cut), (vec![1, 3], 1));
    assert!(others(&records)[0].contains("missing: 421, torn: Some"), "{:?}", others(&records));
}

#[test]
fn what_cannot_be_a_packet_is_counted() {
    let whole = talk().pop().expect("packets");
    let lengths: Vec<_> = (0..40).map(|len| whole[..len].to_vec()).collect();
    let (_, counters) = found(101, &lengths);
    assert_eq!((counters.packets, counters.senseless), (40, 40));
    let mut odd = vec![whole.clone(); 3];
    odd[0][0] = 0x41;
    odd[1][2..4].copy_from_slice(&[0, 19]);
    odd[2][32] = 0x10;
    assert_eq!(found(101, &odd).1.senseless, 3);
}
