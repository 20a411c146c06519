use tchannel_capture::{Limits, Outcome};

use super::kit::*;

/// Three answered calls with a large request in the middle, a segment each 500 bytes.
fn talk() -> Talk {
    let mut talk = Talk::begin([100, 900]);
    talk.say(Forward, &init_req());
    talk.say(Back, &init_res());
    for id in 2..=4 {
        let arg3 = vec![u8::try_from(id).expect("small"); if id == 3 { 4_000 } else { 10 }];
        for part in request(id, "echo", &arg3, 10_000)[0].chunks(500) {
            talk.say(Forward, part);
            talk.segment(Back, ACK, &[]);
        }
        talk.frames(Back, &answer(id, 0, b"ok", 10));
        talk.segment(Forward, ACK, &[]);
    }
    talk.end();
    talk
}

fn ids(talk: &Talk) -> (Vec<u32>, Vec<String>) {
    let records = decode(&talk.file());
    let good = frames(&records).iter().filter(|frame| frame.is_good()).map(|frame| frame.header.id).collect();
    (good, others(&records))
}

/// Where segments with more than 400 bytes are.
fn large(talk: &Talk) -> Vec<usize> {
    (0..talk.segments.len()).filter(|at| talk.segments[*at].payload.len() > 400).collect()
}

#[test]
fn a_segment_missing_within_a_frame_costs_that_frame_only() {
    let mut talk = talk();
    let at = large(&talk)[3];
    talk.segments.remove(at);
    let (good, others) = ids(&talk);
    assert_eq!(good, [1, 1, 2, 2, 3, 4, 4]);
    let torn = "torn: Some(FrameHeader { size: 4081, kind: 3, id: 3 })";
    assert_eq!(others, [format!("Gap {{ missing: 500, {torn} }}")]);
}

#[test]
fn where_a_header_is_missing_the_next_one_is_looked_for() {
    let mut talk = talk();
    let at = large(&talk)[0];
    talk.segments.remove(at);
    let (good, others) = ids(&talk);
    assert_eq!(good, [1, 1, 2, 2, 3, 4, 4]);
    assert_eq!(others, ["Gap { missing: 500, torn: None }", "Resync { skipped: 3581 }"]);
}

#[test]
fn an_answer_without_its_request_is_told_as_a_call() {
    let mut talk = talk();
    talk.segments.retain(|segment| segment.payload.len() != 91);
    let records = decode(&talk.file());
    let orphans: Vec<_> = calls(&records).into_iter().filter(|call| call.request.is_none()).collect();
    assert_eq!(orphans.iter().map(|call| call.id).collect::<Vec<_>>(), [2, 4]);
    assert!(
        orphans.iter().all(|call| call.latency.is_none() && matches!(call.outcome, Outcome::Answered(_)))
    );
}

#[test]
fn a_capture_that_begins_midway_is_joined_at_the_next_frame() {
    let mut joined = talk();
    let begun = large(&joined)[2];
    joined.segments.drain(..begun);
    let (good, others) = ids(&joined);
    assert_eq!(good, [3, 4, 4]);
    assert_eq!(others[0], "Resync { skipped: 0 }");
    assert_eq!(others[1..], ["Resync { skipped: 3081 }"]);
}

#[test]
fn a_frame_in_an_argument_is_not_mistaken_for_one() {
    let inner = request(77, "inner", b"x", 10).remove(0);
    let mut arg3 = vec![1; 1_000];
    arg3.extend([&inner[..], &[1; 1_000]].concat());
    let mut talk = Talk::midway([5, 6]);
    talk.say(Forward, &request(2, "echo", &arg3, 10_000)[0][200..]);
    talk.frames(Forward, &request(3, "echo", b"", 1));
    let (good, others) = ids(&talk);
    assert_eq!((good, others.len()), (vec![3], 1));
}

