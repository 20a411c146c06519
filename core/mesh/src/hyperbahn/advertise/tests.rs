use alloc::format;
use alloc::string::ToString;
use alloc::vec;
use alloc::vec::Vec;
use core::net::SocketAddr;
use core::num::NonZeroU32;
use core::time::Duration;

use tchannel_proto::CallError;

use super::world::{ADDRESS, Router, World, at, refused, timed_out};
use super::*;
use crate::{OpenError, ServiceError};

const COUNT_3: &[u8] = b"{\"connectionCount\":3}";

fn started(options: AdvertiseOptions) -> World {
    World::new(options, 1)
}

fn start(advertise: &mut Advertise, now: u64, services: &[&str]) -> Result<Started, StartError> {
    advertise.start(at(now), Some(SocketAddr::from(ADDRESS)), services)
}

fn sent(world: &mut World) -> CallKey {
    world.advertise.poll_call().expect("a call").0
}

fn answer(world: &mut World, now: u64, key: CallKey) {
    world.advertise.handle_response(at(now), key, true, COUNT_3, &mut world.rng);
}

fn fail(world: &mut World, now: u64, key: CallKey) {
    world.advertise.handle_failed(at(now), key, refused(), &mut world.rng);
}

fn events(world: &mut World) -> Vec<AdvertiseEvent> {
    core::iter::from_fn(|| world.advertise.poll_event()).collect()
}

fn failed(error: CallError, will_retry: bool) -> AdvertiseEvent {
    AdvertiseEvent::AdvertiseFailed { error: error.into(), will_retry }
}

#[test]
fn y4_address_that_nobody_could_connect_to_is_never_advertised() {
    let mut advertise = Advertise::new(AdvertiseOptions::default());
    for address in ["0.0.0.0:4040", "0.0.0.0:0", "127.0.0.1:0", "[::]:4040", "[::ffff:0.0.0.0]:4040"] {
        let address: SocketAddr = address.parse().expect("an address");
        let refused = advertise.start(at(0), Some(address), ["my-service"]);
        assert_eq!(refused, Err(StartError::EphemeralAddress { address }));
    }
    assert_eq!(advertise.start(at(0), None, ["my-service"]), Err(StartError::NotListening));
    assert!(advertise.poll_call().is_none() && advertise.poll_timeout().is_none());
    for address in ["127.0.0.1:4040", "10.0.0.1:1", "[::1]:4040"] {
        assert_eq!(announceable(address.parse().expect("an address")), Ok(()));
    }
}

#[test]
fn start_without_services_names_or_time_is_refused() {
    let mut advertise = Advertise::new(AdvertiseOptions::default());
    assert_eq!(start(&mut advertise, 0, &[]), Err(StartError::NoServices));
    let unnamed = StartError::Service(ServiceError::ServiceNameRequired);
    assert_eq!(start(&mut advertise, 0, &["a", ""]), Err(unnamed));
    let long = "x".repeat(256);
    let too_long = StartError::Service(ServiceError::ServiceNameTooLong { len: 256 });
    assert_eq!(start(&mut advertise, 0, &[&long]), Err(too_long));
    let mut hasty =
        Advertise::new(AdvertiseOptions { timeout: Duration::ZERO, ..AdvertiseOptions::default() });
    assert_eq!(start(&mut hasty, 0, &["a"]), Err(StartError::ZeroTimeout));
    assert!(advertise.poll_call().is_none() && hasty.poll_call().is_none());
}

#[test]
fn idle_start() {
    let mut world = started(AdvertiseOptions::default());
    assert_eq!(world.advertise.poll_timeout(), Some(at(30_000)));
    assert!(world.advertise.poll_call().is_some());
    assert!(world.advertise.poll_call().is_none());
}

#[test]
fn sending_ok_answer() {
    let mut world = started(AdvertiseOptions::default());
    let key = sent(&mut world);
    answer(&mut world, 5, key);
    assert_eq!(events(&mut world), [AdvertiseEvent::Advertised { connection_count: 3, first: true }]);
    assert_eq!(world.advertise.result(), Some(&Ok(3)));
    let again = world.advertise.poll_timeout().expect("another time");
    assert!((at(30_005)..=at(90_005)).contains(&again), "{again}");
    world.advertise.handle_timeout(again);
    let key = sent(&mut world);
    answer(&mut world, 100_000, key);
    assert_eq!(events(&mut world), [AdvertiseEvent::Advertised { connection_count: 3, first: false }]);
}

