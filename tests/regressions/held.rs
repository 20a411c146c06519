//! What waits to be read, counted and real.
//!
//! The real heap is held against `held()`, or against the limit that the configuration sets, whichever is larger. It may
//! be twice as much: a buffer that grows doubles, and arg1 of a request shares a frame whose head was copied out of it.
//! Beside that there is what does not depend on bytes: entries and queues. Only long parts, which are never copied, may
//! pin more, and that has its own case.

use bytes::{Bytes, BytesMut};
use tchannel_proto::wire::{HeaderBlock, Message};
use tchannel_proto::{Config, Connection, Event, Incoming};
use tchannel_tests::frames;
use tchannel_tests::heap::{Heap, KIB, MIB, signed};
use tchannel_tests::solo::frame;

use crate::solo::{
    NOW, accepted, bytes, dialled, drop_events, events, head, hear, ms, request, requested, send,
};

/// Measured: 1.0 to 1.7 times what is counted.
const FACTOR: i64 = 2;
/// One call, and the buffers of the connection itself.
const ONE_CALL: i64 = 32 * KIB;
/// Entries and queues of some thousands.
const MANY_CALLS: i64 = MIB;

#[track_caller]
fn assert_within(heap: &Heap, factor: i64, around: i64, counted: usize) {
    let (limit, peak) = (factor * signed(counted) + around, heap.peak());
    assert!(peak <= limit, "{peak} bytes at the most, {counted} counted");
}

/// A fragmented request, and the rest of another that was refused: frames of it are junk.
fn with_junk(machine: &mut Connection) -> Incoming {
    hear(NOW, machine, 1, &frames::call_req(600_000, true, &[b"e", b"", b""]));
    let call = requested(machine);
    hear(NOW, machine, 2, &frames::call_req(60_000, true, &[b"e", b"", b"x", b"too many"]));
    call
}

fn part(len: usize) -> BytesMut {
    frame(1, &frames::call_req_continue(true, &[&vec![1; len]]))
}

fn junk(len: usize) -> BytesMut {
    frame(2, &frames::call_req_continue(true, &[&vec![0; len]]))
}

#[test]
fn one_byte_parts_among_junk_keep_what_is_counted() {
    let mut machine = accepted(Config::default(), "java");
    let call = with_junk(&mut machine);
    machine.collect(call).expect("it is live");
    let read = [part(1), junk(980), junk(980), junk(980), junk(980)].concat();
    let heap = Heap::now();
    for _ in 0..50_000 {
        machine.handle_input(NOW, &mut BytesMut::from(&read[..]));
    }
    assert!(machine.held() >= 50_000, "{}", machine.held());
    assert_within(&heap, FACTOR, ONE_CALL, machine.held());
}

#[test]
fn short_parts_in_long_reads_keep_what_is_counted() {
    // A read buffer of 256 KiB of which a part takes so much, and junk the rest.
    for len in [1_023, 1_024, 4_096, 16_383] {
        let mut machine = accepted(Config::default(), "java");
        let call = with_junk(&mut machine);
        machine.collect(call).expect("it is live");
        let read = [part(len), junk(65_000), junk(65_000), junk(65_000)].concat();
        let heap = Heap::now();
        for _ in 0..500 {
            let mut buffer = BytesMut::with_capacity(256 << 10);
            buffer.extend_from_slice(&read);
            machine.handle_input(NOW, &mut buffer);
        }
        assert!(machine.held() >= 500 * len, "{}", machine.held());
        assert_within(&heap, FACTOR, ONE_CALL, machine.held());
    }
}

#[test]
fn long_parts_pin_the_read_that_they_came_in_and_no_more() {
    // From 16 KiB on parts are shared: each pins its read, which is at most 16 times as long.
    let mut machine = accepted(Config::default(), "java");
    let call = with_junk(&mut machine);
    machine.collect(call).expect("it is live");
    let read = [part(16_384), junk(65_000), junk(65_000), junk(65_000)].concat();
    let heap = Heap::now();
    for _ in 0..100 {
        let mut buffer = BytesMut::with_capacity(256 << 10);
        buffer.extend_from_slice(&read);
        machine.handle_input(NOW, &mut buffer);
    }
    assert_within(&heap, 16, ONE_CALL, machine.held());
}

#[test]
fn whole_message_of_many_parts_keeps_what_is_counted_until_it_is_taken() {
    const PARTS: usize = 200_000;
    let mut machine = accepted(Config::default(), "java");
    hear(NOW, &mut machine, 1, &frames::call_req(600_000, true, &[b"e", b"", b""]));
    let call = requested(&mut machine);
    machine.collect(call).expect("it is live");
    let mut input = BytesMut::from(&part(1).repeat(PARTS)[..]);
    input.extend_from_slice(&frame(1, &frames::call_req_continue(false, &[b"x"])));
    let heap = Heap::now();
    machine.handle_input(NOW, &mut input);
    assert!(machine.held() > PARTS, "{}", machine.held());
    assert_within(&heap, FACTOR, ONE_CALL, machine.held());
    let Some(Event::Whole { args, .. }) = machine.poll_event() else { panic!("not whole") };
    assert_eq!((args.len(), machine.held()), (PARTS + 1, 0));
}

/// Headers of nearly 35 KB.
fn headers() -> Vec<(String, String)> {
    (0..128).map(|n| (format!("{n:015}"), "v".repeat(255))).collect()
}

