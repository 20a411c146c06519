//! What tcpdump captured of real programs.

use std::collections::BTreeMap;

use tchannel_capture::{Call, Decoder, Event, Frame, Limits, Outcome, Record};

use super::kit::*;

const CLEAN: [(&str, &[u8]); 5] = [
    ("node-node", include_bytes!("../captures/node-node.pcap")),
    ("python-python", include_bytes!("../captures/python-python.pcap")),
    ("node-rust", include_bytes!("../captures/node-rust.pcap")),
    ("rust-rust", include_bytes!("../captures/rust-rust.pcap")),
    ("long", LONG),
];
const LONG: &[u8] = include_bytes!("../captures/long.pcap");
const LOSSY: &[u8] = include_bytes!("../captures/lossy.pcap");

#[test]
fn no_frame_is_malformed_and_every_checksum_verifies() {
    for (name, file) in CLEAN {
        let records = decode(file);
        assert_eq!(others(&records), [""; 0], "{name}");
        let faulty = frames(&records).iter().filter(|frame| !frame.is_good()).count();
        assert_eq!((faulty, frames(&records).len() > 70), (0, true), "{name}");
    }
}

#[test]
fn every_call_is_paired_and_ends_as_its_endpoint_does() {
    for (name, file) in CLEAN {
        let records = decode(file);
        for call in calls(&records) {
            let request = call.request.as_ref().unwrap_or_else(|| panic!("{name}: an answer to nothing"));
            assert!(request.args.is_whole(), "{name}: {call:?}");
            let arg1 = String::from_utf8_lossy(&request.args.args[0].bytes);
            let ended = match &call.outcome {
                Outcome::Answered(answer) => {
                    assert!(answer.args.is_whole(), "{name}: {call:?}");
                    if answer.code.is_ok() { "ok".to_owned() } else { "not ok".to_owned() }
                }
                Outcome::Failed { code, .. } => code.to_string(),
                Outcome::Cancelled { .. } => "cancelled".to_owned(),
                Outcome::Unanswered(why) => format!("{why:?}"),
            };
            let allowed: &[&str] = match &*arg1 {
                "app-error" | "json-error" => &["not ok"],
                "sys-timeout" => &["timeout"],
                "sys-busy" => &["busy"],
                "sys-declined" => &["declined"],
                // Longer than the caller waits, and not every caller or server tells that it was given up.
                "sleep" => &["ok", "cancelled", "timeout", "Ended(Finished)"],
                "KeyValue::getValue" => &["ok", "not ok"],
                _ => &["ok"],
            };
            assert!(allowed.contains(&&*ended), "{name}: {arg1} ended with {ended}");
        }
    }
}

/// Computed anew, from the times of frames alone.
#[test]
fn latencies_are_those_between_the_first_frame_asked_and_the_last_one_answered() {
    for (name, file) in CLEAN {
        let records = decode(file);
        let mut compared = 0;
        for call in calls(&records) {
            let of = |frame: &&&Frame| {
                frame.call.as_ref().is_some_and(|named| named.number == call.number && !named.late)
            };
            let times: Vec<_> =
                frames(&records).iter().filter(of).filter_map(|frame| frame.place.at).collect();
            let (Some(first), Some(last)) = (times.first(), times.last()) else {
                panic!("{name}: no frames")
            };
            assert_eq!(call.began, Some(*first), "{name}");
            if let Some(latency) = call.latency {
                assert_eq!(latency + *first, *last, "{name}: {call:?}");
                compared += 1;
            }
        }
        assert!(compared >= 15, "{name}: {compared}");
    }
}

#[test]
fn an_answer_echoes_its_own_request() {
    for (name, file) in CLEAN {
        let records = decode(file);
        let mut echoes = 0;
        for call in calls(&records) {
            let (Some(request), Outcome::Answered(answer)) = (&call.request, &call.outcome) else { continue };
            if request.args.args[0].bytes == "echo" && request.route.service() == "echo" {
                assert_eq!(answer.args.args[1..], request.args.args[1..], "{name}");
                echoes += 1;
            }
        }
        assert!(echoes >= 4, "{name}: {echoes}");
    }
}

#[test]
fn a_timeout_in_the_capture_took_as_long_as_its_ttl() {
    let records = decode(CLEAN[0].1);
    let timeouts: Vec<&Call> = calls(&records)
        .into_iter()
        .filter(|call| call.request.as_ref().is_some_and(|request| request.ttl == 200))
        .collect();
    let [call] = timeouts[..] else { panic!("{} calls", timeouts.len()) };
    let latency = call.latency.expect("an error frame came");
    assert!((millis(199)..millis(230)).contains(&latency), "{latency:?}");
}

