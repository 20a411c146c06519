//! What the allocator sees: how often a small call asks it, and how much a hostile peer can make a connection keep.
//!
//! Counts are for each thread, so that tests may run side by side.

#[path = "allocations/adapters.rs"]
mod adapters;
#[path = "allocations/channels.rs"]
mod channels;

use std::sync::Arc;
use std::time::Duration;

use bytes::{Buf, Bytes, BytesMut};
use tchannel_proto::wire::{FrameType, Message, ResponseCode, Route};
use tchannel_proto::{Args, Config, Connection, Event, Incoming, Request, RequestHead, Response, Timestamp};
use tchannel_tests::frames;
use tchannel_tests::heap::{Counting, Heap, KIB, allocations, signed};
use tchannel_tests::solo::{frame, init};

#[global_allocator]
static ALLOCATOR: Counting = Counting;

const NOW: Timestamp = Timestamp::from_millis(1_000);

/// Two machines and the buffers between them, which are kept.
struct Wire {
    a: Connection,
    b: Connection,
    to_a: BytesMut,
    to_b: BytesMut,
}

impl Wire {
    fn new() -> Self {
        let config = Arc::new(Config::default());
        let mut wire = Wire {
            a: Connection::connect(NOW, Arc::clone(&config), "0.0.0.0:0", 1),
            b: Connection::accept(NOW, config, "10.0.0.1:4040", 2),
            to_a: BytesMut::with_capacity(1 << 16),
            to_b: BytesMut::with_capacity(1 << 16),
        };
        for _ in 0..2 {
            wire.carry();
        }
        while wire.a.poll_event().is_some() || wire.b.poll_event().is_some() {}
        wire
    }

    fn carry(&mut self) {
        pass(&mut self.a, &mut self.b, &mut self.to_b);
        pass(&mut self.b, &mut self.a, &mut self.to_a);
    }

    fn call(&mut self, request: &Request, answer: &Args) {
        let call = self.a.call(NOW, request.clone()).expect("there is room");
        pass(&mut self.a, &mut self.b, &mut self.to_b);
        let incoming = request_of(&mut self.b);
        let response = Response { code: ResponseCode::OK, args: answer.clone() };
        self.b.respond(NOW, incoming, response).expect("it is live");
        pass(&mut self.b, &mut self.a, &mut self.to_a);
        match self.a.poll_event() {
            Some(Event::Response { call: answered, args: Some(args), .. }) if answered == call => {
                assert_eq!(args.len(), answer.len());
            }
            other => panic!("no response but {other:?}"),
        }
    }
}

fn pass(from: &mut Connection, to: &mut Connection, buffer: &mut BytesMut) {
    while let Some(mut transmit) = from.poll_transmit(NOW) {
        while transmit.has_remaining() {
            let chunk = transmit.chunk();
            buffer.extend_from_slice(chunk);
            let len = chunk.len();
            transmit.advance(len);
        }
    }
    to.handle_input(NOW, buffer);
}

fn request_of(machine: &mut Connection) -> Incoming {
    match machine.poll_event() {
        Some(Event::Request { call, args: Some(_), .. }) => call,
        other => panic!("no whole request but {other:?}"),
    }
}

fn request(len: usize) -> Request {
    let route = Route::encode("service", [("cn", "caller"), ("as", "raw")]).expect("short headers");
    let head = RequestHead::new(route, &b"endpoint"[..], NOW + Duration::from_secs(10));
    Request { head, args: Args::new(Bytes::from_static(b"0123456789abcdef"), vec![7; len]) }
}

fn per_call(len: usize) -> f64 {
    const CALLS: u32 = 2_000;
    let (mut wire, request) = (Wire::new(), request(len));
    let answer = Args::new(Bytes::from_static(b"0123456789abcdef"), vec![8; len]);
    for _ in 0..200 {
        wire.call(&request, &answer);
    }
    let before = allocations();
    for _ in 0..CALLS {
        wire.call(&request, &answer);
    }
    let counted = u32::try_from(allocations() - before).expect("few");
    f64::from(counted) / f64::from(CALLS)
}

