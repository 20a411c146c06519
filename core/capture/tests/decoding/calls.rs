use tchannel_capture::wire::{ErrorCode, Field, Message, Problem};
use tchannel_capture::{End, Outcome, Unanswered};

use super::kit::*;

fn shaken() -> Talk {
    let mut talk = Talk::begin([100, 900]);
    talk.say(Forward, &init_req());
    talk.say(Back, &init_res());
    talk
}

#[test]
fn a_call_is_paired_with_its_answer_and_its_latency() {
    let mut talk = shaken();
    talk.frames(Forward, &request(7, "echo", b"hello", 100));
    talk.segment(Back, ACK, &[]);
    talk.frames(Back, &answer(7, 0, b"world", 100));
    talk.end();
    let records = decode(&talk.file());
    assert_eq!(others(&records), [""; 0]);
    let seen = frames(&records);
    assert_eq!(seen.iter().map(|frame| frame.header.id).collect::<Vec<_>>(), [1, 1, 7, 7]);
    assert!(seen.iter().all(|frame| frame.is_good()));
    assert_eq!((seen[1].latency, seen[3].latency), (Some(millis(1)), Some(millis(2))));
    let named = seen[3].call.as_ref().expect("the answer's call");
    assert_eq!((named.number, named.arg1.as_deref()), (1, Some(&b"echo"[..])));
    assert_eq!(named.route.as_ref().map(tchannel_capture::wire::Route::service), Some("svc"));
    let [call] = calls(&records)[..] else { panic!("one call") };
    assert_eq!((call.id, call.latency, call.direction), (7, Some(millis(2)), Forward));
    let asked = call.request.as_ref().expect("it was seen");
    assert_eq!(
        (asked.ttl, &asked.args.args[2].bytes[..], asked.args.is_whole()),
        (1_000, &b"hello"[..], true)
    );
    let Outcome::Answered(answer) = &call.outcome else { panic!("{:?}", call.outcome) };
    assert_eq!(
        (answer.code.0, &answer.args.args[2].bytes[..], answer.args.is_whole()),
        (0, &b"world"[..], true)
    );
}

#[test]
fn fragments_are_joined_and_their_checksums_run_on() {
    let arg3: Vec<u8> = (0..=255).cycle().take(10_000).collect();
    let mut talk = shaken();
    talk.frames(Forward, &request(2, "echo", &arg3, 999));
    talk.frames(Back, &answer(2, 1, &arg3, 70));
    let records = decode(&talk.file());
    let [call] = calls(&records)[..] else { panic!("one call") };
    let asked = &call.request.as_ref().expect("it was seen").args;
    let Outcome::Answered(answer) = &call.outcome else { panic!("{:?}", call.outcome) };
    assert_eq!((asked.frames, asked.args[2].bytes.as_ref()), (11, &arg3[..]));
    assert_eq!((answer.args.frames, answer.args.args[2].bytes.as_ref()), (143, &arg3[..]));
    assert!(
        asked.is_whole() && answer.args.is_whole() && frames(&records).iter().all(|frame| frame.is_good())
    );
}

#[test]
fn a_wrong_checksum_is_told_once_in_the_middle_of_a_message() {
    let mut fragments = request(2, "echo", &[7; 500], 100);
    *fragments[2].last_mut().expect("a byte") ^= 1;
    let mut talk = shaken();
    talk.frames(Forward, &fragments);
    talk.frames(Back, &answer(2, 0, b"", 1));
    let records = decode(&talk.file());
    let faulty: Vec<_> = frames(&records).into_iter().filter(|frame| !frame.is_good()).collect();
    let [frame] = faulty[..] else { panic!("{} frames", faulty.len()) };
    let fault = frame.fault.expect("a fault");
    assert!(matches!((fault.field, fault.problem), (Field::Checksum, Problem::Mismatch { kind: 3, .. })));
    assert_eq!(calls(&records)[0].fault(), Some(fault));
}

