//! Readers: when they are told, when they are cut off, and what collecting changes.

use std::time::Duration;

use bytes::Bytes;
use tchannel_proto::wire::{Checksum, ChecksumKind, Message};
use tchannel_proto::{Arg, CallId, Config, Connection, Event, Gone, Lost, Read, Timestamp};
use tchannel_tests::frames;

use crate::solo::{
    NOW, abandoned, accepted, bytes, dialled, drop_events, events, head, hear, ms, readables, request,
    requested, send,
};

/// Lets time pass until reading goes on; gives how long that took.
fn until_open(machine: &mut Connection) -> Duration {
    let mut now: Timestamp = NOW;
    while machine.wants_input() == 0 {
        now = machine.poll_timeout().expect("something ends it");
        machine.handle_timeout(now);
        drop_events(machine);
        send(now, machine);
    }
    now.since(NOW)
}

/// 4,000 calls in 16 MiB: only some hundreds of them have to go before half of it is free.
fn stopped_readers(machine: &mut Connection) -> u32 {
    let part = vec![7_u8; 4_400];
    for id in 1..=4_000 {
        hear(NOW, machine, id, &frames::call_req(600_000, true, &[b"e", b""]));
        let call = requested(machine);
        assert_eq!(machine.read(NOW, call), Ok(Read::Blocked));
    }
    let more = frames::call_req_continue(true, &[&part]);
    (1..=4_000)
        .find(|id| {
            hear(NOW, machine, *id, &more);
            drop_events(machine);
            machine.wants_input() == 0
        })
        .expect("the limit is met")
}

#[test]
fn gate_reopens_within_one_stall_timeout_when_thousands_of_readers_stop() {
    let mut machine = accepted(Config::default(), "go");
    let full = stopped_readers(&mut machine);
    assert!(full > 3_000, "{full}");
    assert!(until_open(&mut machine) <= Config::default().stall_timeout);
    // Half of what was unread is let go, no more.
    let failed = machine.stats().stalled_calls;
    assert!((u64::from(full) / 3..=u64::from(full) * 2 / 3).contains(&failed), "{failed} of {full}");
}

#[test]
fn gate_reopens_within_one_stall_timeout_when_nobody_began_to_read() {
    let mut machine = accepted(Config::default(), "go");
    let part = vec![7_u8; 4_400];
    let full = (1..=4_000).find(|id| {
        hear(NOW, &mut machine, *id, &frames::call_req(600_000, true, &[b"e", b"", &part]));
        drop_events(&mut machine);
        machine.wants_input() == 0
    });
    assert!(full.is_some());
    assert!(until_open(&mut machine) <= Config::default().stall_timeout);
}

#[test]
fn undelivered_events_alone_fail_no_call() {
    let mut config = Config::default();
    config.max_events = bytes(4);
    let mut machine = accepted(config, "go");
    hear(NOW, &mut machine, 1, &frames::call_req(60_000, true, &[b"e", b"", b"unread"]));
    for id in 2..10 {
        hear(NOW, &mut machine, id, &frames::call_req(60_000, false, &[b"e", b"", b"x"]));
    }
    assert_eq!(machine.wants_input(), 0);
    let mut now = NOW;
    for _ in 0..2 {
        now = now + ms(600);
        assert!(matches!(machine.poll_event(), Some(Event::Request { .. })));
        machine.handle_timeout(now);
    }
    let events = events(&mut machine);
    assert_eq!(abandoned(&events), 0, "{events:?}");
    assert_eq!((machine.stats().stalled_calls, machine.live()), (0, (0, 5)));
    assert_ne!(machine.wants_input(), 0);
}

#[test]
fn read_of_a_collected_call_is_gone_and_the_response_arrives_whole() {
    let mut machine = dialled(Config::default(), "go");
    let call = machine.call(NOW, request(ms(60_000), 3)).expect("there is room");
    send(NOW, &mut machine);
    assert_eq!(machine.read(NOW, call), Err(Gone));
    hear(NOW, &mut machine, call.id(), &frames::call_res(true, &[b"", b"head", b"x"]));
    assert_eq!(machine.read(NOW, call), Err(Gone));
    hear(NOW, &mut machine, call.id(), &frames::call_res_continue(false, &[b"y"]));
    let events = events(&mut machine);
    let [Event::Response { call: answered, args: Some(args), .. }] = &events[..] else {
        panic!("{events:?}");
    };
    assert_eq!((*answered, &args.arg2[..], &args.body()[..]), (call, &b"head"[..], &b"xy"[..]));
    assert_eq!(machine.live(), (0, 0));
}

