use super::*;

fn at(millis: u64) -> Timestamp {
    Timestamp::from_millis(millis)
}

/// One call each 10 ms for a minute, without retries.
fn busy_minute(budget: &mut Budget) -> Timestamp {
    for tick in 0..6_000 {
        budget.called(at(tick * 10));
    }
    at(60_000)
}

#[test]
fn nothing_is_denied_before_the_window_was_filled_once() {
    let mut budget = Budget::default();
    budget.called(at(5_000));
    for _ in 0..1_000 {
        assert!(budget.allows(at(34_999)));
        budget.retried(at(34_999));
    }
    assert!(!budget.allows(at(35_000)));
    assert_eq!(budget.denied(), 1);
}

#[test]
fn retries_are_denied_from_the_ratio_on() {
    let mut budget = Budget::default();
    let now = busy_minute(&mut budget);
    let calls = budget.calls.count(now);
    let mut made = 0;
    while budget.allows(now) {
        budget.retried(now);
        made += 1;
    }
    assert_eq!((made, budget.denied()), (calls.div_ceil(10), 1));
}

#[test]
fn denied_retries_are_allowed_again_once_the_old_ones_are_forgotten() {
    let mut budget = Budget::default();
    let now = busy_minute(&mut budget);
    for _ in 0..1_000 {
        budget.retried(now);
    }
    assert!(!budget.allows(now));
    let later = now + SPAN;
    budget.called(later);
    assert!(budget.allows(later));
}

#[test]
fn lone_call_after_a_silence_may_be_retried_once() {
    let mut budget = Budget::default();
    budget.called(at(0));
    let now = at(100_000);
    assert!(budget.allows(now));
    budget.retried(now);
    assert!(!budget.allows(now));
}

#[test]
fn ratio_none_denies_nothing_and_ratio_0_everything() {
    let mut off = Budget::new(None);
    let now = busy_minute(&mut off);
    for _ in 0..10_000 {
        off.retried(now);
    }
    assert!(off.allows(now));
    let mut zero = Budget::new(Some(Ratio::ZERO));
    let now = busy_minute(&mut zero);
    assert!(!zero.allows(now));
}

#[test]
fn all_servers_busy_total_attempts_stay_within_the_ratio() {
    let mut budget = Budget::default();
    let (mut calls, mut attempts) = (0_u64, 0_u64);
    for tick in 0..60_000 {
        let now = at(tick * 10);
        let warm = tick >= 3_000;
        budget.called(now);
        calls += u64::from(warm);
        attempts += u64::from(warm);
        for _ in 1..5 {
            if !budget.allows(now) {
                break;
            }
            budget.retried(now);
            attempts += u64::from(warm);
        }
    }
    assert!(attempts * 10 <= calls * 11, "{attempts} attempts of {calls} calls");
    assert!(budget.denied() > 0);
}
