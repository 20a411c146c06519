use super::*;

#[test]
fn equal_seeds_give_equal_bytes() {
    let (mut a, mut b) = (Rng::new(7), Rng::new(7));
    assert_eq!(a.run(100), b.run(100));
    assert_ne!(Rng::new(7).run(100), Rng::new(8).run(100));
}

#[test]
fn the_generator_gives_the_published_values() {
    let mut rng = Rng::new(1_234_567);
    assert_eq!(rng.next_u64(), 6_457_827_717_110_365_317);
    assert_eq!(rng.next_u64(), 3_203_168_211_198_807_973);
}

#[test]
fn a_recording_makes_the_same_choices_again() {
    let choose =
        |source: &mut dyn FnMut(usize) -> usize| [source(3), source(256), source(257), source(70_000)];
    let mut recorder = Recorder::new(Rng::new(3));
    let first = choose(&mut |limit| recorder.below(limit));
    let taken = recorder.into_taken();
    let mut tape = Tape::new(&taken);
    assert_eq!(choose(&mut |limit| tape.below(limit)), first);
    assert!(tape.is_spent());
}

#[test]
fn a_choice_among_one_takes_no_byte() {
    let mut tape = Tape::new(&[9]);
    assert_eq!(tape.below(1), 0);
    assert!(!tape.is_spent());
}

#[test]
fn zeros_never_take_a_chance() {
    let mut tape = Tape::new(&[]);
    assert!(!tape.chance(u8::MAX));
    assert_eq!(tape.pick(&[5, 6]), 5);
}
