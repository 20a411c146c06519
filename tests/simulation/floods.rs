//! Peers that send more than is good: what is kept stays bounded, and others are still served.

use std::num::NonZeroUsize;
use std::time::Duration;

use tchannel_proto::wire::{ErrorCode, Message};
use tchannel_proto::{Args, CloseReason, Config, Event};
use tchannel_tests::frames;
use tchannel_tests::solo::{Solo, frame};

fn closed(events: &[Event]) -> Option<&CloseReason> {
    events.iter().find_map(|event| match event {
        Event::Closed(reason) => Some(reason),
        _ => None,
    })
}

/// A new connection with the same limits serves a call.
fn serves_a_fresh_call() {
    let mut solo = Solo::served(Config::default(), "go");
    solo.say(2, &frames::call_req(1_000, false, &[b"echo", b"head", b"body"]));
    answers(&mut solo, 2);
}

/// The request that has just come is answered.
fn answers(solo: &mut Solo, id: u32) {
    let events = solo.events();
    let request = events.iter().find_map(|event| match event {
        Event::Request { call, args: Some(args), .. } if call.id() == id => Some((*call, args.clone())),
        _ => None,
    });
    let (call, args) = request.unwrap_or_else(|| panic!("no whole request {id} in {events:?}"));
    let response = tchannel_proto::Response { code: tchannel_proto::wire::ResponseCode::OK, args };
    assert_eq!(solo.machine.respond(solo.now, call, response), Ok(()));
    let sent = solo.sent();
    assert!(sent.iter().any(|(to, message)| *to == id && matches!(message, Message::CallRes(_))), "{sent:?}");
}

fn errors(sent: &[(u32, Message)], code: ErrorCode) -> usize {
    sent.iter().filter(|(_, message)| matches!(message, Message::Error(error) if error.code == code)).count()
}

#[test]
fn a_hundred_thousand_opens_and_cancels_end_in_a_fatal_error_and_nothing_is_kept() {
    let mut solo = Solo::served(Config::default(), "go");
    let (call, cancel) = (frames::call_req(60_000, false, &[b"e", b"", b""]), frames::cancel());
    let mut end = None;
    for id in 1..=100_000 {
        solo.say(id, &call);
        solo.say(id, &cancel);
        let events = solo.events();
        assert!(solo.machine.machine().live().1 <= 4_096);
        if let Some(reason) = closed(&events) {
            end = Some((id, reason.clone()));
            break;
        }
        // The peer reads nothing: what is owed to it is only taken now and then.
        if id.is_multiple_of(500) {
            solo.sent();
        }
    }
    let (id, reason) = end.expect("patience has an end");
    assert_eq!(reason, CloseReason::TooManyUselessFrames);
    assert!(id < 5_000, "{id}");
    assert_eq!(solo.machine.machine().live(), (0, 0));
    serves_a_fresh_call();
}

#[test]
fn opens_and_cancels_of_an_honest_peer_are_served_for_ever() {
    let mut solo = Solo::served(Config::default(), "go");
    let (call, cancel) = (frames::call_req(60_000, false, &[b"e", b"", b""]), frames::cancel());
    for id in 1..=20_000 {
        solo.say(id, &call);
        solo.say(id, &cancel);
        assert_eq!(closed(&solo.events()), None, "at call {id}");
        assert_eq!(errors(&solo.sent(), ErrorCode::Cancelled), 1);
        // 50 in a second: a busy caller that gives up on every call.
        solo.advance(Duration::from_millis(20));
    }
    assert_eq!(solo.machine.machine().live(), (0, 0));
}

#[test]
fn unfinished_calls_past_the_limit_are_answered_busy_and_the_rest_expire() {
    let mut solo = Solo::served(Config::default(), "go");
    let unfinished = frames::call_req(u32::MAX, true, &[b"slow", b"half"]);
    for id in 1..=5_000 {
        solo.say(id, &unfinished);
        solo.events();
    }
    assert_eq!(solo.machine.machine().live().1, 4_096);
    assert_eq!(errors(&solo.sent(), ErrorCode::Busy), 5_000 - 4_096);
    // Nobody reads them in parts, so silence ends them.
    let events = solo.advance(Duration::from_secs(31));
    let abandoned = events.iter().filter(|event| matches!(event, Event::Abandoned { .. })).count();
    assert_eq!(abandoned, 4_096);
    assert_eq!(errors(&solo.sent(), ErrorCode::Timeout), 4_096);
    assert_eq!((solo.machine.machine().live(), solo.machine.machine().held()), ((0, 0), 0));
    solo.say(6_000, &frames::call_req(1_000, false, &[b"echo", b"", b"again"]));
    answers(&mut solo, 6_000);
}

#[test]
fn pings_while_nothing_can_be_written_fill_sixteen_slots_and_then_cost_patience() {
    let mut solo = Solo::served(Config::default(), "go");
    for id in 0..200 {
        solo.say(id, &Message::PingReq);
    }
    let sent = solo.sent();
    assert_eq!(sent.len(), 16);
    assert!(sent.iter().all(|(_, message)| *message == Message::PingRes));
    let mut flood = Vec::new();
    for id in 0..2_000 {
        flood.extend_from_slice(&frame(id, &Message::PingReq));
    }
    solo.feed(&flood);
    assert_eq!(closed(&solo.events()), Some(&CloseReason::TooManyUselessFrames));
    serves_a_fresh_call();
}

