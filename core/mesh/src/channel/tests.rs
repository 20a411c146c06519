mod admission;
mod built_in;
mod guard;
mod operations;
mod peers;
mod rests;
mod snapshot;
mod stats;
mod times;
mod traces;

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::num::NonZeroUsize;
use core::time::Duration;

use bytes::BytesMut;
use tchannel_proto::wire::{ErrorCode, RetryFlags};
use tchannel_proto::{Args, Lost, Origin, Timestamp};

use super::testing::{Manner, Table, host_port};
use crate::retry::Verdict;
use crate::{CallOptions, ChannelConfig, ConnKey, Direct, OpenError, Parent, Setting};

fn options() -> CallOptions {
    CallOptions { service: Some("echo".into()), ..CallOptions::new() }
}

fn code(table: &Table, ticket: crate::Ticket) -> Option<ErrorCode> {
    table.nodes[0]
        .ends
        .get(&ticket)
        .and_then(|end| end.result.as_ref().err())
        .map(|failure| failure.error.code)
}

#[test]
fn call_finds_a_peer_and_comes_back() {
    let mut table = Table::new(&[Manner::Echoes], |_| {});
    let ticket = table.call(&options());
    table.settle();
    let end = &table.nodes[0].ends[&ticket];
    let (code, args) = end.result.as_ref().expect("an answer");
    assert!(code.is_ok());
    assert_eq!((&args.body()[..], end.attempts), (&b"body"[..], 1));
    assert_eq!(table.nodes[0].channel.live().ours, 0);
    assert_eq!(table.nodes[0].channel.load(table.now, &host_port(1)), Some(0));
}

#[test]
fn thousand_first_calls_make_one_connection() {
    let mut table = Table::new(&[Manner::Echoes], |_| {});
    for _ in 0..1_000 {
        table.call(&options());
    }
    table.settle();
    assert_eq!((table.nodes[0].dials, table.nodes[1].served, table.nodes[0].ends.len()), (1, 1_000, 1_000));
}

#[test]
fn busy_peer_is_left_for_another() {
    let mut table = Table::new(&[Manner::Refuses(ErrorCode::Busy), Manner::Echoes], |_| {});
    let tickets: Vec<_> = (0..50).map(|_| table.call(&options())).collect();
    table.settle();
    for ticket in tickets {
        assert!(table.nodes[0].ends[&ticket].result.is_ok());
    }
    assert_eq!(table.nodes[2].served, 50);
    assert!(table.nodes[1].served > 0);
}

#[test]
fn no_peer_is_tried_twice_and_the_last_error_is_given() {
    let manners = [Manner::Refuses(ErrorCode::Busy), Manner::Refuses(ErrorCode::Declined), Manner::Gone];
    let mut table = Table::new(&manners, |_| {});
    let ticket = table.call(&options());
    table.settle();
    assert!(matches!(code(&table, ticket), Some(ErrorCode::Busy | ErrorCode::Declined | ErrorCode::Network)));
    assert_eq!((table.nodes[1].served, table.nodes[2].served), (1, 1));
}

#[test]
fn max_attempts_bounds_the_attempts() {
    let mut table = Table::new(&[Manner::Refuses(ErrorCode::Busy); 5], |_| {});
    let ticket = table.call(&options().retry_limit(1));
    table.settle();
    assert_eq!(code(&table, ticket), Some(ErrorCode::Busy));
    assert_eq!(table.nodes.iter().map(|node| node.served).sum::<usize>(), 2);
}

#[test]
fn list_without_peers_gives_no_peer() {
    let mut table = Table::new(&[], |_| {});
    let ticket = table.call(&options());
    table.settle();
    let end = &table.nodes[0].ends[&ticket];
    let error = &end.result.as_ref().expect_err("nobody is there").error;
    assert_eq!((error.code, error.origin), (ErrorCode::Declined, Origin::Local));
    assert!(error.message.contains("no peer for service \"echo\""), "{}", error.message);
}

#[test]
fn silent_peers_cost_no_more_than_the_timeout() {
    let mut table = Table::new(&[Manner::Hangs; 3], |_| {});
    let mut options = options();
    options.timeout = Some(Duration::from_millis(100));
    options.timeout_per_attempt = Setting::Is(Duration::from_millis(40));
    let started = table.now;
    let ticket = table.call(&options);
    table.run(started + Duration::from_secs(2));
    let end = &table.nodes[0].ends[&ticket];
    assert_eq!(code(&table, ticket), Some(ErrorCode::Timeout));
    assert_eq!(end.at, started + Duration::from_millis(100));
    assert_eq!(table.nodes.iter().map(|node| node.served).sum::<usize>(), 3);
    assert_eq!(table.nodes[0].channel.live().ours, 0);
}

