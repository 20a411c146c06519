//! Words of the peer's: one frame may end thousands of calls, and each gets only so much of its text.

use std::sync::Arc;

use bytes::Bytes;
use tchannel_proto::wire::{Cancel, ErrorCode, ErrorFrame, Message, NO_MESSAGE, Tracing};
use tchannel_proto::{CloseReason, Config, Connection, Event};
use tchannel_tests::frames;
use tchannel_tests::heap::{Heap, KIB, MIB};

use crate::solo::{NOW, accepted, dialled, drop_events, events, head, hear, ms, request, send, sent};

/// As long as a frame can carry.
const LONG: usize = 65_000;
const CALLS: usize = 3_000;
/// What is kept of a text, with what is said around it.
const SHOWN: usize = 1_024;

/// ASCII, characters of several bytes, and bytes that grow when they are made readable.
fn texts() -> [Vec<u8>; 5] {
    let mut late = vec![0xff; LONG];
    for at in (511..LONG).step_by(512) {
        late[at] = b'a';
    }
    [vec![b'a'; LONG], "é".repeat(LONG / 2).into(), "🦀".repeat(LONG / 4).into(), vec![0xff; LONG], late]
}

fn error(code: ErrorCode, message: Vec<u8>) -> Message {
    Message::Error(ErrorFrame { code, tracing: Tracing::default(), message: message.into() })
}

fn with_calls(mut machine: Connection) -> Connection {
    for _ in 0..CALLS {
        machine.call(NOW, request(ms(60_000), 3)).expect("there is room");
    }
    machine
}

/// One frame ends all calls; each event says why, and none keeps much.
fn ends_all(mut machine: Connection, id: u32, message: &Message) {
    let heap = Heap::now();
    hear(NOW, &mut machine, id, message);
    assert!(heap.peak() < 4 * MIB, "{} bytes", heap.peak());
    let events = events(&mut machine);
    let mut failed = 0;
    for event in &events {
        if let Event::Failed { error, .. } = event {
            assert!((1..=SHOWN).contains(&error.message.len()), "{} bytes", error.message.len());
            failed += 1;
        }
    }
    assert_eq!(failed, CALLS);
}

#[test]
fn long_fatal_error_costs_each_call_in_flight_little() {
    for text in texts() {
        let mut machine = with_calls(dialled(Config::default(), "java"));
        send(NOW, &mut machine);
        ends_all(machine, NO_MESSAGE, &error(ErrorCode::Fatal, text));
    }
}

#[test]
fn long_error_in_the_handshake_costs_each_waiting_call_little() {
    for text in texts() {
        let mut machine = Connection::connect(NOW, Arc::default(), "0.0.0.0:0", 1);
        send(NOW, &mut machine);
        ends_all(with_calls(machine), 1, &error(ErrorCode::Busy, text));
    }
}

#[test]
fn long_draining_notice_costs_each_call_that_did_not_begin_little() {
    for text in texts() {
        let machine = with_calls(dialled(Config::default(), "java"));
        let text = [&b"draining: "[..], &text[..LONG]].concat();
        ends_all(machine, NO_MESSAGE, &error(ErrorCode::Declined, text));
    }
}

#[test]
fn long_error_of_each_call_is_kept_only_in_part() {
    for text in texts() {
        let mut machine = with_calls(dialled(Config::default(), "java"));
        send(NOW, &mut machine);
        let message = error(ErrorCode::Unexpected, text);
        let mut failures = Vec::with_capacity(CALLS);
        let heap = Heap::now();
        for id in (2..).take(CALLS) {
            hear(NOW, &mut machine, id, &message);
            failures.extend(events(&mut machine));
        }
        assert_eq!(failures.len(), CALLS);
        assert_eq!(machine.live(), (0, 0));
        assert!(heap.grown() < 4 * MIB, "{} bytes", heap.grown());
    }
}

#[test]
fn long_reason_of_a_fatal_error_is_kept_only_in_part() {
    for text in texts() {
        let mut machine = dialled(Config::default(), "java");
        hear(NOW, &mut machine, NO_MESSAGE, &error(ErrorCode::Fatal, text));
        match machine.poll_event() {
            Some(Event::Closed(CloseReason::Remote { message, .. })) => {
                assert!((1..=SHOWN).contains(&message.len()), "{} bytes", message.len());
            }
            other => panic!("not closed but {other:?}"),
        }
    }
}

#[test]
fn cancels_with_long_reasons_are_kept_and_echoed_only_in_part() {
    const CANCELS: u32 = 900;
    for text in texts() {
        let mut machine = accepted(Config::default(), "java");
        let why = Bytes::from(text);
        let cancel = Message::Cancel(Cancel { ttl: 0, tracing: Tracing::default(), why });
        let call = frames::call_req(60_000, false, &[b"e", b"", b""]);
        let heap = Heap::now();
        for id in 1..=CANCELS {
            hear(NOW, &mut machine, id, &call);
            hear(NOW, &mut machine, id, &cancel);
            drop_events(&mut machine);
        }
        // An entry in its table and its text, for each answer that waits.
        let each = heap.grown() / i64::from(CANCELS);
        assert!(each < 2 * KIB, "{each} bytes each");
        let frames = sent(NOW, &mut machine);
        assert_eq!(frames.len(), usize::try_from(CANCELS).expect("it fits"));
        for (_, message) in frames {
            let Message::Error(error) = message else { panic!("{message:?}") };
            assert_eq!(error.code, ErrorCode::Cancelled);
            assert!(error.message.len() <= SHOWN, "{} bytes", error.message.len());
        }
    }
}

#[test]
fn own_cancel_with_a_long_reason_says_it_only_in_part() {
    let mut machine = dialled(Config::default(), "go");
    let call = machine.open(NOW, head(ms(60_000))).expect("there is room");
    send(NOW, &mut machine);
    machine.cancel(NOW, call, &"é".repeat(LONG));
    let frames = sent(NOW, &mut machine);
    let [(_, Message::Cancel(cancel))] = &frames[..] else { panic!("{frames:?}") };
    assert!(cancel.why.len() <= 255, "{} bytes", cancel.why.len());
}
