//! Scenarios from choices. A source that is spent gives the plainest step, so a short input is a short scenario.

use std::time::Duration;

use tchannel_proto::wire::{ChecksumKind, ErrorCode};

use super::hostile::hostile;
use super::{Act, Ask, Limits, Scenario, Serve, Size, Step, Take, Wiring};
use crate::laws::Language;
use crate::link::Shape;
use crate::source::Source;

/// What kind of scenarios to make.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Menu {
    /// Everything.
    All,
    /// Only calls, on links that work: all of them have to end as their handlers decide.
    Calls,
    /// Mostly streamed calls and what can be done to them.
    Streams,
}

/// Most steps after the first.
const STEPS: usize = 28;

/// Makes one scenario out of what `source` gives.
pub fn generate(source: &mut impl Source, menu: Menu) -> Scenario {
    let mut steps = vec![Step::Connect(wiring(source, menu))];
    if source.chance(40) {
        steps.push(Step::Connect(wiring(source, menu)));
    }
    for _ in 0..source.below(STEPS) {
        if source.is_spent() {
            break;
        }
        steps.push(step(source, menu));
    }
    lighten(&mut steps);
    Scenario { steps }
}

/// Argument bytes after which arguments get short: more would only take time.
const BYTES: usize = 700_000;

fn lighten(steps: &mut [Step]) {
    let mut total = 0;
    let mut weigh = |len: &mut usize| {
        if total > BYTES {
            *len %= 1_000;
        }
        total += *len;
    };
    for step in steps {
        match step {
            Step::Call(ask) | Step::Open { ask, .. } => {
                for size in &mut ask.sizes {
                    if let Size::Bytes(len) = size {
                        weigh(len);
                    }
                }
            }
            Step::On { act: Act::Write { len }, .. } => weigh(len),
            Step::Connect(_)
            | Step::On { .. }
            | Step::Drain { .. }
            | Step::Close { .. }
            | Step::Cut { .. }
            | Step::HalfClose { .. }
            | Step::Stall { .. }
            | Step::Advance { .. }
            | Step::Inject { .. } => {}
        }
    }
}

fn wiring(source: &mut impl Source, menu: Menu) -> Wiring {
    let tame = menu == Menu::Calls;
    let shape = if source.chance(128) {
        Shape {
            latency: millis(source, &[0, 1, 20, 200]),
            nanos_per_byte: source.pick(&[0, 10, 1_000]),
            segment: source.pick(&[1 << 20, 1_460, 17, 65_536]),
            window: source.pick(&[8 << 20, 4_096, 65_536, 333]),
        }
    } else {
        Shape::PLAIN
    };
    let calm = [Limits::Default, Limits::SmallFrames];
    let all = [Limits::Default, Limits::SmallFrames, Limits::Tight, Limits::Watchful];
    let mut limits = || if tame { source.pick(&calm) } else { source.pick(&all) };
    let limits = [limits(), limits()];
    let mut language = || if source.chance(60) { source.pick(&Language::ALL) } else { Language::Rust };
    let language = [language(), language()];
    Wiring { shape, limits, language }
}

fn step(source: &mut impl Source, menu: Menu) -> Step {
    let kind = match menu {
        Menu::All => source.byte(),
        Menu::Calls => source.byte() % 110,
        Menu::Streams => 60 + source.byte() % 120,
    };
    let (call, node) = (usize::from(source.byte()), source.below(4));
    let on = |act| Step::On { call, act };
    match kind {
        0..70 => Step::Call(ask(source, menu)),
        70..92 => {
            let piece = Some(source.pick(&[1_000, 7, 65_536, 300_000, 1]));
            Step::Open { ask: ask(source, menu), piece, flush: source.chance(80) }
        }
        92..110 => Step::Advance { time: millis(source, &[1, 0, 10, 100, 500, 1_600, 5_001, 31_000]) },
        110..122 => Step::Open { ask: ask(source, menu), piece: None, flush: false },
        122..140 => on(Act::Write { len: source.pick(&[1, 0, 100, 4_096, 65_455, 70_000, 300_000]) }),
        140..147 => on(Act::Flush),
        147..158 => on(Act::FinishArg),
        158..164 => on(Act::Read { parts: source.pick(&[1, 2, 100]) }),
        164..168 => on(Act::Collect),
        168..176 => on(Act::Cancel),
        176..180 => on(Act::DropReader),
        180..190 => on(Act::Reject { code: code(source) }),
        190..196 => Step::Drain { node, within: millis(source, &[30_000, 0, 1, 700]) },
        196..200 => Step::Close { node },
        200..204 => Step::Cut { node },
        204..208 => Step::HalfClose { node },
        208..216 => Step::Stall { node, time: millis(source, &[10, 900, 4_000, 31_000]) },
        216..=255 => Step::Inject { node, bytes: hostile(source), aligned: !source.chance(25) },
    }
}

fn ask(source: &mut impl Source, menu: Menu) -> Ask {
    Ask {
        node: source.below(4),
        sizes: [arg(source, menu), arg(source, menu)],
        timeout: millis(source, &[60_000, 1_000, 10, 1, 100, 5_000]),
        checksum: source.pick(&[ChecksumKind::Crc32c, ChecksumKind::None, ChecksumKind::Crc32]),
        serve: serve(source, menu),
        take: match source.below(8) {
            0..=2 => Take::Collect,
            3..=5 => Take::Read,
            6 => Take::Slow { every: millis(source, &[1, 100, 900, 1_100]) },
            _ => Take::ByStep,
        },
    }
}

fn arg(source: &mut impl Source, menu: Menu) -> Size {
    if source.chance(90) {
        return Size::Edge(source.pick(&[0, -4, -3, -2, -1, 1, 2, 3, 4]));
    }
    let sizes = [0, 5, 16, 1, 2, 100, 1_023, 1_024, 1_025, 5_000, 65_000, 65_511, 70_000, 131_026];
    let bytes = source.pick(&sizes);
    // Streams are about pressure: sizes that pass the limits of a call.
    Size::Bytes(if menu == Menu::Streams && source.chance(60) { bytes + 300_000 } else { bytes })
}

fn serve(source: &mut impl Source, menu: Menu) -> Serve {
    let after = millis(source, &[0, 1, 50, 2_000]);
    let choices = if menu == Menu::Calls { 6 } else { 10 };
    match source.below(choices) {
        0 | 1 => Serve::Echo { after },
        2 => Serve::Relay,
        3 => Serve::Answer { ok: !source.chance(80), sizes: reply(source), after },
        4 => Serve::Stream { sizes: reply(source), piece: source.pick(&[1_000, 13, 65_536]), after },
        5 => Serve::Refuse { code: code(source), after },
        6 => Serve::Regret { code: code(source), after },
        7 => Serve::Sink,
        8 => Serve::Ignore,
        _ => Serve::Answer { ok: true, sizes: [0, 110_000], after },
    }
}

fn reply(source: &mut impl Source) -> [usize; 2] {
    let sizes = [0, 3, 40, 1_024, 65_480, 65_511, 65_535, 90_000];
    [source.pick(&sizes), source.pick(&sizes)]
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