/// The packets of a pcap file, behind its header.
fn packets(file: &[u8]) -> Vec<&[u8]> {
    let mut rest = &file[24..];
    let mut packets = Vec::new();
    while let Some(len) = rest.get(8..12) {
        let len = u32::from_le_bytes(len.try_into().expect("four bytes"));
        let (packet, behind) = rest.split_at(16 + usize::try_from(len).expect("short"));
        packets.push(packet);
        rest = behind;
    }
    packets
}

fn file_of<'a>(packets: impl IntoIterator<Item = &'a &'a [u8]>) -> Vec<u8> {
    packets.into_iter().fold(LONG[..24].to_vec(), |file, packet| [&file, *packet].concat())
}

/// The frames of each packet alone: in this capture, no frame is in two.
fn frames_of_packets(packets: &[&[u8]]) -> Vec<Vec<Vec<u8>>> {
    let payload = |packet: &[u8]| {
        let (ip, total) = (&packet[30..], usize::from(u16::from_be_bytes([packet[32], packet[33]])));
        let tcp = &ip[20..total];
        tcp[usize::from(tcp[12] >> 4) * 4..].to_vec()
    };
    let mut decoded = Vec::new();
    for packet in packets {
        let records = run(Decoder::dump(Limits::default()), &payload(packet), 10_000);
        assert_eq!(others(&records), [""; 0]);
        decoded.push(frames(&records).iter().map(|frame| frame.bytes.to_vec()).collect());
    }
    decoded
}

fn bytes_of(records: &[Record]) -> Vec<Vec<u8>> {
    frames(records).iter().map(|frame| frame.bytes.to_vec()).collect()
}

#[test]
fn a_capture_may_begin_with_any_packet() {
    let packets = packets(LONG);
    let each = frames_of_packets(&packets);
    for from in 0..packets.len() {
        let records = decode(&file_of(&packets[from..]));
        let expected: Vec<Vec<u8>> = each[from..].concat();
        assert_eq!(bytes_of(&records), expected, "from packet {from} on");
        assert!(frames(&records).iter().all(|frame| frame.is_good()), "from packet {from} on");
        let joined = |record: &&Record| matches!(record, Record::Stream(stream) if matches!(stream.event, Event::Resync { skipped: 0 }));
        let midway = usize::from(from > 0);
        assert!(records.iter().filter(joined).count() >= midway * usize::from(expected.len() > 2), "{from}");
    }
}

#[test]
fn any_packet_may_be_missing() {
    let packets = packets(LONG);
    let each = frames_of_packets(&packets);
    for missing in 0..packets.len() {
        let others_of = |list: &[&[u8]]| {
            list.iter()
                .enumerate()
                .filter(|(at, _)| *at != missing)
                .map(|(_, packet)| packet.to_vec())
                .collect::<Vec<_>>()
        };
        let left = others_of(&packets);
        let left: Vec<&[u8]> = left.iter().map(Vec::as_slice).collect();
        let records = decode(&file_of(&left));
        let mut expected = BTreeMap::<Vec<u8>, u32>::new();
        for frame in each.iter().enumerate().filter(|(at, _)| *at != missing).flat_map(|(_, frames)| frames) {
            *expected.entry(frame.clone()).or_default() += 1;
        }
        let mut seen = BTreeMap::<Vec<u8>, u32>::new();
        for frame in bytes_of(&records) {
            *seen.entry(frame).or_default() += 1;
        }
        assert_eq!(seen, expected, "without packet {missing}");
        // Frames of data, or nothing at all.
        let gaps = others(&records).iter().filter(|other| other.starts_with("Gap")).count();
        assert!(gaps <= 1, "without packet {missing}: {:?}", others(&records));
        let unpaired = calls(&records)
            .iter()
            .filter(|call| call.request.is_none() || !matches!(call.outcome, Outcome::Answered(_)))
            .count();
        assert!(unpaired <= each[missing].len(), "without packet {missing}: {unpaired} unpaired");
    }
}

#[test]
fn a_capture_from_which_the_kernel_dropped_packets_is_put_in_order() {
    let mut decoder = Decoder::capture(Limits::default());
    decoder.push(LOSSY);
    decoder.finish();
    let records: Vec<Record> = std::iter::from_fn(|| decoder.poll()).collect();
    assert_eq!(decoder.counters().faults, 0);
    let count = |word: &str| others(&records).iter().filter(|other| other.starts_with(word)).count();
    assert_eq!(
        (count("Gap"), count("Resync"), count("Broken"), count("Cut")),
        (4, 6, 0, 0),
        "{:?}",
        others(&records)
    );
    assert_eq!(frames(&records).len(), 99);
    assert_eq!(calls(&records).len(), 22);
    assert!(calls(&records).iter().all(|call| call.request.is_some() && call.latency.is_some()));
}
