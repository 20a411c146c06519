//! Runs of scenarios, and the comparison of several runs of one.

use super::{Menu, Scenario, World, generate};
use crate::laws::Habits;
use crate::scenario::Report;
use crate::shrink::{Broken, caught};
use crate::source::Rng;
use crate::trace::Trace;
use crate::world::{Chunks, Manner};

/// Runs a scenario to its end. Panics where a law is broken.
pub fn run(scenario: &Scenario, manner: Manner, trace: &Trace) -> Report {
    let mut world = World::new(scenario, manner, trace.clone());
    for step in &scenario.steps {
        world.apply(step);
    }
    world.end();
    Report { hash: trace.hash(), lines: trace.len() }
}

/// How a seed's bytes are cut, and its polls ordered. Half of them rest whenever nothing goes on: no law may notice.
fn manner(seed: u64) -> Manner {
    let chunks = if seed.is_multiple_of(4) { Chunks::Whole } else { Chunks::Drawn(seed) };
    let habits = Habits { rests: !seed.is_multiple_of(2), ..Habits::default() };
    Manner { chunks, habits, ..Manner::default() }
}

/// Runs a scenario, compared, and catches what breaks.
pub fn check(scenario: &Scenario, seed: u64) -> Result<Report, Broken> {
    caught(|| compare(scenario, seed))
}

/// Laws 3 and 6: the same again, with repeated and backward calls, is the same. Panics where it is not.
pub fn compare(scenario: &Scenario, seed: u64) -> Report {
    let plain = run(scenario, manner(seed), &Trace::hashing());
    let plain_habits = manner(seed).habits;
    let other = Manner { habits: Habits { twice: true, backwards: true, ..plain_habits }, ..manner(seed) };
    let report = run(scenario, other, &Trace::hashing());
    if report == plain {
        return plain;
    }
    let again = run(scenario, manner(seed), &Trace::hashing());
    assert!(again == plain, "law 6: the same scenario gave two traces");
    let (kept, kept_other) = (Trace::keeping(), Trace::keeping());
    run(scenario, manner(seed), &kept);
    run(scenario, other, &kept_other);
    let (kept, kept_other) = (kept.to_string(), kept_other.to_string());
    let differs = kept.lines().zip(kept_other.lines()).find(|(plain, other)| plain != other);
    panic!("law 3: repeated or backward calls changed the run; first difference: {differs:#?}");
}

/// Runs a scenario as its seed says, for its trace.
pub(super) fn traced(scenario: &Scenario, seed: u64, trace: &Trace) -> Report {
    run(scenario, manner(seed), trace)
}

/// The scenario of a seed. A quarter is about calls alone.
pub fn from_seed(seed: u64) -> Scenario {
    let menu = if seed % 4 == 1 { Menu::Calls } else { Menu::All };
    generate(&mut Rng::new(seed), menu)
}
