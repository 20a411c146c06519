//! Times for people and for programs, in UTC.

use std::time::Duration;

/// `2026-11-22T06:50:49.091943Z`, by the proleptic Gregorian calendar; more digits where they say something.
pub(super) fn date_time(since_1970: Duration) -> String {
    let (year, month, day) = date(since_1970.as_secs() / DAY);
    format!("{year:04}-{month:02}-{day:02}T{}Z", time(since_1970))
}

/// `06:50:49.091943`.
pub(super) fn time(since_1970: Duration) -> String {
    let second = since_1970.as_secs() % DAY;
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    let nanos = since_1970.subsec_nanos();
    let part = match nanos % 1_000 {
        0 => format!("{:06}", nanos / 1_000),
        _ => format!("{nanos:09}"),
    };
    format!("{hour:02}:{minute:02}:{second:02}.{part}")
}

/// Year, month and day. Years are counted from a March, so that the day of a leap year is its last.
fn date(days_since_1970: u64) -> (u64, u64, u64) {
    let days = days_since_1970 + 719_468;
    let (era, day) = (days / 146_097, days % 146_097);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let (year, month) = (year + 400 * era, if month < 10 { month + 3 } else { month - 9 });
    (if month <= 2 { year + 1 } else { year }, month, day)
}

const DAY: u64 = 86_400;

#[cfg(test)]
mod tests;
