use core::num::NonZeroU32;

use tchannel_proto::Origin;
use tchannel_wire::{ErrorCode, RetryFlags};

use super::*;
use crate::Ratio;
use crate::retry::Rules;
use crate::retry::attempts::testing::*;

#[test]
fn n2_in_flight_response_ok_or_not_ok_without_callback() {
    for ok in [true, false] {
        let (mut call, mut budget) = in_flight(rules());
        assert_eq!(call.answered(ok, "answer"), Some(Step::Give(Ok("answer"))));
        assert_eq!(call.answered(ok, "twice"), None);
        assert_eq!(call.failed(at(1), busy(), &mut budget), None);
        assert_eq!(call.end(busy()), None);
    }
}

#[test]
fn n6_in_flight_response_not_ok_with_callback() {
    let (mut call, mut budget) = in_flight(asked());
    assert_eq!(call.answered(false, "no"), Some(Step::Ask));
    assert_eq!((call.asking(), call.poll_timeout()), (Some(&"no"), Some(at(BUDGET_MS))));
    assert_eq!(call.decided(at(1), Verdict::Retry), Some(Step::TryAgain));
    assert_eq!(call.asking(), None);
    assert_eq!(call.begin(at(1), peer(2), true, &mut budget).map(|attempt| attempt.retry_count), Some(1));
    assert_eq!(call.answered(true, "yes"), Some(Step::Give(Ok("yes"))));
}

#[test]
fn decide_attempts_left() {
    let (mut call, mut budget) = in_flight(rules());
    for n in 2..=3 {
        assert_eq!(call.failed(at(1), busy(), &mut budget), Some(Step::TryAgain));
        call.begin(at(1), peer(n), true, &mut budget);
    }
    assert_eq!(call.failed(at(1), busy(), &mut budget), Some(Step::Give(Err(busy()))));
    assert_eq!(call.made(), 3);
}

#[test]
fn p4_retry_limit_zero_is_one_attempt() {
    let (mut call, mut budget) = in_flight(Rules { max_attempts: NonZeroU32::MIN, ..rules() });
    assert_eq!(call.failed(at(1), network(), &mut budget), Some(Step::Give(Err(network()))));
}

#[test]
fn decide_not_retried_by_the_table() {
    let (mut call, mut budget) = in_flight(rules());
    let cancelled = error(ErrorCode::Cancelled, Origin::Remote);
    assert_eq!(call.failed(at(1), cancelled.clone(), &mut budget), Some(Step::Give(Err(cancelled))));
}

#[test]
fn decide_deadline_reached() {
    let (mut call, mut budget) = in_flight(rules());
    assert_eq!(call.failed(at(BUDGET_MS), busy(), &mut budget), Some(Step::Give(Err(busy()))));
}

#[test]
fn decide_budget_denies() {
    let mut budget = Budget::new(Some(Ratio::ZERO));
    let mut call = Attempts::<()>::new(at(0), at(60_000), rules());
    call.start(at(0), &mut budget);
    call.begin(at(0), peer(1), true, &mut budget);
    assert_eq!(call.failed(at(40_000), busy(), &mut budget), Some(Step::Give(Err(busy()))));
    assert_eq!(budget.denied(), 1);
}

#[test]
fn all_servers_busy_attempts_of_many_calls_stay_within_the_budget() {
    let (mut budget, mut calls, mut attempts) = (Budget::default(), 0, 0);
    for tick in 0..10_000 {
        let now = at(tick * 10);
        let mut call = Attempts::<()>::new(now, Timestamp::MAX, rules());
        let mut step = call.start(now, &mut budget);
        while let Some(Step::Choose | Step::TryAgain) = step {
            call.begin(now, peer(call.made()), true, &mut budget);
            step = call.failed(now, busy(), &mut budget);
        }
        let warm = now >= at(30_000);
        calls += u32::from(warm);
        attempts += if warm { call.made() } else { 0 };
    }
    assert!(attempts * 10 <= calls * 11, "{attempts} attempts of {calls} calls");
}

