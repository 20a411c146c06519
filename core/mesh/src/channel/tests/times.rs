//! What needs exact times, on a clock that is a number.

use alloc::vec::Vec;
use core::time::Duration;

use tchannel_proto::wire::{ErrorCode, RetryFlags};
use tchannel_proto::{Args, Timestamp};

use super::{code, options};
use crate::channel::testing::{Manner, Table, host_port};
use crate::retry::Verdict;
use crate::{CallOptions, Parent, Ratio, Setting, Ticket};

const fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// A request in the style of the request documents.
fn request(table: &mut Table, options: &CallOptions) -> Ticket {
    let (now, args) = (table.now, Args::new("", "body"));
    let mut options = options.clone();
    options.no_parent.get_or_insert(options.parent.is_none());
    let defaults = CallOptions::new();
    let channel = &mut table.nodes[0].channel;
    channel.request(now, ("echo", &defaults), "echo".into(), args, &options).expect("a good request")
}

/// The one server that keeps a request gives it back with this code.
fn refuse_held(table: &mut Table, code: ErrorCode) {
    for node in &mut table.nodes {
        for held in node.held.drain(..) {
            node.channel.reject(table.now, held, code, "after a while").expect("it is awaited");
        }
    }
    table.settle();
}

/// ttl of every request that came to a server, in milliseconds.
fn ttls(table: &Table) -> Vec<u128> {
    table.nodes.iter().flat_map(|node| &node.seen).map(|(ttl, _)| *ttl).collect()
}

#[test]
fn n7_default_call_has_100_ms_and_the_second_attempt_what_is_left() {
    let mut table = Table::new(&[Manner::Hangs, Manner::Hangs], |_| {});
    let started = table.now;
    let ticket = request(&mut table, &options());
    table.settle();
    assert_eq!(ttls(&table), [100]);
    table.run(started + ms(30));
    refuse_held(&mut table, ErrorCode::Busy);
    let mut seen = ttls(&table);
    seen.sort_unstable();
    assert_eq!(seen, [70, 100]);
    table.run(started + ms(99));
    assert!(!table.nodes[0].ends.contains_key(&ticket));
    table.run(started + ms(200));
    assert_eq!(code(&table, ticket), Some(ErrorCode::Timeout));
    assert_eq!(table.nodes[0].ends[&ticket].at, started + ms(100));
}

#[test]
fn p2_100_ms_against_3_silent_peers_end_by_100_ms() {
    let mut table = Table::new(&[Manner::Hangs; 3], |_| {});
    let started = table.now;
    let ticket = table.call(&CallOptions { timeout: Some(ms(100)), ..options() });
    table.run(started + ms(1_000));
    assert_eq!(code(&table, ticket), Some(ErrorCode::Timeout));
    assert_eq!(table.nodes[0].ends[&ticket].at, started + ms(100));
    assert_eq!(ttls(&table), [100], "without a bound of its own the first attempt has all of it");
}

#[test]
fn n8_attempts_have_their_own_bound_within_the_whole() {
    let mut table = Table::new(&[Manner::Hangs; 4], |_| {});
    let started = table.now;
    let timeout_per_attempt = Setting::Is(ms(300));
    let ticket =
        request(&mut table, &CallOptions { timeout: Some(ms(1_000)), timeout_per_attempt, ..options() });
    table.run(started + ms(2_000));
    let mut seen = ttls(&table);
    seen.sort_unstable();
    assert_eq!(seen, [100, 300, 300, 300]);
    assert_eq!(table.nodes[0].ends[&ticket].at, started + ms(1_000));
}

#[test]
fn n3_40_ms_of_a_parent_are_all_that_a_request_of_1000_has() {
    let mut table = Table::new(&[Manner::Hangs, Manner::Hangs], |_| {});
    let started = table.now;
    let parent = Parent { tracing: super::tracing(5), deadline: started + ms(40) };
    let ticket =
        request(&mut table, &CallOptions { timeout: Some(ms(1_000)), parent: Some(parent), ..options() });
    table.run(started + ms(15));
    refuse_held(&mut table, ErrorCode::Busy);
    let mut seen = ttls(&table);
    seen.sort_unstable();
    assert_eq!(seen, [25, 40]);
    table.run(started + ms(1_000));
    assert_eq!(table.nodes[0].ends[&ticket].at, started + ms(40));
}

#[test]
fn g9_server_sees_the_ttl_that_was_sent() {
    for timeout in [1, 100, 30_000] {
        let mut table = Table::new(&[Manner::Echoes], |_| {});
        table.call(&CallOptions { timeout: Some(ms(timeout)), ..options() });
        table.settle();
        assert_eq!(ttls(&table), [u128::from(timeout)]);
    }
}

#[test]
fn table_4_less_than_a_millisecond_is_a_timeout_and_no_frame() {
    let mut table = Table::new(&[Manner::Echoes], |_| {});
    table.call(&options());
    table.settle();
    for (micros, answered) in [(1_500, true), (999, false)] {
        let ticket = table.call(&CallOptions { timeout: Some(Duration::from_micros(micros)), ..options() });
        table.settle();
        table.run(table.now + ms(10));
        assert_eq!(table.nodes[0].ends[&ticket].result.is_ok(), answered, "{micros} us");
    }
    assert_eq!(ttls(&table)[1..], [1]);
}

