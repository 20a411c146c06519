//! What the people who run a channel ask of it.

use alloc::sync::Arc;
use alloc::vec;
use alloc::vec::Vec;
use core::num::{NonZeroU32, NonZeroUsize};
use core::time::Duration;

use bytes::{Bytes, BytesMut};
use tchannel_proto::wire::{ErrorCode, ResponseCode};
use tchannel_proto::{Args, CloseReason, Config, Connection, Health, Lost, Read, Response, Timestamp};

use super::{code, options};
use crate::channel::testing::{Manner, Table};
use crate::stats::Tags;
use crate::{CallOptions, Channel, ChannelConfig, ConfigError, Live, OpenError};

const MINUTE: Duration = Duration::from_secs(60);

fn sweeps(config: &mut ChannelConfig) {
    config.max_idle = Some(3 * MINUTE);
    config.idle_check = Some(MINUTE / 2);
}

/// A table whose two connected nodes have made one call.
fn used(manner: Manner, change: impl FnOnce(&mut ChannelConfig)) -> Table {
    let mut table = Table::new(&[manner], change);
    table.call(&options());
    table.settle();
    table
}

fn connections(table: &Table) -> usize {
    table.nodes[0].channel.live().connections
}

fn answer(table: &mut Table, node: usize) {
    let call = table.nodes[node].held.pop().expect("a request");
    let response = Response { code: ResponseCode::OK, args: Args::default() };
    table.nodes[node].channel.respond(table.now, call, response).expect("it is awaited");
}

#[test]
fn idle_sweep() {
    let mut table = used(Manner::Echoes, sweeps);
    let used = table.now;
    // Three minutes are not more than three minutes.
    table.run(used + 3 * MINUTE);
    assert_eq!(connections(&table), 1);
    table.run(used + 3 * MINUTE + MINUTE / 2);
    assert_eq!(table.nodes[0].closed, [CloseReason::Drained]);
    assert_eq!((connections(&table), table.nodes[1].channel.live().connections), (0, 0));
    // Nothing is left to look for.
    assert_eq!(table.nodes[0].channel.poll_timeout(), None);
    let again = table.call(&options());
    table.settle();
    assert!(table.nodes[0].ends[&again].result.is_ok());
    assert!(table.nodes[0].channel.poll_timeout().is_some());
}

#[test]
fn idle_sweep_is_of_accepted_connections_too() {
    let mut table = Table::new(&[], |_| {});
    let mut config = ChannelConfig::new("echo");
    sweeps(&mut config);
    let server = table.add_peer(config, Manner::Echoes);
    table.call(&options());
    table.run(table.now + 4 * MINUTE);
    assert_eq!((table.nodes[server].closed.len(), connections(&table)), (1, 0));
}

#[test]
fn idle_sweep_leaves_connections_with_calls() {
    for ours in [true, false] {
        let mut table = Table::new(&[], |config| {
            if ours {
                sweeps(config);
            }
        });
        let mut config = ChannelConfig::new("echo");
        if !ours {
            sweeps(&mut config);
        }
        table.add_peer(config, Manner::Hangs);
        table.call(&CallOptions { timeout: Some(8 * MINUTE), ..options() });
        table.run(table.now + 6 * MINUTE);
        assert_eq!(connections(&table), 1, "{ours}");
        answer(&mut table, 1);
        // From here on nobody uses it; it was used to the end of the call.
        table.run(table.now + 2 * MINUTE);
        assert_eq!(connections(&table), 1, "{ours}");
        table.run(table.now + 2 * MINUTE);
        assert_eq!(connections(&table), 0, "{ours}");
    }
}

#[test]
fn idle_sweep_leaves_connections_in_use() {
    let mut table = used(Manner::Echoes, sweeps);
    for _ in 0..10 {
        table.run(table.now + 2 * MINUTE);
        table.call(&options());
        table.settle();
    }
    assert_eq!((table.nodes[0].dials, table.nodes[0].closed.len()), (1, 0));
}

#[test]
fn pings_are_not_activity() {
    let mut table = used(Manner::Echoes, |config| {
        sweeps(config);
        let mut connection = Config::default();
        let failures = NonZeroU32::MIN;
        connection.health = Some(Health { interval: MINUTE / 6, timeout: Duration::from_secs(1), failures });
        config.connection = Arc::new(connection);
    });
    table.run(table.now + 4 * MINUTE);
    assert_eq!(table.nodes[0].closed, [CloseReason::Drained]);
}

