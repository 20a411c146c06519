//! Each limit of the configuration, met on purpose: it reaches the machine, and what happens past it is what the page says.

use std::num::{NonZeroU32, NonZeroUsize};
use std::time::Duration;

use bytes::Bytes;
use tchannel_proto::wire::{ErrorCode, Message, ResponseCode, Route};
use tchannel_proto::{
    Args, CloseReason, Config, Event, Incoming, OpenError, Outgoing, Request, RequestHead, Response,
    Timestamp, WriteError,
};
use tchannel_tests::frames;
use tchannel_tests::pair::Pair;
use tchannel_tests::solo::{Solo, frame};

fn config(change: impl FnOnce(&mut Config)) -> Config {
    let mut config = Config::default();
    change(&mut config);
    config
}

fn size(bytes: usize) -> NonZeroUsize {
    NonZeroUsize::new(bytes).expect("not zero")
}

fn count(number: u32) -> NonZeroU32 {
    NonZeroU32::new(number).expect("not zero")
}

fn head(now: Timestamp) -> RequestHead {
    let route = Route::encode("service", [("cn", "caller"), ("as", "raw")]).expect("short headers");
    RequestHead::new(route, "limit", now + Duration::from_secs(60))
}

fn request(now: Timestamp, len: usize) -> Request {
    Request { head: head(now), args: Args::new(Bytes::new(), vec![1; len]) }
}

fn response(len: usize) -> Response {
    Response { code: ResponseCode::OK, args: Args::new(Bytes::new(), vec![2; len]) }
}

fn call(solo: &mut Solo, len: usize) -> Result<Outgoing, OpenError> {
    solo.machine.call(solo.now, request(solo.now, len))
}

/// The handle of the first request among the events.
fn requested(events: &[Event]) -> Incoming {
    let request = events.iter().find_map(|event| match event {
        Event::Request { call, .. } => Some(*call),
        _ => None,
    });
    request.unwrap_or_else(|| panic!("no request in {events:?}"))
}

fn failed(events: &[Event]) -> Option<ErrorCode> {
    events.iter().find_map(|event| match event {
        Event::Failed { error, .. } => Some(error.code),
        _ => None,
    })
}

#[test]
fn own_calls_past_max_outgoing_calls_are_refused() {
    let mut solo = Solo::served(config(|config| config.max_outgoing_calls = count(2)), "go");
    assert!(call(&mut solo, 0).is_ok() && call(&mut solo, 0).is_ok());
    assert_eq!(call(&mut solo, 0), Err(OpenError::Full { what: "max_outgoing_calls", limit: 2 }));
}

#[test]
fn messages_past_max_message_are_refused_in_every_direction() {
    let limited = || config(|config| config.max_message = size(1_000));
    let mut solo = Solo::served(limited(), "go");
    assert!(matches!(call(&mut solo, 1_001), Err(OpenError::TooLarge { limit: 1_000, .. })));
    solo.say(1, &frames::call_req(1_000, false, &[b"e", b"", &[7; 1_001]]));
    assert!(solo.events().is_empty());
    assert!(matches!(&solo.sent()[..], [(1, Message::Error(error))] if error.code == ErrorCode::BadRequest));
    // A response to a call of ours.
    call(&mut solo, 1).expect("there is room");
    solo.sent();
    solo.say(1, &frames::call_res(false, &[b"", b"", &[7; 1_001]]));
    assert_eq!(failed(&solo.events()), Some(ErrorCode::BadRequest));
    // An answer of ours.
    solo.say(2, &frames::call_req(1_000, false, &[b"e", b"", b""]));
    let asked = requested(&solo.events());
    assert!(solo.machine.respond(solo.now, asked, response(1_001)).is_ok());
    assert!(matches!(&solo.sent()[..], [(2, Message::Error(_))]));
}

