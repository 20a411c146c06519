//! Scenarios from choices. A source that is spent gives the plainest step, so a short input is a short scenario.

use std::time::Duration;

use tchannel_mesh::peers::Direction;
use tchannel_proto::wire::{ErrorCode, RetryFlags};

use super::scenario::{
    Announces, Ask, Chooses, Door, Knows, Mood, Scenario, Serve, Service, Setup, Step, Takes, Way, Who, Word,
};
use crate::link::Shape;
use crate::scenario::{Limits, hostile};
use crate::source::Source;

/// What kind of scenarios to make.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Menu {
    /// Everything.
    All,
    /// Only calls, among nodes that work: all of them have to end as their handlers decide.
    Calls,
}

/// Most steps.
const STEPS: usize = 40;
/// Most nodes, and most in nearly all scenarios.
const NODES: usize = 50;
const FEW: usize = 7;

/// Makes one scenario out of what `source` gives.
pub fn generate(source: &mut impl Source, menu: Menu) -> Scenario {
    let seed = source.byte().into();
    let count = if source.chance(10) { FEW + source.below(NODES - FEW) } else { 3 + source.below(FEW - 2) };
    // A few kinds of nodes: fifty different ones would use up a fuzzer's bytes.
    let kinds: Vec<Setup> = (0..=source.below(3)).map(|_| setup(source, menu)).collect();
    let nodes = (0..count).map(|node| kinds[node % kinds.len()]).collect();
    let mut steps = Vec::new();
    for _ in 0..=source.below(STEPS) {
        if source.is_spent() {
            break;
        }
        steps.push(step(source, menu, count));
    }
    lighten(&mut steps);
    Scenario { seed, nodes, steps }
}

/// Argument bytes after which arguments get short: more would only take time.
const BYTES: usize = 300_000;

fn lighten(steps: &mut [Step]) {
    let mut total = 0;
    for step in steps {
        let Step::Calls { ask, count } = step else { continue };
        let many = *count << ask.hops;
        for size in &mut ask.sizes {
            if total + *size * many > BYTES {
                *size %= 1_000;
            }
            total += *size * many;
        }
    }
}

fn setup(source: &mut impl Source, menu: Menu) -> Setup {
    let mut setup = Setup::default();
    if source.chance(128) {
        setup.shape = Shape {
            latency: millis(source, &[1, 0, 20, 150]),
            nanos_per_byte: source.pick(&[0, 10]),
            segment: source.pick(&[1 << 20, 1_460, 65_536]),
            window: source.pick(&[8 << 20, 65_536]),
        };
    }
    if source.chance(100) {
        setup.knows = source.pick(&[Knows::Names, Knows::Next(1), Knows::Next(2), Knows::Nobody]);
    }
    if source.chance(100) {
        let all = [Chooses::LeastPending, Chooses::PreferIncoming, Chooses::Rendezvous, Chooses::ShardKey];
        setup.chooses = source.pick(&all);
        setup.prefers = source.pick(&[Direction::Any, Direction::In, Direction::Out]);
        setup.warm = source.pick(&[2, 0, 1, 5]);
    }
    if source.chance(60) {
        setup.announces = source.pick(&[Announces::Nothing, Announces::Other(0), Announces::Other(1)]);
    }
    if source.chance(80) {
        let all = [Limits::SmallFrames, Limits::Tight, Limits::Watchful];
        setup.limits = if menu == Menu::Calls { Limits::SmallFrames } else { source.pick(&all) };
    }
    setup.budget = !source.chance(60);
    setup.accepts_while_draining = source.chance(60);
    setup.few_events = source.chance(60);
    setup
}

fn step(source: &mut impl Source, menu: Menu, nodes: usize) -> Step {
    let kind = match menu {
        Menu::All => source.byte(),
        Menu::Calls => source.byte() % 120,
    };
    let (node, peer) = (source.below(nodes), source.below(nodes));
    match kind {
        0..80 => {
            let count = source.pick(&[1, 1, 2, 3, 10, 40]);
            Step::Calls { ask: ask(source, menu, node, peer), count }
        }
        80..115 => {
            Step::Advance { time: millis(source, &[1, 0, 10, 100, 500, 1_600, 5_001, 12_000, 31_000]) }
        }
        115..120 => Step::Finish { call: source.byte().into() },
        120..126 => Step::Cancel { call: source.byte().into() },
        126..146 => Step::Mood { node, mood: mood(source) },
        146..158 => {
            let doors = [Door::Open, Door::Refuses, Door::Hangs, Door::Slams, Door::Silent];
            Step::Door { node, door: source.pick(&doors) }
        }
        158..168 => Step::Die { node, quietly: source.chance(128) },
        168..182 => Step::Restart { node },
        182..192 => Step::Drain { node, within: millis(source, &[30_000, 0, 1, 700, 5_000]) },
        192..197 => Step::Hangup { node, nth: source.byte().into() },
        197..202 => Step::Cut { node, peer },
        202..207 => Step::Dark { node, peer },
        207..211 => Step::Stall { node, time: millis(source, &[10, 900, 4_000, 31_000]) },
        211..218 => Step::Add { node, peer: who(source, peer), own: source.chance(100) },
        218..224 => Step::Remove { node, peer: who(source, peer), own: source.chance(60) },
        224..228 => Step::List { node, peers: source.number(1) },
        228..232 => Step::Isolate { node },
        232..=255 => {
            // Rare: little can be said about a mesh once it happened.
            if source.chance(80) {
                Step::Inject { node, nth: source.byte().into(), bytes: hostile(source) }
            } else {
                Step::Mood { node, mood: Mood::Well }
            }
        }
    }
}

