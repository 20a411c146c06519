//! From a scenario that breaks a law to the smallest one that still does.

use std::fmt::Write;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};

use super::run::{Broken, Style, check, run};
use super::{Limits, Scenario, Step, Wiring};
use crate::laws::Language;
use crate::link::Shape;
use crate::trace::Trace;
use crate::world::Manner;

/// The smallest scenario, as far as dropping steps and plainer links lead, for which `fails` holds.
pub fn shrink_by(scenario: &Scenario, mut fails: impl FnMut(&Scenario) -> bool) -> Scenario {
    let mut best = scenario.clone();
    let mut size = best.steps.len().div_ceil(2);
    while size > 0 {
        let (mut from, mut dropped) = (0, false);
        while from < best.steps.len() {
            let mut tried = best.clone();
            tried.steps.drain(from..(from + size).min(best.steps.len()));
            if fails(&tried) {
                best = tried;
                dropped = true;
            } else {
                from += size;
            }
        }
        if size > 1 || !dropped {
            size /= 2;
        }
    }
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
    let mut first = Broken { what: "it does not break again".into() };
    let small = quietly(|| {
        let Err(broken) = check(scenario, style, seed) else { return scenario.clone() };
        let kind = kind(&broken);
        first = broken;
        shrink_by(scenario, |tried| match check(tried, style, seed) {
            // Another fault may hide behind the one that is being looked for.
            Err(why) if self::kind(&why) == kind => {
                first = why;
                true
            }
            Ok(_) | Err(_) => false,
        })
    });
    (small, first)
}

/// The beginning of a message, without its numbers.
fn kind(broken: &Broken) -> String {
    broken.what.chars().filter(|letter| letter.is_alphabetic()).take(24).collect()
}

/// Runs with nobody told of panics: each try that still fails is one.
fn quietly<T>(work: impl FnOnce() -> T) -> T {
    let hook = take_hook();
    set_hook(Box::new(|_| {}));
    let done = work();
    set_hook(hook);
    done
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

/// Longest trace that is shown whole, in lines.
const SHOWN: usize = 400;

/// All that there is to say about a failure: how to run it again, the smallest scenario, and its trace.
pub fn explain(scenario: &Scenario, style: Style, seed: u64) -> String {
    let (small, broken) = shrink(scenario, style, seed);
    let trace = Trace::keeping();
    // It breaks, or breaks only when compared; the trace is kept either way.
    quietly(|| drop(catch_unwind(AssertUnwindSafe(|| run(&small, Manner::default(), &trace)))));
    let trace = trace.to_string();
    let skipped = trace.lines().count().saturating_sub(SHOWN);
    let mut text = format!(
        "seed {seed} breaks: {}\n\
         run it again: TCHANNEL_SEED={seed} cargo test -p tchannel-tests --test simulation one_seed -- --nocapture\n\
         smallest scenario ({} of {} steps):\n{small}\nits trace{}:\n",
        broken.what,
        small.steps.len(),
        scenario.steps.len(),
        if skipped > 0 { format!(", without the first {skipped} lines") } else { String::new() },
    );
    for line in trace.lines().skip(skipped) {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{line}");
    }
    text
}