#[test]
fn a_small_call_through_both_machines_allocates_at_most_twice() {
    let counted = per_call(16);
    println!("16 bytes: {counted} allocations a call");
    assert!(counted <= 2.0, "{counted} allocations a call");
}

#[test]
fn a_call_of_one_frame_allocates_a_few_times() {
    for len in [1_000, 10_000] {
        let counted = per_call(len);
        println!("{len} bytes: {counted} allocations a call");
        assert!(counted <= 8.0, "{counted} allocations a call of {len} bytes");
    }
}

/// A machine that has shaken hands with bytes, and what it keeps since.
struct Target {
    machine: Connection,
    inbox: BytesMut,
    heap: Heap,
}

impl Target {
    fn new() -> Self {
        let machine = Connection::accept(NOW, Arc::new(Config::default()), "10.0.0.1:4040", 3);
        let mut target = Target { machine, inbox: BytesMut::new(), heap: Heap::now() };
        target.feed(&init(FrameType::InitReq, "go"));
        while target.machine.poll_event().is_some() || target.machine.poll_transmit(NOW).is_some() {}
        target.heap = Heap::now();
        target
    }

    fn feed(&mut self, bytes: &[u8]) {
        self.inbox.extend_from_slice(bytes);
        self.machine.handle_input(NOW, &mut self.inbox);
    }

    fn events(&mut self) -> usize {
        std::iter::from_fn(|| self.machine.poll_event()).count()
    }

    /// Bytes allocated since the handshake.
    fn kept(&self) -> i64 {
        self.heap.grown()
    }
}

#[test]
fn a_ping_flood_while_nothing_is_written_keeps_next_to_nothing() {
    let mut target = Target::new();
    for id in 0..900 {
        let ping = frame(id, &Message::PingReq);
        target.feed(&ping);
    }
    assert!(target.kept() < 16 * KIB, "{} bytes", target.kept());
}

#[test]
fn opens_and_cancels_while_nothing_is_written_keep_what_patience_allows() {
    let mut target = Target::new();
    let (call, cancel) = (frames::call_req(60_000, false, &[b"e", b"", b"some body"]), frames::cancel());
    for id in 1..=900 {
        target.feed(&frame(id, &call));
        target.feed(&frame(id, &cancel));
        target.events();
    }
    // 900 error frames wait for their turn.
    let kept = target.kept();
    assert!(kept < 900 * 2 * KIB, "{kept} bytes");
    while target.machine.poll_transmit(NOW).is_some() {}
    println!("opens and cancels: {kept} bytes while they wait, {} after", target.kept());
    assert!(target.kept() < 900 * KIB, "{} bytes", target.kept());
}

#[test]
fn unfinished_calls_keep_a_bounded_entry_each() {
    let mut target = Target::new();
    let unfinished = frames::call_req(u32::MAX, true, &[b"slow", b"half"]);
    for id in 1..=4_096 {
        target.feed(&frame(id, &unfinished));
        target.events();
    }
    assert_eq!(target.machine.live().1, 4_096);
    let each = target.kept() / 4_096;
    println!("unfinished calls: {each} bytes each");
    assert!(each < 2 * KIB, "{each} bytes for each unfinished call");
}

#[test]
fn unfinished_calls_with_every_header_at_its_limit_keep_what_is_counted() {
    let mut target = Target::new();
    let value = "v".repeat(255);
    let keys: Vec<String> = (0..128).map(|n| format!("k{n:014}")).collect();
    let headers: Vec<(&str, &str)> = keys.iter().map(|key| (key.as_str(), value.as_str())).collect();
    // arg1 is not whole, so the head waits with it.
    let unfinished = frames::call_req_with(&headers, u32::MAX, true, &[b"slow"]);
    for id in 1..=4_096 {
        target.feed(&frame(id, &unfinished));
        target.events();
    }
    let (kept, held, calls) = (target.kept(), signed(target.machine.held()), signed(target.machine.live().1));
    let most = signed(Config::default().max_held.get()) + calls * KIB;
    println!("unfinished heads: {calls} calls, {kept} bytes kept, {held} counted");
    assert!(kept < most, "{kept} bytes kept, {held} counted, the limit is {most}");
}

