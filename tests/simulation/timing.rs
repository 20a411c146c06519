//! Peers that are slow, and clocks that are odd.

use std::time::Duration;

use tchannel_proto::wire::{FrameType, Message, Route};
use tchannel_proto::{Args, CloseReason, Config, Event, Request, RequestHead, Timestamp};
use tchannel_tests::frames;
use tchannel_tests::solo::{Solo, frame, init};

#[test]
fn an_init_of_one_byte_a_second_is_cut_off_at_the_handshake_timeout() {
    let mut solo = Solo::accept(Config::default());
    let mut events = Vec::new();
    for byte in init(FrameType::InitReq, "go") {
        solo.feed(&[byte]);
        events.extend(solo.advance(Duration::from_secs(1)));
    }
    assert!(matches!(events[..], [Event::Closed(CloseReason::HandshakeTimeout)]), "{events:?}");
    assert!(solo.sent().is_empty());
}

#[test]
fn an_init_just_before_the_handshake_timeout_is_accepted() {
    let mut solo = Solo::accept(Config::default());
    assert!(solo.advance(Duration::from_millis(4_500)).is_empty());
    solo.feed(&init(FrameType::InitReq, "go"));
    assert!(matches!(solo.events()[..], [Event::Ready(_)]));
    assert!(solo.advance(Duration::from_secs(10)).is_empty());
}

#[test]
fn a_request_of_one_byte_a_second_is_given_up_by_its_ttl() {
    let mut solo = Solo::served(Config::default(), "go");
    solo.say(1, &frames::call_req(20_000, true, &[b"e", b"", b""]));
    let events = solo.events();
    let Some(Event::Request { call, .. }) = events.first() else { panic!("{events:?}") };
    solo.machine.collect(*call).expect("it is live");
    let mut events = Vec::new();
    for _ in 0..25 {
        solo.say(1, &frames::call_req_continue(true, &[b"x"]));
        events.extend(solo.advance(Duration::from_secs(1)));
    }
    assert!(matches!(events[..], [Event::Abandoned { .. }]), "{events:?}");
    assert!(matches!(solo.sent()[..], [(1, Message::Error(_))]));
    assert_eq!((solo.machine.machine().live(), solo.machine.machine().held()), ((0, 0), 0));
}

#[test]
fn every_ttl_is_survived() {
    for ttl in [0, 1, 2, 1_000, u32::MAX - 1, u32::MAX] {
        let mut solo = Solo::served(Config::default(), "go");
        solo.say(1, &frames::call_req(ttl, false, &[b"e", b"", b""]));
        let events = solo.events();
        assert_eq!(events.len(), usize::from(ttl > 0), "ttl {ttl}: {events:?}");
        let mut sent = solo.sent();
        for _ in 0..61 {
            solo.advance(Duration::from_secs(10));
            sent.extend(solo.sent());
        }
        assert!(matches!(sent[..], [(1, Message::Error(_))]), "ttl {ttl}: {sent:?}");
        assert_eq!(solo.machine.machine().live(), (0, 0));
    }
}

#[test]
fn a_clock_at_either_end_of_time_is_survived() {
    for now in [Timestamp::ZERO, Timestamp::MAX] {
        let mut solo = Solo::served(Config::default(), "go");
        solo.now = now;
        solo.say(1, &frames::call_req(1_000, false, &[b"e", b"", b""]));
        solo.events();
        solo.machine.timeout(solo.now);
        solo.sent();
        solo.now = Timestamp::from_millis(2_000);
        solo.say(2, &frames::call_req(1_000, false, &[b"e", b"", b""]));
        solo.events();
    }
}

#[test]
fn where_the_bytes_are_cut_does_not_decide_when_a_drained_connection_closes() {
    let end = |cut: bool| {
        let mut solo = Solo::served(Config::default(), "go");
        let route = Route::encode("service", [("cn", "caller"), ("as", "raw")]).expect("short headers");
        let head = RequestHead::new(route, &b"last"[..], solo.now + Duration::from_secs(60));
        solo.machine.call(solo.now, Request { head, args: Args::default() }).expect("there is room");
        solo.machine.drain(solo.now, "restart", solo.now + Duration::from_secs(60));
        solo.sent();
        let answer = frame(1, &frames::call_res(false, &[b"", b"", b""]));
        let another = frame(9, &frames::call_req(1_000, false, &[b"e", b"", b""]));
        if cut {
            solo.feed(&answer);
            solo.feed(&another);
        } else {
            solo.feed(&[&answer[..], &another[..]].concat());
        }
        (format!("{:?}", solo.events()), solo.sent())
    };
    assert_eq!(end(false), end(true));
}
