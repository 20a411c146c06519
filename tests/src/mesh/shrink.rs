//! From a scenario that breaks a law to the smallest one that still does.

use super::run::{check, traced};
use super::{Ask, Scenario, Setup, Step};
use crate::shrink::{Broken, fewer, same_fault, shown};

/// The smallest scenario that breaks in the same way, and how it breaks.
pub fn shrink(scenario: &Scenario, seed: u64) -> (Scenario, Broken) {
    same_fault(scenario, |tried| check(tried, seed).map(drop), shrink_by)
}

/// Fewer steps, plainer nodes, fewer and plainer calls.
fn shrink_by(scenario: &Scenario, fails: &mut dyn FnMut(&Scenario) -> bool) -> Scenario {
    let steps =
        fewer(&scenario.steps, |steps| fails(&Scenario { steps: steps.to_vec(), ..scenario.clone() }));
    let mut best = Scenario { steps, ..scenario.clone() };
    for count in 2..best.nodes.len() {
        let nodes = best.nodes[..count].to_vec();
        if keep(&mut best, fails, |tried| tried.nodes = nodes) {
            break;
        }
    }
    for at in 0..best.nodes.len() {
        keep(&mut best, fails, |tried| tried.nodes[at] = Setup::default());
    }
    for at in 0..best.steps.len() {
        for plainer in plainer(&best.steps[at]) {
            if keep(&mut best, fails, |tried| tried.steps[at] = plainer) {
                break;
            }
        }
    }
    best
}

/// Tries a change, and keeps it if the run still fails.
fn keep(
    best: &mut Scenario,
    fails: &mut dyn FnMut(&Scenario) -> bool,
    change: impl FnOnce(&mut Scenario),
) -> bool {
    let mut tried = best.clone();
    change(&mut tried);
    let still = fails(&tried);
    if still {
        *best = tried;
    }
    still
}

/// Plainer forms of a step, the plainest first.
fn plainer(step: &Step) -> Vec<Step> {
    let Step::Calls { ask, count } = step else { return Vec::new() };
    let plain = Ask { node: ask.node, serve: ask.serve, way: ask.way, ..Ask::default() };
    let timed = Ask { timeout: ask.timeout, per_attempt: ask.per_attempt, hops: ask.hops, ..plain };
    let asks = [plain, timed, *ask];
    let calls = |count: usize| asks.map(|ask| Step::Calls { ask, count });
    [calls(1), calls(*count)].concat()
}

/// All that there is to say about a failure: how to run it again, the smallest scenario, and its trace.
pub fn explain(scenario: &Scenario, seed: u64) -> String {
    let (small, broken) = shrink(scenario, seed);
    let trace = shown(|trace| {
        traced(&small, seed, trace);
    });
    format!(
        "seed {seed} breaks: {}\n\
         run it again: TCHANNEL_SEED={seed} cargo test -p tchannel-tests --test mesh one_seed -- --nocapture\n\
         smallest scenario ({} of {} steps):\n{small}\n{trace}",
        broken.what,
        small.steps.len(),
        scenario.steps.len(),
    )
}