#[test]
fn frames_of_calls_that_are_refused_are_activity() {
    let mut table = Table::new(&[], |_| {});
    let mut config = ChannelConfig::new("echo");
    sweeps(&mut config);
    let server = table.add_peer(config, Manner::Echoes);
    table.call(&options());
    table.settle();
    let key = table.only_connection(server);
    // A call req whose body ends after one byte.
    let bad = &[0, 17, 0x03, 0, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0][..];
    for _ in 0..5 {
        table.run(table.now + 2 * MINUTE);
        table.nodes[server].channel.handle_input(table.now, key, &mut BytesMut::from(bad));
    }
    assert_eq!(connections(&table), 1);
}

#[test]
fn idle_sweep_is_off_by_default() {
    let mut table = used(Manner::Echoes, |_| {});
    table.run(table.now + MINUTE);
    assert_eq!(table.nodes[0].channel.poll_timeout(), None);
    table.run(table.now + 100 * MINUTE);
    assert_eq!(connections(&table), 1);
}

#[test]
fn idle_check_without_max_idle_is_a_configuration_error() {
    let new = |change: fn(&mut ChannelConfig)| {
        let mut config = ChannelConfig::new("moe");
        change(&mut config);
        Channel::new(Timestamp::ZERO, config, 1).map(|channel| channel.poll_timeout())
    };
    let error = new(|config| config.idle_check = Some(MINUTE)).expect_err("no time makes them idle");
    assert_eq!(error, ConfigError::IdleCheckWithoutMaxIdle);
    assert_eq!(new(|config| config.max_idle = Some(MINUTE)), Ok(None));
    let idle_check =
        new(|config| (config.idle_check, config.max_idle) = (Some(Duration::ZERO), Some(MINUTE)));
    assert_eq!(idle_check, Err(ConfigError::Zero { option: "idle_check" }));
    let max_idle = new(|config| config.max_idle = Some(Duration::ZERO));
    assert_eq!(max_idle, Err(ConfigError::Zero { option: "max_idle" }));
    let max_age = new(|config| config.max_age = Some(Duration::ZERO));
    assert_eq!(max_age, Err(ConfigError::Zero { option: "max_age" }));
    assert!(matches!(new(|config| config.name.clear()), Err(ConfigError::Name(_))));
}

#[test]
fn max_idle_alone_is_looked_at_every_30_s() {
    let mut table = used(Manner::Echoes, |config| config.max_idle = Some(3 * MINUTE));
    let next = table.nodes[0].channel.poll_timeout();
    assert!(next.is_some_and(|at| at <= table.now + MINUTE / 2));
    table.run(table.now + 3 * MINUTE + MINUTE / 2);
    assert_eq!(connections(&table), 0);
}

#[test]
fn idle_connections_are_counted_as_such() {
    let mut table = used(Manner::Echoes, |config| {
        sweeps(config);
        config.stats = true;
    });
    table.run(table.now + 4 * MINUTE);
    let channel = &mut table.nodes[0].channel;
    let stats: Vec<_> = core::iter::from_fn(|| channel.poll_stat()).collect();
    let labels = channel.labels().expect("it measures");
    let closed = stats.iter().filter(|stat| stat.name() == "connections.closed");
    let reason = |tags: Tags<'_>| tags[0].value.clone().map(alloc::borrow::Cow::into_owned);
    let reasons: Vec<_> = closed.filter_map(|stat| reason(stat.tags(labels))).collect();
    assert_eq!(reasons, ["idle-timeout"]);
}