#[test]
fn sending_any_failure() {
    for (ok, body, said) in [
        (false, &b"{\"message\":\"no\"}"[..], "the router refused: {\"message\":\"no\"}"),
        (false, b"\xff\xffx", "the router refused: \u{fffd}\u{fffd}x"),
        (true, b"", "the router's answer cannot be read: expected an object at byte 0"),
        (true, b"{}", "the router's answer cannot be read: expected a count in the object at byte 2"),
    ] {
        let mut world = started(AdvertiseOptions::default());
        let key = sent(&mut world);
        world.advertise.handle_response(at(1), key, ok, body, &mut world.rng);
        let [AdvertiseEvent::AdvertiseFailed { error, will_retry: true }] = &events(&mut world)[..] else {
            panic!("no failure")
        };
        assert_eq!(error.to_string(), said);
    }
}

#[test]
fn c15_every_kind_of_failure_leads_to_another_attempt() {
    let codes = [
        ErrorCode::Timeout,
        ErrorCode::Cancelled,
        ErrorCode::Busy,
        ErrorCode::Declined,
        ErrorCode::Unexpected,
        ErrorCode::BadRequest,
        ErrorCode::Network,
        ErrorCode::Unhealthy,
        ErrorCode::Fatal,
        ErrorCode::Unknown(66),
    ];
    let of_code = |code| RouterError::from(CallError { code, ..refused() });
    let unreadable = steps::read(true, b"[]").expect_err("no object");
    let refusal = steps::read(false, b"").expect_err("not ok");
    let others = [OpenError::Closed.into(), unreadable, refusal];
    for error in codes.into_iter().map(of_code).chain(others) {
        let mut world = started(AdvertiseOptions::default());
        let key = sent(&mut world);
        world.advertise.handle_failed(at(1), key, error.clone(), &mut world.rng);
        assert_eq!(events(&mut world), [AdvertiseEvent::AdvertiseFailed { error, will_retry: true }]);
        let again = world.advertise.poll_timeout().expect("another time");
        assert!(again <= at(1_401), "{again}");
        world.advertise.handle_timeout(again);
        sent(&mut world);
    }
}

#[test]
fn c16_longest_pause_grows_by_two_fifths_up_to_ten_seconds() {
    let pauses: Vec<_> = (0..10).map(|n| steps::longest_pause(n).as_micros()).collect();
    let wanted = [
        1_000_000, 1_400_000, 1_960_000, 2_744_000, 3_841_600, 5_378_240, 7_529_536, 10_000_000, 10_000_000,
        10_000_000,
    ];
    assert_eq!(pauses, wanted);
}

#[test]
fn backoff_timer_after_the_first_phase() {
    let mut world = started(AdvertiseOptions::default());
    world.run(at(29_999), |_| Router::Down);
    let failures = world.events.len();
    assert_eq!(world.advertise.poll_timeout(), Some(at(30_000)));
    assert_eq!(world.events.last(), Some(&(world.made[failures - 1].0, failed(refused(), false))));
    world.run(at(40_000), |_| Router::Down);
    let error = AdvertiseError { after: Duration::from_secs(30), last: refused().into() };
    assert_eq!(world.events[failures..], [(at(30_000), AdvertiseEvent::NotAdvertised(error.clone()))]);
    let said = "not advertised within 30000ms, check that the routers run and can be reached: \
                network error (local): connection refused";
    assert_eq!(error.to_string(), said);
    assert_eq!(world.advertise.result(), Some(&Err(error)));
    assert_eq!(world.advertise.poll_timeout(), None);
}

#[test]
fn backoff_timer_otherwise() {
    let mut world = started(AdvertiseOptions::default());
    let key = sent(&mut world);
    fail(&mut world, 0, key);
    let again = world.advertise.poll_timeout().expect("another time");
    world.advertise.handle_timeout(Timestamp::from_nanos(again.as_nanos() - 1));
    assert!(world.advertise.poll_call().is_none(), "too early");
    world.advertise.handle_timeout(again);
    assert_ne!(sent(&mut world), key);
}

