use alloc::string::ToString;
use alloc::vec;
use alloc::vec::Vec;
use core::num::{NonZeroU64, NonZeroUsize};
use core::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::stats::Labels;

const NAME: CircuitName<'_> = CircuitName { caller: "curly", service: "moe", endpoint: "echo" };
const FAILED: Option<ErrorCode> = Some(ErrorCode::Timeout);

fn at(millis: u64) -> Timestamp {
    Timestamp::from_millis(millis)
}

fn circuits() -> Circuits {
    Circuits::new(CircuitConfig::default())
}

/// One request, answered at once. `None` if it was refused, else whether it was a probe.
fn call(circuits: &mut Circuits, now: u64, end: Option<ErrorCode>) -> Option<bool> {
    let pass = circuits.request(at(now), NAME).ok()?;
    circuits.answered(at(now), pass, end);
    Some(pass.is_probe())
}

fn calls(circuits: &mut Circuits, now: u64, good: usize, bad: usize) {
    for end in core::iter::repeat_n(None, good).chain(core::iter::repeat_n(FAILED, bad)) {
        assert_eq!(call(circuits, now, end), Some(false));
    }
}

/// Not healthy since 1 s.
fn unhealthy(config: CircuitConfig) -> Circuits {
    let mut circuits = Circuits::new(config);
    calls(&mut circuits, 0, 0, 10);
    circuits
}

fn changes(circuits: &mut Circuits) -> Vec<Health> {
    core::iter::from_fn(|| circuits.poll_change()).map(|change| change.health()).collect()
}

#[test]
fn window() {
    let mut circuits = unhealthy(CircuitConfig::default());
    assert_eq!(call(&mut circuits, 999, FAILED), Some(false));
    assert_eq!(call(&mut circuits, 1_000, FAILED), None);
}

#[test]
fn failures_of_two_windows_are_not_added_up() {
    let mut circuits = circuits();
    for second in 0..10 {
        calls(&mut circuits, second * 1_000 + 500, 0, 9);
    }
    assert_eq!(changes(&mut circuits), []);
}

#[test]
fn unhealthy_when_half_of_ten_failed() {
    for (good, bad, passes) in
        [(5, 5, false), (6, 5, true), (0, 9, true), (0, 10, false), (50, 49, true), (49, 49, false)]
    {
        let mut circuits = circuits();
        calls(&mut circuits, 0, good, bad);
        assert_eq!(call(&mut circuits, 1_000, None), passes.then_some(false), "{good} good, {bad} bad");
    }
}

#[test]
fn threshold_and_min_requests_can_be_chosen() {
    let mut config = CircuitConfig { min_requests: NonZeroU64::MIN, ..CircuitConfig::default() };
    config.threshold = crate::Ratio::percent(100);
    let mut circuits = Circuits::new(config);
    calls(&mut circuits, 0, 1, 99);
    calls(&mut circuits, 1_000, 0, 1);
    assert_eq!(call(&mut circuits, 2_000, None), None);
}

#[test]
fn counted_bad() {
    for code in [
        ErrorCode::Timeout,
        ErrorCode::Busy,
        ErrorCode::Declined,
        ErrorCode::Unexpected,
        ErrorCode::Network,
        ErrorCode::Fatal,
        ErrorCode::Unhealthy,
        ErrorCode::Unknown(66),
    ] {
        let mut circuits = circuits();
        for _ in 0..10 {
            call(&mut circuits, 0, Some(code));
        }
        assert_eq!(call(&mut circuits, 1_000, None), None, "{code}");
    }
}

#[test]
fn counted_good() {
    for end in [None, Some(ErrorCode::BadRequest), Some(ErrorCode::Cancelled)] {
        let mut circuits = circuits();
        for _ in 0..10 {
            call(&mut circuits, 0, end);
        }
        assert_eq!(call(&mut circuits, 1_000, None), Some(false), "{end:?}");
        let mut circuits = unhealthy(CircuitConfig::default());
        for second in 2..7 {
            assert_eq!(call(&mut circuits, second * 1_000, end), Some(true));
        }
        assert_eq!(call(&mut circuits, 6_001, end), Some(false), "{end:?}");
    }
}

#[test]
fn while_unhealthy_one_probe_per_window() {
    let mut circuits = unhealthy(CircuitConfig::default());
    let passed: Vec<_> = (10..60).filter(|tick| call(&mut circuits, tick * 100, FAILED).is_some()).collect();
    assert_eq!(passed, [20, 30, 40, 50]);
}

#[test]
fn probe_that_is_not_answered_does_not_stop_the_next() {
    let mut circuits = unhealthy(CircuitConfig::default());
    for second in 2..100 {
        assert!(circuits.request(at(second * 1_000), NAME).is_ok());
        assert!(circuits.request(at(second * 1_000), NAME).is_err());
    }
}

