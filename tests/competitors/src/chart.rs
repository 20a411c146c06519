//! The table as a picture: calls for the same processor time as a share of raw TCP's, on a logarithmic scale. Of all
//! figures of a run, processor time depends least on what else the machine does.

use std::fmt::Write;

use serde_json::Value;

use crate::report::show;

const WIDTH: f64 = 900.0;
const LEFT: f64 = 150.0;
const BAR: f64 = 11.0;
const GAP: f64 = 26.0;
/// The left end of the scale.
const LEAST: f64 = 0.0005;
const COLOURS: [&str; 13] = [
    "#9aa0a6", "#80868b", "#5f6368", "#c5221f", "#e8710a", "#f29900", "#fbbc04", "#34a853", "#1e8e3e",
    "#12b5cb", "#4285f4", "#9334e6", "#d01884",
];

/// What `compare --json` writes, drawn.
pub(crate) fn draw(run: &Value) -> Option<String> {
    let cells = run["cells"].as_array()?;
    let subjects = cells.first()?["subjects"].as_array()?.len();
    let group = BAR * number(subjects) + GAP;
    let height = group * number(cells.len()) + 60.0;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" font-family=\"sans-serif\" \
         font-size=\"10\">\n<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n<text x=\"{LEFT}\" y=\"16\" \
         font-size=\"13\">calls for the same processor time, as a share of raw TCP (median, logarithmic)</text>\n"
    );
    for tick in [0.001, 0.01, 0.1, 1.0] {
        let (x, bottom) = (place(tick), height - 24.0);
        line(&mut svg, format_args!("<path d=\"M{x:.1} 26V{bottom:.1}\" stroke=\"#dadce0\"/>"));
        text(&mut svg, (x, height - 10.0), "middle", &tick.to_string());
    }
    for (at, cell) in cells.iter().enumerate() {
        let top = 40.0 + group * number(at);
        text(&mut svg, (LEFT - 4.0, top - 3.0), "end", &format!("- {} -", cell["cell"].as_str()?));
        for (at, subject) in cell["subjects"].as_array()?.iter().enumerate() {
            let y = top + BAR * number(at);
            let share = subject["ratios"]["cpu_to_raw"]["median"].as_f64().map(|ratio| 1.0 / ratio);
            let right = share.map_or(LEFT, place);
            let (width, tall, colour) = (right - LEFT, BAR - 2.0, COLOURS[at % COLOURS.len()]);
            let bar = format_args!(
                "<rect x=\"{LEFT}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{tall}\" fill=\"{colour}\"/>"
            );
            line(&mut svg, bar);
            text(&mut svg, (LEFT - 4.0, y + 9.0), "end", subject["name"].as_str()?);
            text(&mut svg, (right + 4.0, y + 9.0), "start", &share.map_or_else(|| "-".into(), show));
        }
    }
    svg.push_str("</svg>\n");
    Some(svg)
}

fn number(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

fn text(svg: &mut String, (x, y): (f64, f64), anchor: &str, said: &str) {
    line(svg, format_args!("<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{said}</text>"));
}

/// Where a share lies on the scale.
fn place(share: f64) -> f64 {
    let part = (share.max(LEAST) / LEAST).log10() / (1.0 / LEAST).log10();
    LEFT + part * (WIDTH - LEFT - 60.0)
}

fn line(svg: &mut String, text: std::fmt::Arguments<'_>) {
    writeln!(svg, "{text}").expect("a string takes all");
}
