use alloc::string::ToString;
use alloc::vec;
use alloc::vec::Vec;

use proptest::prelude::*;

use super::*;
use crate::stats::{LabelKey, Labels, MAX_LABEL_SETS, RateLimit, Stat, Value};

fn at(millis: u64) -> Timestamp {
    Timestamp::from_millis(millis)
}

fn rps(limit: u64) -> Option<NonZeroU64> {
    NonZeroU64::new(limit)
}

fn limits(total: u64, service: u64) -> RateLimits {
    RateLimits { total: rps(total), service: rps(service), ..RateLimits::default() }
}

fn switched(total: u64, service: u64) -> RateLimits {
    RateLimits { kill_switch: Some(KillSwitch::default()), ..limits(total, service) }
}

/// What becomes of so many calls of one service at once: how many pass, are refused for the total or their service,
/// are dropped.
fn burst(limiter: &mut RateLimiter, now: u64, service: &str, calls: usize) -> [usize; 4] {
    let mut ends = [0; 4];
    for _ in 0..calls {
        let end = match limiter.check(at(now), service, Place::Exit) {
            Ok(()) => 0,
            Err(Limited::Total { .. }) => 1,
            Err(Limited::Service { .. }) => 2,
            Err(Limited::Dropped) => 3,
        };
        ends[end] += 1;
    }
    ends
}

#[test]
fn window() {
    let mut limiter = RateLimiter::new(limits(0, 100));
    assert_eq!(burst(&mut limiter, 10, "s", 200), [101, 0, 99, 0]);
    assert_eq!(burst(&mut limiter, 999, "s", 1), [0, 0, 1, 0]);
    assert_eq!(burst(&mut limiter, 1_000, "s", 200), [101, 0, 99, 0]);
    let wide = RateLimits { buckets: NonZeroUsize::MIN, ..limits(0, 100) };
    let mut limiter = RateLimiter::new(wide);
    assert_eq!(burst(&mut limiter, 990, "s", 200), [101, 0, 99, 0]);
    assert_eq!(burst(&mut limiter, 1_000, "s", 200), [101, 0, 99, 0]);
}

#[test]
fn limits_are_1000_in_all_and_100_for_each_service() {
    let mut limiter = RateLimiter::new(RateLimits::default());
    for service in ["a", "b", "c", "d", "e", "f", "g", "h", "i"] {
        assert_eq!(burst(&mut limiter, 0, service, 102), [101, 0, 1, 0]);
    }
    assert_eq!(burst(&mut limiter, 0, "j", 102), [92, 10, 0, 0]);
}

#[test]
fn limits_of_none_are_none() {
    let mut limiter = RateLimiter::new(limits(0, 0));
    assert_eq!(burst(&mut limiter, 0, "s", 10_000), [10_000, 0, 0, 0]);
    let services = [("big".into(), None), ("small".into(), rps(1))].into();
    let mut limiter = RateLimiter::new(RateLimits { services, ..limits(0, 5) });
    assert_eq!(burst(&mut limiter, 0, "big", 1_000), [1_000, 0, 0, 0]);
    assert_eq!(burst(&mut limiter, 0, "small", 10), [2, 0, 8, 0]);
    assert_eq!(burst(&mut limiter, 0, "other", 10), [6, 0, 4, 0]);
}

#[test]
fn test_is_made_before_counting_and_one_more_than_the_limit_passes() {
    let mut limiter = RateLimiter::new(limits(3, 0));
    assert_eq!(burst(&mut limiter, 0, "s", 10), [4, 6, 0, 0]);
    let mut limiter = RateLimiter::new(RateLimits { strict: true, ..limits(3, 2) });
    assert_eq!(burst(&mut limiter, 0, "s", 10), [2, 0, 8, 0]);
    assert_eq!(burst(&mut limiter, 0, "t", 10), [1, 9, 0, 0]);
}

#[test]
fn order_exempt_service_passes_uncounted() {
    let mut limiter = RateLimiter::new(RateLimits { exempt: ["free".into()].into(), ..switched(1, 1) });
    assert_eq!(burst(&mut limiter, 0, "free", 10_000), [10_000, 0, 0, 0]);
    assert_eq!(burst(&mut limiter, 0, "s", 2), [2, 0, 0, 0]);
    assert_eq!(burst(&mut limiter, 0, "free", 10), [10, 0, 0, 0]);
}

#[test]
fn order_total_comes_before_service() {
    let mut limiter = RateLimiter::new(limits(3, 3));
    assert_eq!(burst(&mut limiter, 0, "s", 10), [4, 6, 0, 0]);
}

