//! Which calls are reported, and what their reports say.

use alloc::vec::Vec;
use core::time::Duration;

use tchannel_proto::wire::{ErrorCode, ResponseCode, Tracing};
use tchannel_proto::{Args, Read, Response};

use super::options;
use crate::channel::testing::{Manner, Table};
use crate::{CallOptions, ChannelConfig, Parent, Ratio, Rng, Role, SpanReport};

/// All nodes report; node 0 samples every trace that it begins.
fn table(manners: &[Manner]) -> Table {
    let mut table = Table::new(&[], |config| {
        config.trace_reports = true;
        config.trace_sample = Ratio::ONE;
    });
    for manner in manners {
        let mut config = ChannelConfig::new("echo");
        config.trace_reports = true;
        table.add_peer(config, *manner);
    }
    table
}

fn reports(table: &mut Table, node: usize) -> Vec<SpanReport> {
    core::iter::from_fn(|| table.nodes[node].channel.poll_span()).collect()
}

fn one(table: &mut Table, node: usize) -> SpanReport {
    let mut reports = reports(table, node);
    assert_eq!(reports.len(), 1, "{reports:#?}");
    reports.remove(0)
}

fn answer(table: &mut Table, node: usize) {
    let call = table.nodes[node].held.pop().expect("a request");
    let response = Response { code: ResponseCode::OK, args: Args::default() };
    table.nodes[node].channel.respond(table.now, call, response).expect("it is awaited");
}

fn wait(table: &mut Table, millis: u64) {
    table.now = table.now + Duration::from_millis(millis);
}

#[test]
fn client_cs_when_the_first_byte_is_queued_and_cr_at_the_last_response_frame() {
    let mut table = table(&[Manner::Hangs]);
    table.call(&options());
    // Until the handshake is done no byte of it can leave.
    wait(&mut table, 5);
    table.settle();
    let queued = table.now;
    wait(&mut table, 20);
    answer(&mut table, 1);
    wait(&mut table, 3);
    table.settle();
    let report = one(&mut table, 0);
    assert_eq!(report.annotations().collect::<Vec<_>>(), [("cs", queued), ("cr", table.now)]);
    assert_eq!((report.role, &*report.service, &*report.endpoint), (Role::Client, "echo", "echo"));
    assert_eq!(report.tags(), [("cn", "caller"), ("as", "raw"), ("src", "0.0.0.0:0")]);
    assert_eq!(report.tracing, table.nodes[1].seen[0].1);
    // Over an open connection it leaves at once.
    table.call(&options());
    let queued = table.now;
    wait(&mut table, 5);
    table.settle();
    answer(&mut table, 1);
    table.settle();
    assert_eq!(one(&mut table, 0).began, queued);
}

#[test]
fn server_sr_at_the_head_and_ss_when_the_answer_is_complete() {
    let mut table = table(&[Manner::Hangs]);
    table.call(&options());
    table.settle();
    let came = table.now;
    wait(&mut table, 20);
    answer(&mut table, 1);
    let report = one(&mut table, 1);
    assert_eq!(report.annotations().collect::<Vec<_>>(), [("sr", came), ("ss", table.now)]);
    assert_eq!((report.role, &*report.service, &*report.endpoint), (Role::Server, "echo", "echo"));
    // The caller does not listen: it is where it dialled from.
    assert_eq!(report.tags(), [("cn", "caller"), ("as", "raw"), ("src", "10.0.0.0:4040")]);
    let client = {
        table.settle();
        one(&mut table, 0)
    };
    assert_eq!(client.tracing, report.tracing);
    assert!(report.tracing.trace_id != 0 && report.tracing.parent_id == 0);
}

