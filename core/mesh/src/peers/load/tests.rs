use super::*;

fn at(millis: u64) -> Timestamp {
    Timestamp::from_millis(millis)
}

fn ttl(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

#[test]
fn calls_waits_and_busy_answers_add_up() {
    let mut load = Load::default();
    load.call_began();
    load.call_began();
    load.wait_began();
    load.answered_busy(at(0), ttl(100));
    assert_eq!((load.at(at(1)), load.calls()), (4, 2));
    load.call_ended();
    load.wait_ended();
    assert_eq!(load.at(at(1)), 2);
}

#[test]
fn busy_answer_counts_for_its_ttl_and_500_ms() {
    let mut load = Load::default();
    load.answered_busy(at(1_000), ttl(100));
    assert_eq!((load.at(at(1_599)), load.at(at(1_600))), (1, 0));
}

#[test]
fn busy_answer_counts_for_5_s_at_most() {
    let mut load = Load::default();
    load.answered_busy(at(0), ttl(60_000));
    load.answered_busy(at(1), Duration::MAX);
    assert_eq!((load.at(at(4_999)), load.at(at(5_000)), load.at(at(5_001))), (2, 1, 0));
}

#[test]
fn shorter_penalty_that_came_later_ends_first() {
    let mut load = Load::default();
    load.answered_busy(at(0), ttl(2_000));
    load.answered_busy(at(100), ttl(0));
    assert_eq!((load.at(at(599)), load.at(at(600)), load.at(at(2_500))), (2, 1, 0));
}

#[test]
fn busy_answers_without_end_take_bounded_memory() {
    let mut load = Load::default();
    for _ in 0..10 * MAX_BUSY {
        load.answered_busy(at(0), ttl(1_000));
    }
    assert_eq!(usize::try_from(load.at(at(1))), Ok(MAX_BUSY));
    assert_eq!(load.at(at(1_500)), 0);
}

#[test]
fn more_ends_than_beginnings_are_harmless() {
    let mut load = Load::default();
    load.call_ended();
    load.wait_ended();
    assert_eq!(load.at(at(0)), 0);
}
