//! From a scenario that breaks a law to the smallest one that still does.

use super::run::{Style, check, run};
use super::{Limits, Scenario, Step, Wiring};
use crate::laws::Language;
use crate::link::Shape;
use crate::shrink::{Broken, fewer, same_fault, shown};
use crate::world::Manner;

/// The smallest scenario, as far as dropping steps and plainer links lead, for which `fails` holds.
pub fn shrink_by(scenario: &Scenario, mut fails: impl FnMut(&Scenario) -> bool) -> Scenario {
    let steps = fewer(&scenario.steps, |steps| fails(&Scenario { steps: steps.to_vec() }));
    let mut best = Scenario { steps };
    for at in 0..best.steps.len() {
        for plainer in plainer(&best.steps[at]) {
            let mut tried = best.clone();
            tried.steps[at] = plainer;
            if fails(&tried) {
                best = tried;
            }
        }
    }
    best
}

/// The smallest scenario that breaks in the same way, and how it breaks.
pub fn shrink(scenario: &Scenario, style: Style, seed: u64) -> (Scenario, Broken) {
    same_fault(
        scenario,
        |tried| check(tried, style, seed).map(drop),
        |scenario, fails| shrink_by(scenario, fails),
    )
}

/// Plainer forms of a step.
fn plainer(step: &Step) -> Vec<Step> {
    let Step::Connect(wiring) = step else { return Vec::new() };
    let plain = |change: &dyn Fn(&mut Wiring)| {
        let mut wiring = *wiring;
        change(&mut wiring);
        Step::Connect(wiring)
    };
    vec![
        plain(&|wiring| wiring.shape = Shape::PLAIN),
        plain(&|wiring| wiring.language = [Language::Rust; 2]),
        plain(&|wiring| wiring.limits[0] = Limits::Default),
        plain(&|wiring| wiring.limits[1] = Limits::Default),
        Step::Connect(Wiring::default()),
    ]
}

/// All that there is to say about a failure: how to run it again, the smallest scenario, and its trace.
pub fn explain(scenario: &Scenario, style: Style, seed: u64) -> String {
    let (small, broken) = shrink(scenario, style, seed);
    let trace = shown(|trace| {
        run(&small, Manner::default(), trace);
    });
    format!(
        "seed {seed} breaks: {}\n\
         run it again: TCHANNEL_SEED={seed} cargo test -p tchannel-tests --test simulation one_seed -- --nocapture\n\
         smallest scenario ({} of {} steps):\n{small}\n{trace}",
        broken.what,
        small.steps.len(),
        scenario.steps.len(),
    )
}
