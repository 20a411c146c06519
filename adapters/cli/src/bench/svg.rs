//! Latency by percentile, as a picture.

use std::fmt::Write;
use std::time::Duration;

use tchannel_load::Measured;

use crate::duration::short;

use super::report::float;

/// The curve: to the right percentiles, each nine as wide as the one before; upwards latencies.
pub(super) fn draw(title: &str, measured: &Measured) -> String {
    let points = curve(measured);
    let nines = points.last().map_or(1.0, |(nines, _)| nines.ceil().max(1.0));
    let most = top(measured.longest());
    let x = |at: f64| LEFT + WIDTH * at / nines;
    let y = |took: Duration| TOP + HEIGHT * (1.0 - took.as_secs_f64() / most.as_secs_f64());

    let mut svg = format!(
        "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {} {}' font-family='sans-serif' font-size='12'>\n\
         <rect width='100%' height='100%' fill='white'/>\n\
         <text x='{LEFT}' y='24' font-size='14'>{}</text>\n",
        LEFT + WIDTH + RIGHT,
        TOP + HEIGHT + BOTTOM,
        escaped(title),
    );
    for step in 0..=STEPS {
        let took = most * step / STEPS;
        svg += &rule([LEFT, y(took)], [LEFT + WIDTH, y(took)]);
        svg += &label([LEFT - 8.0, y(took) + 4.0], "end", &short(took));
    }
    for (at, name) in PERCENTILES {
        if at <= nines {
            svg += &rule([x(at), TOP], [x(at), TOP + HEIGHT]);
            svg += &label([x(at), TOP + HEIGHT + 18.0], "middle", name);
        }
    }
    svg += &label(
        [LEFT + WIDTH / 2.0, TOP + HEIGHT + 40.0],
        "middle",
        "percent of the answered calls that took no longer",
    );
    svg += "<polyline fill='none' stroke='#c2410c' stroke-width='2' points='";
    for (at, took) in &points {
        let _infallible = write!(svg, "{:.1},{:.1} ", x(*at), y(*took));
    }
    svg + "'/>\n</svg>\n"
}

/// How many nines have taken how long at most: from none to those that so many calls can tell.
fn curve(measured: &Measured) -> Vec<(f64, Duration)> {
    let all = float(measured.answered());
    let shortest = measured.latencies().next().map(|(took, _)| took);
    let mut points = vec![(0.0, shortest.unwrap_or_default())];
    let mut calls = 0;
    for (took, count) in measured.latencies() {
        calls += count;
        // The longest stands for half a call more: the last nine has no end.
        let left = (1.0 - float(calls) / all).max(0.5 / all);
        points.push((-left.log10(), took));
    }
    points
}

/// A round number of microseconds, not less.
fn top(longest: Duration) -> Duration {
    let mut top = Duration::from_micros(1);
    while top < longest {
        top = [2, 5, 10]
            .map(|times| top * times)
            .into_iter()
            .find(|round| *round >= longest)
            .unwrap_or(top * 10);
    }
    top
}

fn rule([x, y]: [f64; 2], [to_x, to_y]: [f64; 2]) -> String {
    format!("<line x1='{x:.1}' y1='{y:.1}' x2='{to_x:.1}' y2='{to_y:.1}' stroke='#ddd'/>\n")
}

fn label([x, y]: [f64; 2], anchor: &str, words: &str) -> String {
    format!("<text x='{x:.1}' y='{y:.1}' text-anchor='{anchor}'>{words}</text>\n")
}

fn escaped(words: &str) -> String {
    let words: String = words.chars().filter(|letter| !letter.is_control()).collect();
    words.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// Nines, and what they are called. 50 % is three tenths of a nine.
const PERCENTILES: [(f64, &str); 9] = [
    (0.0, "0"),
    (std::f64::consts::LOG10_2, "50"),
    (1.0, "90"),
    (2.0, "99"),
    (3.0, "99.9"),
    (4.0, "99.99"),
    (5.0, "99.999"),
    (6.0, "99.9999"),
    (7.0, "99.99999"),
];

/// Of the latency's axis.
const STEPS: u32 = 5;

const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 320.0;
const LEFT: f64 = 80.0;
const RIGHT: f64 = 30.0;
const TOP: f64 = 50.0;
const BOTTOM: f64 = 55.0;

#[cfg(test)]
mod tests;