#[test]
fn max_age_drains_old_connections() {
    let mut ends = Vec::new();
    for seed in 0..20 {
        let mut table = Table::seeded(seed, |config| config.max_age = Some(10 * MINUTE));
        let mut config = ChannelConfig::new("echo");
        let mut connection = Config::default();
        connection.max_ttl = 60 * MINUTE;
        config.connection = Arc::new(connection);
        table.add_peer(config, Manner::Hangs);
        let born = table.now;
        table.call(&CallOptions { timeout: Some(60 * MINUTE), ..options() });
        table.settle();
        table.run(born + Duration::from_millis(9 * 60_000 - 1));
        let key = table.only_connection(0);
        let drains =
            |table: &Table| table.nodes[0].channel.connection(key).is_some_and(Connection::is_draining);
        assert!(!drains(&table));
        let mut last = table.now;
        while !drains(&table) {
            last = table.nodes[0].channel.poll_timeout().expect("it grows old");
            table.run(last);
        }
        assert!(last <= born + 11 * MINUTE);
        ends.push(last);
        // Its call goes on; a new one goes elsewhere.
        let next = table.call(&options());
        table.settle();
        assert_eq!((table.nodes[0].dials, connections(&table)), (2, 2));
        answer(&mut table, 1);
        answer(&mut table, 1);
        table.settle();
        assert!(table.nodes[0].ends[&next].result.is_ok());
        assert_eq!((table.nodes[0].ends.len(), connections(&table)), (2, 1));
    }
    ends.sort_unstable();
    ends.dedup();
    assert!(ends.len() > 15, "they end together: {ends:?}");
    let middle = Timestamp::from_millis(1) + 10 * MINUTE;
    assert!(ends[0] < middle && ends[ends.len() - 1] > middle, "{ends:?}");
}

#[test]
fn connection_that_is_gone_does_not_grow_old() {
    let mut table = used(Manner::Echoes, |config| config.max_age = Some(10 * MINUTE));
    assert!(table.nodes[0].channel.poll_timeout().is_some());
    let key = table.only_connection(0);
    table.nodes[0].channel.handle_lost(table.now, key, Lost::Reset);
    assert_eq!(table.nodes[0].channel.poll_timeout(), None);
}

#[test]
fn max_age_cuts_calls_that_outlive_the_drain() {
    let mut table = Table::new(&[Manner::Hangs], |config| config.max_age = Some(MINUTE));
    let call = table.call(&CallOptions { timeout: Some(60 * MINUTE), ..options() }.retry_limit(0));
    table.run(table.now + 2 * MINUTE);
    assert_eq!(code(&table, call), Some(ErrorCode::Network));
    assert_eq!(table.nodes[0].closed, [CloseReason::DrainTimeout]);
}

#[test]
fn health_checks() {
    let mut table = used(Manner::Echoes, |config| {
        let mut connection = Config::default();
        let failures = NonZeroU32::new(5).expect("not 0");
        connection.health =
            Some(Health { interval: Duration::from_secs(10), timeout: Duration::from_secs(1), failures });
        config.connection = Arc::new(connection);
    });
    table.run(table.now + MINUTE);
    assert_eq!(connections(&table), 1);
    // From here on the peer gives no sign of life.
    let channel = &mut table.nodes[0].channel;
    while let Some(at) = channel.poll_timeout().filter(|at| *at < table.now + 2 * MINUTE) {
        channel.handle_timeout(at);
    }
    table.settle();
    assert_eq!((&table.nodes[0].closed[..], connections(&table)), (&[CloseReason::Unhealthy][..], 0));
}

#[test]
fn drain_that_comes_second_joins_the_first() {
    let mut table = used(Manner::Hangs, |_| {});
    let now = table.now;
    for seconds in [20, 40] {
        table.nodes[0].channel.drain(now, "restart", now + Duration::from_secs(seconds));
    }
    table.run(now + Duration::from_secs(20));
    assert!(table.nodes[0].drained);
    assert_eq!(table.nodes[0].closed, [CloseReason::DrainTimeout]);
}

#[test]
fn drain_declines_the_calls_of_others() {
    let mut table = Table::new(&[Manner::Hangs], |_| {});
    let first = table.call(&options());
    table.settle();
    let deadline = table.now + MINUTE;
    table.nodes[1].channel.drain(table.now, "restart", deadline);
    // It was on its way before the notice came.
    let second = table.call(&options());
    table.deliver_before_sending(0, 1);
    table.settle();
    assert_eq!(code(&table, second), Some(ErrorCode::Declined));
    answer(&mut table, 1);
    table.settle();
    assert!(table.nodes[0].ends[&first].result.is_ok() && table.nodes[1].drained);
}

#[test]
fn exempt_services_keep_working() {
    let mut table = Table::new(&[], |_| {});
    let mut config = ChannelConfig::new("echo");
    let mut connection = Config::default();
    connection.exempt_services.push("echo".into());
    config.connection = Arc::new(connection);
    let server = table.add_peer(config, Manner::Hangs);
    table.call(&options());
    table.settle();
    let deadline = table.now + MINUTE;
    table.nodes[server].channel.drain(table.now, "restart", deadline);
    table.call(&options());
    table.deliver_before_sending(0, server);
    assert_eq!(table.nodes[server].channel.live().theirs, 2);
}

