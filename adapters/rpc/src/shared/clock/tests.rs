use std::time::{Duration, Instant};

use tchannel_proto::Timestamp;

use super::Clock;

#[test]
fn moments_and_instants_are_the_same_times() {
    let clock = Clock::new();
    let before = Instant::now();
    let now = clock.instant(clock.now());
    assert!(before <= now && now <= Instant::now());
    let later = clock.instant(clock.now() + Duration::from_secs(5));
    assert!(later > Instant::now() + Duration::from_secs(4));
}

#[test]
fn moments_the_system_cannot_name_lie_far_ahead() {
    let clock = Clock::new();
    assert!(clock.instant(Timestamp::MAX) > Instant::now() + Duration::from_secs(3_600));
}