#[test]
fn each_way_to_end_a_call_is_told() {
    let mut talk = shaken();
    for id in 2..=6 {
        talk.frames(Forward, &request(id, "echo", b"", 1));
    }
    talk.say(Back, &error(2, ErrorCode::Busy, "too busy"));
    talk.say(Forward, &cancel(3));
    talk.frames(Back, &answer(4, 0, b"", 1));
    talk.frames(Forward, &request(5, "other", b"", 1));
    talk.say(Back, &answer(6, 0, &[1; 90], 30)[0]);
    talk.end();
    let records = decode(&talk.file());
    let ended: Vec<_> = calls(&records)
        .iter()
        .map(|call| match &call.outcome {
            Outcome::Answered(answer) => (call.id, format!("{} {}", answer.code.0, answer.args.ended)),
            Outcome::Failed { code, message } => (call.id, format!("{code} {message:?}")),
            Outcome::Cancelled { why } => (call.id, format!("cancelled {why:?}")),
            Outcome::Unanswered(why) => (call.id, format!("{why:?}")),
        })
        .collect();
    let expected = [
        (2, r#"busy b"too busy""#.to_owned()),
        (3, r#"cancelled b"enough""#.to_owned()),
        (4, "0 true".to_owned()),
        (5, format!("{:?}", Unanswered::Replaced)),
        (6, "0 false".to_owned()),
        (5, format!("{:?}", Unanswered::Ended(End::Finished))),
    ];
    assert_eq!(ended, expected);
}

#[test]
fn an_answer_after_a_cancel_is_late_and_still_named() {
    let mut talk = shaken();
    talk.frames(Forward, &request(2, "slow", b"", 1));
    talk.say(Forward, &cancel(2));
    talk.frames(Back, &answer(2, 0, b"done", 9));
    let records = decode(&talk.file());
    let seen = frames(&records);
    let named = seen.last().and_then(|frame| frame.call.clone()).expect("the call");
    assert_eq!((named.late, named.arg1.as_deref()), (true, Some(&b"slow"[..])));
    assert_eq!(calls(&records).len(), 1);
}

#[test]
fn both_sides_may_call_with_the_same_ids() {
    let mut talk = shaken();
    talk.frames(Forward, &request(2, "there", b"", 1));
    talk.frames(Back, &request(2, "back", b"", 1));
    talk.frames(Forward, &answer(2, 1, b"", 1));
    talk.frames(Back, &answer(2, 0, b"", 1));
    let records = decode(&talk.file());
    let seen: Vec<_> = calls(&records)
        .iter()
        .map(|call| {
            let Outcome::Answered(answer) = &call.outcome else { panic!("{:?}", call.outcome) };
            let asked = call.request.as_ref().expect("it was seen");
            (call.direction, asked.args.args[0].bytes.clone(), answer.code.0)
        })
        .collect();
    assert_eq!(seen, [(Back, "back".into(), 1), (Forward, "there".into(), 0)]);
}

#[test]
fn a_request_that_cannot_be_read_is_paired_with_the_error_about_it() {
    let mut bad = request(2, "echo", b"", 1).remove(0);
    // More bytes of service than there are.
    bad[46] = 200;
    let mut talk = shaken();
    talk.say(Forward, &bad);
    talk.say(Back, &error(2, ErrorCode::BadRequest, "no"));
    let records = decode(&talk.file());
    let seen = frames(&records);
    assert!(matches!(seen[2].message, Err(fault) if fault.field == Field::Service));
    assert_eq!((seen[2].call.as_ref().map(|call| call.number), seen[3].latency), (Some(1), Some(millis(1))));
    let [call] = calls(&records)[..] else { panic!("one call") };
    assert!(
        call.request.is_none() && matches!(call.outcome, Outcome::Failed { code: ErrorCode::BadRequest, .. })
    );
}

#[test]
fn pings_and_unknown_types_are_told() {
    let mut talk = shaken();
    talk.say(Forward, &ping(9));
    talk.say(Back, &frame(9, &Message::PingRes));
    talk.say(Back, b"\0\x12\x77\0\0\0\0\x05\0\0\0\0\0\0\0\0hi");
    talk.say(Back, &ping(10));
    let records = decode(&talk.file());
    let seen = frames(&records);
    assert_eq!(
        (seen[3].latency, seen[4].message.clone(), seen[5].header.id),
        (Some(millis(1)), Ok(None), 10)
    );
    assert_eq!(seen.iter().filter(|frame| !frame.is_good()).count(), 1);
}

#[test]
fn a_part_that_cannot_be_read_leaves_the_checksum_of_the_next_one_open() {
    for asks in [true, false] {
        let mut talk = Talk::begin([1, 1]);
        let mut parts =
            if asks { request(2, "echo", &[9; 3_000], 1_000) } else { answer(2, 0, &[9; 3_000], 1_000) };
        // The type of its checksum.
        parts[1][17] = 0x77;
        if asks {
            talk.frames(Forward, &parts);
            talk.frames(Back, &answer(2, 0, b"ok", 9));
        } else {
            talk.frames(Forward, &request(2, "echo", b"", 9));
            talk.frames(Back, &parts);
        }
        let records = decode(&talk.file());
        let bad: Vec<_> = frames(&records).into_iter().filter(|frame| !frame.is_good()).collect();
        let [bad] = bad[..] else { panic!("one frame: {bad:?}") };
        assert_eq!(bad.call.as_ref().map(|call| call.number), Some(1));
        let [call] = calls(&records)[..] else { panic!("one call") };
        assert_eq!(call.fault(), bad.message.clone().err());
        let Outcome::Answered(answer) = &call.outcome else { panic!("{call:?}") };
        let args = if asks { &call.request.as_ref().expect("it was seen").args } else { &answer.args };
        assert_eq!((args.torn, args.ended, args.frames, args.args[2].len), (true, true, 3, 2_000));
    }
}

#[test]
fn a_header_that_leads_nowhere_leaves_the_checksum_of_the_next_part_open() {
    let mut parts = request(2, "echo", &[9; 3_000], 1_000);
    parts[1][..2].copy_from_slice(&[0, 1]);
    let mut talk = Talk::begin([1, 1]);
    talk.say(Forward, &init_req());
    talk.frames(Forward, &parts);
    let records = decode(&talk.file());
    assert!(others(&records)[0].starts_with("Broken"), "{records:?}");
    assert_eq!(frames(&records).iter().map(|frame| frame.is_good()).collect::<Vec<_>>(), [true; 3]);
}