#[test]
fn call_in_flight_at_the_end_of_the_first_phase_is_cancelled() {
    let mut world =
        started(AdvertiseOptions { timeout: Duration::from_secs(1), ..AdvertiseOptions::default() });
    let (key, call) = world.advertise.poll_call().expect("a call");
    assert_eq!(call.options.timeout, Some(Duration::from_secs(1)), "no longer than the phase");
    world.advertise.handle_timeout(at(1_000));
    assert_eq!((world.advertise.poll_cancel(), world.advertise.poll_cancel()), (Some(key), None));
    let last = steps::local(ErrorCode::Timeout, "no router has answered");
    let error = AdvertiseError { after: Duration::from_secs(1), last };
    assert_eq!(events(&mut world), [AdvertiseEvent::NotAdvertised(error)]);
    answer(&mut world, 1_001, key);
    assert_eq!(events(&mut world), []);
}

#[test]
fn keep_trying_gives_the_last_call_of_the_first_phase_its_whole_time() {
    let mut world = started(AdvertiseOptions {
        timeout: Duration::from_secs(1),
        keep_trying: true,
        ..AdvertiseOptions::default()
    });
    let (key, call) = world.advertise.poll_call().expect("a call");
    assert_eq!(call.options.timeout, Some(Duration::from_secs(2)));
    world.advertise.handle_timeout(at(1_000));
    assert_eq!((world.advertise.poll_cancel(), world.advertise.poll_timeout()), (None, None));
    answer(&mut world, 1_500, key);
    let last = Some(AdvertiseEvent::Advertised { connection_count: 3, first: true });
    assert_eq!(events(&mut world).pop(), last);
}

#[test]
fn keep_trying_goes_on_after_one_advertise_error() {
    let mut world = started(AdvertiseOptions { keep_trying: true, ..AdvertiseOptions::default() });
    let router = |now| if now < at(300_000) { Router::Silent } else { Router::Up };
    world.run(at(400_000), router);
    let given_up: Vec<_> =
        world.events.iter().filter(|(_, event)| matches!(event, AdvertiseEvent::NotAdvertised(_))).collect();
    assert_eq!(given_up.len(), 1);
    assert_eq!(given_up[0].0, at(30_000));
    let will_retry =
        |event: &AdvertiseEvent| !matches!(event, AdvertiseEvent::AdvertiseFailed { will_retry: false, .. });
    assert!(world.events.iter().all(|(_, event)| will_retry(event)));
    let first = AdvertiseEvent::Advertised { connection_count: 3, first: true };
    assert_eq!(world.events.iter().filter(|(_, event)| *event == first).count(), 1);
    assert_eq!(world.advertise.result(), Some(&Ok(3)));
}

#[test]
fn waiting_timer_starts_with_a_short_pause_again() {
    let mut world = started(AdvertiseOptions::default());
    let router = |now| if now == at(0) || now > at(200_000) { Router::Up } else { Router::Down };
    world.run(at(300_000), router);
    world.run(at(3_600_000), |_| Router::Up);
    let key = loop {
        let timer = world.advertise.poll_timeout().expect("another time");
        world.advertise.handle_timeout(timer);
        if let Some((key, _)) = world.advertise.poll_call() {
            break key;
        }
    };
    let now = world.advertise.now;
    world.advertise.handle_failed(now, key, refused(), &mut world.rng);
    assert!(world.advertise.poll_timeout().expect("another time") <= now + Duration::from_millis(1_400));
}

#[test]
fn waiting_phase_failures_are_retried_for_ever() {
    let mut world = started(AdvertiseOptions::default());
    world.run(at(24 * 3_600_000), |now| if now == at(0) { Router::Up } else { Router::Down });
    let (_, last) = world.events.last().expect("failures");
    assert_eq!(*last, failed(refused(), true));
    assert!(world.made.len() > 10_000, "{} calls in a day", world.made.len());
    assert!(matches!(world.advertise.result(), Some(Ok(3))));
}

