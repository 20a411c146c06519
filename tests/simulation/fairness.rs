//! Large calls beside small ones, and peers that both write before they read.

use std::time::Duration;

use bytes::Bytes;
use tchannel_proto::wire::{ResponseCode, Route};
use tchannel_proto::{
    Args, CallId, Config, Event, Incoming, Outgoing, Request, RequestHead, Response, Timestamp, WriteError,
};
use tchannel_tests::pair::{Pair, Side};
use tchannel_tests::pattern;

const MIB: usize = 1 << 20;

fn head(endpoint: &'static str, deadline: Timestamp) -> RequestHead {
    let route = Route::encode("service", [("cn", "caller"), ("as", "raw")]).expect("short headers");
    RequestHead::new(route, endpoint, deadline)
}

fn request(endpoint: &'static str, now: Timestamp, len: usize) -> Request {
    let arg3 = pattern::pieces(1, 0, len).collect();
    Request { head: head(endpoint, now + Duration::from_secs(600)), args: Args { arg2: Bytes::new(), arg3 } }
}

/// Serves whatever came whole, and collects the rest.
fn serve(side: &mut Side, now: Timestamp) {
    for event in side.take_events() {
        match event {
            Event::Request { call, args: None, .. } => side.machine.collect(call).expect("it is live"),
            Event::Request { call, args: Some(args), .. }
            | Event::Whole { call: CallId::Incoming(call), args } => {
                answer(side, now, call, &args);
            }
            other => side.events.push(other),
        }
    }
}

/// Says how many bytes there were.
fn answer(side: &mut Side, now: Timestamp, call: Incoming, args: &Args) {
    let args = Args::new(Bytes::new(), args.len().to_string());
    side.machine.respond(now, call, Response { code: ResponseCode::OK, args }).expect("it is live");
}

/// The body of the whole response to a call, once it is there.
fn response(side: &Side, wanted: Outgoing) -> Option<String> {
    side.events.iter().find_map(|event| match event {
        Event::Response { call, args: Some(args), .. } if *call == wanted => {
            Some(String::from_utf8_lossy(&args.body()).into_owned())
        }
        _ => None,
    })
}

#[test]
fn sixty_four_mib_both_ways_at_once_complete_over_sockets_of_four_kib() {
    const LEN: usize = 64 * MIB - 100;
    let mut pair = Pair::new(Config::default(), Config::default());
    pair.a.machine.ignore_bytes();
    pair.b.machine.ignore_bytes();
    pair.socket = 4_096;
    let now = pair.now;
    let there = pair.a.machine.call(now, request("upload", now, LEN)).expect("there is room");
    let back = pair.b.machine.call(now, request("upload", now, LEN)).expect("there is room");
    while pair.step() {
        serve(&mut pair.a, now);
        serve(&mut pair.b, now);
    }
    assert_eq!(response(&pair.a, there), Some(LEN.to_string()));
    assert_eq!(response(&pair.b, back), Some(LEN.to_string()));
    for side in [&pair.a, &pair.b] {
        let machine = side.machine.machine();
        assert_eq!((machine.live(), machine.held(), machine.unsent()), ((0, 0), 0, 0));
    }
}

/// Writes until it is told to stop; says how much went in.
fn write_all(side: &mut Side, call: CallId, piece: &Bytes) -> usize {
    let mut written = 0;
    loop {
        match side.machine.write(call, piece.clone()) {
            Ok(()) => written += piece.len(),
            Err(WriteError::Blocked(_)) => return written,
            Err(WriteError::Gone(_)) => panic!("the call is over"),
        }
    }
}

#[test]
fn small_calls_pass_a_large_one_and_a_reader_that_never_reads() {
    const SMALL: usize = 200;
    let mut pair = Pair::new(Config::default(), Config::default());
    pair.socket = 16_384;
    let begun = pair.now;
    let large = pair.a.machine.call(begun, request("upload", begun, 64 * MIB - 100)).expect("there is room");
    let deaf =
        pair.a.machine.open(begun, head("deaf", begun + Duration::from_secs(600))).expect("there is room");
    let piece = pattern::bytes(9, 0, 64 << 10);
    let (mut small, mut done, mut worst, mut lost) = (None, 0, 0, false);
    // A link of 16 KiB each 10 ms; what is served at once is served at once.
    while done < SMALL || response(&pair.a, large).is_none() {
        let now = pair.now;
        if !lost {
            lost = pair
                .a
                .events
                .iter()
                .any(|event| matches!(event, Event::Failed { call, .. } if *call == deaf));
        }
        if !lost {
            write_all(&mut pair.a, deaf.into(), &piece);
        }
        let (call, since) = *small.get_or_insert_with(|| {
            let call = pair.a.machine.call(now, request("small", now, 10)).expect("there is room");
            (call, pair.b.received)
        });
        pair.step();
        serve_but_not(&mut pair.b, now, "deaf");
        if response(&pair.a, call).is_some() {
            // Frames of full size that passed it by.
            worst = worst.max((pair.b.received - since) / 65_535);
            done += 1;
            small = None;
            pair.a
                .events
                .retain(|event| !matches!(event, Event::Response { call: over, .. } if *over == call));
        }
        pair.advance_only(Duration::from_millis(10));
        assert!(pair.now.since(begun) < Duration::from_secs(120), "{done} small calls were answered");
    }
    assert!(lost, "a reader that never reads fails its own call");
    // One Transmit of 16 frames may be on its way already, one more frame of each other call precedes it.
    assert!(worst <= 20, "a small call waited for {worst} frames");
}

fn serve_but_not(side: &mut Side, now: Timestamp, endpoint: &str) {
    side.events.retain(|event| !matches!(event, Event::Request { head, .. } if head.endpoint() == endpoint));
    serve(side, now);
}

#[test]
fn pings_are_answered_within_the_stall_timeout_of_a_reader_that_never_reads() {
    let mut watchful = Config::default();
    watchful.health = Some(tchannel_proto::Health {
        interval: Duration::from_millis(500),
        timeout: Duration::from_millis(1_500),
        failures: 1.try_into().expect("not zero"),
    });
    let mut pair = Pair::new(watchful, Config::default());
    // The first ping is answered, so that silence counts from then on.
    pair.advance(Duration::from_secs(1));
    let until = pair.now + Duration::from_secs(600);
    let piece = pattern::bytes(9, 0, 64 << 10);
    for _ in 0..10 {
        let deaf = pair.a.machine.open(pair.now, head("deaf", until)).expect("there is room");
        loop {
            let written = write_all(&mut pair.a, deaf.into(), &piece);
            if written == 0 && !pair.step() {
                break;
            }
            while pair.step() {}
        }
        pair.advance(Duration::from_secs(2));
        let failed = pair.a.take_events().iter().any(|event| matches!(event, Event::Failed { .. }));
        assert!(failed, "nobody reads, and the call goes on");
    }
    assert!(pair.a.machine.machine().is_active());
    assert!(pair.a.machine.machine().ping_history().all(|answered| answered));
}