#[test]
fn source_is_what_the_caller_announces() {
    let mut table = table(&[Manner::Echoes]);
    let address = "10.0.0.0:21300".parse().expect("an address");
    table.nodes[0].channel.handle_listening(table.now, address);
    table.call(&options());
    table.settle();
    assert_eq!(
        (&*one(&mut table, 0).source, &*one(&mut table, 1).source),
        ("10.0.0.0:21300", "10.0.0.0:21300")
    );
}

#[test]
fn only_sampled_calls_are_reported() {
    let mut table = table(&[Manner::Echoes]);
    for flags in [0, 2, 1] {
        let tracing = Tracing { span_id: 7, parent_id: 6, trace_id: 5, flags };
        let deadline = table.now + Duration::from_secs(1);
        table.call(&CallOptions { parent: Some(Parent { tracing, deadline }), ..options() });
        table.settle();
    }
    for node in [0, 1] {
        let tracing = one(&mut table, node).tracing;
        assert_eq!((tracing.trace_id, tracing.parent_id, tracing.flags), (5, 7, 1));
        assert_ne!(tracing.span_id, 7);
    }
}

#[test]
fn call_without_trace_is_not_reported() {
    let mut table = table(&[Manner::Echoes]);
    table.call(&CallOptions { trace: Some(false), ..options() });
    table.settle();
    assert!(reports(&mut table, 0).is_empty() && reports(&mut table, 1).is_empty());
}

#[test]
fn forwarded_span_is_not_reported() {
    let mut table = table(&[Manner::Echoes]);
    let tracing = Tracing { span_id: 7, parent_id: 6, trace_id: 5, flags: 1 };
    table.call(&CallOptions { tracing: Some(tracing), forward_trace: Some(true), ..options() });
    table.settle();
    assert!(reports(&mut table, 0).is_empty());
    // For the server it is a call like any other.
    assert_eq!(one(&mut table, 1).tracing, tracing);
}

#[test]
fn each_attempt_has_a_report_and_an_error_frame_is_an_answer() {
    let mut table = table(&[Manner::Refuses(ErrorCode::Busy); 2]);
    table.call(&options());
    table.settle();
    let attempts = reports(&mut table, 0);
    assert_eq!(attempts.len(), 2);
    assert!(attempts.iter().all(|report| report.ended == Some(table.now)));
    assert_eq!(attempts[0].tracing.trace_id, attempts[1].tracing.trace_id);
    assert_ne!(attempts[0].tracing.span_id, attempts[1].tracing.span_id);
    let mut served = [one(&mut table, 1), one(&mut table, 2)];
    served.sort_by_key(|report| report.tracing.span_id != attempts[0].tracing.span_id);
    assert_eq!(served.each_ref().map(|report| report.tracing), [attempts[0].tracing, attempts[1].tracing]);
    assert!(served.iter().all(|report| report.ended == Some(table.now)));
}

#[test]
fn call_that_nobody_answers_has_no_end() {
    let mut table = table(&[Manner::Hangs]);
    table.call(&CallOptions { timeout: Some(Duration::from_millis(100)), ..options() });
    table.run(table.now + Duration::from_secs(1));
    let (client, server) = (one(&mut table, 0), one(&mut table, 1));
    assert_eq!((client.ended, server.ended), (None, None));
    assert_eq!(client.annotations().count(), 1);
    let call = table.call(&options());
    table.settle();
    table.nodes[0].channel.cancel(table.now, call, "not needed");
    table.settle();
    assert_eq!((one(&mut table, 0).ended, one(&mut table, 1).ended), (None, None));
}

#[test]
fn request_that_is_turned_away_is_reported() {
    let mut table = table(&[Manner::Echoes]);
    table.call(&CallOptions { service: Some("elsewhere".into()), ..CallOptions::new() });
    table.settle();
    let report = one(&mut table, 1);
    assert_eq!((&*report.service, report.ended), ("elsewhere", Some(table.now)));
}

#[test]
fn call_that_was_never_sent_is_not_reported() {
    let mut table = table(&[Manner::Gone]);
    table.call(&options());
    table.settle();
    assert!(reports(&mut table, 0).is_empty());
}

