//! What holds whatever happens, in any order.

use core::net::SocketAddr;
use core::num::NonZeroU32;

use proptest::prelude::*;

use super::world::{ADDRESS, at, refused};
use super::{Advertise, AdvertiseEvent, AdvertiseOptions, Started};
use crate::rng::Rng;

#[derive(Clone, Copy, Debug)]
enum Op {
    Start,
    Stop,
    Unadvertise,
    Close,
    Timeout,
    Answer(bool),
    Fail,
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        2 => Just(Op::Start),
        1 => Just(Op::Stop),
        1 => Just(Op::Unadvertise),
        1 => Just(Op::Close),
        6 => Just(Op::Timeout),
        6 => any::<bool>().prop_map(Op::Answer),
        6 => Just(Op::Fail),
    ]
}

proptest! {
    #[test]
    fn whatever_happens_one_call_is_in_flight_and_each_start_is_answered_once(
        seed: u64,
        keep_trying: bool,
        fail_after in prop::option::of(1_u32..4),
        ops in prop::collection::vec((op(), 0_u64..40_000), 0..80),
    ) {
        let fail_after = fail_after.and_then(NonZeroU32::new);
        let options = AdvertiseOptions { keep_trying, fail_after, ..AdvertiseOptions::default() };
        let (mut advertise, mut rng) = (Advertise::new(options), Rng::new(seed));
        let address = Some(SocketAddr::from(ADDRESS));
        let (mut now, mut in_flight, mut waits) = (0, None, false);
        for (op, pause) in ops {
            now += pause;
            match op {
                Op::Start => waits |= advertise.start(at(now), address, ["a"]) == Ok(Started::Began),
                Op::Stop => advertise.stop(at(now)),
                Op::Unadvertise => drop(advertise.unadvertise(at(now))),
                Op::Close => {
                    advertise.handle_closed(at(now));
                    in_flight = None;
                }
                Op::Timeout => advertise.handle_timeout(at(now)),
                Op::Answer(ok) => if let Some(key) = in_flight.take() {
                    advertise.handle_response(at(now), key, ok, b"{\"connectionCount\":3}", &mut rng);
                },
                Op::Fail => if let Some(key) = in_flight.take() {
                    advertise.handle_failed(at(now), key, refused(), &mut rng);
                },
            }
            if let Op::Timeout = op {
                prop_assert!(advertise.poll_timeout().is_none_or(|then| then > at(now)));
            }
            while let Some(key) = advertise.poll_cancel() {
                prop_assert_eq!(in_flight.take(), Some(key));
            }
            if let Some((key, call)) = advertise.poll_call() {
                prop_assert_eq!(in_flight.replace(key), None);
                prop_assert!(call.options.timeout.is_some_and(|time| !time.is_zero()));
            }
            while let Some(event) = advertise.poll_event() {
                let given_up = matches!(event, AdvertiseEvent::NotAdvertised(_));
                let first = matches!(event, AdvertiseEvent::Advertised { first: true, .. });
                prop_assert!(waits || !given_up && (!first || keep_trying));
                waits &= !given_up && !first && event != AdvertiseEvent::Stopped;
            }
        }
    }
}
