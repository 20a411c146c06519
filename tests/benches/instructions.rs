//! What a frame and a call cost, in instructions and allocations: counted, not timed, so that a figure means the same
//! on a busy machine.
//!
//! `cargo bench -p tchannel-benches --bench instructions` runs each scenario under valgrind, prints a table and fails if
//! something became dearer than `tests/benches/instructions/baseline.txt` says, or if types cost too much of a call. Behind
//! `--`:
//!
//! - `TEXT…`: only scenarios whose names contain one of the texts
//! - `save`: makes the figures the new baseline
//! - `profile NAME`: one scenario for `callgrind_annotate`, which says where its instructions go
#![allow(clippy::print_stdout, reason = "a table for people is what it is for")]

#[path = "instructions/baseline.rs"]
mod baseline;
#[path = "instructions/callgrind.rs"]
mod callgrind;
#[path = "instructions/calls.rs"]
mod calls;
#[path = "instructions/channels.rs"]
mod channels;
#[path = "instructions/frames.rs"]
mod frames;
#[path = "instructions/link.rs"]
mod link;
#[path = "instructions/scenario.rs"]
mod scenario;
#[path = "instructions/typed.rs"]
mod typed;

use std::collections::BTreeMap;
use std::env;
use std::process::ExitCode;

use baseline::{Baseline, Figures, Verdict};
use scenario::Scenario;
use tchannel_tests::heap::{self, Counting};

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn main() -> ExitCode {
    // Cargo tells every benchmark that it is one.
    let args: Vec<String> = env::args().skip(1).filter(|arg| arg != "--bench").collect();
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    match words[..] {
        [callgrind::RUN, name, turns] => run(name, turns),
        _ if !callgrind::is_here() => ExitCode::FAILURE,
        ["profile", name] => profile(name),
        ["save"] => save(),
        _ => compare(&words),
    }
}

/// What happens under valgrind.
fn run(name: &str, turns: &str) -> ExitCode {
    let turns: u32 = turns.parse().expect("a number of turns");
    let mut turn = named(name).warm();
    for _ in 0..turns {
        turn();
    }
    ExitCode::SUCCESS
}

fn profile(name: &str) -> ExitCode {
    let scenario = named(name);
    let file = callgrind::profile(&scenario);
    println!("callgrind_annotate --inclusive=yes {}", file.display());
    ExitCode::SUCCESS
}

fn save() -> ExitCode {
    let figures =
        scenario::all().iter().map(|scenario| (scenario.name.to_owned(), measure(scenario))).collect();
    Baseline { compiler: link::compiler(), figures }.write();
    ExitCode::SUCCESS
}

fn compare(wanted: &[&str]) -> ExitCode {
    let baseline = Baseline::read();
    let compiler = link::compiler();
    let judged = baseline.compiler == compiler;
    if !judged {
        println!("baseline by rustc {}, this is {compiler}: nothing is judged", baseline.compiler);
    }
    println!("{:<28} {:>12} {:>12} {:>8} {:>12}", "one each", "instructions", "baseline", "", "allocations");
    let mut worse = false;
    let mut measured = BTreeMap::new();
    for scenario in scenario::all() {
        if !wanted.is_empty() && !wanted.iter().any(|text| scenario.name.contains(text)) {
            continue;
        }
        let now = measure(&scenario);
        let before = baseline.figures.get(scenario.name);
        print_row(scenario.name, now, before.copied());
        worse |= before.is_some_and(|before| now.against(*before) == Verdict::Worse);
        measured.insert(scenario.name, now.instructions);
    }
    if worse && judged {
        println!("worse than the baseline: repair it, or explain it in the commit that saves a new one");
    }
    let dear = typed::share(&measured).is_some_and(is_dear);
    if dear || worse && judged { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

/// Whether types cost too much of a call. Says so on any compiler: both figures are of this one.
fn is_dear(share: f64) -> bool {
    let dear = share > typed::MOST;
    let verdict = if dear { "TOO MUCH" } else { "" };
    let (share, most) = (100.0 * share, 100.0 * typed::MOST);
    println!(
        "a generated client's call costs {share:.1}% more than a raw one and the codec, of {most:.0}% {verdict}"
    );
    dear
}

fn print_row(name: &str, now: Figures, before: Option<Figures>) {
    let Figures { instructions, allocations } = now;
    match before {
        None => println!("{name:<28} {instructions:>12.0} {:>12} {:>8} {allocations:>12.3}", "-", ""),
        Some(before) => println!(
            "{name:<28} {instructions:>12.0} {:>12.0} {:>7.1}% {allocations:>12.3} {}",
            before.instructions,
            100.0 * (instructions / before.instructions - 1.0),
            match now.against(before) {
                Verdict::Same => "",
                Verdict::Better => "better",
                Verdict::Worse => "WORSE",
            }
        ),
    }
}

fn measure(scenario: &Scenario) -> Figures {
    Figures { instructions: callgrind::count(scenario), allocations: allocations(scenario) }
}

fn allocations(scenario: &Scenario) -> f64 {
    let mut turn = scenario.warm();
    let before = heap::allocations();
    for _ in 0..scenario.turns {
        turn();
    }
    let counted = u32::try_from(heap::allocations() - before).expect("a turn asks for little");
    f64::from(counted) / f64::from(scenario.turns * scenario.each)
}

fn named(name: &str) -> Scenario {
    scenario::all().into_iter().find(|scenario| scenario.name == name).unwrap_or_else(|| {
        let names: Vec<&str> = scenario::all().iter().map(|scenario| scenario.name).collect();
        panic!("no scenario {name}; there are {}", names.join(", "))
    })
}
