//! Meshes of channels: generated scenarios, all laws after every step; then scenarios worth having by name.
//!
//! A seed that fails prints the smallest scenario that still fails and its trace. To see one again:
//! `TCHANNEL_SEED=42 cargo test -p tchannel-tests --test mesh one_seed -- --nocapture`. To run others than the usual ones:
//! `TCHANNEL_SEEDS=5000..90000 cargo test --release -p tchannel-tests --test mesh more_seeds -- --nocapture`.

use std::env;
use std::ops::Range;
use std::time::Duration;

use tchannel_tests::mesh::model::End;
use tchannel_tests::mesh::{self, Ask, Scenario, Step, World};
use tchannel_tests::trace::Trace;
use tchannel_tests::world::Manner;

#[path = "mesh/connections.rs"]
mod connections;
#[path = "mesh/deadlines.rs"]
mod deadlines;
#[path = "mesh/drains.rs"]
mod drains;
#[path = "mesh/lives.rs"]
mod lives;
#[path = "mesh/load.rs"]
mod load;
#[path = "mesh/retries.rs"]
mod retries;
#[path = "mesh/streams.rs"]
mod streams;

fn seconds(count: u64) -> Duration {
    Duration::from_secs(count)
}

fn millis(count: u64) -> Duration {
    Duration::from_millis(count)
}

fn calls(ask: Ask, count: usize) -> Step {
    Step::Calls { ask, count }
}

/// Compares runs of a scenario to its end, then gives one that stands after its last step.
fn played(scenario: &Scenario) -> World {
    mesh::compare(scenario, 1);
    run(scenario)
}

/// A run of a scenario that stands after its last step.
fn run(scenario: &Scenario) -> World {
    let mut world = World::new(scenario, Manner::default(), Trace::hashing());
    scenario.steps.iter().for_each(|step| world.apply(step));
    world
}

/// Calls that were answered ok.
fn answered(world: &World) -> usize {
    let ok = |call: &&mesh::model::Call| {
        matches!(call.end, Some((_, End::Answered)))
            && call.code.is_some_and(tchannel_proto::wire::ResponseCode::is_ok)
    };
    world.calls().iter().filter(ok).count()
}

/// Runs seeds and explains the first one that breaks a law.
fn seeds(range: Range<u64>) {
    for seed in range {
        let scenario = mesh::from_seed(seed);
        let kept = mesh::check(&scenario, seed).is_ok();
        assert!(kept, "{}", mesh::explain(&scenario, seed));
    }
}

#[test]
fn seeds_0_to_99_keep_every_law() {
    seeds(0..100);
}

#[test]
fn seeds_100_to_199_keep_every_law() {
    seeds(100..200);
}

#[test]
fn seeds_200_to_299_keep_every_law() {
    seeds(200..300);
}

/// Only when asked for: `TCHANNEL_SEED` names the seed, the trace is printed.
#[test]
fn one_seed() {
    let Some(seed) = env::var("TCHANNEL_SEED").ok().and_then(|seed| seed.parse().ok()) else { return };
    let scenario = mesh::from_seed(seed);
    println!("seed {seed}:\n{scenario}");
    let kept = mesh::check(&scenario, seed).is_ok();
    assert!(kept, "{}", mesh::explain(&scenario, seed));
    let trace = Trace::keeping();
    let report = mesh::run(&scenario, Manner::default(), &trace);
    println!("{trace}\nall laws kept, trace hash {:016x}", report.hash);
}

/// Only when asked for: `TCHANNEL_SEEDS` names a range. Goes on after a failure, and explains the first.
#[test]
fn more_seeds() {
    let Some((from, to)) = env::var("TCHANNEL_SEEDS").ok().and_then(|seeds| {
        let (from, to) = seeds.split_once("..")?;
        Some((from.parse().ok()?, to.parse().ok()?))
    }) else {
        return;
    };
    let mut broken = Vec::new();
    for seed in from..to {
        if let Err(why) = mesh::check(&mesh::from_seed(seed), seed) {
            println!("seed {seed}: {:.300}", why.what);
            broken.push(seed);
        }
    }
    if let Some(seed) = broken.first() {
        seeds(*seed..seed + 1);
    }
}