#[test]
fn attempt_that_times_out_leaves_the_rest_to_the_next() {
    let mut table = Table::new(&[Manner::Hangs, Manner::Echoes], |_| {});
    let mut options = options();
    options.timeout = Some(Duration::from_secs(1));
    options.timeout_per_attempt = Setting::Is(Duration::from_millis(300));
    let tickets: Vec<_> = (0..20).map(|_| table.call(&options)).collect();
    table.run(table.now + Duration::from_secs(2));
    assert!(tickets.iter().all(|ticket| table.nodes[0].ends[ticket].result.is_ok()));
    assert!(table.nodes[1].served > 0);
    assert!(table.nodes[2].seen.iter().all(|(ttl, _)| *ttl <= 300));
}

#[test]
fn child_never_waits_longer_than_its_parent() {
    let mut table = Table::new(&[Manner::Hangs], |_| {});
    let mut options = options();
    options.timeout = Some(Duration::from_secs(1));
    options.parent = Some(Parent { tracing: tracing(5), deadline: table.now + Duration::from_millis(40) });
    let started = table.now;
    let ticket = table.call(&options);
    table.run(started + Duration::from_secs(1));
    assert_eq!(code(&table, ticket), Some(ErrorCode::Timeout));
    assert_eq!(table.nodes[0].ends[&ticket].at, started + Duration::from_millis(40));
    let (ttl, seen) = table.nodes[1].seen[0];
    assert!(ttl <= 40, "{ttl}");
    assert_eq!((seen.trace_id, seen.parent_id), (5, 7));
}

#[test]
fn parent_without_time_left_sends_nothing() {
    let mut table = Table::new(&[Manner::Echoes], |_| {});
    let mut options = options();
    options.parent = Some(Parent { tracing: tracing(5), deadline: table.now });
    let ticket = table.call(&options);
    table.settle();
    assert_eq!(code(&table, ticket), Some(ErrorCode::Timeout));
    assert_eq!((table.nodes[0].dials, table.nodes[1].served), (0, 0));
}

#[test]
fn attempts_of_one_call_share_a_trace_and_differ_in_spans() {
    let mut table = Table::new(&[Manner::Refuses(ErrorCode::Busy); 3], |_| {});
    table.call(&options());
    table.settle();
    let seen: Vec<_> = table.nodes.iter().flat_map(|node| &node.seen).map(|(_, tracing)| *tracing).collect();
    assert_eq!(seen.len(), 3);
    assert!(seen.iter().all(|tracing| tracing.trace_id == seen[0].trace_id && tracing.trace_id != 0));
    let mut spans: Vec<_> = seen.iter().map(|tracing| tracing.span_id).collect();
    spans.sort_unstable();
    spans.dedup();
    assert_eq!(spans.len(), 3);
}

#[test]
fn application_is_asked_and_gets_the_last_response() {
    let mut table = Table::new(&[Manner::NotOk; 3], |_| {});
    let mut options = options();
    options.application_retry = Some(true);
    let ticket = table.call(&options);
    for _ in 0..3 {
        table.settle();
        if let Some(ticket) = table.nodes[0].asked.pop() {
            table.nodes[0].channel.decide(table.now, ticket, Verdict::Retry);
        }
    }
    table.settle();
    let end = &table.nodes[0].ends[&ticket];
    assert!(end.result.as_ref().is_ok_and(|(code, _)| !code.is_ok()));
    assert_eq!(end.attempts, 3);
}

#[test]
fn direct_call_goes_to_its_host_once_and_leaves_no_peer_behind() {
    let mut table = Table::new(&[Manner::Echoes, Manner::Refuses(ErrorCode::Busy)], |_| {});
    table.nodes[0].channel.remove_peer(table.now, None, &host_port(2)).expect("it was added");
    let mut direct = options();
    direct.direct = Setting::Is(Direct::Host(host_port(2)));
    let ticket = table.call(&direct);
    table.settle();
    assert_eq!(code(&table, ticket), Some(ErrorCode::Busy));
    for _ in 0..20 {
        table.call(&options());
    }
    table.settle();
    assert_eq!((table.nodes[1].served, table.nodes[2].served), (20, 1));
}

#[test]
fn refused_dials_back_off() {
    let mut table = Table::new(&[Manner::Gone], |_| {});
    for _ in 0..3 {
        table.call(&options());
        table.settle();
    }
    // With no other peer a call may dial one that rests.
    assert_eq!(table.nodes[0].dials, 3);
    let mut table = Table::new(&[Manner::Gone, Manner::Echoes], |config| config.min_connections = 1);
    for _ in 0..50 {
        table.call(&options());
        table.settle();
    }
    assert!(table.nodes[0].dials <= 3, "{} dials", table.nodes[0].dials);
    assert_eq!(table.nodes[2].served, 50);
}