fn borrowed(headers: &[(String, String)]) -> Vec<(&str, &str)> {
    headers.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect()
}

/// Enough for some hundreds of them.
fn small() -> Config {
    let mut config = Config::default();
    config.max_held = bytes(16 << 20);
    config.patience = 100_000.try_into().expect("not 0");
    config
}

#[test]
fn heads_of_requests_that_are_not_announced_are_counted_and_limited() {
    let headers = headers();
    let arg1 = vec![b'e'; 15_000];
    let message = frames::call_req_with(&borrowed(&headers), 600_000, true, &[&arg1]);
    let mut machine = accepted(small(), "java");
    let heap = Heap::now();
    for id in 1..=4_096 {
        hear(NOW, &mut machine, id, &message);
        assert_eq!(drop_events(&mut machine), 0);
        assert!(machine.held() <= small().max_held.get());
    }
    // All of 50 KB is counted, so that some hundreds of them fill the limit.
    assert!((300..350).contains(&machine.live().1), "{:?}", machine.live());
    assert_within(&heap, FACTOR, MANY_CALLS, small().max_held.get());
}

#[test]
fn requests_that_nobody_takes_are_counted_with_their_heads_and_limited() {
    let headers = headers();
    let arg1 = vec![b'e'; 16_384];
    let message = frames::call_req_with(&borrowed(&headers), 600_000, false, &[&arg1, b"", b""]);
    let mut machine = accepted(small(), "java");
    let heap = Heap::now();
    for id in 1..=1_000 {
        hear(NOW, &mut machine, id, &message);
        assert!(machine.held() <= small().max_held.get());
    }
    assert!((300..350).contains(&drop_events(&mut machine)));
    assert_within(&heap, FACTOR, MANY_CALLS, small().max_held.get());
    assert_eq!(machine.held(), 0);
}

#[test]
fn heads_of_responses_that_are_collected_are_counted_and_limited() {
    let headers = headers();
    let block = HeaderBlock::encode(borrowed(&headers)).expect("within limits");
    let Message::CallRes(mut response) = frames::call_res(true, &[b"", b"", b"x"]) else {
        panic!("a response");
    };
    response.headers = block;
    let message = Message::CallRes(response);
    let mut machine = dialled(small(), "java");
    let calls: Vec<_> =
        (0..2_000).map(|_| machine.call(NOW, request(ms(600_000), 3)).expect("there is room")).collect();
    send(NOW, &mut machine);
    let heap = Heap::now();
    for call in calls {
        hear(NOW, &mut machine, call.id(), &message);
        drop_events(&mut machine);
        assert!(machine.held() <= small().max_held.get());
    }
    assert_within(&heap, FACTOR, MANY_CALLS, small().max_held.get());
}

#[test]
fn response_whose_arguments_alone_would_fit_is_counted_with_its_head() {
    let mut config = Config::default();
    config.max_held = bytes(1_000);
    // The header block is 8 bytes long; a part that waits costs 64 more than its bytes.
    for (more, len) in [(false, 1_000 - 7), (true, 1_000 - 64 - 7)] {
        let mut machine = dialled(config.clone(), "java");
        let fits = machine.open(NOW, head(ms(600_000))).expect("there is room");
        let call = machine.open(NOW, head(ms(600_000))).expect("there is room");
        send(NOW, &mut machine);
        hear(NOW, &mut machine, call.id(), &frames::call_res(more, &[b"", b"", &vec![1; len]]));
        assert_eq!(machine.held(), 0);
        let refused = events(&mut machine);
        assert!(
            matches!(&refused[..], [Event::Failed { call: failed, .. }] if *failed == call),
            "{refused:?}"
        );
        hear(NOW, &mut machine, fits.id(), &frames::call_res(more, &[b"", b"", &vec![1; len - 1]]));
        assert_eq!(machine.held(), 1_000);
        let taken = events(&mut machine);
        assert!(matches!(&taken[..], [Event::Response { call, .. }] if *call == fits), "{taken:?}");
    }
}

#[test]
fn empty_chunks_hold_next_to_nothing() {
    let mut machine = accepted(Config::default(), "java");
    hear(NOW, &mut machine, 1, &frames::call_req(600_000, true, &[b"e", b"", b""]));
    drop_events(&mut machine);
    let empty = vec![&b""[..]; 20_000];
    let mut frame = frame(1, &frames::call_req_continue(true, &empty));
    let heap = Heap::now();
    machine.handle_input(NOW, &mut frame);
    assert!(!machine.is_closed());
    assert!(machine.held() <= 256, "{}", machine.held());
    assert!(heap.grown() <= 256, "{} bytes", heap.grown());
}

#[test]
fn long_read_with_one_short_request_is_let_go() {
    let mut machine = accepted(Config::default(), "java");
    let heap = Heap::now();
    let mut taken = Vec::new();
    for id in 3..103 {
        let mut buffer = BytesMut::with_capacity(256 << 10);
        buffer.extend_from_slice(&frame(id, &frames::call_req(60_000, false, &[b"e", b"", b"short"])));
        machine.handle_input(NOW, &mut buffer);
        let Some(Event::Request { args: Some(args), .. }) = machine.poll_event() else {
            panic!("no request")
        };
        taken.push(args.body());
    }
    assert!(taken.iter().all(|body: &Bytes| &body[..] == b"short"));
    assert!(heap.grown() < MIB / 2, "{} bytes", heap.grown());
}
