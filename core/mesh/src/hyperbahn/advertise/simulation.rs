//! The loop against routers that come and go, an hour at a time.

use core::time::Duration;

use tchannel_proto::Timestamp;
use tchannel_wire::ErrorCode;

use super::world::{Router, World, at};
use super::{AdvertiseError, AdvertiseEvent, AdvertiseOptions, RouterError};

const HOUR: u64 = 3_600_000;

#[test]
fn times_of_an_undisturbed_run_are_those_of_the_seed() {
    let mut world = World::new(AdvertiseOptions::default(), 7);
    world.run(at(600_000), |_| Router::Up);
    let wanted =
        [0, 50_777, 113_372, 149_915, 188_043, 263_409, 328_803, 366_087, 399_675, 447_530, 501_828, 536_761];
    assert_eq!(world.made_at(), wanted);
}

#[test]
fn times_without_a_router_are_those_of_the_seed() {
    let mut world = World::new(AdvertiseOptions::default(), 7);
    world.run(at(60_000), |_| Router::Down);
    assert_eq!(world.made_at(), [0, 555, 2_232, 3_721, 4_552, 9_364, 14_386, 20_945, 24_024]);
}

#[test]
fn times_with_a_silent_router_are_those_of_the_seed() {
    let mut world = World::new(AdvertiseOptions::default(), 7);
    world.run(at(60_000), |_| Router::Silent);
    assert_eq!(world.made_at(), [0, 2_555, 6_232, 9_721, 12_552, 19_364, 26_386]);
}

#[test]
fn advertisements_are_30_to_90_seconds_apart() {
    for seed in 0..100 {
        let mut world = World::new(AdvertiseOptions::default(), seed);
        world.run(at(HOUR), |_| Router::Up);
        let times = world.advertised();
        assert!((40..=120).contains(&times.len()), "{} in an hour", times.len());
        for pair in times.windows(2) {
            let pause = pair[1].since(pair[0]);
            assert!((Duration::from_secs(30)..=Duration::from_millis(90_010)).contains(&pause), "{pause:?}");
        }
    }
}

#[test]
fn e5_half_a_minute_without_a_router_is_an_advertise_error() {
    for seed in 0..200 {
        for (router, code) in [(Router::Down, ErrorCode::Network), (Router::Silent, ErrorCode::Timeout)] {
            let mut world = World::new(AdvertiseOptions::default(), seed);
            world.run(at(HOUR), |_| router);
            let (when, last) = world.events.pop().expect("an end");
            let AdvertiseEvent::NotAdvertised(AdvertiseError { after, last: RouterError::Call(error) }) =
                last
            else {
                panic!("seed {seed}: {last:?}")
            };
            assert_eq!((when, after, error.code), (at(30_000), Duration::from_secs(30), code));
            assert!(world.made.len() > 5, "seed {seed}: {:?}", world.made);
            assert!(world.made.iter().all(|(made, _)| *made < at(30_000)));
            let fails = |(_, event): &(Timestamp, AdvertiseEvent)| {
                matches!(event, AdvertiseEvent::AdvertiseFailed { .. })
            };
            assert!(world.events.iter().all(fails), "more than one end");
        }
    }
}

#[test]
fn router_dead_for_ten_minutes_is_told_within_ten_seconds_of_its_return() {
    let (dies, returns) = (at(20 * 60_000), at(30 * 60_000));
    for seed in 0..200 {
        let mut world = World::new(AdvertiseOptions::default(), seed);
        let router = |now| if (dies..returns).contains(&now) { Router::Down } else { Router::Up };
        world.run(at(HOUR), router);
        let told = world.advertised().into_iter().find(|at| *at >= returns).expect("it is told");
        assert!(
            told.since(returns) <= Duration::from_millis(10_005),
            "seed {seed}: {:?}",
            told.since(returns)
        );
    }
}

#[test]
fn router_silent_for_ten_minutes_is_told_once_the_last_silent_call_is_over_and_ten_seconds_later() {
    let (dies, returns) = (at(20 * 60_000), at(30 * 60_000));
    for seed in 0..200 {
        let mut world = World::new(AdvertiseOptions::default(), seed);
        let router = |now| if (dies..returns).contains(&now) { Router::Silent } else { Router::Up };
        world.run(at(HOUR), router);
        let told = world.advertised().into_iter().find(|at| *at >= returns).expect("it is told");
        assert!(
            told.since(returns) <= Duration::from_millis(12_005),
            "seed {seed}: {:?}",
            told.since(returns)
        );
    }
}
