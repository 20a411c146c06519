//! A finished run as Markdown, for the README.

use serde_json::Value;

use crate::{Failure, chart};

const FOREIGN: &str = "this is not what `compare --json` writes";

/// Prints what `compare --json` wrote: one table for each ratio, subjects down, cells across.
/// With `svg`, draws it, too.
pub(crate) fn report(file: &str, svg: Option<&str>) -> Result<(), Failure> {
    let run: Value = serde_json::from_str(&std::fs::read_to_string(file)?)?;
    if let Some(svg) = svg {
        std::fs::write(svg, chart::draw(&run).ok_or(FOREIGN)?)?;
    }
    for (title, ratio) in [
        ("calls a second ÷ raw", "rate_to_raw"),
        ("processor time of a call, both sides ÷ raw", "cpu_to_raw"),
        ("p50 ÷ raw", "p50_to_raw"),
    ] {
        println!("{}\n", table(title, ratio, &run).ok_or(FOREIGN)?);
    }
    Ok(())
}

fn table(title: &str, ratio: &str, run: &Value) -> Option<String> {
    let cells = run["cells"].as_array()?;
    let mut text = format!("| {title} |");
    for cell in cells {
        text += &format!(" {} |", cell["cell"].as_str()?.replace(" x ", " × "));
    }
    text += &format!("\n|---|{}", "---|".repeat(cells.len()));
    for (at, subject) in cells.first()?["subjects"].as_array()?.iter().enumerate() {
        text += &format!("\n| {} |", subject["name"].as_str()?);
        for cell in cells {
            let spread = &cell["subjects"][at]["ratios"][ratio];
            match (spread["median"].as_f64(), spread["min"].as_f64(), spread["max"].as_f64()) {
                (Some(median), Some(least), Some(most)) => {
                    text += &format!(" {} ({}–{}) |", show(median), show(least), show(most));
                }
                _ => text += " – |",
            }
        }
    }
    Some(text)
}

/// Two digits that count.
pub(crate) fn show(value: f64) -> String {
    match value {
        ..0.0095 => format!("{value:.4}"),
        ..0.095 => format!("{value:.3}"),
        ..0.95 => format!("{value:.2}"),
        ..9.5 => format!("{value:.1}"),
        _ => format!("{value:.0}"),
    }
}
