use super::*;

#[test]
fn latencies_have_three_digits_and_a_unit() {
    let said =
        [999, 9_994, 9_999, 123_456, 999_400, 999_600, 1_500_000, 12_345_678, 2_097_152_000, 61_000_000_000]
            .map(|nanos| short(Duration::from_nanos(nanos)));
    let expected = [
        "1.00 us", "9.99 us", "10.0 us", "123 us", "999 us", "1.00 ms", "1.50 ms", "12.3 ms", "2.10 s",
        "61.0 s",
    ];
    assert_eq!(said, expected);
}