#[test]
fn read_of_a_collected_request_is_gone_and_the_request_arrives_whole() {
    let mut machine = accepted(Config::default(), "go");
    hear(NOW, &mut machine, 1, &frames::call_req(60_000, true, &[b"e", b"head", b"x"]));
    let call = requested(&mut machine);
    machine.collect(call).expect("it is live");
    assert_eq!(machine.read(NOW, call), Err(Gone));
    hear(NOW, &mut machine, 1, &frames::call_req_continue(false, &[b"y"]));
    let events = events(&mut machine);
    let [Event::Whole { args, .. }] = &events[..] else { panic!("{events:?}") };
    assert_eq!((&args.arg2[..], &args.body()[..]), (&b"head"[..], &b"xy"[..]));
}

#[test]
fn at_most_one_readable_is_pending_for_a_call() {
    let mut machine = dialled(Config::default(), "go");
    let call = machine.open(NOW, head(ms(60_000))).expect("there is room");
    send(NOW, &mut machine);
    hear(NOW, &mut machine, call.id(), &frames::call_res(true, &[b"", b"", b"x"]));
    drop_events(&mut machine);
    for _ in 0..3 {
        while machine.read(NOW, call) != Ok(Read::Blocked) {}
        hear(NOW, &mut machine, call.id(), &frames::call_res_continue(true, &[b"x"]));
    }
    assert_eq!(readables(&events(&mut machine)), 1);
    // Once it was delivered the next one may come.
    while machine.read(NOW, call) != Ok(Read::Blocked) {}
    hear(NOW, &mut machine, call.id(), &frames::call_res_continue(true, &[b"x"]));
    assert_eq!(readables(&events(&mut machine)), 1);
}

#[test]
fn reader_that_waits_gets_a_response_that_came_whole() {
    let mut machine = dialled(Config::default(), "go");
    let call = machine.open(NOW, head(ms(60_000))).expect("there is room");
    send(NOW, &mut machine);
    assert_eq!(machine.read(NOW, call), Ok(Read::Blocked));
    hear(NOW, &mut machine, call.id(), &frames::call_res(false, &[b"", b"", b"x"]));
    let events = events(&mut machine);
    let [Event::Response { call: answered, args: Some(args), .. }] = &events[..] else {
        panic!("{events:?}");
    };
    assert_eq!((*answered, args.len()), (call, 1));
    assert_eq!(machine.read(NOW, call), Err(Gone));
}

#[test]
fn corrupt_first_frame_of_a_fragmented_response_fails_the_call_and_announces_nothing() {
    for collected in [false, true] {
        let mut machine = dialled(Config::default(), "go");
        let call = if collected {
            machine.call(NOW, request(ms(60_000), 3)).expect("there is room")
        } else {
            machine.open(NOW, head(ms(60_000))).expect("there is room")
        };
        send(NOW, &mut machine);
        let Message::CallRes(mut response) = frames::call_res(true, &[b"", b"", b"x"]) else { panic!() };
        response.checksum = Checksum { kind: ChecksumKind::Crc32c, value: 7 };
        hear(NOW, &mut machine, call.id(), &Message::CallRes(response));
        let events = events(&mut machine);
        let [Event::Failed { call: failed, .. }] = &events[..] else { panic!("{events:?}") };
        assert_eq!(*failed, call);
        assert_eq!((machine.stats().bad_responses, machine.held()), (1, 0));
    }
}

#[test]
fn response_that_was_all_there_outlives_its_connection() {
    for read_before in [false, true] {
        let mut machine = dialled(Config::default(), "go");
        let [done, half] = [0, 1].map(|_| machine.open(NOW, head(ms(60_000))).expect("there is room"));
        send(NOW, &mut machine);
        for call in [done, half] {
            hear(NOW, &mut machine, call.id(), &frames::call_res(true, &[b"", b"head", b"x"]));
        }
        drop_events(&mut machine);
        if read_before {
            let part = Read::Part { arg: Arg::Two, bytes: Bytes::from_static(b"head") };
            assert_eq!(machine.read(NOW, done), Ok(part));
        }
        hear(NOW, &mut machine, done.id(), &frames::call_res_continue(false, &[b"y"]));
        machine.handle_lost(NOW, Lost::Eof);
        let events = events(&mut machine);
        let events: Vec<&Event> =
            events.iter().filter(|event| !matches!(event, Event::Readable(_))).collect();
        let [Event::Whole { call, args }, Event::Failed { call: failed, .. }, Event::Closed(_)] = events[..]
        else {
            panic!("{events:?}");
        };
        assert_eq!((*call, *failed), (CallId::Outgoing(done), half));
        let head = if read_before { &b""[..] } else { b"head" };
        assert_eq!((&args.arg2[..], &args.body()[..]), (head, &b"xy"[..]));
        assert_eq!(machine.read(NOW, done), Err(Gone));
        assert_eq!((machine.held(), machine.unsent()), (0, 0));
    }
}
