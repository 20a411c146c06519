//! Time at its edges: early, repeated, and at the end of what can be named.

use std::num::NonZeroU32;
use std::time::Duration;

use tchannel_proto::wire::{ErrorCode, ResponseCode};
use tchannel_proto::{Args, CloseReason, Config, Connection, Event, Health, Outgoing, Response, Timestamp};
use tchannel_tests::frames;

use crate::solo::{NOW, accepted, dialled, events, hear, ms, request, requested, send};

fn with_pings(interval: Duration, timeout: Duration) -> Config {
    let failures = NonZeroU32::new(5).expect("not 0");
    let mut config = Config::default();
    config.health = Some(Health { interval, timeout, failures });
    config
}

#[test]
fn last_moment_that_can_be_named_ends_every_ping_timer() {
    for (interval, timeout) in [
        (ms(5_000), ms(1_000)),
        (Duration::ZERO, Duration::ZERO),
        (Duration::MAX, Duration::MAX),
        (Duration::ZERO, Duration::MAX),
        (ms(5_000), Duration::ZERO),
    ] {
        let mut machine = dialled(with_pings(interval, timeout), "go");
        machine.handle_timeout(Timestamp::MAX);
        assert!(machine.poll_timeout().is_none_or(|at| at > Timestamp::MAX), "{:?}", machine.timeout_cause());
        send(Timestamp::MAX, &mut machine);
        machine.handle_timeout(Timestamp::MAX);
    }
}

#[test]
fn ping_interval_of_zero_moves_on_with_time() {
    let mut machine = dialled(with_pings(Duration::ZERO, Duration::ZERO), "go");
    for at in 0..100 {
        let now = NOW + ms(at);
        machine.handle_timeout(now);
        assert!(machine.poll_timeout().is_none_or(|next| next > now), "{:?}", machine.timeout_cause());
        send(now, &mut machine);
    }
}

#[test]
fn drained_connection_closes_with_its_last_response_and_not_by_an_early_timeout() {
    let mut machine = dialled(Config::default(), "java");
    let call = machine.call(NOW, request(ms(60_000), 3)).expect("there is room");
    send(NOW, &mut machine);
    machine.drain(NOW, "restart", NOW + ms(30_000));
    send(NOW, &mut machine);
    machine.handle_timeout(NOW);
    assert!(!machine.is_closed());
    hear(NOW, &mut machine, call.id(), &frames::call_res(false, &[b"", b"", b"x"]));
    assert!(machine.is_closed());
    let before = events(&mut machine);
    assert!(
        matches!(before[..], [Event::Response { args: Some(_), .. }, Event::Closed(CloseReason::Drained)]),
        "{before:?}"
    );
    machine.handle_timeout(NOW);
    assert!(events(&mut machine).is_empty());
}

#[test]
fn drained_connection_closes_when_its_last_answer_leaves_and_not_by_an_early_timeout() {
    let mut machine = accepted(Config::default(), "go");
    hear(NOW, &mut machine, 1, &frames::call_req(60_000, false, &[b"e", b"", b""]));
    let call = requested(&mut machine);
    machine.drain(NOW, "restart", NOW + ms(30_000));
    send(NOW, &mut machine);
    let response = Response { code: ResponseCode::OK, args: Args::default() };
    machine.respond(NOW, call, response).expect("it is live");
    machine.handle_timeout(NOW);
    assert!(!machine.is_closed());
    assert_ne!(send(NOW, &mut machine), 0);
    assert!(machine.is_closed());
}

#[test]
fn no_call_leaves_a_drained_connection_for_an_early_timeout_to_close() {
    // Every way in which the last call can end closes it there and then, or with the next transmit.
    let ends: [fn(&mut Connection, Outgoing); 4] = [
        |machine, call| hear(NOW, machine, call.id(), &frames::call_res(false, &[b"", b"", b"x"])),
        |machine, call| hear(NOW, machine, call.id(), &frames::error(ErrorCode::Busy, "no")),
        |machine, call| machine.cancel(NOW, call, "enough"),
        |machine, _| machine.handle_timeout(NOW + ms(60_000)),
    ];
    for end in ends {
        let mut machine = dialled(Config::default(), "go");
        let call = machine.call(NOW, request(ms(60_000), 3)).expect("there is room");
        machine.drain(NOW, "restart", NOW + ms(90_000));
        send(NOW, &mut machine);
        end(&mut machine, call);
        send(NOW, &mut machine);
        assert!(machine.is_closed());
        let events = events(&mut machine);
        assert!(matches!(events.last(), Some(Event::Closed(CloseReason::Drained))), "{events:?}");
    }
}

#[test]
fn early_timeout_leaves_every_poll_as_it_was() {
    let mut machine = dialled(with_pings(ms(5_000), ms(1_000)), "go");
    machine.call(NOW, request(ms(60_000), 3)).expect("there is room");
    send(NOW, &mut machine);
    let before = (machine.poll_timeout(), machine.timeout_cause(), machine.wants_input(), machine.live());
    for _ in 0..3 {
        machine.handle_timeout(NOW);
    }
    let after = (machine.poll_timeout(), machine.timeout_cause(), machine.wants_input(), machine.live());
    assert_eq!(before, after);
    assert!(machine.poll_event().is_none());
    assert!(machine.poll_transmit(NOW).is_none());
}