#[test]
fn n6_time_that_ends_while_the_application_thinks_gives_the_last_response() {
    let mut table = Table::new(&[Manner::NotOk, Manner::Echoes], |_| {});
    table.nodes[0].channel.remove_peer(table.now, None, &host_port(2)).expect("it was added");
    let started = table.now;
    let ticket = request(&mut table, &CallOptions { application_retry: Some(true), ..options() });
    table.settle();
    assert_eq!(table.nodes[0].asked, [ticket]);
    table.run(started + ms(500));
    let end = &table.nodes[0].ends[&ticket];
    assert!(end.result.as_ref().is_ok_and(|(code, _)| !code.is_ok()));
    assert_eq!(end.at, started + ms(100));
    let now = table.now;
    table.nodes[0].channel.decide(now, ticket, Verdict::Retry);
    table.settle();
    assert_eq!(table.nodes[2].served, 0, "too late");
}

#[test]
fn c22_flag_t_retries_an_attempt_that_timed_out_here() {
    let t = RetryFlags { connection: false, timeout: true };
    let c = RetryFlags { connection: true, timeout: false };
    for (flags, served) in [(t, 2), (c, 2), (RetryFlags::NEVER, 1)] {
        let mut table = Table::new(&[Manner::Hangs, Manner::Hangs], |_| {});
        let timeout_per_attempt = Setting::Is(ms(30));
        table.call(&CallOptions { retry_flags: Some(flags), timeout_per_attempt, ..options() });
        table.run(table.now + ms(1_000));
        assert_eq!(ttls(&table).len(), served, "{flags:?}");
    }
}

#[test]
fn table_6_retries_of_all_calls_are_a_share_of_them() {
    let tenth = |config: &mut crate::ChannelConfig| config.retry_ratio = Some(Ratio::percent(10));
    let mut table = Table::new(&[Manner::Refuses(ErrorCode::Busy); 3], tenth);
    let served = |table: &Table| table.nodes.iter().map(|node| node.served).sum::<usize>();
    let mut minute = |calls: usize| {
        let before = served(&table);
        for _ in 0..calls {
            table.call(&options());
            table.run(table.now + Duration::from_secs(60) / u32::try_from(calls).expect("few calls"));
        }
        served(&table) - before
    };
    let first = minute(600);
    assert!(first > 1_000, "the first 30 s are free: {first} attempts of 600 calls");
    let later = minute(600);
    assert!((600..=660).contains(&later), "{later} attempts of 600 calls");
}

#[test]
fn table_6_without_a_ratio_every_retry_is_made() {
    let mut table = Table::new(&[Manner::Refuses(ErrorCode::Busy); 3], |config| config.retry_ratio = None);
    for _ in 0..600 {
        table.call(&options());
        table.run(table.now + ms(200));
    }
    assert_eq!(table.nodes.iter().map(|node| node.served).sum::<usize>(), 1_800);
}

/// When peer 1 weighs nothing again after it was busy for a call with this ttl.
fn busy_for(ttl: Duration) -> Duration {
    let mut table = Table::new(&[Manner::Refuses(ErrorCode::Busy)], |_| {});
    table.call(&CallOptions { timeout: Some(ttl), ..options() });
    table.settle();
    let started = table.now;
    while table.nodes[0].channel.load(table.now, &host_port(1)) == Some(1) {
        table.run(table.now + ms(1));
    }
    assert_eq!(table.nodes[0].channel.load(table.now, &host_port(1)), Some(0));
    table.now.since(started)
}

#[test]
fn table_7_a_busy_answer_weighs_for_the_ttl_and_500_ms_but_not_over_5_s() {
    assert_eq!(busy_for(ms(100)), ms(600));
    assert_eq!(busy_for(ms(4_000)), ms(4_500));
    assert_eq!(busy_for(ms(30_000)), ms(5_000));
}

#[test]
fn table_7_a_removed_peers_calls_have_5_s() {
    let mut table = Table::new(&[Manner::Hangs], |_| {});
    let ticket = table.call(&options());
    table.settle();
    let removed = table.now;
    table.nodes[0].channel.remove_peer(removed, None, &host_port(1)).expect("it was added");
    table.run(removed + Duration::from_secs(30));
    assert_eq!(code(&table, ticket), Some(ErrorCode::Network));
    assert_eq!(table.nodes[0].ends[&ticket].at, removed + Duration::from_secs(5));
}

#[test]
fn table_7_pauses_after_failed_connects_grow_to_30_s() {
    let mut table = Table::new(&[Manner::Gone, Manner::Echoes], |_| {});
    let mut dials = Vec::<Timestamp>::new();
    for _ in 0..1_500 {
        table.call(&options());
        table.settle();
        let count = table.nodes[0].dials - 1;
        while dials.len() < count {
            dials.push(table.now);
        }
        table.run(table.now + ms(100));
    }
    let pauses: Vec<_> = dials.windows(2).map(|pair| pair[1].since(pair[0]).as_millis()).collect();
    for (pause, expected) in pauses.iter().zip([5_000, 10_000, 20_000, 30_000, 30_000]) {
        // A tenth either way, and a call that finds it.
        let (least, most) = (expected * 9 / 10, expected * 11 / 10 + 100);
        assert!((least..=most).contains(pause), "{pauses:?}");
    }
    assert!(pauses.len() >= 5, "{pauses:?}");
    assert_eq!(table.nodes[2].served, 1_500);
}

#[test]
fn dials_that_take_long_are_not_waited_for_while_others_could_be_made() {
    for seed in 0..40 {
        let mut table = Table::seeded(seed, |_| {});
        for manner in [Manner::Silent, Manner::Silent, Manner::Echoes, Manner::Echoes] {
            table.add_peer(crate::ChannelConfig::new("echo"), manner);
        }
        let started = table.now;
        table.call(&options());
        table.run(started + ms(1_000));
        let ticket = table.call(&CallOptions { timeout: Some(ms(100)), ..options() });
        table.run(started + ms(2_000));
        assert_eq!(code(&table, ticket), None, "seed {seed}");
    }
}
