use core::time::Duration;

use tchannel_wire::RetryFlags;

use super::testing::*;
use super::*;

#[test]
fn new_start() {
    let (call, mut budget) = chosen(rules());
    assert_eq!((call.made(), call.poll_timeout()), (0, Some(at(BUDGET_MS))));
    let mut late = Attempts::<()>::new(at(0), at(BUDGET_MS), rules());
    let Some(Step::Give(Err(error))) = late.start(at(BUDGET_MS), &mut budget) else { panic!("not over") };
    assert_eq!((error.code, error.origin), (ErrorCode::Timeout, Origin::Local));
    assert!(late.is_done());
}

#[test]
fn choose_peer_with_an_active_connection() {
    let (mut call, mut budget) = chosen(rules());
    let attempt = call.begin(at(10), peer(1), true, &mut budget);
    assert_eq!(attempt, Some(Attempt { retry: false, retry_count: 0, deadline: at(BUDGET_MS) }));
    assert_eq!((call.made(), call.poll_timeout()), (1, None));
    assert!(call.has_tried(peer(1)) && !call.has_tried(peer(2)));
}

#[test]
fn choose_peer_without() {
    let (mut call, mut budget) = chosen(rules());
    call.begin(at(10), peer(1), false, &mut budget);
    assert_eq!((call.made(), call.poll_timeout()), (1, Some(at(BUDGET_MS))));
    call.sent();
    assert_eq!(call.answered(true, "yes"), Some(Step::Give(Ok("yes"))));
}

#[test]
fn choose_none_first_time() {
    let (mut call, mut budget) = chosen(rules());
    let Some(Step::Give(Err(error))) = call.no_peer(at(2), nobody(), &mut budget) else { panic!("not over") };
    assert_eq!((error.code, error.origin), (ErrorCode::Declined, Origin::Local));
    assert!(error.message.starts_with("no peer for service \"moe\""), "{error}");
}

#[test]
fn choose_none_later_after_an_error() {
    let (mut call, mut budget) = in_flight(rules());
    assert_eq!(call.failed(at(1), busy(), &mut budget), Some(Step::TryAgain));
    call.begin(at(1), peer(2), false, &mut budget);
    assert_eq!(call.failed(at(2), network(), &mut budget), Some(Step::TryAgain));
    assert_eq!(call.no_peer(at(2), nobody(), &mut budget), Some(Step::Give(Err(network()))));
}

#[test]
fn choose_none_later_after_a_not_ok_response() {
    let (mut call, mut budget) = in_flight(asked());
    assert_eq!(call.answered(false, "no"), Some(Step::Ask));
    assert_eq!(call.decided(at(2), Verdict::Retry), Some(Step::TryAgain));
    assert_eq!(call.no_peer(at(2), nobody(), &mut budget), Some(Step::Give(Ok("no"))));
}

#[test]
fn connecting_failed() {
    let (mut call, mut budget) = chosen(rules());
    call.begin(at(0), peer(1), false, &mut budget);
    assert_eq!(call.failed(at(1), network(), &mut budget), Some(Step::TryAgain));
    assert!(call.has_tried(peer(1)));
}

#[test]
fn deadline_while_connecting_names_the_connect_and_what_came_before() {
    let (mut call, mut budget) = in_flight(rules());
    call.failed(at(100), busy(), &mut budget);
    call.begin(at(100), peer(2), false, &mut budget);
    assert_eq!(call.expired(at(BUDGET_MS - 1), &mut budget), None);
    let Some(Step::Give(Err(error))) = call.expired(at(BUDGET_MS), &mut budget) else { panic!("not over") };
    assert_eq!((error.code, error.origin), (ErrorCode::Timeout, Origin::Local));
    assert_eq!(
        error.message,
        "timed out while connecting (attempt 2 of 3, after 1000ms of 1000ms); before that: busy (remote): busy"
    );
}

#[test]
fn deadline_with_no_attempt_running_gives_the_last_real_error() {
    let (mut call, mut budget) = in_flight(rules());
    call.failed(at(100), busy(), &mut budget);
    assert_eq!(call.expired(at(BUDGET_MS), &mut budget), Some(Step::Give(Err(busy()))));
}

#[test]
fn deadline_of_an_attempt_in_flight_is_watched_by_its_connection() {
    let (mut call, mut budget) = in_flight(rules());
    assert_eq!(call.expired(at(BUDGET_MS), &mut budget), None);
    assert_eq!(call.failed(at(BUDGET_MS), timeout(), &mut budget), Some(Step::Give(Err(timeout()))));
}

#[test]
fn cancel_or_drop() {
    let cancelled = || error(ErrorCode::Cancelled, Origin::Local);
    let (mut waiting, _) = chosen(rules());
    assert_eq!(waiting.end(cancelled()), Some(Step::Give(Err(cancelled()))));
    let (mut call, _) = in_flight(rules());
    assert_eq!(call.end(cancelled()), Some(Step::Give(Err(cancelled()))));
    assert_eq!(call.answered(true, "late"), None);
}

#[test]
fn n7_second_attempt_has_what_is_left_of_the_deadline() {
    let (mut call, mut budget) = chosen(Rules {
        timeout_per_attempt: Some(Duration::from_millis(300)),
        flags: RetryFlags { connection: true, timeout: true },
        ..rules()
    });
    let first = call.begin(at(0), peer(1), true, &mut budget).expect("choosing");
    assert_eq!(first.deadline, at(300));
    assert_eq!(call.failed(at(300), timeout(), &mut budget), Some(Step::TryAgain));
    let second = call.begin(at(300), peer(2), true, &mut budget).expect("choosing");
    assert_eq!((second.retry_count, second.deadline), (1, at(600)));
    call.failed(at(600), timeout(), &mut budget);
    call.begin(at(900), peer(3), true, &mut budget);
    assert_eq!(call.deadline, at(BUDGET_MS));
}

#[test]
fn n8_attempt_that_times_out_while_connecting_is_followed_by_another() {
    let (mut call, mut budget) = chosen(Rules {
        timeout_per_attempt: Some(Duration::from_millis(300)),
        flags: RetryFlags { connection: true, timeout: true },
        ..rules()
    });
    call.begin(at(0), peer(1), false, &mut budget);
    assert_eq!(call.poll_timeout(), Some(at(300)));
    assert_eq!(call.expired(at(300), &mut budget), Some(Step::TryAgain));
}
