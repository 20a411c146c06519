//! Durations for people.

use std::time::Duration;

/// Three digits and a unit.
pub(crate) fn short(took: Duration) -> String {
    let micros = took.as_secs_f64() * 1e6;
    let (number, unit) = match micros {
        ..999.5 => (micros, "us"),
        ..999.5e3 => (micros / 1e3, "ms"),
        _ => (micros / 1e6, "s"),
    };
    match number {
        ..9.995 => format!("{number:.2} {unit}"),
        ..99.95 => format!("{number:.1} {unit}"),
        _ => format!("{number:.0} {unit}"),
    }
}

#[cfg(test)]
mod tests;