#[test]
fn order_refused_calls_are_not_counted() {
    let mut limiter = RateLimiter::new(limits(100, 1));
    assert_eq!(burst(&mut limiter, 0, "s", 1_000), [2, 0, 998, 0]);
    assert_eq!(limiter.total.rate(at(0)), 2);
    assert_eq!(burst(&mut limiter, 1_000, "s", 1), [1, 0, 0, 0]);
}

#[test]
fn service_limit_holds_on_exit_nodes_only() {
    let mut limiter = RateLimiter::new(switched(300, 1));
    for _ in 0..301 {
        assert_eq!(limiter.check(at(0), "s", Place::Entry), Ok(()));
    }
    assert_eq!(
        limiter.check(at(0), "s", Place::Entry).map_err(|limited| limited.code()),
        Err(Some(ErrorCode::Busy))
    );
}

#[test]
fn kill_switch_drops_200_past_the_total_limit_and_counts_refused_calls() {
    let mut limiter = RateLimiter::new(switched(100, 0));
    assert_eq!(burst(&mut limiter, 0, "s", 500), [101, 200, 0, 199]);
    assert_eq!(burst(&mut limiter, 1_000, "s", 1), [1, 0, 0, 0]);
}

#[test]
fn kill_switch_drops_past_twice_the_service_limit() {
    let mut limiter = RateLimiter::new(switched(0, 100));
    assert_eq!(burst(&mut limiter, 0, "s", 500), [101, 0, 100, 299]);
    let tight = KillSwitch { total_excess: 0, service_factor: NonZeroU64::MIN };
    let mut limiter = RateLimiter::new(RateLimits { kill_switch: Some(tight), ..limits(0, 100) });
    assert_eq!(burst(&mut limiter, 0, "s", 500), [101, 0, 0, 399]);
}

#[test]
fn kill_switch_is_off_by_default() {
    let mut limiter = RateLimiter::new(limits(1, 1));
    assert_eq!(burst(&mut limiter, 0, "s", 10_000), [2, 9_998, 0, 0]);
}

#[test]
fn largest_limits_are_harmless() {
    let mut limiter = RateLimiter::new(switched(u64::MAX, u64::MAX));
    assert_eq!(burst(&mut limiter, 0, "s", 10), [10, 0, 0, 0]);
}

#[test]
fn texts_and_codes_are_those_of_hyperbahn() {
    let mut limiter = RateLimiter::new(limits(5, 1));
    burst(&mut limiter, 0, "s", 2);
    let limited = limiter.check(at(0), "s", Place::Exit).expect_err("over its limit");
    assert_eq!(limited.to_string(), "s is rate-limited by the service rps of 1");
    assert_eq!(limited.code(), Some(ErrorCode::Busy));
    burst(&mut limiter, 0, "t", 2);
    burst(&mut limiter, 0, "u", 2);
    let limited = limiter.check(at(0), "v", Place::Exit).expect_err("over the total limit");
    assert_eq!(limited.to_string(), "hyperbahn node is rate-limited by the total rps of 5");
    assert_eq!(limited.code(), Some(ErrorCode::Busy));
    assert_eq!(Limited::Dropped.code(), None);
}

#[test]
fn key_is_the_name_given_whatever_it_is() {
    let mut limiter = RateLimiter::new(limits(0, 1));
    assert_eq!(burst(&mut limiter, 0, "", 3), [2, 0, 1, 0]);
    assert_eq!(burst(&mut limiter, 0, "s", 3), [2, 0, 1, 0]);
}

#[test]
fn stats_gauges() {
    let (mut limiter, mut labels) = (RateLimiter::new(limits(100, 10)), Labels::new());
    burst(&mut limiter, 0, "b", 2);
    burst(&mut limiter, 0, "a", 3);
    let mut read = |now| {
        let stats = limiter.gauges(at(now), &mut labels);
        let keys = stats.iter().map(|stat| (stat.statsd_key("tchannel", &labels), stat.value()));
        let mut keys: Vec<_> = keys.collect();
        keys.sort_by(|a, b| a.0.cmp(&b.0));
        keys
    };
    let gauge = |name: &str, value| (["tchannel.rate-limiting.", name].concat(), Value::Gauge(value));
    let wanted = [
        gauge("service-rps-limit.a", 10),
        gauge("service-rps-limit.b", 10),
        gauge("service-rps.a", 3),
        gauge("service-rps.b", 2),
        gauge("total-rps", 5),
        gauge("total-rps-limit", 100),
    ];
    assert_eq!(read(999), wanted);
    let fell = [
        gauge("service-rps-limit.a", 10),
        gauge("service-rps-limit.b", 10),
        gauge("service-rps.a", 0),
        gauge("service-rps.b", 0),
        gauge("total-rps", 0),
        gauge("total-rps-limit", 100),
    ];
    assert_eq!(read(1_000), fell);
    assert_eq!(read(1_001), [gauge("total-rps", 0), gauge("total-rps-limit", 100)]);
}

