use super::*;

fn at(millis: u64) -> Timestamp {
    Timestamp::from_millis(millis)
}

fn window() -> Window {
    Window::new(Duration::from_secs(30))
}

#[test]
fn counts_are_kept_for_the_span_and_then_forgotten() {
    let mut window = window();
    window.add(at(0), 1);
    window.add(at(1_500), 2);
    assert_eq!(window.count(at(29_999)), 3);
    assert_eq!(window.count(at(30_000)), 2);
    assert_eq!(window.count(at(31_499)), 2);
    assert_eq!(window.count(at(31_500)), 0);
}

#[test]
fn long_silence_empties_the_window_in_bounded_work() {
    let mut window = window();
    window.add(at(0), 7);
    assert_eq!(window.count(Timestamp::MAX), 0);
    window.add(Timestamp::MAX, 1);
    assert_eq!(window.count(Timestamp::MAX), 1);
}

#[test]
fn clock_that_steps_back_changes_nothing() {
    let mut window = window();
    window.add(at(60_000), 1);
    window.add(at(10), 1);
    assert_eq!(window.count(at(60_000)), 2);
}

#[test]
fn steady_rate_is_counted_within_a_twentieth() {
    let mut window = window();
    for tick in 0..1_000 {
        window.add(at(tick * 100), 1);
        if tick >= 300 {
            let count = window.count(at(tick * 100));
            assert!((286..=300).contains(&count), "{count}");
        }
    }
}

#[test]
fn shortest_span_and_largest_counts_are_harmless() {
    let mut window = Window::new(Duration::ZERO);
    window.add(at(1), u64::MAX);
    window.add(at(1), u64::MAX);
    assert_eq!(window.count(at(1)), u64::MAX);
    assert_eq!(window.count(at(2)), 0);
}

#[test]
fn buckets_tell_how_much_is_forgotten_at_once() {
    let count_after = |buckets, millis| {
        let buckets = NonZeroUsize::new(buckets).expect("not 0");
        let mut window = Window::with_buckets(Duration::from_secs(1), buckets);
        window.add(at(0), 1);
        window.add(at(499), 1);
        window.count(at(millis))
    };
    assert_eq!([999, 1_000].map(|millis| count_after(1, millis)), [2, 0]);
    assert_eq!([999, 1_000, 1_499].map(|millis| count_after(2, millis)), [2, 0, 0]);
    assert_eq!([999, 1_000, 1_449, 1_450].map(|millis| count_after(20, millis)), [2, 1, 1, 0]);
    assert_eq!([999, 1_000, 1_498, 1_499].map(|millis| count_after(1_000, millis)), [2, 1, 1, 0]);
    assert_eq!([999, 1_000, 1_498, 1_499].map(|millis| count_after(usize::MAX, millis)), [2, 1, 1, 0]);
}

#[test]
fn what_is_taken_back_was_never_counted() {
    let mut window = window();
    window.add(at(0), 2);
    window.add(at(3_000), 1);
    window.take(at(3_000), 1);
    assert_eq!(window.count(at(3_000)), 2);
    window.take(at(3_000), 5);
    assert_eq!(window.count(at(3_000)), 2);
}
