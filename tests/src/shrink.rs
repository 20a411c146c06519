//! From a run that breaks a law to the smallest one that still does, whatever a run is made of.

use std::fmt::Write;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};

use crate::trace::Trace;

/// A law that did not hold, or a panic.
#[derive(Clone, Debug)]
pub struct Broken {
    /// The message.
    pub what: String,
}

impl Broken {
    /// The beginning of the message, without its numbers: what tells one fault from another.
    pub fn kind(&self) -> String {
        self.what.chars().filter(|letter| letter.is_alphabetic()).take(24).collect()
    }
}

/// Does what may break, and catches that.
pub fn caught<T>(work: impl FnOnce() -> T) -> Result<T, Broken> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|panic| {
        let text = panic.downcast_ref::<String>().cloned();
        let what = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
        Broken { what: what.unwrap_or_else(|| "a panic without a message".into()) }
    })
}

/// Runs with nobody told of panics: each try that still fails is one.
pub fn quietly<T>(work: impl FnOnce() -> T) -> T {
    let hook = take_hook();
    set_hook(Box::new(|_| {}));
    let done = work();
    set_hook(hook);
    done
}

/// As few of the items, in their order, as dropping runs of them leaves while `fails` holds.
pub fn fewer<T: Clone>(items: &[T], mut fails: impl FnMut(&[T]) -> bool) -> Vec<T> {
    let mut best = items.to_vec();
    let mut size = best.len().div_ceil(2);
    while size > 0 {
        let (mut from, mut dropped) = (0, false);
        while from < best.len() {
            let mut tried = best.clone();
            tried.drain(from..(from + size).min(best.len()));
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
    best
}

/// The smallest run that breaks in the same way, and how it breaks. `check` runs one; `smaller` is asked for the
/// smallest that still fails.
pub fn same_fault<R: Clone>(
    run: &R,
    check: impl Fn(&R) -> Result<(), Broken>,
    smaller: impl FnOnce(&R, &mut dyn FnMut(&R) -> bool) -> R,
) -> (R, Broken) {
    let mut first = Broken { what: "it does not break again".into() };
    let small = quietly(|| {
        let Err(broken) = check(run) else { return run.clone() };
        let kind = broken.kind();
        first = broken;
        // Another fault may hide behind the one that is being looked for.
        let mut fails = |tried: &R| match check(tried) {
            Err(why) if why.kind() == kind => {
                first = why;
                true
            }
            Ok(()) | Err(_) => false,
        };
        smaller(run, &mut fails)
    });
    (small, first)
}

/// Longest trace that is shown whole, in lines.
const SHOWN: usize = 400;

/// The trace of a run that breaks, as far as it is worth reading.
pub fn shown(run: impl FnOnce(&Trace)) -> String {
    let trace = Trace::keeping();
    // It breaks, or breaks only when compared; the trace is kept either way.
    quietly(|| drop(caught(|| run(&trace))));
    let trace = trace.to_string();
    let skipped = trace.lines().count().saturating_sub(SHOWN);
    let mut text = if skipped > 0 {
        format!("its trace, without the first {skipped} lines:\n")
    } else {
        "its trace:\n".into()
    };
    for line in trace.lines().skip(skipped) {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{line}");
    }
    text
}
