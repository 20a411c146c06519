//! The table as a picture: calls a second as a share of raw TCP, on a logarithmic scale.

use std::fmt::Write;

use crate::cells::Cell;
use crate::compare::Row;

const WIDTH: f64 = 900.0;
const LEFT: f64 = 150.0;
const BAR: f64 = 11.0;
const GAP: f64 = 26.0;
/// The left end of the scale.
const LEAST: f64 = 0.0005;
const COLOURS: [&str; 12] = [
    "#9aa0a6", "#5f6368", "#c5221f", "#e8710a", "#f29900", "#fbbc04", "#34a853", "#1e8e3e", "#12b5cb",
    "#4285f4", "#9334e6", "#d01884",
];

pub(crate) fn draw(names: &[&str], rows: &[(Cell, Row)]) -> String {
    let group = BAR * names.len() as f64 + GAP;
    let height = group * rows.len() as f64 + 60.0;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" font-family=\"sans-serif\" font-size=\"10\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n\
         <text x=\"{LEFT}\" y=\"16\" font-size=\"13\">calls a second as a share of raw TCP in the same run (median, logarithmic)</text>\n"
    );
    for tick in [0.001, 0.01, 0.1, 1.0] {
        let x = place(tick);
        line(
            &mut svg,
            format_args!(
                "<line x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"26\" y2=\"{:.1}\" stroke=\"#dadce0\"/>",
                height - 24.0
            ),
        );
        line(
            &mut svg,
            format_args!(
                "<text x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{tick}</text>",
                height - 10.0
            ),
        );
    }
    for (at, (cell, row)) in rows.iter().enumerate() {
        let top = 40.0 + group * at as f64;
        line(
            &mut svg,
            format_args!(
                "<text x=\"4\" y=\"{:.1}\" font-size=\"12\" font-weight=\"bold\">{}</text>",
                top - 3.0,
                cell.name
            ),
        );
        for (number, (name, ratios)) in names.iter().zip(row).enumerate() {
            let y = top + BAR * number as f64;
            let value = ratios.as_ref().map(|ratios| ratios.rate_ratio.median);
            let right = value.map_or(LEFT, place);
            let colour = COLOURS[number % COLOURS.len()];
            let said = value.map_or_else(|| "-".to_owned(), |value| format!("{value:.3}"));
            line(
                &mut svg,
                format_args!(
                    "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{name}</text>",
                    LEFT - 4.0,
                    y + 9.0
                ),
            );
            line(
                &mut svg,
                format_args!(
                    "<rect x=\"{LEFT}\" y=\"{y:.1}\" width=\"{:.1}\" height=\"{:.1}\" fill=\"{colour}\"/>",
                    right - LEFT,
                    BAR - 2.0
                ),
            );
            line(&mut svg, format_args!("<text x=\"{:.1}\" y=\"{:.1}\">{said}</text>", right + 4.0, y + 9.0));
        }
    }
    svg.push_str("</svg>\n");
    svg
}

/// Where a share lies on the scale.
fn place(share: f64) -> f64 {
    let part = (share.max(LEAST) / LEAST).log10() / (1.0 / LEAST).log10();
    LEFT + part * (WIDTH - LEFT - 60.0)
}

fn line(svg: &mut String, text: std::fmt::Arguments<'_>) {
    writeln!(svg, "{text}").expect("a string takes all");
}
