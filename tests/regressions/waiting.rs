//! How long bytes may wait for a peer that takes none: counted from when there were some.

use std::num::NonZeroU32;

use bytes::{Buf, Bytes};
use tchannel_proto::wire::{ErrorCode, NO_MESSAGE, ResponseCode};
use tchannel_proto::{CloseReason, Config, Connection, Event, Health, TimeoutCause, Timestamp};
use tchannel_tests::frames;

use crate::solo::{accepted, bytes, dialled, events, head, hear, ms, request, requested, send};

const NOW: Timestamp = crate::solo::NOW;

/// Longer than the default limit of 30 s.
fn much_later() -> Timestamp {
    NOW + ms(40_000)
}

fn with_pings(interval: u64) -> Config {
    let failures = NonZeroU32::new(100).expect("not 0");
    let mut config = Config::default();
    config.health = Some(Health { interval: ms(interval), timeout: ms(1_000), failures });
    config
}

/// The timers that are left, up to a time; none of them may be about a stalled peer.
fn no_write_stall(machine: &mut Connection, until: Timestamp) {
    while let Some(at) = machine.poll_timeout()
        && at <= until
    {
        assert_ne!(machine.timeout_cause(), Some(TimeoutCause::WriteStall));
        machine.handle_timeout(at);
    }
    assert!(!machine.is_closed(), "{:?}", events(machine));
}

#[test]
fn write_after_long_silence_is_not_a_stall() {
    let mut machine = dialled(Config::default(), "go");
    let call = machine.open(NOW, head(ms(600_000))).expect("there is room");
    send(NOW, &mut machine);
    machine.write(call, Bytes::from_static(b"x")).expect("nothing is unsent");
    machine.handle_timeout(much_later());
    assert!(!machine.is_closed());
    assert_eq!(machine.poll_timeout(), Some(much_later() + ms(30_000)));
    assert_ne!(send(much_later(), &mut machine), 0);
}

#[test]
fn finish_arg_after_long_silence_is_not_a_stall() {
    let mut machine = dialled(Config::default(), "go");
    let call = machine.open(NOW, head(ms(600_000))).expect("there is room");
    send(NOW, &mut machine);
    machine.finish_arg(call).expect("it is live");
    machine.finish_arg(call).expect("it is live");
    machine.handle_timeout(much_later());
    assert!(!machine.is_closed());
    assert_ne!(send(much_later(), &mut machine), 0);
}

#[test]
fn collect_that_refuses_the_call_after_long_silence_is_not_a_stall() {
    let mut config = Config::default();
    config.max_message = bytes(1_000);
    let mut machine = accepted(config, "go");
    hear(NOW, &mut machine, 1, &frames::call_req(600_000, true, &[b"e", b"", &[7; 2_000]]));
    let call = requested(&mut machine);
    machine.read(NOW, call).expect("it is live");
    machine.collect(call).expect("it is live");
    assert!(matches!(machine.poll_event(), Some(Event::Abandoned { code: ErrorCode::BadRequest, .. })));
    machine.handle_timeout(much_later());
    assert!(!machine.is_closed());
    assert_ne!(send(much_later(), &mut machine), 0);
}

#[test]
fn write_that_waits_too_long_is_a_stall() {
    let mut machine = dialled(Config::default(), "go");
    let call = machine.open(NOW, head(ms(600_000))).expect("there is room");
    send(NOW, &mut machine);
    machine.write(call, Bytes::from_static(b"x")).expect("nothing is unsent");
    machine.handle_timeout(NOW);
    machine.handle_timeout(much_later());
    let events = events(&mut machine);
    assert!(matches!(events.last(), Some(Event::Closed(CloseReason::Stalled))), "{events:?}");
}

#[test]
fn ping_dropped_by_draining_leaves_no_write_stall_timer() {
    let mut machine = dialled(with_pings(5_000), "go");
    machine.call(NOW, request(ms(600_000), 3)).expect("there is room");
    send(NOW, &mut machine);
    let due = NOW + ms(5_000);
    machine.handle_timeout(due);
    hear(due, &mut machine, NO_MESSAGE, &frames::error(ErrorCode::Declined, "draining: bye"));
    assert_eq!(machine.timeout_cause(), Some(TimeoutCause::Call));
    assert!(machine.poll_transmit(due).is_none());
    no_write_stall(&mut machine, NOW + ms(500_000));
}