#[test]
fn frames_behind_what_only_looks_like_one_are_found_when_the_rest_of_it_is_missing() {
    let mut talk = Talk::midway([5, 6]);
    // A header of a frame of nearly 64 KiB.
    talk.say(Forward, &[&[1; 100][..], &[0xFF, 0xF0, 3, 0, 0, 0, 0, 9], &[0; 8], &[5; 40]].concat());
    for id in 2..10 {
        talk.frames(Forward, &request(id, "echo", b"", 100));
    }
    let lost = talk.segments.len();
    talk.say(Forward, &[3; 700]);
    for id in 20..60 {
        talk.frames(Forward, &request(id, "echo", b"", 100));
        talk.segment(Back, ACK, &[]);
    }
    talk.segments.remove(lost);
    let (good, others) = ids(&talk);
    assert_eq!(good, (2..10).chain(20..60).collect::<Vec<_>>());
    let gap = "Gap { missing: 700, torn: None }";
    assert_eq!(others, ["Resync { skipped: 156 }", gap, "Resync { skipped: 0 }"]);
}

#[test]
fn what_is_sent_again_takes_the_missing_ones_place() {
    let mut talk = talk();
    let at = large(&talk)[2];
    // Two more of the request come first, and nobody has acknowledged it.
    let again = talk.segments.remove(at);
    for segment in &mut talk.segments[at..at + 4] {
        if segment.direction == Back {
            segment.ack = again.seq;
        }
    }
    talk.segments.insert(at + 3, again);
    let (good, others) = ids(&talk);
    assert_eq!((good, others.len()), (vec![1, 1, 2, 2, 3, 3, 4, 4], 0));
}

#[test]
fn no_more_waits_for_missing_bytes_than_the_window() {
    let mut limits = Limits::default();
    limits.window = 4_096;
    let mut talk = Talk::begin([100, 900]);
    talk.say(Forward, &init_req());
    let lost = ping(2);
    talk.say(Forward, &lost);
    talk.segments.pop();
    for id in 3..100 {
        talk.say(Forward, &ping(id));
    }
    let file = talk.file();
    let mut decoder = tchannel_capture::Decoder::capture(limits);
    decoder.push(&file);
    let records: Vec<_> = std::iter::from_fn(|| decoder.poll()).collect();
    assert_eq!(others(&records), ["Gap { missing: 16, torn: None }", "Resync { skipped: 0 }"]);
    assert!(decoder.memory() < 8_192 && frames(&records).len() > 60, "{}", frames(&records).len());
}

#[test]
fn numbers_that_go_round_are_no_gap() {
    let mut talk = Talk::begin([u32::MAX - 300, u32::MAX - 20]);
    talk.say(Forward, &init_req());
    talk.say(Back, &init_res());
    for id in 2..30 {
        talk.frames(Forward, &request(id, "echo", &[1; 50], 100));
        talk.frames(Back, &answer(id, 0, &[1; 50], 100));
    }
    let (good, others) = ids(&talk);
    assert_eq!((good.len(), others.len()), (58, 0));
}

#[test]
fn a_port_that_is_used_again_is_another_connection() {
    let mut talk = talk();
    let mut later = Talk::begin([70_000, 80_000]);
    later.say(Forward, &init_req());
    talk.segments.extend(later.segments);
    let records = decode(&talk.file());
    let connections: Vec<u32> = frames(&records).iter().map(|frame| frame.place.connection.number).collect();
    assert_eq!((connections.len(), connections[7], connections[8]), (9, 1, 2));
}

#[test]
fn a_port_that_is_used_again_unseen_is_joined_midway() {
    let mut talk = talk();
    let told = frames(&decode(&talk.file())).len();
    // Sent again when all has ended: this is nothing new.
    let again = talk.segments[3].clone();
    talk.segments.push(again);
    let mut later = Talk::begin([1 << 30, 1 << 29]);
    later.frames(Forward, &request(2, "echo", b"", 1));
    later.frames(Back, &answer(2, 0, b"ok", 9));
    talk.segments.extend(later.segments.drain(3..));
    let records = decode(&talk.file());
    let connections: Vec<u32> =
        frames(&records).iter().skip(told).map(|frame| frame.place.connection.number).collect();
    assert_eq!((connections, calls(&records).len()), (vec![2, 2], 4));
}