#[test]
fn unread_bytes_of_many_calls_shut_the_gate_together() {
    let mut solo = Solo::served(config(|config| config.unread_high_total = size(10_000)), "go");
    for id in 1..=3 {
        assert!(solo.machine.machine().wants_input() > 0, "before call {id}");
        solo.say(id, &frames::call_req(60_000, true, &[b"e", b"", &[7; 4_000]]));
        let asked = requested(&solo.events());
        while let Ok(tchannel_proto::Read::Part { .. }) = solo.machine.read(solo.now, asked) {}
        solo.say(id, &frames::call_req_continue(true, &[&[7; 4_000]]));
    }
    assert_eq!(solo.machine.machine().wants_input(), 0);
}

#[test]
fn a_streamed_call_past_unsent_high_is_blocked_until_half_of_it_is_sent() {
    let mut solo = Solo::served(config(|config| config.unsent_high = size(1_000)), "go");
    let call = solo.machine.open(solo.now, head(solo.now)).expect("there is room");
    let piece = Bytes::from(vec![1; 600]);
    assert_eq!(solo.machine.write(call, piece.clone()), Ok(()));
    assert_eq!(solo.machine.write(call, piece.clone()), Ok(()));
    assert_eq!(solo.machine.write(call, piece.clone()), Err(WriteError::Blocked(piece.clone())));
    assert_eq!(solo.machine.machine().unsent(), 1_200);
    assert!(solo.events().is_empty());
    solo.sent();
    assert!(matches!(solo.events()[..], [Event::Writable(_)]));
    assert_eq!(solo.machine.write(call, piece), Ok(()));
}

#[test]
fn no_sending_api_passes_max_unsent() {
    const LIMIT: usize = 100_000;
    let mut solo = Solo::served(config(|config| config.max_unsent = size(LIMIT)), "go");
    solo.say(1, &frames::call_req(60_000, false, &[b"e", b"", b""]));
    let asked = requested(&solo.events());
    let stream = solo.machine.open(solo.now, head(solo.now)).expect("there is room");
    while call(&mut solo, 9_000).is_ok() {}
    let full = OpenError::Full { what: "max_unsent", limit: LIMIT };
    assert_eq!(call(&mut solo, 9_000), Err(full));
    let piece = Bytes::from(vec![1; 9_000]);
    assert!(matches!(solo.machine.write(stream, piece), Err(WriteError::Blocked(_))));
    assert!(solo.machine.respond(solo.now, asked, response(9_000)).is_ok());
    assert!(solo.machine.machine().unsent() <= LIMIT);
    let sent = solo.sent();
    let busy = sent.iter().any(|(id, message)| {
        *id == 1 && matches!(message, Message::Error(error) if error.code == ErrorCode::Busy)
    });
    assert!(busy, "{sent:?}");
    assert!(solo.events().iter().any(|event| matches!(event, Event::Writable(_))));
}

#[test]
fn a_peer_that_takes_no_bytes_is_given_up_after_write_stall_timeout() {
    let limit = Duration::from_secs(7);
    let mut solo = Solo::served(config(|config| config.write_stall_timeout = Some(limit)), "go");
    solo.say(1, &Message::PingReq);
    assert!(solo.advance(Duration::from_millis(6_999)).is_empty());
    let events = solo.advance(Duration::from_millis(1));
    assert!(matches!(events[..], [Event::Closed(CloseReason::Stalled)]), "{events:?}");
}

#[test]
fn a_ttl_past_max_ttl_is_clamped() {
    let mut solo = Solo::served(config(|config| config.max_ttl = Duration::from_secs(9)), "go");
    solo.say(1, &frames::call_req(u32::MAX, false, &[b"e", b"", b""]));
    let asked = requested(&solo.events());
    assert_eq!(solo.machine.machine().remaining(solo.now, asked), Some(Duration::from_secs(9)));
}

#[test]
fn silence_in_a_request_that_is_collected_ends_it_after_assembly_timeout() {
    let mut solo = Solo::served(config(|config| config.assembly_timeout = Duration::from_secs(2)), "go");
    solo.say(1, &frames::call_req(60_000, true, &[b"e", b"", b"x"]));
    let asked = requested(&solo.events());
    solo.machine.collect(asked).expect("it is live");
    assert!(solo.advance(Duration::from_millis(1_999)).is_empty());
    let events = solo.advance(Duration::from_millis(1));
    assert!(matches!(events[..], [Event::Abandoned { code: ErrorCode::Timeout, .. }]), "{events:?}");
}

