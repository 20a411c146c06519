//! 8: what is kept in memory: bytes that pin the read buffer, and floods that must not grow a queue.

use bytes::BytesMut;
use std::sync::Arc;
use tchannel_proto::{Config, Connection, Event};

use crate::conformance::case::count;
use crate::conformance::frame::frame;
use crate::conformance::play::START;

/// The tests below, by name.
pub(crate) const NAMES: &[&str] = &[
    "s8_pin_threshold_decides_what_shares_the_read_buffer",
    "r67_100_000_cancelled_calls_find_a_bounded_queue_and_an_end",
    "s8_max_incoming_calls_bounds_unfinished_calls_that_ask_for_weeks",
    "s8_max_events_bounds_the_queue_of_a_flood_of_calls",
];

/// An accepted connection after its handshake.
fn accepted(config: Config) -> Connection {
    let mut connection = Connection::accept(START, Arc::new(config), "10.0.0.1:4040", 1);
    let mut init = BytesMut::from(&frame("init req 1: 0002 0002 REQUIRED", 0)[..]);
    connection.handle_input(START, &mut init);
    while connection.poll_event().is_some() {}
    while connection.poll_transmit(START).is_some() {}
    connection
}

#[test]
fn s8_pin_threshold_decides_what_shares_the_read_buffer() {
    for (threshold, shares) in [(20_000, true), (20_001, false)] {
        let mut config = Config::default();
        config.pin_threshold = threshold;
        let mut connection = accepted(config);
        let request = frame("call req 2: 00 TTL T ROUTE 00 0004'echo' 0000 4e20{61*20000}", 0);
        let mut input = BytesMut::from(&request[..]);
        let read_buffer = input.as_ptr_range();
        connection.handle_input(START, &mut input);
        let Some(Event::Request { args: Some(args), .. }) = connection.poll_event() else {
            panic!("no request")
        };
        assert_eq!(args.arg3[0].len(), 20_000);
        assert_eq!(read_buffer.contains(&args.arg3[0].as_ptr()), shares, "threshold {threshold}");
    }
}

/// Call reqs, each followed by its cancel.
fn flood(pairs: usize) -> BytesMut {
    (0..pairs)
        .flat_map(|turn| {
            let mut pair = frame("call req 2+: 00 TTL T ROUTE 00 ARGS", turn);
            pair.extend(frame("cancel 2+: 00000000 T 0000", turn));
            pair
        })
        .collect()
}

#[test]
fn r67_100_000_cancelled_calls_find_a_bounded_queue_and_an_end() {
    let mut connection = accepted(Config::default());
    let mut input = flood(100_000);
    let (mut requests, mut most) = (0, 0);
    while !connection.is_closed() {
        let before = input.len();
        connection.handle_input(START, &mut input);
        assert!(connection.live().1 <= 4_096 && connection.held() < 1 << 20);
        let mut queued = 0;
        while let Some(event) = connection.poll_event() {
            queued += 1;
            requests += usize::from(matches!(event, Event::Request { .. }));
        }
        most = most.max(queued);
        assert!(connection.is_closed() || input.len() < before, "stuck with {} bytes", input.len());
    }
    assert!((1_000..=1_002).contains(&requests), "{requests} calls were served");
    assert!(most <= 1_024 + 2, "{most} events were queued");
}

#[test]
fn s8_max_events_bounds_the_queue_of_a_flood_of_calls() {
    let mut config = Config::default();
    config.patience = count(1_000_000);
    let mut connection = accepted(config);
    let mut input = flood(5_000);
    let all = input.len();
    connection.handle_input(START, &mut input);
    assert_eq!(connection.wants_input(), 0);
    assert!(input.len() > all / 2, "{} of {all} bytes are left", input.len());
    let queued = std::iter::from_fn(|| connection.poll_event()).count();
    assert!((1_024..=1_026).contains(&queued), "{queued} events were queued");
    assert!(connection.wants_input() > 0);
}

#[test]
fn s8_max_incoming_calls_bounds_unfinished_calls_that_ask_for_weeks() {
    let mut connection = accepted(Config::default());
    let mut input: BytesMut =
        (0..5_000).flat_map(|turn| frame("call req 2+: 01 ffffffff T ROUTE 00 0002'ec'", turn)).collect();
    connection.handle_input(START, &mut input);
    assert!(input.is_empty());
    assert_eq!(connection.live(), (0, 4_096));
    assert_eq!(connection.stats().refused_calls, 5_000 - 4_096);
    let mut now = START;
    while let Some(at) = connection.poll_timeout() {
        now = at;
        connection.handle_timeout(now);
        while connection.poll_transmit(now).is_some() {}
    }
    assert_eq!(connection.live(), (0, 0));
    assert!(now.since(START) <= Config::default().max_ttl);
}
