use alloc::string::ToString;

use super::*;

#[test]
fn ratio_is_reached_at_its_share_and_not_before() {
    let tenth = Ratio::percent(10);
    assert!(!tenth.is_reached(9, 100));
    assert!(tenth.is_reached(10, 100));
    assert!(tenth.is_reached(1, 0));
    assert!(Ratio::ZERO.is_reached(0, 100));
}

#[test]
fn largest_numbers_do_not_overflow() {
    assert!(!Ratio::per_million(u32::MAX).is_reached(1, u64::MAX));
    assert!(Ratio::ONE.is_reached(u64::MAX, u64::MAX));
    assert_eq!(Ratio::percent(u32::MAX), Ratio::per_million(u32::MAX));
}

#[test]
fn ratio_reads_as_per_cent() {
    assert_eq!(Ratio::percent(10).to_string(), "10.0000%");
    assert_eq!(Ratio::per_million(12_345).to_string(), "1.2345%");
}
