//! The figures to compare with, and when two are as good as equal.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

/// What a compiler made of each scenario.
pub(crate) struct Baseline {
    pub(crate) compiler: String,
    pub(crate) figures: BTreeMap<String, Figures>,
}

/// What one call or frame costs.
#[derive(Clone, Copy)]
pub(crate) struct Figures {
    pub(crate) instructions: f64,
    pub(crate) allocations: f64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    Same,
    Better,
    Worse,
}

/// Another machine's libc and stack layout move the figures by less.
const INSTRUCTIONS: f64 = 0.03;
/// Buffers that grow now and then.
const ALLOCATIONS: f64 = 0.02;

impl Figures {
    pub(crate) fn against(self, before: Figures) -> Verdict {
        let instructions = self.instructions / before.instructions - 1.0;
        let allocations = self.allocations - before.allocations;
        if instructions > INSTRUCTIONS || allocations > ALLOCATIONS {
            Verdict::Worse
        } else if instructions < -INSTRUCTIONS || allocations < -ALLOCATIONS {
            Verdict::Better
        } else {
            Verdict::Same
        }
    }
}

impl Baseline {
    pub(crate) fn read() -> Self {
        let text = fs::read_to_string(file()).unwrap_or_default();
        let mut lines = text.lines();
        let compiler = lines.next().and_then(|line| line.strip_prefix("rustc ")).unwrap_or("none");
        let figures = lines.filter_map(|line| {
            let mut words = line.split_whitespace();
            let (name, instructions, allocations) = (words.next()?, words.next()?, words.next()?);
            let number = |word: &str| word.parse().unwrap_or_else(|_| panic!("baseline: {line}"));
            let figures = Figures { instructions: number(instructions), allocations: number(allocations) };
            Some((name.to_owned(), figures))
        });
        Baseline { compiler: compiler.to_owned(), figures: figures.collect() }
    }

    pub(crate) fn write(&self) {
        let mut text = format!("rustc {}\n", self.compiler);
        for (name, Figures { instructions, allocations }) in &self.figures {
            writeln!(text, "{name:<28} {instructions:>10.0} {allocations:>8.3}").expect("a string takes all");
        }
        fs::write(file(), text).expect("the baseline can be written");
    }
}

fn file() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("instructions/baseline.txt")
}
