//! How latencies spread, in text.

use std::time::Duration;

use tchannel_load::Measured;

use crate::duration::short;

use super::report::float;

/// A line for each step of the latency, the shortest first: up to which latency, how many calls, and a bar.
pub(super) fn lines(measured: &Measured) -> Vec<String> {
    let steps = steps(measured);
    let most = steps.iter().map(|(_, calls)| *calls).max().unwrap_or_default();
    let wide = most.to_string().len();
    let line = |(up_to, calls): &(Duration, u64)| {
        let line = format!("<= {:>8}  {calls:>wide$}  {}", short(*up_to), bar(*calls, most));
        line.trim_end().to_owned()
    };
    steps.iter().map(line).collect()
}

/// Calls by steps, each twice as far as the one before: its end, and the calls in it. Empty ones at the ends are left out.
fn steps(measured: &Measured) -> Vec<(Duration, u64)> {
    let mut steps: Vec<(Duration, u64)> = Vec::new();
    for (took, calls) in measured.latencies() {
        let mut last = *steps.last().unwrap_or(&(end(took), 0));
        while took > last.0 {
            last = (last.0 * 2, 0);
            steps.push(last);
        }
        match steps.last_mut() {
            Some((_, so_far)) => *so_far += calls,
            None => steps.push((last.0, calls)),
        }
    }
    steps
}

/// The end of the step that `took` is in.
fn end(took: Duration) -> Duration {
    let mut end = Duration::from_micros(1);
    while end < took {
        end *= 2;
    }
    end
}

/// As wide as its part of the most.
fn bar(calls: u64, most: u64) -> String {
    let eighths = float(calls) / float(most.max(1)) * f64::from(WIDTH * 8);
    let eighths = (1..=WIDTH * 8).take_while(|eighth| f64::from(*eighth) <= eighths).count();
    // What is there is seen.
    let eighths = if calls > 0 { eighths.max(1) } else { 0 };
    let rest = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"][eighths % 8];
    "█".repeat(eighths / 8) + rest
}

const WIDTH: u32 = 40;

#[cfg(test)]
mod tests;
