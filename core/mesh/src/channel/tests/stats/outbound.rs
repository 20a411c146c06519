//! Calls of ours.

use alloc::format;
use core::num::NonZeroUsize;
use core::time::Duration;

use tchannel_proto::Read;
use tchannel_proto::wire::{ErrorCode, ResponseCode};

use super::{measured, options, table};
use crate::channel::testing::{Manner, Table};
use crate::retry::Verdict;
use crate::{CallOptions, ChannelConfig, Ratio, Setting, Ticket};

#[test]
fn call_with_one_retry() {
    let mut table = table(&[Manner::Refuses(ErrorCode::Busy), Manner::Echoes], |_| {});
    // Until the busy one was tried first.
    let mut calls = 0;
    while table.nodes[1].served == 0 {
        measured(&mut table, 0);
        table.call(&options());
        table.settle();
        calls += 1;
        assert!(calls < 50);
    }
    let stats = measured(&mut table, 0);
    assert_eq!(
        stats.counts_of("outbound.calls."),
        [("per-attempt.system-errors", 1), ("retries", 1), ("sent", 1), ("success", 1)]
    );
    assert_eq!(stats.times("outbound.calls.latency").len(), 1);
    assert_eq!(stats.times("outbound.calls.per-attempt.latency").len(), 2);
    let to = "service=caller target-service=echo target-endpoint=echo";
    stats.assert_has(&format!("outbound.calls.sent {to}"));
    stats.assert_has(&format!(
        "outbound.calls.per-attempt.system-errors {to} type=busy peer=10.0.0.1:4040 retry-count=0"
    ));
    stats.assert_has(&format!("outbound.calls.retries {to} retry-count=1"));
    stats.assert_has(&format!("outbound.calls.per-attempt.latency {to} peer=10.0.0.2:4040 retry-count=1"));
    stats.assert_has(&format!("outbound.calls.success {to}"));
}

#[test]
fn outbound_success() {
    let mut table = table(&[Manner::Echoes], |_| {});
    table.call(&options());
    table.settle();
    let stats = measured(&mut table, 0);
    assert_eq!(stats.counts_of("outbound.calls."), [("sent", 1), ("success", 1)]);
}

#[test]
fn outbound_app_errors() {
    let mut table = table(&[Manner::NotOk], |_| {});
    table.call(&options());
    table.settle();
    let stats = measured(&mut table, 0);
    let expected = [("app-errors", 1), ("per-attempt.app-errors", 1), ("sent", 1)];
    assert_eq!(stats.counts_of("outbound.calls."), expected);
}

#[test]
fn outbound_app_errors_that_are_tried_again() {
    let mut table = table(&[Manner::NotOk; 2], |_| {});
    let options = CallOptions { application_retry: Some(true), ..options() };
    table.call(&options);
    for _ in 0..2 {
        table.settle();
        if let Some(ticket) = table.nodes[0].asked.pop() {
            table.nodes[0].channel.decide(table.now, ticket, Verdict::Retry);
        }
    }
    table.settle();
    let stats = measured(&mut table, 0);
    let expected = [("app-errors", 1), ("per-attempt.app-errors", 2), ("retries", 1), ("sent", 1)];
    assert_eq!(stats.counts_of("outbound.calls."), expected);
}

#[test]
fn outbound_system_errors() {
    let mut table = table(&[Manner::Refuses(ErrorCode::BadRequest)], |_| {});
    table.call(&options());
    table.settle();
    let stats = measured(&mut table, 0);
    let expected = [("per-attempt.system-errors", 1), ("sent", 1), ("system-errors", 1)];
    assert_eq!(stats.counts_of("outbound.calls."), expected);
    let to = "service=caller target-service=echo target-endpoint=echo";
    stats.assert_has(&format!("outbound.calls.system-errors {to} type=bad-request"));
}

#[test]
fn outbound_operational_errors() {
    let mut table = table(&[Manner::Hangs], |_| {});
    let options = CallOptions { timeout: Some(Duration::from_millis(70)), ..options() };
    table.call(&options);
    table.run(table.now + Duration::from_secs(1));
    let stats = measured(&mut table, 0);
    let expected = [("operational-errors", 1), ("per-attempt.operational-errors", 1), ("sent", 1)];
    assert_eq!(stats.counts_of("outbound.calls."), expected);
    let to = "service=caller target-service=echo target-endpoint=echo";
    stats.assert_has(&format!("outbound.calls.operational-errors {to} type=timeout"));
    assert_eq!(stats.times("outbound.calls.latency"), [70]);
    assert_eq!(stats.times("outbound.calls.per-attempt.latency"), [70]);
}

#[test]
fn outbound_latency_is_over_all_attempts() {
    let mut table = table(&[Manner::Hangs, Manner::Hangs], |_| {});
    let timeout_per_attempt = Setting::Is(Duration::from_millis(40));
    let options = CallOptions { timeout: Some(Duration::from_millis(100)), timeout_per_attempt, ..options() };
    table.call(&options);
    table.run(table.now + Duration::from_secs(1));
    let stats = measured(&mut table, 0);
    assert_eq!(stats.times("outbound.calls.per-attempt.latency"), [40, 40]);
    assert_eq!(stats.times("outbound.calls.latency"), [80]);
}