#[test]
fn waiting_phase_failures_end_it_with_fail_after() {
    let options = AdvertiseOptions { fail_after: NonZeroU32::new(5), ..AdvertiseOptions::default() };
    let mut world = started(options);
    world.run(at(3_600_000), |now| if now == at(0) { Router::Up } else { Router::Silent });
    let ends: Vec<_> = world.events.iter().map(|(_, event)| event.clone()).collect();
    let mut wanted = vec![AdvertiseEvent::Advertised { connection_count: 3, first: true }];
    wanted.extend(core::iter::repeat_n(failed(timed_out(), true), 4));
    wanted.push(failed(timed_out(), false));
    assert_eq!(ends, wanted);
    assert_eq!(world.advertise.poll_timeout(), None);
}

#[test]
fn answer_between_failures_starts_the_count_of_fail_after_again() {
    let options = AdvertiseOptions { fail_after: NonZeroU32::new(2), ..AdvertiseOptions::default() };
    let mut world = started(options);
    for round in 0..10 {
        let key = sent(&mut world);
        if round % 2 == 0 {
            answer(&mut world, round, key);
        } else {
            fail(&mut world, round, key);
        }
        let timer = world.advertise.poll_timeout().expect("another time");
        world.advertise.handle_timeout(timer);
    }
}

#[test]
fn any_start_again_same_services() {
    let mut world = started(AdvertiseOptions::default());
    assert_eq!(start(&mut world.advertise, 0, &["my-service"]), Ok(Started::Joined));
    let key = sent(&mut world);
    answer(&mut world, 5, key);
    assert_eq!(start(&mut world.advertise, 10, &["my-service", "my-service"]), Ok(Started::Joined));
    assert_eq!(world.advertise.result(), Some(&Ok(3)));
    assert_eq!(events(&mut world).len(), 1);
    assert!(world.advertise.poll_call().is_none(), "advertised twice");
    for others in [&["other"][..], &["my-service", "other"]] {
        assert_eq!(start(&mut world.advertise, 10, others), Err(StartError::OtherServices));
    }
}

#[test]
fn failed_loop_can_be_started_again_and_has_its_whole_time() {
    let mut world = started(AdvertiseOptions::default());
    world.run(at(40_000), |_| Router::Down);
    assert_eq!(start(&mut world.advertise, 40_000, &["other"]), Ok(Started::Began));
    assert_eq!((world.advertise.result(), world.advertise.poll_timeout()), (None, Some(at(70_000))));
    let (_, call) = world.advertise.poll_call().expect("a call");
    assert_eq!(call.args.body(), "{\"services\":[{\"cost\":0,\"serviceName\":\"other\"}]}");
}

#[test]
fn any_stop() {
    let mut world = started(AdvertiseOptions::default());
    let key = sent(&mut world);
    world.advertise.stop(at(1));
    assert_eq!(world.advertise.poll_cancel(), Some(key));
    assert_eq!(events(&mut world), [AdvertiseEvent::Stopped]);
    answer(&mut world, 2, key);
    world.advertise.stop(at(3));
    assert_eq!((events(&mut world), world.advertise.poll_timeout()), (vec![], None));
    assert_eq!((world.advertise.poll_cancel(), world.advertise.result()), (None, None));
}

#[test]
fn call_that_was_not_made_yet_needs_no_cancel() {
    let mut world = started(AdvertiseOptions::default());
    world.advertise.stop(at(0));
    assert!(world.advertise.poll_call().is_none() && world.advertise.poll_cancel().is_none());
}

#[test]
fn late_answer_to_a_cancelled_call_is_ignored_after_a_new_start() {
    let mut world = started(AdvertiseOptions::default());
    let old = sent(&mut world);
    world.advertise.stop(at(1));
    start(&mut world.advertise, 2, &["my-service"]).expect("stopped before");
    let new = sent(&mut world);
    answer(&mut world, 3, old);
    fail(&mut world, 3, old);
    assert_eq!(events(&mut world), [AdvertiseEvent::Stopped]);
    answer(&mut world, 4, new);
    answer(&mut world, 5, new);
    assert_eq!(events(&mut world), [AdvertiseEvent::Advertised { connection_count: 3, first: true }]);
}

