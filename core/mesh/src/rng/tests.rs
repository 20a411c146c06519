use super::*;

#[test]
fn output_for_a_seed_is_that_of_the_published_generator() {
    let mut rng = Rng::new(0);
    let first = [rng.bits(), rng.bits(), rng.bits()];
    assert_eq!(first, [0xE220_A839_7B1D_CDAF, 0x6E78_9E6A_A1B9_65F4, 0x06C4_5D18_8009_454F]);
    let mut rng = Rng::new(1_234_567);
    let first = [rng.bits(), rng.bits(), rng.bits()];
    assert_eq!(first, [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]);
}

#[test]
fn below_gives_every_number_about_as_often() {
    let mut rng = Rng::new(7);
    let mut seen = [0_u32; 7];
    for _ in 0..70_000 {
        seen[rng.below(7)] += 1;
    }
    assert!(seen.iter().all(|&times| (9_600..10_400).contains(&times)), "{seen:?}");
    assert_eq!((rng.below(1), rng.below(0)), (0, 0));
}

#[test]
fn below_draws_again_past_the_last_multiple() {
    let n = (1 << 63) + 1;
    let mut rng = Rng::new(3);
    let mut plain = Rng::new(3);
    for _ in 0..100 {
        let taken = rng.below_u64(n);
        let first_good = core::iter::repeat_with(|| plain.bits()).find(|&bits| bits < n);
        assert_eq!(Some(taken), first_good);
    }
}

#[test]
fn chance_is_exact_at_both_ends_and_about_right_between() {
    let mut rng = Rng::new(1);
    let mut count = |likelihood| (0..100_000).filter(|_| rng.chance(likelihood)).count();
    assert_eq!((count(Ratio::ZERO), count(Ratio::ONE), count(Ratio::percent(300))), (0, 100_000, 100_000));
    let hits = count(Ratio::percent(1));
    assert!((900..1_100).contains(&hits), "{hits}");
}

#[test]
fn between_stays_within_both_ends() {
    let mut rng = Rng::new(5);
    let (low, high) = (Duration::from_millis(30), Duration::from_millis(90));
    let times: [Duration; 1_000] = core::array::from_fn(|_| rng.between(low, high));
    assert!(times.iter().all(|time| (low..=high).contains(time)));
    assert!(times.iter().any(|time| *time < Duration::from_millis(33)));
    assert!(times.iter().any(|time| *time > Duration::from_millis(87)));
    assert_eq!((rng.between(low, low), rng.between(high, low)), (low, high));
    rng.between(Duration::ZERO, Duration::MAX);
}

#[test]
fn nonzero_is_never_zero() {
    // The state that comes out as 0.
    let mut rng = Rng::new(0_u64.wrapping_sub(GOLDEN));
    assert_eq!(rng.clone().bits(), 0);
    assert_ne!(rng.nonzero(), 0);
}
