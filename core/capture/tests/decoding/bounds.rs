use tchannel_capture::{Decoder, Limits, Outcome, Unanswered};

use super::kit::*;

#[test]
fn the_oldest_call_goes_when_there_are_too_many() {
    let mut limits = Limits::default();
    limits.calls = 3;
    let mut talk = Talk::begin([1, 1]);
    for id in 2..=6 {
        talk.frames(Forward, &request(id, "echo", b"", 1));
    }
    let mut decoder = Decoder::capture(limits);
    decoder.push(&talk.file());
    let records: Vec<_> = std::iter::from_fn(|| decoder.poll()).collect();
    let ids: Vec<u32> = calls(&records).iter().map(|call| call.id).collect();
    assert_eq!((ids, decoder.counters().calls_dropped), (vec![2, 3], 2));
    assert_eq!(calls(&records)[0].outcome, Outcome::Unanswered(Unanswered::Dropped));
}

#[test]
fn the_connection_silent_longest_goes_when_there_are_too_many() {
    let mut limits = Limits::default();
    limits.connections = 2;
    let mut packets = Vec::new();
    for host in 1..=5 {
        let mut talk = Talk::begin([1, 1]);
        talk.say(Forward, &init_req());
        for mut packet in talk.segments.iter().map(Segment::packet) {
            // Another address for the side that opened it.
            let place = if packet[15] == 1 { 14 } else { 18 };
            packet[place] = host;
            packets.push(packet);
        }
    }
    let mut decoder = Decoder::capture(limits);
    decoder.push(&pcap_of(101, &packets, 10));
    let records: Vec<_> = std::iter::from_fn(|| decoder.poll()).collect();
    assert_eq!((frames(&records).len(), decoder.counters().connections_dropped), (5, 3));
}

#[test]
fn arguments_are_kept_up_to_the_limit_and_counted_beyond() {
    let mut limits = Limits::default();
    limits.keep = 100;
    let mut talk = Talk::begin([1, 1]);
    talk.frames(Forward, &request(2, "echo", &[9; 5_000], 1_000));
    talk.frames(Back, &answer(2, 0, b"ok", 9));
    let records = decode_with(limits, &talk.file());
    let asked = &calls(&records)[0].request.as_ref().expect("it was seen").args;
    assert_eq!((asked.args[2].bytes.len(), asked.args[2].len, asked.args[2].is_kept()), (100, 5_000, false));
    assert!(asked.is_whole());
}

#[test]
fn memory_stays_within_the_limit_whatever_is_open() {
    let mut limits = Limits::default();
    limits.memory = 100_000;
    let mut talk = Talk::begin([1, 1]);
    for id in 2..400 {
        // Each is waited for: only the first of its frames comes.
        talk.say(Forward, &request(id, "echo", &[9; 5_000], 1_000)[0]);
    }
    let mut decoder = Decoder::capture(limits);
    for piece in talk.file().chunks(10_000) {
        decoder.push(piece);
        while decoder.poll().is_some() {}
        assert!(decoder.memory() <= 100_000, "{}", decoder.memory());
    }
    assert!(decoder.counters().calls_dropped > 200);
}

#[test]
fn a_dump_of_both_directions_is_paired() {
    let mut dump = [init_req(), init_res()].concat();
    dump.extend([request(2, "echo", &[1; 300], 100).concat(), answer(2, 0, b"ok", 9).concat()].concat());
    for piece in [1, 16, 1_000] {
        let records = run(Decoder::dump(Limits::default()), &dump, piece);
        assert_eq!((frames(&records).len(), others(&records)), (6, Vec::new()));
        let [call] = calls(&records)[..] else { panic!("one call") };
        assert!(matches!(&call.outcome, Outcome::Answered(answer) if answer.args.is_whole()));
        assert_eq!((call.began, call.latency, call.connection.number), (None, None, 0));
    }
}

#[test]
fn a_dump_goes_on_behind_what_is_no_frame() {
    let dump = [&ping(1)[..], b"\0\x03 broken ", &[0; 50], &ping(2), &ping(3), b"\0\x20\xD0"].concat();
    let whole = run(Decoder::dump(Limits::default()), &dump, 10_000);
    let ids: Vec<u32> = frames(&whole).iter().map(|frame| frame.header.id).collect();
    assert_eq!(ids, [1, 2, 3]);
    let [broken, resync, cut] = &others(&whole)[..] else { panic!("{:?}", others(&whole)) };
    assert!(
        broken.starts_with("Broken") && resync == "Resync { skipped: 60 }" && cut.starts_with("Cut"),
        "{whole:?}"
    );
    for piece in [1, 2, 7, 40] {
        assert_eq!(run(Decoder::dump(Limits::default()), &dump, piece), whole, "{piece} bytes at a time");
    }
}

#[test]
fn names_of_ended_calls_count_and_go_first() {
    let mut limits = Limits::default();
    limits.memory = 100_000;
    let name = "n".repeat(10_000);
    let mut talk = Talk::begin([1, 1]);
    talk.frames(Forward, &request(2, "open", b"", 1));
    for id in 3..40 {
        talk.frames(Forward, &request(id, &name, b"", 1));
        talk.say(Forward, &cancel(id));
    }
    let mut decoder = Decoder::capture(limits);
    let mut most = 0;
    for piece in talk.file().chunks(5_000) {
        decoder.push(piece);
        while decoder.poll().is_some() {}
        most = most.max(decoder.memory());
    }
    assert!((80_000..=100_000).contains(&most), "{most}");
    // The open call outlives them.
    assert_eq!(decoder.counters().calls_dropped, 0);
}