#[test]
fn any_unadvertise() {
    let mut world = started(AdvertiseOptions::default());
    let ad = sent(&mut world);
    world.advertise.unadvertise(at(1)).expect("it was started");
    assert_eq!(
        (world.advertise.poll_cancel(), events(&mut world)),
        (Some(ad), vec![AdvertiseEvent::Stopped])
    );
    let unad = sent(&mut world);
    assert_eq!(world.advertise.unadvertise(at(1)), Ok(()));
    assert!(world.advertise.poll_call().is_none(), "asked twice");
    assert_eq!(start(&mut world.advertise, 1, &["my-service"]), Err(StartError::Unadvertising));
    answer(&mut world, 1, ad);
    assert_eq!(events(&mut world), []);
    answer(&mut world, 2, unad);
    assert_eq!(events(&mut world), [AdvertiseEvent::Unadvertised { connection_count: 3 }]);
    assert_eq!(world.advertise.poll_timeout(), None);
}

#[test]
fn failed_unadvertise_is_told_and_not_retried() {
    let mut world = started(AdvertiseOptions::default());
    let ad = sent(&mut world);
    answer(&mut world, 1, ad);
    world.advertise.unadvertise(at(2)).expect("it was started");
    let unad = sent(&mut world);
    fail(&mut world, 3, unad);
    let wanted = [
        AdvertiseEvent::Advertised { connection_count: 3, first: true },
        AdvertiseEvent::Stopped,
        AdvertiseEvent::UnadvertiseFailed { error: refused().into() },
    ];
    assert_eq!(events(&mut world), wanted);
    world.advertise.handle_timeout(Timestamp::MAX);
    assert!(world.advertise.poll_call().is_none());
}

#[test]
fn unadvertise_before_any_start_is_refused() {
    let mut advertise = Advertise::new(AdvertiseOptions::default());
    assert_eq!(advertise.unadvertise(at(0)), Err(NotStarted));
    advertise.stop(at(0));
    advertise.handle_closed(at(0));
    assert!(advertise.poll_call().is_none() && advertise.poll_event().is_none());
}

#[test]
fn any_channel_closed() {
    let mut world = started(AdvertiseOptions::default());
    sent(&mut world);
    world.advertise.handle_closed(at(1));
    assert_eq!(events(&mut world), [AdvertiseEvent::Stopped]);
    assert_eq!((world.advertise.poll_cancel(), world.advertise.poll_timeout()), (None, None));
}

#[test]
fn whoever_waits_for_an_unadvertise_hears_of_its_end() {
    let end = |end: fn(&mut Advertise)| {
        let mut world = started(AdvertiseOptions::default());
        world.advertise.unadvertise(at(1)).expect("it was started");
        end(&mut world.advertise);
        let events = events(&mut world);
        let Some(AdvertiseEvent::UnadvertiseFailed { error }) = events.last() else { panic!("{events:?}") };
        format!("{error}")
    };
    assert_eq!(end(|advertise| advertise.stop(at(2))), "cancelled (local): stopped");
    let closed = end(|advertise| advertise.handle_closed(at(2)));
    assert_eq!(closed, "network error (local): the channel was closed");
}

#[test]
fn interval_is_half_more_or_less_and_never_above_two_minutes() {
    let mut rng = Rng::new(3);
    for (interval, least, most) in [
        (Duration::from_secs(60), 30_000, 90_000),
        (Duration::from_secs(100), 50_000, 120_000),
        (Duration::MAX, 60_000, 120_000),
        (Duration::ZERO, 500, 1_500),
    ] {
        let options = AdvertiseOptions { interval, ..AdvertiseOptions::default() };
        let pauses: Vec<_> = (0..1_000).map(|_| options.next_interval(&mut rng).as_millis()).collect();
        let (first, last) = (pauses.iter().min().expect("some"), pauses.iter().max().expect("some"));
        let hundredth = (most - least) / 100;
        assert!((least..least + hundredth).contains(first), "{first} for {interval:?}");
        assert!((most - hundredth..=most).contains(last), "{last} for {interval:?}");
    }
}