#[test]
fn calls_without_an_attempt_are_sent_and_fail() {
    let mut table = table(&[], |config| config.limits.max_pending = NonZeroUsize::new(1));
    table.call(&options());
    table.settle();
    let held = table.add_peer(ChannelConfig::new("echo"), Manner::Hangs);
    let waiting = table.call(&options());
    table.call(&options());
    table.settle();
    assert_eq!(table.nodes[held].served, 1);
    let expected = [("operational-errors", 2), ("sent", 3)];
    assert_eq!(measured(&mut table, 0).counts_of("outbound.calls."), expected);
    table.nodes[0].channel.cancel(table.now, waiting, "not needed");
    let stats = measured(&mut table, 0);
    let expected = [("operational-errors", 1), ("per-attempt.operational-errors", 1)];
    assert_eq!(stats.counts_of("outbound.calls."), expected);
    assert!(stats.lines.iter().all(|line| !line.contains("errors ") || line.contains("type=cancelled")));
}

#[test]
fn attempt_that_was_not_sent_does_not_count() {
    let mut table = table(&[Manner::Echoes; 2], |_| {});
    for _ in 0..20 {
        table.call(&options());
        table.settle();
    }
    measured(&mut table, 0);
    // The notice reaches the caller while its calls wait to be sent.
    let deadline = table.now + Duration::from_secs(1);
    table.nodes[1].channel.drain(table.now, "restart", deadline);
    for _ in 0..20 {
        table.call(&options());
    }
    table.deliver_before_sending(1, 0);
    table.settle();
    assert_eq!(measured(&mut table, 0).counts_of("outbound.calls."), [("sent", 20), ("success", 20)]);
}

#[test]
fn retries_that_the_budget_denies() {
    let mut table =
        table(&[Manner::Refuses(ErrorCode::Busy); 2], |config| config.retry_ratio = Some(Ratio::ZERO));
    table.call(&options());
    table.run(table.now + Duration::from_secs(31));
    measured(&mut table, 0);
    table.call(&options());
    table.settle();
    let stats = measured(&mut table, 0);
    assert_eq!(stats.count("retries-rejected-by-max-retry-ratio"), 1);
    assert_eq!((stats.count("outbound.calls.retries"), stats.count("outbound.calls.system-errors")), (0, 1));
}

#[test]
fn http_calls_have_no_endpoint() {
    let mut table = table(&[Manner::Echoes], |_| {});
    table.call(&CallOptions { scheme: Some("http".into()), ..options() });
    table.settle();
    measured(&mut table, 0)
        .assert_has("outbound.calls.success service=caller target-service=echo target-endpoint=-");
}

#[test]
fn streamed_calls_end_when_they_are_read() {
    let mut table = table(&[Manner::Hangs], |_| {});
    let call = table.open_between(0, 1);
    table.nodes[0].channel.finish_arg(table.now, call).expect("it is live");
    table.settle();
    let server = table.nodes[1].held.pop().expect("a request");
    let channel = &mut table.nodes[1].channel;
    channel.reply(table.now, server, ResponseCode::NOT_OK).expect("it is awaited");
    let expected = [("recvd", 1)];
    assert_eq!(measured(&mut table, 1).counts_of("inbound.calls."), expected);
    table.settle();
    table.now = table.now + Duration::from_millis(5);
    let channel = &mut table.nodes[1].channel;
    for _ in 0..2 {
        channel.finish_arg(table.now, server).expect("it is awaited");
    }
    let stats = measured(&mut table, 1);
    assert_eq!(stats.counts_of("inbound.calls."), [("app-errors", 1)]);
    assert_eq!(stats.times("inbound.calls.latency"), [5]);
    table.settle();
    assert_eq!(measured(&mut table, 0).counts_of("outbound.calls."), [("sent", 1)]);
    read_all(&mut table, call);
    let expected = [("app-errors", 1), ("per-attempt.app-errors", 1)];
    assert_eq!(measured(&mut table, 0).counts_of("outbound.calls."), expected);
}

fn read_all(table: &mut Table, call: Ticket) {
    while table.nodes[0].channel.read(table.now, call).expect("it is live") != Read::Done {}
}

#[test]
fn streamed_call_that_fails_half_way_is_an_error() {
    let mut table = table(&[Manner::Echoes], |_| {});
    table.open_between(0, 1);
    table.settle();
    let server = table.nodes[1].held.pop().expect("a request");
    let channel = &mut table.nodes[1].channel;
    channel.reply(table.now, server, ResponseCode::OK).expect("it is awaited");
    table.settle();
    let channel = &mut table.nodes[1].channel;
    channel.reject(table.now, server, ErrorCode::Unexpected, "broken").expect("it is awaited");
    table.settle();
    let expected = [("recvd", 1), ("system-errors", 1)];
    assert_eq!(measured(&mut table, 1).counts_of("inbound.calls."), expected);
    let expected = [("per-attempt.system-errors", 1), ("sent", 1), ("system-errors", 1)];
    assert_eq!(measured(&mut table, 0).counts_of("outbound.calls."), expected);
}