#[test]
fn app_decide_accept_and_fail() {
    let (mut call, _) = in_flight(asked());
    call.answered(false, "no");
    assert_eq!(call.decided(at(1), Verdict::Accept), Some(Step::Give(Ok("no"))));
    let (mut call, _) = in_flight(asked());
    call.answered(false, "no");
    assert_eq!(call.decided(at(1), Verdict::Fail(busy())), Some(Step::Give(Err(busy()))));
}

#[test]
fn n6_app_decide_retry_but_exhausted_delivers_the_last_response() {
    let (mut call, mut budget) = in_flight(asked());
    for (n, answer) in [(2, "first"), (3, "second")] {
        assert_eq!(call.answered(false, answer), Some(Step::Ask));
        assert_eq!(call.decided(at(1), Verdict::Retry), Some(Step::TryAgain));
        call.begin(at(1), peer(n), true, &mut budget);
    }
    call.answered(false, "third");
    assert_eq!(call.decided(at(1), Verdict::Retry), Some(Step::Give(Ok("third"))));
}

#[test]
fn app_decide_is_not_stopped_by_never() {
    let (mut call, _) = in_flight(Rules { flags: RetryFlags::NEVER, ..asked() });
    call.answered(false, "no");
    assert_eq!(call.decided(at(1), Verdict::Retry), Some(Step::TryAgain));
}

#[test]
fn app_decide_after_the_deadline_gives_the_response() {
    let (mut call, mut budget) = in_flight(asked());
    call.answered(false, "no");
    assert_eq!(call.clone().decided(at(BUDGET_MS), Verdict::Retry), Some(Step::Give(Ok("no"))));
    assert_eq!(call.expired(at(BUDGET_MS), &mut budget), Some(Step::Give(Ok("no"))));
}

#[test]
fn drained_peer_is_tried_and_its_attempt_not_counted() {
    let (mut call, mut budget) = in_flight(Rules { max_attempts: NonZeroU32::MIN, ..rules() });
    assert_eq!(call.failed(at(1), drained(), &mut budget), Some(Step::Choose));
    assert_eq!((call.made(), call.has_tried(peer(1))), (0, true));
    assert_eq!(call.begin(at(1), peer(2), true, &mut budget).map(|attempt| attempt.retry_count), Some(0));
    assert_eq!(call.failed(at(2), busy(), &mut budget), Some(Step::Give(Err(busy()))));
}

#[test]
fn going_back_to_a_drained_peer_is_counted() {
    let (mut call, mut budget) = in_flight(Rules { allow_same_peer: true, ..rules() });
    for made in 0..3 {
        assert_eq!(call.failed(at(1), drained(), &mut budget), Some(Step::Choose));
        assert_eq!(call.made(), made);
        assert!(call.begin(at(1), peer(1), true, &mut budget).is_some());
    }
    assert_eq!(call.failed(at(1), drained(), &mut budget), Some(Step::Give(Err(drained()))));
}

#[test]
fn peer_that_took_nothing_is_full_until_another_attempt_is_over() {
    let full = || NotSent::Connection(tchannel_proto::OpenError::Closed);
    let (mut call, mut budget) = in_flight(asked());
    assert_eq!(call.not_taken(at(1), peer(1), full(), &mut budget), Some(Step::Choose));
    assert_eq!((call.is_full(peer(1)), call.is_full(peer(2))), (true, false));
    call.begin(at(1), peer(2), true, &mut budget);
    assert!(call.is_full(peer(1)));
    let mut answered = call.clone();
    assert_eq!(call.failed(at(2), busy(), &mut budget), Some(Step::TryAgain));
    assert_eq!(answered.answered(false, "no"), Some(Step::Ask));
    assert!(!call.is_full(peer(1)) && !answered.is_full(peer(1)));
}

#[test]
fn only_drained_peers_end_the_call_as_drained() {
    let (mut call, mut budget) = in_flight(rules());
    call.failed(at(1), drained(), &mut budget);
    assert_eq!(call.no_peer(at(2), nobody(), &mut budget), Some(Step::Give(Err(drained()))));
}

