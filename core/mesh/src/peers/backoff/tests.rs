use super::*;

#[test]
fn pause_doubles_up_to_its_longest_within_a_tenth() {
    for seed in 0..100 {
        let (mut rng, mut backoff) = (Rng::new(seed), Backoff::default());
        let mut now = Timestamp::ZERO;
        for nominal in [5_000, 10_000, 20_000, 30_000, 30_000, 30_000] {
            let until = backoff.failed(now, &mut rng);
            let pause = until.since(now);
            let millis = pause.as_millis();
            assert!((nominal * 9 / 10..=nominal * 11 / 10).contains(&millis), "{pause:?} for {nominal} ms");
            now = until;
        }
        assert_eq!(backoff.failures(), 6);
    }
}

#[test]
fn pauses_differ_between_peers() {
    let mut rng = Rng::new(1);
    let mut pause = || Backoff::default().failed(Timestamp::ZERO, &mut rng);
    assert_ne!(pause(), pause());
}

#[test]
fn pause_lasts_to_its_end_and_no_longer() {
    let mut backoff = Backoff::default();
    assert!(!backoff.is_active(Timestamp::ZERO));
    let until = backoff.failed(Timestamp::ZERO, &mut Rng::new(1));
    assert!(backoff.is_active(Timestamp::from_nanos(until.as_nanos() - 1)));
    assert!(!backoff.is_active(until));
}

#[test]
fn success_resets() {
    let (mut rng, mut backoff) = (Rng::new(3), Backoff::default());
    for _ in 0..4 {
        backoff.failed(Timestamp::ZERO, &mut rng);
    }
    backoff.succeeded();
    assert_eq!((backoff.until(), backoff.failures()), (None, 0));
    assert!(backoff.failed(Timestamp::ZERO, &mut rng) <= Timestamp::from_millis(5_500));
}

#[test]
fn failures_without_end_are_harmless() {
    let (mut rng, mut backoff) = (Rng::new(3), Backoff::default());
    backoff.failures = u32::MAX;
    assert!(backoff.failed(Timestamp::ZERO, &mut rng) <= Timestamp::from_millis(33_000));
    backoff.failed(Timestamp::MAX, &mut rng);
}
