//! What is measured, kind by kind and call by call.

mod connections;
mod inbound;
mod outbound;
mod sizes;

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::num::NonZeroUsize;
use core::time::Duration;

use tchannel_proto::wire::ErrorCode;

use super::options;
use crate::channel::testing::{Manner, Table};
use crate::stats::{Stat, Value};
use crate::{CallOptions, Channel, ChannelConfig};

/// What a channel measured since it was asked last: counters and gauges by name, timers by name.
#[derive(Debug, Default)]
struct Measured {
    counts: BTreeMap<&'static str, u64>,
    timers: BTreeMap<&'static str, Vec<Duration>>,
    /// Name and tags of each, in the order of their coming.
    lines: Vec<String>,
}

impl Measured {
    fn of(channel: &mut Channel) -> Self {
        let mut measured = Measured::default();
        while let Some(stat) = channel.poll_stat() {
            measured.lines.push(line(&stat, channel));
            match stat.value() {
                Value::Count(count) => *measured.counts.entry(stat.name()).or_default() += count,
                Value::Gauge(level) => {
                    measured.counts.insert(stat.name(), level);
                }
                Value::Timer(time) => measured.timers.entry(stat.name()).or_default().push(time),
            }
        }
        measured
    }

    fn count(&self, name: &str) -> u64 {
        self.counts.get(name).copied().unwrap_or(0)
    }

    /// Every counter of calls whose name begins so, without the beginning.
    fn counts_of(&self, prefix: &str) -> Vec<(&str, u64)> {
        let named = |(name, count): (&&'static str, &u64)| Some((name.strip_prefix(prefix)?, *count));
        self.counts.iter().filter_map(named).collect()
    }

    fn times(&self, name: &str) -> Vec<u128> {
        self.timers.get(name).into_iter().flatten().map(Duration::as_millis).collect()
    }

    #[track_caller]
    fn assert_has(&self, line: &str) {
        assert!(self.lines.iter().any(|had| had == line), "no {line} in {:#?}", self.lines);
    }
}

fn line(stat: &Stat, channel: &Channel) -> String {
    let tags = stat.tags(channel.labels().expect("it measures"));
    let tags = tags.iter().map(|tag| format!(" {}={}", tag.name, tag.value.as_deref().unwrap_or("-")));
    format!("{}{}", stat.name(), tags.collect::<String>())
}

/// Node 0 calls and measures; so do the nodes that it calls.
fn table(manners: &[Manner], change: impl FnOnce(&mut ChannelConfig)) -> Table {
    let mut table = Table::new(&[], |config| {
        config.stats = true;
        change(config);
    });
    for manner in manners {
        let mut config = ChannelConfig::new("echo");
        config.stats = true;
        table.add_peer(config, *manner);
    }
    table
}

fn measured(table: &mut Table, node: usize) -> Measured {
    Measured::of(&mut table.nodes[node].channel)
}

fn bytes(count: usize) -> NonZeroUsize {
    NonZeroUsize::new(count).expect("not 0")
}

#[test]
fn nothing_is_measured_by_default() {
    let mut table = Table::new(&[Manner::Echoes], |_| {});
    table.call(&options());
    table.settle();
    let channel = &mut table.nodes[0].channel;
    assert!(channel.poll_stat().is_none() && channel.labels().is_none());
}

#[test]
fn measurements_that_nobody_asks_for_are_dropped_and_counted() {
    let mut table = table(&[Manner::Echoes], |_| {});
    for _ in 0..6_000 {
        table.call(&options());
        table.settle();
    }
    let dropped = table.nodes[0].channel.dropped_stats();
    let told = measured(&mut table, 0).lines.len();
    // For each call: sent, two sizes, two latencies and success; one connection, its level and its bytes.
    let all = 6 * 6_000 + 1 + 3;
    assert_eq!((told, dropped), (16_384 + 3, all - (16_384 + 3)));
}

#[test]
fn every_call_ends_in_one_count_of_each_side() {
    let manners =
        [Manner::Echoes, Manner::NotOk, Manner::Refuses(ErrorCode::Busy), Manner::Hangs, Manner::Gone];
    let mut table = table(&manners, |config| config.min_connections = 5);
    let options = CallOptions { timeout: Some(Duration::from_millis(500)), ..options() };
    for _ in 0..200 {
        table.call(&options);
        table.settle();
    }
    table.run(table.now + Duration::from_secs(10));
    let stats = measured(&mut table, 0);
    let ended = ["success", "app-errors", "system-errors", "operational-errors"];
    let ended: u64 = ended.iter().map(|end| stats.count(&format!("outbound.calls.{end}"))).sum();
    assert_eq!((stats.count("outbound.calls.sent"), ended), (200, 200));
    for node in 1..=4 {
        let stats = measured(&mut table, node);
        let ended = ["success", "app-errors", "system-errors"];
        let ended: u64 = ended.iter().map(|end| stats.count(&format!("inbound.calls.{end}"))).sum();
        assert_eq!(stats.count("inbound.calls.recvd"), ended, "{node}");
        assert!(ended > 0);
    }
}