fn who(source: &mut impl Source, node: usize) -> Who {
    Who { node, by_name: source.chance(80) }
}

fn mood(source: &mut impl Source) -> Mood {
    match source.below(8) {
        0 => Mood::Hangs,
        1 | 2 => Mood::Refuses(ErrorCode::Busy),
        3 => Mood::Refuses(ErrorCode::Declined),
        4 => Mood::Refuses(code(source)),
        5 => Mood::NotOk,
        6 => Mood::Slow(millis(source, &[10, 300, 3_000])),
        _ => Mood::Well,
    }
}

fn ask(source: &mut impl Source, menu: Menu, node: usize, peer: usize) -> Ask {
    let calm = menu == Menu::Calls;
    let mut ask = Ask { node, sizes: [size(source), size(source)], ..Ask::default() };
    ask.timeout = millis(source, &[10_000, 60_000, 1_000, 300, 100, 10, 1]);
    ask.serve = serve(source, menu);
    ask.parts = source.chance(80);
    if source.chance(60) {
        let open = source.chance(60) && !calm;
        ask.way = Way::Parts { piece: source.pick(&[1_000, 7, 65_536]).max(ask.sizes[0] / 50), open };
        ask.parts |= open;
    }
    if source.chance(70) {
        ask.per_attempt = Some(millis(source, &[50, 5, 400, 2_000]));
    }
    if source.chance(90) {
        ask.attempts = source.pick(&[1, 2, 3, 20]);
        ask.strict = source.chance(60);
        ask.same_peer = source.chance(60);
        ask.flags = source.pick(&[
            RetryFlags { connection: true, timeout: true },
            RetryFlags::NEVER,
            RetryFlags { connection: false, timeout: true },
            RetryFlags { connection: true, timeout: false },
        ]);
    }
    if source.chance(90) {
        let later = Word::Later(millis(source, &[1, 200, 20_000]));
        ask.word = Some(source.pick(&[Word::Retry, Word::Accept, Word::Fail, later, Word::Silence]));
    }
    if source.chance(50) {
        ask.direct = Some(who(source, peer));
    } else if source.chance(20) {
        ask.over = Some(source.byte().into());
    }
    if source.chance(60) {
        ask.service = source.pick(&[Service::Own, Service::Own, Service::Unknown]);
        ask.shard = Some(source.byte() % 4);
        ask.tracked = source.chance(128);
        ask.document = source.chance(128);
    }
    if source.chance(50) {
        ask.hops = 1 + source.byte() % 3;
        // Each attempt makes as many of its own.
        ask.attempts = ask.attempts.min(3);
    }
    if source.chance(50) {
        ask.takes = Takes::Late(millis(source, &[1, 300, 3_000]));
    }
    ask
}

fn size(source: &mut impl Source) -> usize {
    source.pick(&[20, 0, 1, 200, 1_024, 5_000, 0, 3, 20_000, 66_000])
}

fn serve(source: &mut impl Source, menu: Menu) -> Serve {
    let after = millis(source, &[0, 0, 1, 50, 2_000]);
    match source.below(if menu == Menu::Calls { 6 } else { 9 }) {
        0..=3 => Serve::Echo { after },
        4 => Serve::NotOk { after },
        5 => Serve::Refuse { code: code(source), after },
        6 => Serve::Regret { code: code(source), after },
        _ => Serve::Ignore,
    }
}

fn code(source: &mut impl Source) -> ErrorCode {
    source.pick(&[
        ErrorCode::Busy,
        ErrorCode::Timeout,
        ErrorCode::Cancelled,
        ErrorCode::Declined,
        ErrorCode::Unexpected,
        ErrorCode::BadRequest,
        ErrorCode::Network,
        ErrorCode::Unhealthy,
        ErrorCode::Fatal,
        ErrorCode::Unknown(0x42),
    ])
}

fn millis(source: &mut impl Source, choices: &[u64]) -> Duration {
    Duration::from_millis(source.pick(choices))
}
