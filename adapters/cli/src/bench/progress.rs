//! How far it has come.

use indicatif::{ProgressBar, ProgressStyle};

/// Hidden unless stderr is a terminal.
pub(super) fn bar() -> ProgressBar {
    let style = ProgressStyle::with_template("{bar:40} {msg}").expect("a good template");
    ProgressBar::new(STEPS.into()).with_style(style)
}

pub(super) fn show(bar: &ProgressBar, part: f64, calls: u64) {
    let steps = f64::from(STEPS) * part.clamp(0.0, 1.0);
    let done = (1..=STEPS).take_while(|step| f64::from(*step) <= steps).count();
    bar.set_message(format!("{calls} calls"));
    bar.set_position(u64::try_from(done).unwrap_or_default());
}

/// As many as the bar is wide.
const STEPS: u32 = 40;
