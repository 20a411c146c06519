use super::*;

#[test]
fn dates_are_those_of_the_calendar() {
    for (seconds, expected) in [
        (0, "1970-01-01T00:00:00.000000Z"),
        (951_782_399, "2000-02-28T23:59:59.000000Z"),
        (951_782_400, "2000-02-29T00:00:00.000000Z"),
        (951_868_800, "2000-03-01T00:00:00.000000Z"),
        (4_107_542_400, "2100-03-01T00:00:00.000000Z"),
        (1_795_330_249, "2026-11-22T06:50:49.000000Z"),
        (u64::from(u32::MAX), "2106-02-07T06:28:15.000000Z"),
    ] {
        assert_eq!(date_time(Duration::from_secs(seconds)), expected);
    }
    // No date that anybody has, and no panic.
    assert!(date_time(Duration::MAX).ends_with('Z'));
}

#[test]
fn nanoseconds_are_told_where_there_are_any() {
    assert_eq!(time(Duration::new(3_661, 5_000)), "01:01:01.000005");
    assert_eq!(time(Duration::new(3_661, 5_001)), "01:01:01.000005001");
}
