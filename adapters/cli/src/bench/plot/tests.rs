use tchannel_load::Cpu;

use super::*;

fn measured(calls: &[(u64, usize)]) -> Measured {
    let calls = calls.iter().map(|(micros, count)| (Duration::from_micros(*micros), *count));
    Measured::of(Duration::from_secs(1), Cpu::default(), calls)
}

#[test]
fn steps_double_and_bars_are_as_wide_as_their_part_of_the_most() {
    let lines = lines(&measured(&[(3, 100), (40, 25), (60, 25), (500, 1)]));
    let bar = |cells| "█".repeat(cells);
    let expected = [
        format!("<=  4.00 us  100  {}", bar(40)),
        "<=  8.00 us    0".to_owned(),
        "<=  16.0 us    0".to_owned(),
        "<=  32.0 us    0".to_owned(),
        format!("<=  64.0 us   50  {}", bar(20)),
        "<=   128 us    0".to_owned(),
        "<=   256 us    0".to_owned(),
        "<=   512 us    1  ▍".to_owned(),
    ];
    assert_eq!(lines, expected);
}

#[test]
fn one_call_in_a_million_is_seen() {
    let lines = lines(&measured(&[(1, 1_000_000), (2_000_000, 1)]));
    assert_eq!(lines.last().map(String::as_str), Some("<=   2.10 s        1  ▏"));
}

#[test]
fn nothing_answered_is_no_plot() {
    assert!(lines(&measured(&[])).is_empty());
}