#[test]
fn a_reset_ends_what_is_open() {
    let mut talk = Talk::begin([1, 1]);
    talk.say(Forward, &init_req());
    talk.frames(Forward, &request(2, "echo", b"", 1));
    talk.segment(Back, RST, &[]);
    // Comes late, and belongs to nothing.
    talk.say(Forward, &ping(3));
    let records = decode(&talk.file());
    let [call] = calls(&records)[..] else { panic!("one call") };
    assert_eq!(format!("{:?}", call.outcome), "Unanswered(Ended(Reset))");
    assert_eq!(frames(&records).len(), 2);
}

#[test]
fn a_reset_gives_what_was_held_of_the_other_direction_first() {
    let mut talk = Talk::begin([1, 1]);
    talk.say(Forward, &init_req());
    talk.say(Back, &init_res());
    talk.say(Forward, &ping(2));
    talk.segments.pop();
    // It waits for the ping that its sender has seen, and the capture has not.
    talk.frames(Back, &answer(9, 0, b"held", 9));
    talk.segment(Forward, RST, &[]);
    let (good, others) = ids(&talk);
    assert_eq!((good, others), (vec![1, 1, 9], vec!["Gap { missing: 16, torn: None }".to_owned()]));
}

#[test]
fn a_reset_behind_a_hole_ends_the_calls_of_a_connection_that_the_other_side_has_ended() {
    let mut talk = Talk::begin([1, 1]);
    talk.frames(Forward, &request(2, "echo", b"x", 10));
    talk.segment(Forward, FIN, &[]);
    let bytes = answer(2, 0, &[7; 3_000], 5_000).remove(0);
    talk.say(Back, &bytes[..1_000]);
    let lost = talk.segments.len();
    talk.say(Back, &bytes[1_000..2_000]);
    talk.say(Back, &bytes[2_000..2_500]);
    // As it answers who has not got the middle either.
    talk.segment(Back, RST, &[]);
    let seq = talk.segments.remove(lost).seq;
    talk.segments.last_mut().expect("the reset").seq = seq;
    let records = decode(&talk.file());
    let [call] = calls(&records)[..] else { panic!("one call") };
    assert!(matches!(&call.outcome, Outcome::Unanswered(_)), "{call:?}");
    assert!(others(&records)[0].starts_with("Gap { missing: 1000"), "{records:?}");
}

#[test]
fn other_protocols_are_left_out_unless_the_port_is_named() {
    let mut talk = Talk::begin([1, 1]);
    talk.say(Forward, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    talk.say(Back, b"HTTP/1.1 200 OK\r\n\r\n");
    talk.end();
    assert_eq!(decode(&talk.file()), []);
    let mut limits = Limits::default();
    limits.ports = vec![99];
    assert!(others(&decode_with(limits.clone(), &talk.file()))[0].starts_with("Broken"));
    limits.ports = vec![98];
    assert_eq!(decode_with(limits, &talk.file()), []);
}

#[test]
fn another_protocol_in_answer_to_tchannel_is_told() {
    let mut talk = Talk::begin([1, 1]);
    talk.say(Forward, &init_req());
    talk.say(Back, b"HTTP/1.1 400 Bad Request\r\n\r\n");
    let (good, others) = ids(&talk);
    assert_eq!((good, others), (vec![1], vec![r#"Foreign { bytes: b"HTTP/1.1 400 Bad" }"#.to_owned()]));
}

#[test]
fn a_stream_that_ends_within_a_frame_is_at_fault_and_a_capture_that_does_is_not() {
    let mut talk = Talk::begin([1, 1]);
    talk.say(Forward, &init_req()[..20]);
    let mut decoder = tchannel_capture::Decoder::capture(Limits::default());
    decoder.push(&talk.file());
    decoder.finish();
    let records: Vec<_> = std::iter::from_fn(|| decoder.poll()).collect();
    assert!(others(&records)[0].contains("end: Unseen") && decoder.counters().faults == 0, "{records:?}");
    talk.end();
    let mut decoder = tchannel_capture::Decoder::capture(Limits::default());
    decoder.push(&talk.file());
    let records: Vec<_> = std::iter::from_fn(|| decoder.poll()).collect();
    assert!(others(&records)[0].contains("end: Finished") && decoder.counters().faults == 1, "{records:?}");
}
