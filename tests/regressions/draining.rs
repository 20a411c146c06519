//! Peers that go on calling after they were told that this side drains.

use tchannel_proto::wire::{ErrorCode, Message, ResponseCode};
use tchannel_proto::{Args, CloseReason, Config, Connection, Event, Incoming, Response};
use tchannel_tests::frames;
use tchannel_tests::heap::{Heap, MIB};

use crate::solo::{NOW, accepted, drop_events, events, hear, ms, requested, send, sent};

/// Python only logs the notice. One call of it is served still.
fn draining() -> (Connection, Incoming) {
    let mut machine = accepted(Config::default(), "python");
    hear(NOW, &mut machine, 1, &frames::call_req(60_000, false, &[b"e", b"", b""]));
    let call = requested(&mut machine);
    machine.drain(NOW, "restart", NOW + ms(30_000));
    send(NOW, &mut machine);
    (machine, call)
}

fn is_declined(frame: &(u32, Message), id: u32) -> bool {
    matches!(frame, (to, Message::Error(error)) if *to == id && error.code == ErrorCode::Declined)
}

#[test]
fn five_thousand_calls_while_draining_are_declined_and_the_old_one_completes() {
    let (mut machine, old) = draining();
    let call = frames::call_req(1_000, false, &[b"e", b"", b""]);
    for id in 2..=5_001 {
        hear(NOW, &mut machine, id, &call);
        let frames = sent(NOW, &mut machine);
        assert!(frames.len() == 1 && is_declined(&frames[0], id), "{frames:?}");
        assert_eq!(drop_events(&mut machine), 0, "at call {id}");
    }
    let response = Response { code: ResponseCode::OK, args: Args::default() };
    machine.respond(NOW, old, response).expect("it is live");
    let frames = sent(NOW, &mut machine);
    assert!(matches!(frames[..], [(1, Message::CallRes(_))]), "{frames:?}");
    let events = events(&mut machine);
    assert!(matches!(events[..], [Event::Closed(CloseReason::Drained)]), "{events:?}");
}

#[test]
fn declined_calls_of_a_peer_that_reads_nothing_wait_in_bounded_number_and_then_end_the_connection() {
    let (mut machine, _old) = draining();
    let call = frames::call_req(1_000, false, &[b"e", b"", b""]);
    let heap = Heap::now();
    let mut refused = 0;
    for id in 2..=100_000 {
        hear(NOW, &mut machine, id, &call);
        if machine.is_closed() {
            break;
        }
        refused += 1;
    }
    // As many as calls may be live, and then as many as patience allows.
    let limits = Config::default();
    assert_eq!(refused, limits.max_incoming_calls.get() + limits.patience.get());
    assert!(heap.peak() < MIB, "{} bytes", heap.peak());
    let events = events(&mut machine);
    assert!(matches!(events.last(), Some(Event::Closed(CloseReason::TooManyUselessFrames))), "{events:?}");
}
