use tchannel_load::Cpu;

use super::*;

fn measured(calls: &[(u64, usize)]) -> Measured {
    let calls = calls.iter().map(|(micros, count)| (Duration::from_micros(*micros), *count));
    Measured::of(Duration::from_secs(1), Cpu::default(), calls)
}

#[test]
fn curve_goes_up_to_the_nines_that_so_many_calls_can_tell() {
    let measured = measured(&[(100, 900), (200, 90), (400, 9), (800, 1)]);
    let curve: Vec<_> =
        curve(&measured).into_iter().map(|(nines, took)| (format!("{nines:.2}"), took.as_micros())).collect();
    let expected = [("0.00", 100), ("1.00", 100), ("2.00", 200), ("3.00", 400), ("3.30", 800)];
    assert_eq!(curve, expected.map(|(nines, took)| (nines.to_owned(), took)));
}

#[test]
fn axis_ends_at_a_round_number() {
    let tops = [0, 1, 17, 20, 21, 800, 5_001, 2_000_001]
        .map(|micros| top(Duration::from_micros(micros)).as_micros());
    assert_eq!(tops, [1, 1, 20, 20, 50, 1_000, 10_000, 5_000_000]);
}

#[test]
fn title_is_no_markup() {
    let svg = draw("a<b & c>::d\u{1b}", &measured(&[(1, 1)]));
    assert!(svg.contains(">a&lt;b &amp; c&gt;::d<"), "{svg}");
}

#[test]
fn nothing_answered_is_an_empty_picture() {
    let svg = draw("none", &measured(&[]));
    assert!(!svg.contains("NaN") && svg.ends_with("</svg>\n"), "{svg}");
}