#[test]
fn attempt_that_its_connection_gave_back_is_not_reported() {
    let mut table = table(&[Manner::Echoes; 2]);
    for _ in 0..20 {
        table.call(&options());
        table.settle();
    }
    reports(&mut table, 0);
    // The notice reaches the caller while its calls wait to be sent.
    let deadline = table.now + Duration::from_secs(1);
    table.nodes[1].channel.drain(table.now, "restart", deadline);
    for _ in 0..20 {
        table.call(&options());
    }
    table.deliver_before_sending(1, 0);
    table.settle();
    assert_eq!(reports(&mut table, 0).len(), 20);
}

#[test]
fn streamed_call_ends_with_its_last_part() {
    let mut table = table(&[Manner::Echoes]);
    let call = table.open_between(0, 1);
    table.settle();
    let server = table.nodes[1].held.pop().expect("a request");
    let channel = &mut table.nodes[1].channel;
    channel.reply(table.now, server, ResponseCode::OK).expect("it is awaited");
    table.settle();
    wait(&mut table, 5);
    let channel = &mut table.nodes[1].channel;
    channel.finish_arg(table.now, server).expect("it is awaited");
    assert!(channel.poll_span().is_none());
    channel.finish_arg(table.now, server).expect("it is awaited");
    assert_eq!(one(&mut table, 1).ended, Some(table.now));
    table.settle();
    wait(&mut table, 5);
    while table.nodes[0].channel.read(table.now, call).expect("it is live") != Read::Done {}
    assert_eq!(one(&mut table, 0).ended, Some(table.now));
}

#[test]
fn nothing_is_reported_by_default() {
    let mut table = Table::new(&[Manner::Echoes], |config| config.trace_sample = Ratio::ONE);
    table.call(&options());
    table.settle();
    assert_eq!(table.nodes[1].seen[0].1.flags, 1);
    assert!(reports(&mut table, 0).is_empty() && reports(&mut table, 1).is_empty());
}

#[test]
fn reports_that_nobody_asks_for_are_dropped_and_counted() {
    let mut table = table(&[Manner::Echoes]);
    for _ in 0..1_100 {
        table.call(&options());
        table.settle();
    }
    for node in [0, 1] {
        assert_eq!(table.nodes[node].channel.dropped_spans(), 76);
        assert_eq!(reports(&mut table, node).len(), 1_024);
    }
}

/// The state of the generator that gave this number: every step of it can be undone.
fn state_before(bits: u64) -> u64 {
    let unshift = |bits: u64, by: u32| (0..64 / by).fold(bits, |found, _| bits ^ (found >> by));
    let bits = unshift(bits, 31).wrapping_mul(0x3196_42B2_D24D_8EC3);
    let bits = unshift(bits, 27).wrapping_mul(0x96DE_1B17_3F11_9089);
    unshift(bits, 30).wrapping_sub(STEP)
}

/// What the state grows by with each number.
const STEP: u64 = 0x9E37_79B9_7F4A_7C15;

#[test]
fn identities_in_traces_do_not_tell_the_keys_of_hash_tables() {
    let mut table = Table::new(&[Manner::Echoes], |_| {});
    table.call(&options());
    table.settle();
    let (_, tracing) = table.nodes[1].seen[0];
    let state = state_before(tracing.trace_id);
    assert_eq!(Rng::new(state).bits(), tracing.trace_id);
    let mut foreseen = Rng::new(state.wrapping_sub(STEP.wrapping_mul(1_000)));
    let foreseen: Vec<u64> = (0..2_000).map(|_| foreseen.bits()).collect();
    let channel = &mut table.nodes[0].channel;
    assert!(foreseen.contains(&channel.rng.bits()), "the numbers that are seen can be foreseen");
    assert!(!foreseen.contains(&channel.keys.bits()));
}
