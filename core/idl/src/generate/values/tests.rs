use super::{double, int};

#[test]
fn long_numbers_have_separators() {
    let ints = [0, 9999, -10_000, 1_234_567, i64::MIN].map(|number| int(number).to_string());
    assert_eq!(ints, ["0", "9999", "- 10_000", "1_234_567", "- 9_223_372_036_854_775_808"]);
    let doubles = [0.0, -0.0, 1.0, 12_345.678_912, 1e300, -2.5e-10].map(|number| double(number).to_string());
    assert_eq!(doubles, ["0.0", "- 0.0", "1.0", "12_345.678_912", "1.0e300", "- 2.5e-10"]);
}

#[test]
fn doubles_are_written_to_the_last_digit() {
    for number in [0.1, 1.0 / 3.0, f64::MAX, f64::MIN_POSITIVE, 123_456_789.123_456_79] {
        let text = double(number).to_string().replace([' ', '_'], "");
        assert_eq!(text.parse::<f64>().unwrap().to_bits(), number.to_bits(), "{text}");
    }
}
