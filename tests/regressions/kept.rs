//! What stays behind when the work is over: nothing that grows with how much there was of it.

use bytes::Bytes;
use tchannel_proto::wire::ResponseCode;
use tchannel_proto::{Args, Config, Connection, Read, Response};
use tchannel_tests::frames;
use tchannel_tests::heap::{Heap, KIB, signed};

use crate::solo::{NOW, accepted, bytes, dialled, drop_events, head, hear, ms, request, requested, send};

#[test]
fn streams_that_are_opened_refused_and_cancelled_leave_nothing_behind() {
    let mut config = Config::default();
    config.max_unsent = bytes(1 << 20);
    let mut machine = dialled(config, "java");
    machine.call(NOW, request(ms(600_000), (1 << 20) - 10)).expect("there is room");
    let chunk = Bytes::from(vec![1_u8; 100]);
    let heap = Heap::now();
    for _ in 0..40_000 {
        let call = machine.open(NOW, head(ms(600_000))).expect("there is room");
        assert!(machine.write(call, chunk.clone()).is_err());
        machine.cancel(NOW, call, "");
        drop_events(&mut machine);
    }
    assert_eq!(machine.live(), (1, 0));
    // Queues that are cleared once they hold more places than twice the calls and 64.
    assert!(heap.peak() < 16 * KIB, "{} bytes", heap.peak());
}

#[test]
fn streams_that_began_and_are_cancelled_leave_tombstones_and_nothing_else() {
    let mut machine = dialled(Config::default(), "java");
    let tombstones = usize::try_from(Config::default().max_tombstones.get()).expect("it fits");
    let heap = Heap::now();
    for _ in 0..40_000 {
        let call = machine.open(NOW, head(ms(600_000))).expect("there is room");
        send(NOW, &mut machine);
        machine.cancel(NOW, call, "");
        send(NOW, &mut machine);
        drop_events(&mut machine);
    }
    assert_eq!((machine.live(), machine.tombstones()), ((0, 0), (tombstones, 0)));
    // 16 bytes in a queue that doubles and 8 in a ring of which at least half is free: 64 for each, and some more.
    assert!(heap.grown() < 80 * signed(tombstones), "{} bytes", heap.grown());
}

#[test]
fn call_that_is_read_again_and_again_leaves_no_timers_behind() {
    let mut config = Config::default();
    config.stream_idle_timeout = Some(ms(10_000));
    let mut machine = accepted(config, "java");
    hear(NOW, &mut machine, 1, &frames::call_req(600_000, true, &[b"e", b"", b""]));
    let call = requested(&mut machine);
    while machine.read(NOW, call) != Ok(Read::Blocked) {}
    let heap = Heap::now();
    let more = frames::call_req_continue(true, &[b"x"]);
    for millis in 0..20_000 {
        let now = NOW + ms(millis);
        hear(now, &mut machine, 1, &more);
        while machine.read(now, call) != Ok(Read::Blocked) {}
        drop_events(&mut machine);
    }
    assert!(heap.grown() < 16 * KIB, "{} bytes", heap.grown());
}

fn serve(machine: &mut Connection, first: u32, calls: u32, one_by_one: bool) {
    let ids = first..first + calls;
    let calls: Vec<_> = ids
        .map(|id| {
            hear(NOW, machine, id, &frames::call_req(60_000, false, &[b"e", b"", b""]));
            requested(machine)
        })
        .collect();
    for call in calls {
        let args = Args::new(Bytes::new(), vec![0; 1_000]);
        machine.respond(NOW, call, Response { code: ResponseCode::OK, args }).expect("it is live");
        if one_by_one {
            send(NOW, machine);
        }
    }
    send(NOW, machine);
    assert_eq!(machine.live(), (0, 0));
}

#[test]
fn buffers_of_a_large_batch_of_small_answers_are_let_go() {
    const CALLS: u32 = 4_000;
    for one_by_one in [false, true] {
        let mut machine = accepted(Config::default(), "java");
        let heap = Heap::now();
        serve(&mut machine, 1, CALLS, one_by_one);
        // The entries of the calls stay for the next ones; the answers' 4 MB do not.
        let each = heap.grown() / i64::from(CALLS);
        assert!(each < KIB, "{each} bytes for each call there was at once");
        let heap = Heap::now();
        for round in 1..4 {
            serve(&mut machine, 1 + round * CALLS, CALLS, one_by_one);
        }
        assert!(heap.grown() < 64 * KIB, "{} bytes more with each batch", heap.grown());
    }
}