#[test]
fn listener_stops_while_draining_unless_told_to_go_on() {
    for accept_while_draining in [false, true] {
        let mut table = Table::new(&[], |_| {});
        let mut config = ChannelConfig::new("echo");
        config.accept_while_draining = accept_while_draining;
        let server = table.add_peer(config, Manner::Echoes);
        let first = table.open_between(0, server);
        table.settle();
        let deadline = table.now + MINUTE;
        table.nodes[server].channel.drain(table.now, "restart", deadline);
        table.settle();
        let second = table.call(&options());
        table.settle();
        let expected = if accept_while_draining { ErrorCode::Declined } else { ErrorCode::Network };
        assert_eq!(code(&table, second), Some(expected));
        assert!(!table.nodes[0].ends.contains_key(&first));
    }
}

#[test]
fn close_is_a_drain_whose_deadline_is_now() {
    let mut table = Table::new(&[Manner::Hangs], |_| {});
    let call = table.call(&options());
    table.settle();
    let now = table.now;
    table.nodes[0].channel.drain(now, "closed", now);
    table.nodes[0].channel.handle_timeout(now);
    table.settle();
    assert_eq!(code(&table, call), Some(ErrorCode::Network));
    assert!(table.nodes[0].drained);
    assert_eq!(table.nodes[0].channel.live(), Live { peers: 1, ..Live::default() });
    let refused = table.nodes[0].channel.call(now, "echo".into(), Args::default(), &options());
    assert_eq!(refused, Err(OpenError::Closed));
}

#[test]
fn actions_tell_when_reading_may_go_on() {
    let mut table = Table::new(&[], |_| {});
    let mut config = ChannelConfig::new("echo");
    let mut connection = Config::default();
    connection.unread_high = NonZeroUsize::new(10_000).expect("not 0");
    config.connection = Arc::new(connection);
    let server = table.add_peer(config, Manner::Echoes);
    let call = table.open_between(0, server);
    let body = Bytes::from(vec![7; 20_000]);
    table.nodes[0].channel.write(table.now, call, body).expect("there is room");
    table.settle();
    let key = table.only_connection(server);
    assert_eq!((table.nodes[server].channel.wants_input(key), table.nodes[server].resumed), (0, 0));
    let reader = table.nodes[server].held.pop().expect("a request");
    while let Ok(Read::Part { .. }) = table.nodes[server].channel.read(table.now, reader) {}
    table.settle();
    assert!(table.nodes[server].channel.wants_input(key) > 0);
    assert_eq!(table.nodes[server].resumed, 1);
}

#[test]
fn drain_waits_for_no_dial_that_no_call_waits_for() {
    let mut table = Table::new(&[Manner::Echoes, Manner::Silent], |_| {});
    let started = table.now;
    table.call(&CallOptions { timeout: Some(Duration::from_millis(100)), ..options() });
    table.run(started + Duration::from_secs(1));
    assert_eq!((connections(&table), table.nodes[0].ends.len()), (2, 1));
    let (now, channel) = (table.now, &mut table.nodes[0].channel);
    channel.drain(now, "done", now + MINUTE);
    table.settle();
    assert!(table.nodes[0].drained);
}

#[test]
fn drain_waits_for_no_dial_that_a_call_has_given_up() {
    let mut table = Table::new(&[Manner::Silent], |_| {});
    let ticket = table.call(&CallOptions { timeout: Some(Duration::from_millis(100)), ..options() });
    let (now, channel) = (table.now, &mut table.nodes[0].channel);
    channel.drain(now, "done", now + MINUTE);
    table.run(now + Duration::from_millis(100));
    assert_eq!(code(&table, ticket), Some(ErrorCode::Timeout));
    assert!(table.nodes[0].drained);
}

#[test]
fn drain_waits_for_the_dial_of_a_call() {
    let mut table = Table::new(&[Manner::Echoes], |_| {});
    let ticket = table.call(&options());
    let (now, channel) = (table.now, &mut table.nodes[0].channel);
    channel.drain(now, "done", now + MINUTE);
    table.settle();
    assert!(table.nodes[0].ends[&ticket].result.is_ok() && table.nodes[0].drained);
}