#[test]
fn flags_never_leave_errors_alone() {
    let mut table = Table::new(&[Manner::Refuses(ErrorCode::Busy), Manner::Refuses(ErrorCode::Busy)], |_| {});
    let mut options = options();
    options.retry_flags = Some(RetryFlags::NEVER);
    let ticket = table.call(&options);
    table.settle();
    assert_eq!(code(&table, ticket), Some(ErrorCode::Busy));
    assert_eq!(table.nodes.iter().map(|node| node.served).sum::<usize>(), 1);
}

#[test]
fn load_spreads_over_equal_peers() {
    let mut table = Table::new(&[Manner::Echoes; 10], |config| config.min_connections = 10);
    for _ in 0..1_000 {
        for _ in 0..10 {
            table.call(&options());
        }
        table.settle();
    }
    let most = table.nodes.iter().map(|node| node.served).max().expect("there are nodes");
    assert!(most <= 1_250, "{most} of 10,000 calls went to one of 10 peers");
}

#[test]
fn cancel_frees_everything() {
    let mut table = Table::new(&[Manner::Hangs], |_| {});
    let ticket = table.call(&options());
    table.settle();
    table.nodes[0].channel.cancel(table.now, ticket, "not needed");
    table.settle();
    assert_eq!(code(&table, ticket), Some(ErrorCode::Cancelled));
    assert_eq!(table.nodes[0].channel.live().ours, 0);
    assert_eq!(table.nodes[0].channel.load(table.now, &host_port(1)), Some(0));
}

#[test]
fn unknown_service_and_endpoint_are_bad_requests() {
    let mut table = Table::new(&[Manner::Echoes], |_| {});
    let mut elsewhere = options();
    elsewhere.service = Some("elsewhere".into());
    let one = table.call(&elsewhere);
    let args = Args::new("", "");
    let other = table.nodes[0].channel.call(table.now, "nothing".into(), args, &options()).expect("a call");
    table.settle();
    assert_eq!(
        (code(&table, one), code(&table, other)),
        (Some(ErrorCode::BadRequest), Some(ErrorCode::BadRequest))
    );
}

#[test]
fn all_interfaces_are_no_address_to_announce() {
    let mut table = Table::new(&[], |_| {});
    let channel = &mut table.nodes[0].channel;
    channel.handle_listening(table.now, "0.0.0.0:4040".parse().expect("an address"));
    assert_eq!(channel.host_port, "0.0.0.0:0");
    channel.handle_listening(table.now, "[::ffff:10.0.0.9]:4040".parse().expect("an address"));
    assert_eq!(channel.host_port, "10.0.0.9:4040");
}

#[test]
fn every_input_tells_the_time_also_one_that_changes_nothing() {
    let mut table = Table::new(&[Manner::Hangs], |_| {});
    let (started, channel) = (table.now, &mut table.nodes[0].channel);
    let later = started + Duration::from_secs(5);
    channel.handle_peer_list(later, None, &[host_port(1)]);
    let nameless = CallOptions::new();
    let refused = channel.call(later + Duration::from_secs(1), "echo".into(), Args::default(), &nameless);
    assert_eq!(refused, Err(OpenError::EmptyService));
    let mut options = options();
    options.timeout = Some(Duration::from_secs(2));
    channel.call(started, "echo".into(), Args::default(), &options).expect("a good call");
    channel.handle_timeout(later + Duration::from_millis(2_999));
    assert_eq!(channel.live().ours, 1);
    channel.handle_timeout(later + Duration::from_secs(3));
    assert_eq!(channel.live().ours, 0);
}

#[test]
fn lost_socket_is_forgotten_whatever_was_to_be_sent() {
    let mut table = Table::new(&[], |_| {});
    let (now, channel) = (table.now, &mut table.nodes[0].channel);
    let from = host_port(1).address().expect("no name");
    let key = channel.handle_accepted(now, from, from).expect("there is room");
    channel.handle_input(now, key, &mut bytes::BytesMut::from(&b"GET / HTTP/1.1\r\n\r\n"[..]));
    assert_eq!((channel.poll_ready(), channel.poll_action()), (Some(key), None));
    channel.handle_lost(now, key, tchannel_proto::Lost::Reset);
    assert_eq!(channel.poll_action(), Some(crate::Action::Close { key }));
    assert_eq!(channel.live(), crate::Live::default());
}