#[test]
fn continuations_without_a_byte_cost_patience() {
    let mut solo = Solo::served(Config::default(), "go");
    solo.say(1, &frames::call_req(60_000, true, &[b"e", b""]));
    let empty = frame(1, &frames::call_req_continue(true, &[b""]));
    for _ in 0..2_000 {
        solo.feed(&empty);
    }
    assert_eq!(closed(&solo.events()), Some(&CloseReason::TooManyUselessFrames));
}

#[test]
fn a_message_in_one_byte_frames_costs_no_more_than_its_bytes() {
    const FRAMES: usize = 20_000;
    let mut solo = Solo::served(Config::default(), "go");
    solo.say(1, &frames::call_req(60_000, true, &[b"e", b"", b""]));
    let events = solo.events();
    let Some(Event::Request { call, args: None, .. }) = events.first() else { panic!("{events:?}") };
    solo.machine.collect(*call).expect("it is live");
    let one = frame(1, &frames::call_req_continue(true, &[b"x"]));
    for _ in 0..FRAMES {
        solo.feed(&one);
    }
    // They are joined as they come: one part, behind the empty one that began arg3.
    assert_eq!(solo.machine.machine().held(), FRAMES + 2 * 64);
    solo.say(1, &frames::call_req_continue(false, &[b"."]));
    let events = solo.events();
    let Some(Event::Whole { args, .. }) = events.first() else { panic!("{events:?}") };
    assert_eq!(args.len(), FRAMES + 1);
    assert_eq!(solo.machine.machine().held(), 0);
}

#[test]
fn one_byte_frames_that_nobody_reads_shut_the_gate_and_then_fail() {
    const HIGH: usize = 10_000;
    let mut config = Config::default();
    config.unread_high = NonZeroUsize::new(HIGH).expect("it is not 0");
    let mut solo = Solo::served(config, "go");
    solo.say(1, &frames::call_req(60_000, true, &[b"e", b"", b""]));
    let one = frame(1, &frames::call_req_continue(true, &[b"x"]));
    while solo.machine.machine().wants_input() > 0 {
        solo.feed(&one);
        assert!(solo.machine.machine().held() < 2 * HIGH, "the gate never shuts");
    }
    let events = solo.advance(Duration::from_secs(1));
    assert!(
        events.iter().any(|event| matches!(event, Event::Abandoned { code: ErrorCode::Busy, .. })),
        "{events:?}"
    );
    assert!(solo.machine.machine().wants_input() > 0);
    assert_eq!(solo.machine.machine().held(), 0);
    assert_eq!(errors(&solo.sent(), ErrorCode::Busy), 1);
    solo.say(2, &frames::call_req(1_000, false, &[b"echo", b"", b"again"]));
    answers(&mut solo, 2);
}

#[test]
fn requests_with_every_header_at_its_limit_are_served() {
    let mut solo = Solo::served(Config::default(), "go");
    let value = "v".repeat(255);
    let keys: Vec<String> = (0..128).map(|n| format!("k{n:014}")).collect();
    let headers: Vec<(&str, &str)> = keys.iter().map(|key| (key.as_str(), value.as_str())).collect();
    let call = frames::call_req_with(&headers, 60_000, false, &[&[b'e'; 16_384], b"", b""]);
    for id in 1..=600 {
        solo.say(id, &call);
        answers(&mut solo, id);
    }
    assert_eq!(solo.machine.machine().live(), (0, 0));
}

#[test]
fn events_that_nobody_takes_shut_the_gate() {
    let mut solo = Solo::served(Config::default(), "go");
    let mut flood = Vec::new();
    for id in 1..=3_000 {
        flood.extend_from_slice(&frame(id, &frames::call_req(60_000, false, &[b"e", b"", b"x"])));
    }
    solo.feed(&flood);
    let machine = solo.machine.machine();
    assert_eq!(machine.wants_input(), 0);
    assert!(machine.live().1 <= 1_025, "{:?}", machine.live());
    let events = solo.events();
    assert_eq!(events.iter().filter(|event| matches!(event, Event::Request { .. })).count(), 3_000);
}

#[test]
fn a_flood_of_responses_to_nobody_ends_in_a_fatal_error() {
    let mut solo = Solo::served(Config::default(), "go");
    let late = frame(9, &frames::call_res(false, &[b"", b"", b"x"]));
    for _ in 0..2_000 {
        solo.feed(&late);
    }
    assert_eq!(closed(&solo.events()), Some(&CloseReason::TooManyUselessFrames));
}

#[test]
fn a_call_that_grows_past_what_may_be_held_fails_alone() {
    let mut config = Config::default();
    config.max_held = 1_000_000.try_into().expect("not zero");
    let mut solo = Solo::served(config, "go");
    let part = vec![7_u8; 60_000];
    for id in [1, 2] {
        solo.say(id, &frames::call_req(60_000, true, &[b"e", b"", b"x"]));
        let events = solo.events();
        let Some(Event::Request { call, .. }) = events.first() else { panic!("{events:?}") };
        solo.machine.collect(*call).expect("it is live");
    }
    let more = frame(1, &frames::call_req_continue(true, &[&part]));
    let failed = (0..20).find(|_| {
        solo.feed(&more);
        solo.events().iter().any(|event| matches!(event, Event::Abandoned { code: ErrorCode::Busy, .. }))
    });
    assert!(failed.is_some(), "the limit is never met");
    solo.say(2, &frames::call_req_continue(false, &[b"y"]));
    let events = solo.events();
    let whole = events.iter().find_map(|event| match event {
        Event::Whole { args, .. } => Some(args.clone()),
        _ => None,
    });
    assert_eq!(whole.as_ref().map(Args::len), Some(2), "{events:?}");
}