#[test]
fn silence_in_a_stream_ends_it_after_stream_idle_timeout_on_both_sides() {
    let idle = || config(|config| config.stream_idle_timeout = Some(Duration::from_secs(3)));
    let mut pair = Pair::new(idle(), idle());
    let call = pair.a.machine.open(pair.now, head(pair.now)).expect("there is room");
    pair.drive();
    let asked = requested(&pair.b.take_events());
    pair.b.machine.reply(pair.now, asked, ResponseCode::OK).expect("it is live");
    pair.drive();
    for _ in 0..5 {
        pair.advance(Duration::from_millis(2_900));
        pair.a.machine.write(call, Bytes::from_static(b"still here")).expect("it is open");
        pair.b.machine.write(asked, Bytes::from_static(b"so am I")).expect("it is open");
        pair.drive();
    }
    assert_eq!(failed(&pair.a.take_events()), None);
    pair.advance(Duration::from_secs(3));
    assert!(failed(&pair.a.take_events()).is_some());
    assert_eq!((pair.a.machine.machine().live(), pair.b.machine.machine().live()), ((0, 0), (0, 0)));
}

#[test]
fn two_timeouts_in_silence_further_apart_than_stale_after_close_the_connection() {
    let mut solo = Solo::served(config(|config| config.stale_after = Some(Duration::from_secs(4))), "go");
    let mut reasons = Vec::new();
    for seconds in [1, 4, 6] {
        let mut request = request(solo.now, 0);
        request.head.deadline = solo.now + Duration::from_secs(seconds);
        solo.machine.call(solo.now, request).expect("there is room");
    }
    solo.sent();
    for event in solo.advance(Duration::from_secs(10)) {
        match event {
            Event::Failed { error, .. } => assert_eq!(error.code, ErrorCode::Timeout),
            Event::Closed(reason) => reasons.push((solo.now, reason)),
            other => panic!("{other:?}"),
        }
    }
    // The timeouts at 1 s and 4 s are close enough, the one at 6 s is not.
    assert!(matches!(reasons[..], [(_, CloseReason::Stale)]), "{reasons:?}");
}

#[test]
fn frames_are_no_larger_than_frame_size_and_transmits_no_larger_than_max_transmit() {
    let small = config(|config| {
        config.frame_size = 500;
        config.max_transmit = size(2_000);
    });
    let mut solo = Solo::served(small, "go");
    call(&mut solo, 50_000).expect("there is room");
    let mut transmits = 0;
    while let Some(transmit) = solo.machine.transmit(solo.now) {
        assert!(bytes::Buf::remaining(&transmit) <= 2_500);
        transmits += 1;
    }
    assert!(transmits >= 20, "{transmits}");
}

#[test]
fn a_frame_that_serves_no_call_is_paid_for_out_of_patience_and_time_gives_it_back() {
    let few = config(|config| {
        config.patience = count(10);
        config.patience_per_second = 2;
    });
    let mut solo = Solo::served(few, "go");
    let late = frame(9, &frames::call_res(false, &[b"", b"", b"x"]));
    for _ in 0..10 {
        solo.feed(&late);
    }
    solo.advance(Duration::from_secs(2));
    for _ in 0..4 {
        solo.feed(&late);
    }
    assert!(solo.events().is_empty());
    solo.feed(&late);
    assert!(matches!(solo.events()[..], [Event::Closed(CloseReason::TooManyUselessFrames)]));
}

#[test]
fn the_oldest_tombstone_goes_first_past_max_tombstones() {
    let mut solo = Solo::served(config(|config| config.max_tombstones = count(3)), "go");
    for _ in 0..5 {
        let call = call(&mut solo, 0).expect("there is room");
        solo.sent();
        solo.machine.cancel(solo.now, call, "enough");
        solo.sent();
    }
    assert_eq!(solo.machine.machine().tombstones().0, 3);
}