#[test]
fn healthy_again_after_five_consecutive_good_probes() {
    let mut circuits = unhealthy(CircuitConfig::default());
    for second in 2..6 {
        assert_eq!(call(&mut circuits, second * 1_000, None), Some(true));
        assert_eq!(call(&mut circuits, second * 1_000, None), None);
    }
    assert_eq!(call(&mut circuits, 6_000, None), Some(true));
    assert_eq!(call(&mut circuits, 6_000, None), Some(false));
    assert_eq!(changes(&mut circuits), [Health::Unhealthy, Health::Healthy]);
}

#[test]
fn bad_probe_sets_the_count_back_to_0() {
    let mut circuits = unhealthy(CircuitConfig::default());
    let ends = [None, None, None, None, FAILED, None, None, None, None];
    for (second, end) in (2..).zip(ends) {
        assert_eq!(call(&mut circuits, second * 1_000, end), Some(true));
    }
    assert_eq!(changes(&mut circuits), [Health::Unhealthy]);
    assert_eq!(call(&mut circuits, 11_000, None), Some(true));
    assert_eq!(changes(&mut circuits), [Health::Healthy]);
}

#[test]
fn answers_to_requests_from_before_are_no_probes() {
    let mut circuits = circuits();
    let early: Vec<_> = (0..20).map(|_| circuits.request(at(0), NAME).expect("healthy")).collect();
    for pass in &early[..10] {
        circuits.answered(at(1), *pass, FAILED);
    }
    assert_eq!(call(&mut circuits, 1_000, None), None);
    for pass in &early[10..] {
        circuits.answered(at(1_001), *pass, None);
    }
    assert_eq!(call(&mut circuits, 1_002, None), None);
    assert_eq!(changes(&mut circuits), [Health::Unhealthy]);
}

#[test]
fn late_answer_to_a_probe_of_an_earlier_time_is_no_probe_of_this() {
    let mut circuits = unhealthy(CircuitConfig::default());
    let late = circuits.request(at(2_000), NAME).expect("a probe");
    for second in 3..8 {
        call(&mut circuits, second * 1_000, None);
    }
    calls(&mut circuits, 7_000, 0, 10);
    for second in 9..13 {
        assert_eq!(call(&mut circuits, second * 1_000, None), Some(true));
    }
    circuits.answered(at(12_500), late, None);
    assert_eq!(call(&mut circuits, 12_500, None), None, "four good probes are not five");
}

#[test]
fn refusal() {
    let mut circuits = unhealthy(CircuitConfig::default());
    let refused = circuits.request(at(1_000), NAME).expect_err("not healthy");
    assert_eq!(
        (refused.code, refused.to_string().as_str()),
        (ErrorCode::Unhealthy, "service is not healthy")
    );
    let config = CircuitConfig { refusal: ErrorCode::Declined, ..CircuitConfig::default() };
    let refused = unhealthy(config).request(at(1_000), NAME).expect_err("not healthy");
    assert_eq!(refused.code, ErrorCode::Declined);
}

#[test]
fn shorted_counts_and_lets_all_pass() {
    let mut circuits = unhealthy(CircuitConfig { shorted: true, ..CircuitConfig::default() });
    for now in 1_000..1_100 {
        assert_eq!(call(&mut circuits, now, FAILED), Some(true));
    }
    assert_eq!(changes(&mut circuits), [Health::Unhealthy]);
    for now in 1_100..1_105 {
        assert_eq!(call(&mut circuits, now, None), Some(true));
    }
    assert_eq!(changes(&mut circuits), [Health::Healthy]);
}

#[test]
fn key_is_caller_service_and_endpoint() {
    let mut circuits = unhealthy(CircuitConfig::default());
    assert!(circuits.request(at(1_000), NAME).is_err());
    for other in [
        CircuitName { caller: "larry", ..NAME },
        CircuitName { service: "larry", ..NAME },
        CircuitName { endpoint: "larry", ..NAME },
        CircuitName { caller: "", ..NAME },
        CircuitName { caller: "curlym", service: "oe", ..NAME },
    ] {
        assert!(circuits.request(at(1_000), other).is_ok(), "{other}");
    }
    let mut names: Vec<_> = circuits.iter().map(|(name, _)| name.to_string()).collect();
    names.sort_unstable();
    let wanted = [
        "curly->larry::echo",
        "curly->moe::echo",
        "curly->moe::larry",
        "curlym->oe::echo",
        "larry->moe::echo",
        "no-cn->moe::echo",
    ];
    assert_eq!(names, wanted);
}

#[test]
fn long_endpoints_are_cut() {
    let mut circuits = circuits();
    for end in ["a", "b"] {
        let endpoint = ["\u{e9}".repeat(100), end.repeat(10_000)].concat();
        circuits.request(at(0), CircuitName { endpoint: &endpoint, ..NAME }).expect("healthy");
    }
    let names: Vec<_> = circuits.iter().map(|(name, _)| name.endpoint.to_string()).collect();
    assert_eq!(names, ["\u{e9}".repeat(100)]);
}