#[test]
fn drain_lets_calls_end_and_takes_no_more() {
    let mut table = Table::new(&[Manner::Hangs], |_| {});
    let ticket = table.call(&options());
    table.settle();
    let deadline = table.now + Duration::from_secs(5);
    table.nodes[0].channel.drain(table.now, "restart", deadline);
    table.settle();
    assert!(!table.nodes[0].drained);
    let refused = table.nodes[0].channel.call(table.now, "echo".into(), Args::default(), &options());
    assert_eq!(refused, Err(OpenError::Closed));
    let held = table.nodes[1].held.pop().expect("a request waits");
    let response =
        tchannel_proto::Response { code: tchannel_proto::wire::ResponseCode::OK, args: Args::default() };
    table.nodes[1].channel.respond(table.now, held, response).expect("it is awaited");
    table.settle();
    assert!(table.nodes[0].ends[&ticket].result.is_ok());
    assert!(table.nodes[0].drained);
    assert_eq!(table.nodes[0].channel.live(), crate::Live { peers: 1, ..crate::Live::default() });
    assert_eq!(table.nodes[0].channel.poll_timeout(), None::<Timestamp>);
}

#[test]
fn input_is_taken_whole_however_many_events_it_holds() {
    let mut table = Table::new(&[], |_| {});
    let mut config = ChannelConfig::new("echo");
    Arc::make_mut(&mut config.connection).max_events = NonZeroUsize::MIN;
    table.add_peer(config, Manner::Echoes);
    table.call(&options());
    table.settle();
    for _ in 0..100 {
        table.call(&options());
    }
    table.deliver_before_sending(0, 1);
    assert_eq!(table.nodes[1].channel.live().theirs, 100);
}

#[test]
fn last_words_that_nobody_can_write_hold_up_no_end() {
    let breaks: [fn(&mut Table, ConnKey); 2] = [
        |table, key| table.nodes[1].channel.handle_broken(table.now, key),
        |table, key| table.nodes[1].channel.handle_lost(table.now, key, Lost::Reset),
    ];
    for end in breaks {
        let mut table = Table::new(&[Manner::Echoes], |_| {});
        table.call(&options());
        table.settle();
        let key = table.only_connection(1);
        let mut nonsense = BytesMut::from(&[0; 16][..]);
        table.nodes[1].channel.handle_input(table.now, key, &mut nonsense);
        assert_eq!(table.nodes[1].channel.live().connections, 1, "it has to say why it closes");
        end(&mut table, key);
        assert_eq!(table.nodes[1].channel.live().connections, 0);
        table.nodes[1].channel.drain(table.now, "restart", table.now);
        table.settle();
        assert!(table.nodes[1].drained);
    }
}

fn tracing(trace_id: u64) -> tchannel_proto::wire::Tracing {
    tchannel_proto::wire::Tracing { span_id: 7, parent_id: 6, trace_id, flags: 0 }
}

#[test]
fn s2_calls_of_a_subchannel_go_to_its_own_peers_whatever_their_service() {
    let mut table = Table::new(&[Manner::Echoes, Manner::Echoes], |_| {});
    let (now, channel) = (table.now, &mut table.nodes[0].channel);
    channel.remove_peer(now, None, &host_port(2)).expect("it was added");
    channel.isolate("own", crate::peers::Strategy::default());
    channel.add_peer(now, Some("own"), &host_port(2));
    let mut elsewhere = options();
    elsewhere.no_parent = Some(true);
    let defaults = CallOptions::new();
    for subchannel in ["own", "other"] {
        let args = Args::default();
        let call = channel.request(now, (subchannel, &defaults), "echo".into(), args, &elsewhere);
        call.expect("a good request");
    }
    table.settle();
    assert_eq!((table.nodes[1].served, table.nodes[2].served), (1, 1));
    assert_eq!(table.nodes[0].ends.len(), 2);
}

#[test]
fn failure_names_its_peer_also_when_nothing_else_knows_it() {
    let mut table = Table::new(&[Manner::Hangs], |_| {});
    table.nodes[0].channel.remove_peer(table.now, None, &host_port(1)).expect("it was added");
    let mut direct = options();
    direct.direct = Setting::Is(Direct::Host(host_port(1)));
    let ticket = table.call(&direct);
    table.settle();
    let deadline = table.now;
    table.nodes[1].channel.drain(table.now, "over", deadline);
    table.run(deadline + Duration::from_millis(1));
    let failure = table.nodes[0].ends[&ticket].result.as_ref().expect_err("its connection is closed");
    assert_eq!((failure.error.code, &failure.peer), (ErrorCode::Network, &Some(host_port(1))));
}

#[test]
fn e2_failure_tells_the_tracing_of_its_last_attempt() {
    let mut table = Table::new(&[Manner::Refuses(ErrorCode::Busy); 2], |_| {});
    let mut options = options();
    options.parent = Some(Parent { tracing: tracing(5), deadline: Timestamp::MAX });
    let ticket = table.call(&options);
    table.settle();
    let failure = table.nodes[0].ends[&ticket].result.as_ref().expect_err("all are busy");
    let last = if failure.peer == Some(host_port(1)) { 1 } else { 2 };
    let (_, seen) = table.nodes[last].seen[0];
    assert_eq!((failure.tracing, seen.trace_id, seen.parent_id), (seen, 5, 7));
}