#[test]
fn stats_counters() {
    let mut labels = Labels::new();
    let mut key =
        |limited: Limited| limited.stat(&mut labels).map(|stat| stat.statsd_key("tchannel", &labels));
    let limit = NonZeroU64::MIN;
    let service = key(Limited::Service { service: "s".into(), limit });
    assert_eq!(service.as_deref(), Some("tchannel.rate-limiting.service-busy.s"));
    assert_eq!(key(Limited::Total { limit }).as_deref(), Some("tchannel.rate-limiting.total-busy"));
    assert_eq!(key(Limited::Dropped), None);
}

#[test]
fn gauges_of_more_services_than_labels_are_added_up() {
    let (mut limiter, mut labels) = (RateLimiter::new(limits(0, 10)), Labels::new());
    for n in 0..MAX_LABEL_SETS + 7 {
        burst(&mut limiter, 0, &n.to_string(), 2);
    }
    let stats = limiter.gauges(at(0), &mut labels);
    let others = Stat::RateLimit(RateLimit::ServiceRps(LabelKey::OTHER, 14));
    assert_eq!(stats.iter().filter(|stat| **stat == others).count(), 1);
    assert_eq!(stats.len(), 1 + 2 * MAX_LABEL_SETS + 1);
}

#[test]
fn warning_comes_at_85_per_cent_once_while_it_lasts() {
    let mut limiter = RateLimiter::new(limits(100, 20));
    burst(&mut limiter, 0, "s", 16);
    assert_eq!(limiter.poll_warning(), None);
    burst(&mut limiter, 0, "s", 10);
    let of_s = Warning { service: Some("s".into()), limit: NonZeroU64::MIN.saturating_add(19) };
    assert_eq!((limiter.poll_warning(), limiter.poll_warning()), (Some(of_s.clone()), None));
    for now in 1..100 {
        burst(&mut limiter, now * 50, "s", 1);
        assert_eq!(limiter.poll_warning(), None, "while it lasts");
    }
    burst(&mut limiter, 8_000, "s", 17);
    assert_eq!((limiter.poll_warning(), limiter.poll_warning()), (Some(of_s), None));
    for service in ["t", "u", "v", "w"] {
        burst(&mut limiter, 8_000, service, 16);
    }
    burst(&mut limiter, 8_000, "x", 4);
    let of_all = Warning { service: None, limit: NonZeroU64::MIN.saturating_add(99) };
    assert_eq!((limiter.poll_warning(), limiter.poll_warning()), (Some(of_all), None));
}

#[test]
fn warnings_can_be_off_and_are_not_kept_without_end() {
    let mut limiter = RateLimiter::new(RateLimits { warn_at: None, ..limits(1, 1) });
    burst(&mut limiter, 0, "s", 10);
    assert_eq!(limiter.poll_warning(), None);
    let mut limiter = RateLimiter::new(limits(0, 1));
    for n in 0..MAX_WARNINGS * 2 {
        burst(&mut limiter, 0, &n.to_string(), 1);
    }
    let waiting = core::iter::from_fn(|| limiter.poll_warning()).count();
    assert_eq!(waiting, MAX_WARNINGS);
}

#[test]
fn names_without_end_take_no_memory_without_end() {
    let mut limiter = RateLimiter::new(limits(0, 1));
    for n in 0..MAX_SERVICES.get() + 100 {
        burst(&mut limiter, 0, &n.to_string(), 1);
    }
    assert_eq!(limiter.services.iter().count(), MAX_SERVICES.get());
}

proptest! {
    #[test]
    fn in_no_second_do_more_pass_than_the_limits_and_one_bucket_allow(
        total in 1_usize..40,
        service in 1_usize..20,
        strict: bool,
        calls in prop::collection::vec((0_u64..60, 0_usize..3), 1..400),
    ) {
        let rate = |limit| u64::try_from(limit).expect("small");
        let mut limiter = RateLimiter::new(RateLimits { strict, ..limits(rate(total), rate(service)) });
        let (mut now, mut passed) = (0, vec![]);
        for (pause, name) in calls {
            now += pause;
            if limiter.check(at(now), ["a", "b", "c"][name], Place::Exit).is_ok() {
                passed.push((now, name));
            }
        }
        let extra = usize::from(!strict);
        for (from, _) in &passed {
            // The window forgets a bucket at a time: any 950 ms are covered whole.
            let within = |at: u64| (*from..*from + 950).contains(&at);
            let count = |wanted: Option<usize>| {
                passed.iter().filter(|(at, name)| within(*at) && wanted.is_none_or(|wanted| wanted == *name)).count()
            };
            prop_assert!(count(None) <= total + extra);
            for name in 0..3 {
                prop_assert!(count(Some(name)) <= service + extra);
            }
        }
    }
}
