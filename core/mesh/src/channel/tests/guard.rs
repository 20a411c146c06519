//! Requests that are refused because there are too many, or their endpoint fails.

use alloc::string::String;
use alloc::vec::Vec;
use core::num::NonZeroU64;
use core::time::Duration;

use tchannel_proto::Origin;
use tchannel_proto::wire::ErrorCode;

use super::options;
use crate::channel::testing::{Manner, Table};
use crate::circuit::CircuitConfig;
use crate::rate::{KillSwitch, RateLimits};
use crate::stats::{Stat, Value};
use crate::{CallOptions, ChannelConfig};

fn five() -> RateLimits {
    RateLimits { service: NonZeroU64::new(5), ..RateLimits::default() }
}

/// A caller, and a server of this configuration.
fn pair(manner: Manner, change: impl FnOnce(&mut ChannelConfig)) -> Table {
    let mut table = Table::new(&[], |_| {});
    let mut config = ChannelConfig::new("echo");
    change(&mut config);
    table.add_peer(config, manner);
    table
}

fn once() -> CallOptions {
    options().retry_limit(0)
}

/// What became of this many calls, made one after the other: a code and a text, or nothing if they were answered.
fn calls(table: &mut Table, count: usize) -> Vec<Option<(ErrorCode, String)>> {
    let ended = |table: &mut Table| {
        let ticket = table.call(&once());
        table.settle();
        let failed = table.nodes[0].ends.remove(&ticket).expect("it ended").result.err();
        failed.map(|failure| (failure.error.code, failure.error.message))
    };
    (0..count).map(|_| ended(table)).collect()
}

#[test]
fn requests_over_the_limit_of_their_service_are_busy() {
    let mut table = pair(Manner::Echoes, |config| config.rate_limits = Some(five()));
    let mut ended = calls(&mut table, 8);
    let refused = ended.split_off(6);
    assert_eq!(ended, [const { None }; 6], "one more than the limit");
    let busy = (ErrorCode::Busy, "echo is rate-limited by the service rps of 5".into());
    assert_eq!(refused, [Some(busy.clone()), Some(busy)]);
    assert_eq!(table.nodes[1].served, 6, "nobody hears of the others");
    assert_eq!(table.nodes[1].guarded, 1, "a warning, once");

    table.run(table.now + Duration::from_secs(2));
    assert_eq!(calls(&mut table, 6), [const { None }; 6]);
}

/// Rates that the server told since it was asked last.
fn rates(table: &mut Table) -> Vec<(&'static str, Value)> {
    let channel = &mut table.nodes[1].channel;
    let stats = core::iter::from_fn(|| channel.poll_stat());
    let rates = stats.filter(|stat| matches!(stat, Stat::RateLimit(_)));
    rates.map(|stat| (stat.name(), stat.value())).filter(|(name, _)| name.ends_with("-rps")).collect()
}

#[test]
fn rates_are_told_each_second_while_requests_come_and_once_when_none_do() {
    let mut table = pair(Manner::Echoes, |config| {
        config.rate_limits = Some(RateLimits::default());
        config.stats = true;
    });
    let rate = |total, service| {
        let name = |which: &str| {
            if which == "total" { "rate-limiting.total-rps" } else { "rate-limiting.service-rps" }
        };
        [(name("total"), Value::Gauge(total)), (name("service"), Value::Gauge(service))]
    };
    let second = Duration::from_secs(1);
    calls(&mut table, 3);
    assert_eq!(rates(&mut table), []);
    // The window's oldest bucket has just left it.
    table.run(table.now + second / 2);
    calls(&mut table, 2);
    table.run(table.now + second / 2);
    assert_eq!(rates(&mut table), rate(2, 2));
    table.run(table.now + second);
    assert_eq!(rates(&mut table), rate(0, 0));
    table.run(table.now + 60 * second);
    assert_eq!(rates(&mut table), [], "nothing is told twice");
}

#[test]
fn far_too_many_requests_are_not_answered_and_leave_nothing_behind() {
    let mut limits = five();
    limits.kill_switch = Some(KillSwitch::default());
    let mut table = pair(Manner::Echoes, |config| config.rate_limits = Some(limits));
    assert_eq!(calls(&mut table, 11).iter().flatten().count(), 5);
    let ticket = table.call(&once());
    table.settle();
    assert!(!table.nodes[0].ends.contains_key(&ticket), "not a word");
    assert_eq!(table.nodes[1].channel.live().theirs, 1);
    table.run(table.now + Duration::from_secs(60));
    let end = table.nodes[0].ends.remove(&ticket).expect("its time is over");
    assert_eq!(end.result.expect_err("it has no answer").error.code, ErrorCode::Timeout);
    assert_eq!(table.nodes[1].channel.live().theirs, 0);
    assert_eq!(table.nodes[1].served, 6);
}

#[test]
fn endpoint_that_fails_is_left_alone_but_for_a_probe_a_second_until_it_is_healthy() {
    let config = CircuitConfig::default();
    let mut table = pair(Manner::Refuses(ErrorCode::Unexpected), |all| all.circuits = Some(config));
    assert!(calls(&mut table, 10).iter().all(|end| matches!(end, Some((ErrorCode::Unexpected, _)))));
    table.now = table.now + Duration::from_millis(1_100);
    let refused = Some((ErrorCode::Unhealthy, "service is not healthy".into()));
    assert_eq!(calls(&mut table, 3), [refused.clone(), refused.clone(), refused.clone()]);
    table.now = table.now + Duration::from_millis(1_100);
    let ended = calls(&mut table, 3);
    assert_eq!(ended.iter().filter(|end| **end == refused).count(), 2, "one goes through: {ended:?}");
    assert_eq!(table.nodes[1].served, 11);
    assert_eq!(table.nodes[1].guarded, 1);

    table.nodes[1].manner = Manner::Echoes;
    for _ in 0..6 {
        table.now = table.now + Duration::from_millis(1_100);
        calls(&mut table, 1);
    }
    assert_eq!(table.nodes[1].guarded, 2, "it is healthy again");
    assert_eq!(calls(&mut table, 20), [const { None }; 20]);
}

#[test]
fn refusal_is_the_servers_own_word() {
    let mut table = pair(Manner::Echoes, |config| {
        config.rate_limits = Some(RateLimits { total: NonZeroU64::new(1), ..RateLimits::default() });
    });
    calls(&mut table, 2);
    let ticket = table.call(&once());
    table.settle();
    let failure = table.nodes[0].ends.remove(&ticket).expect("it ended").result.expect_err("it is refused");
    assert_eq!((failure.error.code, failure.error.origin), (ErrorCode::Busy, Origin::Remote));
    assert_eq!(failure.error.message, "hyperbahn node is rate-limited by the total rps of 1");
}