#[test]
fn drained_after_a_real_error_leaves_the_real_error() {
    let (mut call, mut budget) = in_flight(rules());
    call.failed(at(1), busy(), &mut budget);
    call.begin(at(1), peer(2), true, &mut budget);
    assert_eq!(call.failed(at(2), drained(), &mut budget), Some(Step::Choose));
    assert_eq!(call.no_peer(at(2), nobody(), &mut budget), Some(Step::Give(Err(busy()))));
}

#[test]
fn retry_that_met_a_draining_peer_counts_once() {
    let (mut call, mut budget) = in_flight(rules());
    call.failed(at(1), busy(), &mut budget);
    let met = call.begin(at(1), peer(2), true, &mut budget).expect("choosing");
    assert_eq!((met.retry, met.retry_count), (true, 1));
    call.failed(at(2), drained(), &mut budget);
    let next = call.begin(at(2), peer(3), true, &mut budget).expect("choosing");
    assert_eq!((next.retry, next.retry_count), (false, 1));
}

#[test]
fn drained_is_not_tried_elsewhere_when_retries_are_off() {
    let (mut call, mut budget) = in_flight(Rules { flags: RetryFlags::NEVER, ..rules() });
    assert_eq!(call.failed(at(1), drained(), &mut budget), Some(Step::Give(Err(drained()))));
}

#[test]
fn drained_peer_after_a_not_ok_response_does_not_hide_the_response() {
    let (mut call, mut budget) = in_flight(Rules { flags: RetryFlags::NEVER, ..asked() });
    call.answered(false, "no");
    call.decided(at(1), Verdict::Retry);
    call.begin(at(1), peer(2), true, &mut budget);
    assert_eq!(call.failed(at(2), drained(), &mut budget), Some(Step::Give(Ok("no"))));
}

#[test]
fn streamed_direct_host_and_direct_peer_calls_are_never_retried() {
    let once = Rules { once: true, ..asked() };
    let (mut call, mut budget) = in_flight(once.clone());
    assert_eq!(call.failed(at(1), busy(), &mut budget), Some(Step::Give(Err(busy()))));
    let (mut call, mut budget) = in_flight(once.clone());
    assert_eq!(call.failed(at(1), drained(), &mut budget), Some(Step::Give(Err(drained()))));
    let (mut call, _) = in_flight(once);
    call.answered(false, "no");
    assert_eq!(call.decided(at(1), Verdict::Retry), Some(Step::Give(Ok("no"))));
}

/// A budget whose window was filled with ten calls, and two calls in flight that count among them.
fn two_of_ten() -> ([Attempts<&'static str>; 2], Budget) {
    let mut budget = Budget::default();
    for tick in 0..8 {
        budget.called(at(tick * 3_000));
    }
    let calls = [(); 2].map(|()| {
        let mut call = Attempts::new(at(30_000), at(31_000), rules());
        call.start(at(30_000), &mut budget);
        call.begin(at(30_000), peer(1), true, &mut budget);
        call
    });
    (calls, budget)
}

#[test]
fn retries_allowed_at_one_moment_count_before_they_begin() {
    let ([mut one, mut other], mut budget) = two_of_ten();
    assert_eq!(one.failed(at(30_001), network(), &mut budget), Some(Step::TryAgain));
    assert_eq!(other.failed(at(30_001), network(), &mut budget), Some(Step::Give(Err(network()))));
    assert!(one.begin(at(30_001), peer(2), true, &mut budget).is_some_and(|attempt| attempt.retry));
}

#[test]
fn retry_that_finds_no_peer_leaves_its_share_to_others() {
    let ([mut one, mut other], mut budget) = two_of_ten();
    assert_eq!(one.failed(at(30_001), network(), &mut budget), Some(Step::TryAgain));
    assert_eq!(one.no_peer(at(30_001), nobody(), &mut budget), Some(Step::Give(Err(network()))));
    assert_eq!(other.failed(at(30_001), network(), &mut budget), Some(Step::TryAgain));
}