#[test]
fn a_message_in_one_byte_frames_keeps_about_what_is_counted() {
    let mut target = Target::new();
    target.feed(&frame(1, &frames::call_req(60_000, true, &[b"e", b"", b""])));
    let Some(Event::Request { call, .. }) = target.machine.poll_event() else { panic!("no request") };
    target.machine.collect(call).expect("it is live");
    let one = frame(1, &frames::call_req_continue(true, &[b"x"]));
    for _ in 0..50_000 {
        target.feed(&one);
    }
    let (kept, held) = (target.kept(), signed(target.machine.held()));
    println!("one-byte frames: {kept} bytes kept, {held} counted");
    assert!(kept < 2 * held, "{kept} bytes kept, {held} counted");
}

#[test]
fn ten_thousand_kept_arguments_do_not_pin_the_read_buffer() {
    let mut target = Target::new();
    let mut kept = Vec::with_capacity(10_000);
    let filler = vec![9_u8; 50_000];
    for id in 1..=10_000 {
        // Each small request shares its read with a large one that is answered and gone.
        target.feed(&frame(
            2 * id,
            &frames::call_req(1_000, false, &[b"endpoint", b"twenty bytes of arg2", b""]),
        ));
        target.feed(&frame(2 * id + 1, &frames::call_req(1_000, false, &[b"e", b"", &filler])));
        while let Some(event) = target.machine.poll_event() {
            let Event::Request { call, head, args: Some(args) } = event else { panic!("{event:?}") };
            let response = Response { code: ResponseCode::OK, args: Args::default() };
            target.machine.respond(NOW, call, response).expect("it is live");
            if args.len() < 100 {
                kept.push((head.arg1, args.arg2));
            }
        }
        while target.machine.poll_transmit(NOW).is_some() {}
    }
    let each = target.kept() / signed(kept.len());
    println!("kept arguments: {each} bytes each");
    // 28 bytes of payload each, and the vector's own 64.
    assert!(each < 600, "{each} bytes for each kept pair of arguments");
}

#[test]
fn a_connection_that_rests_keeps_nothing_of_its_calls() {
    let mut target = Target::new();
    for id in 1..=1_000 {
        target.feed(&frame(id, &frames::call_req(60_000, false, &[b"e", b"h", b"some body"])));
    }
    while let Some(event) = target.machine.poll_event() {
        let Event::Request { call, .. } = event else { panic!("{event:?}") };
        let response = Response { code: ResponseCode::OK, args: Args::new("", "done") };
        target.machine.respond(NOW, call, response).expect("it is live");
    }
    target.machine.rest();
    assert!(target.machine.poll_transmit(NOW).is_some(), "answers were given up");
    while target.machine.poll_transmit(NOW).is_some() {}
    target.inbox = BytesMut::new();
    let before = target.kept();
    target.machine.rest();
    println!("1,000 calls: {before} bytes kept, {} at rest", target.kept());
    assert!(before > 256 * KIB && target.kept() < KIB, "{before} bytes, {} at rest", target.kept());
    let mut wire = Wire::new();
    wire.call(&request(16), &Args::default());
    wire.a.rest();
    wire.b.rest();
    wire.call(&request(16), &Args::default());
}

#[test]
fn a_closed_connection_keeps_nothing() {
    let heap = Heap::now();
    {
        let mut target = Target::new();
        for id in 1..=1_000 {
            target.feed(&frame(id, &frames::call_req(60_000, true, &[b"e", b"half", b"x"])));
            target.events();
        }
        target.machine.close(NOW);
        target.events();
        target.inbox = BytesMut::new();
        assert!(target.kept() < 256 * KIB, "{} bytes after close", target.kept());
    }
    assert_eq!(heap.grown(), 0);
}
