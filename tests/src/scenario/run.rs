//! Runs of scenarios, and the comparison of several runs of one.

use super::{Menu, Scenario, generate};
use crate::laws::Habits;
use crate::shrink::{Broken, caught};
use crate::source::Rng;
use crate::trace::Trace;
use crate::world::{Chunks, Manner, World};

/// How thoroughly to run a scenario.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// Once, all laws that one run can show.
    Once,
    /// Again with other chunking, table keys and habits: the traces have to be equal.
    Compared,
}

/// What a run came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Report {
    /// Of the trace.
    pub hash: u64,
    /// Lines in the trace.
    pub lines: u64,
}

/// Runs a scenario to its end. Panics where a law is broken.
pub fn run(scenario: &Scenario, manner: Manner, trace: &Trace) -> Report {
    let mut world = World::new(manner, trace.clone());
    for step in &scenario.steps {
        world.apply(step);
    }
    world.finish();
    Report { hash: trace.hash(), lines: trace.len() }
}

/// Runs a scenario in the given style and catches what breaks.
pub fn check(scenario: &Scenario, style: Style, seed: u64) -> Result<Report, Broken> {
    caught(|| {
        let plain = run(scenario, usual(seed), &Trace::hashing());
        if style == Style::Compared {
            compare(scenario, seed, plain);
        }
        plain
    })
}

/// How machines of a seed are called. Half of them rest whenever nothing goes on: no law may notice.
fn usual(seed: u64) -> Manner {
    Manner { habits: Habits { rests: !seed.is_multiple_of(2), ..Habits::default() }, ..Manner::default() }
}

/// Laws 1, 3 and 6: neither chunks, nor repeated or backward calls, nor table keys change anything. Panics where one does.
pub fn compare(scenario: &Scenario, seed: u64, plain: Report) {
    let other = Manner {
        chunks: if seed.is_multiple_of(8) { Chunks::Single } else { Chunks::Drawn(seed) },
        habits: Habits { twice: true, backwards: true, rests: usual(seed).habits.rests },
        seed,
    };
    let report = run(scenario, other, &Trace::hashing());
    if report == plain {
        return;
    }
    let again = run(scenario, usual(seed), &Trace::hashing());
    assert!(again == plain, "law 6: the same scenario gave two traces");
    let (kept, kept_other) = (Trace::keeping(), Trace::keeping());
    run(scenario, usual(seed), &kept);
    run(scenario, other, &kept_other);
    let (kept, kept_other) = (kept.to_string(), kept_other.to_string());
    let differs = kept.lines().zip(kept_other.lines()).find(|(plain, other)| plain != other);
    let only = |manner: Manner| run(scenario, manner, &Trace::hashing()) == plain;
    let chunks = only(Manner { habits: usual(seed).habits, seed: 0, ..other });
    let habits = only(Manner { chunks: Chunks::Whole, seed: 0, ..other });
    let law = match (chunks, habits) {
        (false, _) => "law 1: another chunking changed the run",
        (true, false) => "law 3: repeated or backward calls changed the run",
        (true, true) => "law 6: another table key changed the run",
    };
    panic!("{law}; first difference: {differs:#?}");
}

/// The scenario of a seed. A tenth is about calls alone, a tenth about streams.
pub fn from_seed(seed: u64) -> Scenario {
    let menu = match seed % 10 {
        0 => Menu::Calls,
        1 => Menu::Streams,
        _ => Menu::All,
    };
    generate(&mut Rng::new(seed), menu)
}