#[test]
fn stats() {
    let mut labels = Labels::new();
    let mut names = |name: CircuitName<'_>, health| Change::new(&name.key(), health).stat_names(&mut labels);
    let dotted = CircuitName { caller: "c.1", service: "s", endpoint: "S::e" };
    let wanted = [
        "circuits.unhealthy.total",
        "circuits.unhealthy.by-caller.c-1.s.S-e",
        "circuits.unhealthy.by-service.s.c-1.S-e",
    ];
    assert_eq!(names(dotted, Health::Unhealthy), wanted);
    let absent = CircuitName { caller: "", service: "", endpoint: "" };
    let wanted = [
        "circuits.healthy.total",
        "circuits.healthy.by-caller.no-cn.no-service.no-endpoint",
        "circuits.healthy.by-service.no-service.no-cn.no-endpoint",
    ];
    assert_eq!(names(absent, Health::Healthy), wanted);
}

#[test]
fn at_most_so_many_circuits_least_recently_used_out() {
    let config =
        CircuitConfig { max_circuits: NonZeroUsize::MIN.saturating_add(1), ..CircuitConfig::default() };
    let mut circuits = unhealthy(config);
    let other = CircuitName { endpoint: "b", ..NAME };
    let pass = circuits.request(at(1_000), other).expect("healthy");
    assert!(circuits.request(at(1_000), NAME).is_err());
    circuits.request(at(1_000), CircuitName { endpoint: "c", ..NAME }).expect("healthy");
    circuits.answered(at(1_000), pass, FAILED);
    let endpoints: Vec<_> = circuits.iter().map(|(name, _)| name.endpoint).collect();
    assert_eq!(endpoints, ["c", "echo"]);
    assert_eq!(CircuitConfig::default().max_circuits.get(), 10_000);
}

#[test]
fn changes_are_not_kept_without_end() {
    let config = CircuitConfig { min_requests: NonZeroU64::MIN, ..CircuitConfig::default() };
    let mut circuits = Circuits::new(config);
    for n in 0..MAX_CHANGES + 10 {
        let endpoint = n.to_string();
        let name = CircuitName { endpoint: &endpoint, ..NAME };
        let pass = circuits.request(at(0), name).expect("healthy");
        circuits.answered(at(0), pass, FAILED);
    }
    for n in 0..MAX_CHANGES + 10 {
        let endpoint = n.to_string();
        assert!(circuits.request(at(1_000), CircuitName { endpoint: &endpoint, ..NAME }).is_err());
    }
    assert_eq!(changes(&mut circuits).len(), MAX_CHANGES);
}

#[test]
fn clock_that_steps_back_and_the_end_of_time_are_harmless() {
    let mut circuits = unhealthy(CircuitConfig { window: Duration::ZERO, ..CircuitConfig::default() });
    for now in [at(1_000), at(0), Timestamp::MAX, at(5)] {
        if let Ok(pass) = circuits.request(now, NAME) {
            circuits.answered(now, pass, None);
        }
    }
    let mut circuits = unhealthy(CircuitConfig { window: Duration::MAX, ..CircuitConfig::default() });
    assert!(circuits.request(Timestamp::MAX, NAME).is_ok());
}

/// A request of a fault run: after so many ms, and whether it fails.
fn requests() -> impl Strategy<Value = Vec<(u64, bool)>> {
    prop::collection::vec((prop_oneof![0_u64..40, 500..5_000_u64], any::<bool>()), 0..300)
}

proptest! {
    #[test]
    fn circuit_that_is_looked_at_rarely_is_what_it_would_be_by_timers(requests in requests(), pokes: u64) {
        let config = CircuitConfig::default();
        let (mut rare, mut often) = (state::Circuit::new(at(0)), state::Circuit::new(at(0)));
        let mut now = 0;
        for (turn, (pause, good)) in (0_u32..).zip(requests) {
            for step in 1..4 {
                if pokes.rotate_left(turn + step) & 1 == 1 {
                    often.look(at(now + pause * u64::from(step) / 4), &config);
                }
            }
            now += pause;
            let [asked, also] = [&mut rare, &mut often].map(|circuit| {
                let passed = circuit.request(at(now), &config);
                if let Some(probe) = passed {
                    let era = probe.then_some(circuit.era());
                    circuit.answered(at(now), &config, good, era);
                }
                (passed, circuit.health(), circuit.era())
            });
            prop_assert_eq!(asked, also);
        }
    }

    #[test]
    fn service_that_never_answers_gets_one_request_a_window(pauses in prop::collection::vec(0_u64..60, 1..500)) {
        let mut circuits = unhealthy(CircuitConfig::default());
        let (mut now, mut probes) = (1_000, vec![]);
        for pause in pauses {
            now += pause;
            if call(&mut circuits, now, FAILED).is_some() {
                probes.push(now / 1_000);
            }
        }
        let windows = probes.len();
        probes.dedup();
        prop_assert_eq!(probes.len(), windows);
    }
}