#[test]
fn ping_dropped_by_its_own_timeout_leaves_no_write_stall_timer() {
    let mut machine = dialled(with_pings(60_000), "go");
    machine.call(NOW, request(ms(600_000), 3)).expect("there is room");
    send(NOW, &mut machine);
    let due = NOW + ms(60_000);
    machine.handle_timeout(due);
    // The writer is busy with older bytes for longer than the ping may take.
    machine.handle_timeout(due + ms(1_000));
    assert_eq!(machine.ping_history().collect::<Vec<_>>(), [false]);
    assert_eq!(machine.timeout_cause(), Some(TimeoutCause::Ping));
    while let Some(at) = machine.poll_timeout()
        && at <= NOW + ms(500_000)
    {
        assert_ne!(machine.timeout_cause(), Some(TimeoutCause::WriteStall));
        machine.handle_timeout(at);
        send(at, &mut machine);
    }
    assert!(!machine.is_closed());
}

#[test]
fn bytes_that_come_long_after_a_dropped_ping_have_their_own_time() {
    let mut machine = dialled(with_pings(5_000), "go");
    let call = machine.open(NOW, head(ms(600_000))).expect("there is room");
    send(NOW, &mut machine);
    let due = NOW + ms(5_000);
    machine.handle_timeout(due);
    hear(due, &mut machine, NO_MESSAGE, &frames::error(ErrorCode::Declined, "draining: bye"));
    machine.write(call, Bytes::from_static(b"x")).expect("nothing is unsent");
    machine.handle_timeout(much_later());
    assert!(!machine.is_closed(), "{:?}", events(&mut machine));
}

#[test]
fn ping_that_is_dropped_leaves_the_stall_timer_of_bytes_that_are_still_being_written() {
    let mut machine = dialled(with_pings(5_000), "go");
    machine.call(NOW, request(ms(600_000), 3)).expect("there is room");
    send(NOW, &mut machine);
    let due = NOW + ms(5_000);
    machine.handle_blocked(NOW + ms(4_000));
    machine.handle_timeout(due);
    hear(due, &mut machine, NO_MESSAGE, &frames::error(ErrorCode::Declined, "draining: bye"));
    let stall = NOW + ms(4_000 + 30_000);
    assert_eq!(
        (machine.poll_timeout(), machine.timeout_cause()),
        (Some(stall), Some(TimeoutCause::WriteStall))
    );
    machine.handle_timeout(stall);
    let events = events(&mut machine);
    assert!(matches!(events.last(), Some(Event::Closed(CloseReason::Stalled))), "{events:?}");
}

/// A peer that takes 30 KB each second of 4 MiB, which needs more than a minute for what one `Transmit` gives.
fn slow_reader(told: bool) -> (Connection, Timestamp) {
    let mut machine = dialled(Config::default(), "go");
    machine.call(NOW, request(ms(3_600_000), 4 << 20)).expect("there is room");
    let mut now = NOW;
    while let Some(mut transmit) = machine.poll_transmit(now) {
        while transmit.has_remaining() && !machine.is_closed() {
            now = now + ms(1_000);
            transmit.advance(transmit.remaining().min(30_000));
            if told {
                machine.handle_written(now);
            }
            if machine.poll_timeout().is_some_and(|at| at <= now) {
                machine.handle_timeout(now);
            }
        }
    }
    (machine, now)
}

#[test]
fn reported_writes_keep_a_slow_reader_from_being_stalled() {
    let (machine, now) = slow_reader(true);
    assert!(!machine.is_closed());
    assert_eq!(machine.unsent(), 0);
    assert!(now.since(NOW) > ms(120_000), "{now}");
}

#[test]
fn slow_reader_whose_writes_are_not_reported_is_stalled() {
    let (mut machine, _) = slow_reader(false);
    let events = events(&mut machine);
    assert!(matches!(events.last(), Some(Event::Closed(CloseReason::Stalled))), "{events:?}");
}

#[test]
fn reported_write_with_nothing_waiting_sets_no_timer() {
    let mut machine = accepted(Config::default(), "go");
    hear(NOW, &mut machine, 1, &frames::call_req(1_000, false, &[b"e", b"", b""]));
    let call = requested(&mut machine);
    machine.reply(NOW, call, ResponseCode::OK).expect("it is live");
    send(NOW, &mut machine);
    machine.handle_written(NOW + ms(5));
    assert_eq!(machine.poll_timeout(), None);
}
