//! Section by section what a channel takes on, and what it says to more.

use alloc::sync::Arc;
use alloc::vec;
use alloc::vec::Vec;
use core::net::SocketAddr;
use core::num::{NonZeroU32, NonZeroUsize};
use core::time::Duration;

use bytes::{Bytes, BytesMut};
use tchannel_proto::wire::{ErrorCode, ResponseCode};
use tchannel_proto::{Args, Config, Lost, Origin, Read, Response, WriteError};

use super::{code, options};
use crate::channel::testing::{Manner, Table, host_port};
use crate::retry::Verdict;
use crate::{CallOptions, ChannelConfig, Party, Refused, Ticket};

fn bytes(count: usize) -> NonZeroUsize {
    NonZeroUsize::new(count).expect("not 0")
}

/// Code, origin and text of a failed call of a node.
fn failed(table: &Table, node: usize, ticket: Ticket) -> Option<(ErrorCode, Origin, &str)> {
    let failure = table.nodes[node].ends.get(&ticket)?.result.as_ref().err()?;
    Some((failure.error.code, failure.error.origin, &failure.error.message))
}

#[test]
fn max_pending() {
    let mut table = Table::new(&[Manner::Hangs], |config| config.limits.max_pending = NonZeroUsize::new(2));
    let (first, _, third) = (table.call(&options()), table.call(&options()), table.call(&options()));
    table.settle();
    let (code, origin, text) = failed(&table, 0, third).expect("it was refused");
    assert_eq!((code, origin), (ErrorCode::Declined, Origin::Local));
    assert!(text.starts_with("max-pending: 2 calls"), "{text}");
    assert_eq!(table.nodes[1].served, 2);
    table.nodes[0].channel.cancel(table.now, first, "not needed");
    table.call(&options());
    table.settle();
    assert_eq!(table.nodes[1].served, 3);
}

#[test]
fn max_pending_for_service() {
    let mut table =
        Table::new(&[Manner::Hangs], |config| config.limits.max_pending_for_service = NonZeroUsize::new(1));
    let (_, second) = (table.call(&options()), table.call(&options()));
    let other = CallOptions { service: Some("other".into()), ..CallOptions::new() };
    let other = table.call(&other);
    table.settle();
    let (_, _, text) = failed(&table, 0, second).expect("it was refused");
    assert!(text.starts_with("max-pending-for-service: 1 calls"), "{text}");
    // The other service is not full; it is only unknown there.
    assert_eq!(code(&table, other), Some(ErrorCode::BadRequest));
}

#[test]
fn connection_limits() {
    let mut table = Table::new(&[], |_| {});
    let mut server = ChannelConfig::new("echo");
    let mut limits = Config::default();
    limits.max_incoming_calls = NonZeroU32::MIN;
    server.connection = Arc::new(limits);
    let node = table.add(server, Manner::Hangs);
    let (_, second) = (table.call_between(0, node, 1), table.call_between(0, node, 1));
    table.settle();
    let busy = Some((ErrorCode::Busy, Origin::Remote, "too many calls"));
    assert_eq!((failed(&table, 0, second), table.nodes[node].served), (busy, 1));
}

#[test]
fn max_incoming_total() {
    let mut table = Table::new(&[Manner::Echoes; 2], |config| config.limits.max_incoming_total = bytes(2));
    table.nodes[0].manner = Manner::Hangs;
    let calls = [table.call_between(1, 0, 1), table.call_between(1, 0, 1)];
    table.settle();
    let third = table.call_between(2, 0, 1);
    table.settle();
    assert!(calls.iter().all(|call| !table.nodes[1].ends.contains_key(call)));
    assert_eq!(failed(&table, 2, third), Some((ErrorCode::Busy, Origin::Remote, "too many calls")));
}

#[test]
fn max_connections_accepted() {
    let mut table =
        Table::new(&[Manner::Echoes; 3], |config| config.limits.max_connections_accepted = bytes(2));
    let calls = [1, 2, 3].map(|from| table.call_between(from, 0, 1));
    table.settle();
    let ends = [1, 2, 3].map(|from: usize| failed(&table, from, calls[from - 1]).map(|(code, ..)| code));
    assert_eq!(ends, [None, None, Some(ErrorCode::Network)]);
    let at = table.nodes[0].address;
    let refused = table.nodes[0].channel.handle_accepted(table.now, at, at);
    assert_eq!(refused, Err(Refused::TooMany { limit: bytes(2) }));
}

#[test]
fn max_connections_per_address() {
    let mut table = Table::new(&[Manner::Echoes], |config| {
        config.limits.max_connections_per_address = NonZeroUsize::new(2);
    });
    let at = |text: &str| text.parse::<SocketAddr>().expect("an address");
    let (now, to) = (table.now, table.nodes[0].address);
    let channel = &mut table.nodes[0].channel;
    let first = channel.handle_accepted(now, at("10.9.9.9:1"), to).expect("the first");
    channel.handle_accepted(now, at("[::ffff:10.9.9.9]:2"), to).expect("the second");
    let refused = channel.handle_accepted(now, at("10.9.9.9:3"), to);
    assert_eq!(refused, Err(Refused::TooManyFromOne { limit: bytes(2) }));
    channel.handle_accepted(now, at("10.9.9.8:3"), to).expect("another address");
    channel.handle_lost(now, first, Lost::Eof);
    channel.handle_accepted(now, at("10.9.9.9:4"), to).expect("there is room again");
}

#[test]
fn max_handshakes() {
    let mut table = Table::new(&[Manner::Echoes; 2], |config| config.limits.max_handshakes = bytes(2));
    let (now, at) = (table.now, table.nodes[0].address);
    for _ in 0..2 {
        table.nodes[0].channel.handle_accepted(now, at, at).expect("there is room");
    }
    let refused = table.nodes[0].channel.handle_accepted(now, at, at);
    assert_eq!(refused, Err(Refused::TooManyHandshakes { limit: bytes(2) }));
    // The silent ones are gone with their handshake timer; those who say who they are make room at once.
    table.run(now + Config::default().handshake_timeout);
    for from in [1, 2, 1, 2] {
        let call = table.call_between(from, 0, 1);
        table.settle();
        assert!(table.nodes[from].ends[&call].result.is_ok());
    }
    assert_eq!(table.nodes[0].channel.live().connections, 2);
}

#[test]
fn max_connections_per_peer() {
    let limit = NonZeroU32::new(3).expect("not 0");
    let mut table = Table::new(&[Manner::Hangs], |config| config.limits.max_connections_per_peer = limit);
    for _ in 0..3 {
        table.call(&options());
        table.settle();
        let channel = &mut table.nodes[0].channel;
        channel.remove_peer(table.now, None, &host_port(1)).expect("it is listed");
        channel.add_peer(table.now, None, &host_port(1));
    }
    // Three connections drain, each with a call.
    let fourth = table.call(&options());
    table.settle();
    assert_eq!((table.nodes[0].dials, table.nodes[0].channel.live().connections), (3, 3));
    let (code, origin, text) = failed(&table, 0, fourth).expect("it was not sent");
    assert_eq!((code, origin), (ErrorCode::Declined, Origin::Local));
    assert!(text.contains("its 3 connections drain"), "{text}");
    table.run(table.now + Duration::from_secs(6));
    table.call(&options());
    table.settle();
    assert_eq!((table.nodes[0].dials, table.nodes[0].channel.live().connections), (4, 1));
}

#[test]
fn max_held_total() {
    let mut table = Table::new(&[Manner::Echoes; 2], |config| config.limits.max_held_total = bytes(100_000));
    let one = table.open_between(1, 0);
    let body = Bytes::from(vec![7; 80_000]);
    table.nodes[1].channel.write(table.now, one, body).expect("there is room");
    table.settle();
    let reader = table.nodes[0].held.pop().expect("a request");
    assert!((80_000..100_000).contains(&table.nodes[0].channel.held()));
    // The limit is for all together: this connection may hold all of it.
    let same = table.call_between(1, 0, 10_000);
    table.settle();
    assert!(table.nodes[1].ends[&same].result.is_ok());
    // It comes over another connection, which holds nothing.
    let other = table.call_between(2, 0, 30_000);
    table.settle();
    let busy = Some((ErrorCode::Busy, Origin::Remote, "too many bytes held"));
    assert_eq!(failed(&table, 2, other), busy);
    assert!(!table.nodes[1].ends.contains_key(&one));
    while let Ok(Read::Part { .. }) = table.nodes[0].channel.read(table.now, reader) {}
    assert_eq!(table.nodes[0].channel.held(), 0);
    let again = table.call_between(2, 0, 30_000);
    table.settle();
    assert!(table.nodes[2].ends[&again].result.is_ok());
}

#[test]
fn max_held_total_ends_own_calls_that_must_not_be_tried_again() {
    let mut table = Table::new(&[Manner::Echoes; 2], |config| config.limits.max_held_total = bytes(50_000));
    let args = Args::new("", vec![7; 60_000]);
    let call = table.nodes[0].channel.call(table.now, "echo".into(), args, &options()).expect("a good call");
    table.settle();
    let (code, origin, text) = failed(&table, 0, call).expect("its response is too long");
    assert_eq!((code, origin), (ErrorCode::Cancelled, Origin::Local));
    assert!(text.starts_with("too many bytes held"), "{text}");
    assert_eq!(table.nodes[1].served + table.nodes[2].served, 1);
}

#[test]
fn max_held_total_counts_events_that_nobody_polls() {
    let mut table = Table::new(&[Manner::Echoes], |config| config.limits.max_held_total = bytes(100_000));
    table.call_between(1, 0, 60_000);
    let mut polled = 0;
    while table.turn_without_events(0) {
        polled += 1;
    }
    assert!(polled > 0 && table.nodes[0].channel.held() > 60_000);
    let refused = table.call_between(1, 0, 60_000);
    while table.turn_without_events(0) {}
    assert_eq!(failed(&table, 1, refused).map(|(code, ..)| code), Some(ErrorCode::Busy));
    table.settle();
    assert_eq!((table.nodes[0].channel.held(), table.nodes[0].served), (0, 1));
}

#[test]
fn max_unsent_total() {
    let mut table = Table::new(&[Manner::Echoes; 2], |config| config.limits.max_unsent_total = bytes(1_000));
    let fits = table.call_between(0, 1, 600);
    let refused = table.call_between(0, 2, 600);
    assert_eq!(table.nodes[0].channel.unsent(), 600);
    table.settle();
    assert!(table.nodes[0].ends[&fits].result.is_ok());
    let (code, origin, text) = failed(&table, 0, refused).expect("it was refused");
    assert_eq!((code, origin), (ErrorCode::Declined, Origin::Local));
    assert!(text.starts_with("max-unsent-total"), "{text}");
    assert_eq!((table.nodes[0].channel.unsent(), table.nodes[2].served), (0, 0));
}

#[test]
fn max_unsent_total_blocks_streams_until_there_is_room() {
    let mut table = Table::new(&[Manner::Echoes; 2], |config| config.limits.max_unsent_total = bytes(1_000));
    let streams = [table.open_between(0, 1), table.open_between(0, 2)];
    table.settle();
    let body = Bytes::from(vec![7; 450]);
    let write = |table: &mut Table, call| table.nodes[0].channel.write(table.now, call, body.clone());
    assert_eq!([write(&mut table, streams[0]), write(&mut table, streams[1])], [Ok(()), Ok(())]);
    // Alone, each connection would have room for it.
    for stream in streams {
        assert_eq!(write(&mut table, stream), Err(WriteError::Blocked(body.clone())));
    }
    assert_eq!(table.nodes[0].channel.unsent(), 900);
    table.settle();
    let mut writable: Vec<_> = core::mem::take(&mut table.nodes[0].writable);
    writable.sort_unstable();
    assert_eq!(writable, streams.map(Party::Ours));
    assert_eq!(write(&mut table, streams[0]), Ok(()));
}

#[test]
fn max_unsent_total_leaves_one_write_to_a_connection_with_nothing_unsent() {
    let mut table = Table::new(&[Manner::Echoes; 2], |config| config.limits.max_unsent_total = bytes(1_000));
    let streams = [table.open_between(0, 1), table.open_between(0, 2)];
    table.settle();
    for stream in streams {
        let body = Bytes::from(vec![7; 900]);
        assert_eq!(table.nodes[0].channel.write(table.now, stream, body), Ok(()));
    }
    let more = Bytes::from_static(b"x");
    let refused = table.nodes[0].channel.write(table.now, streams[1], more.clone());
    assert_eq!(refused, Err(WriteError::Blocked(more.clone())));
    table.settle();
    // Alone, one connection has all of it.
    for body in [&[7; 600][..], &[7; 390]] {
        let body = Bytes::copy_from_slice(body);
        assert_eq!(table.nodes[0].channel.write(table.now, streams[1], body), Ok(()));
    }
}

#[test]
fn max_unsent_total_is_lifted_when_others_have_sent() {
    let mut table = Table::new(&[Manner::Echoes; 2], |config| config.limits.max_unsent_total = bytes(1_000));
    for to in [1, 2] {
        table.call_between(0, to, 1);
    }
    table.settle();
    let [one, _] = table.connections(0)[..] else { panic!("two connections") };
    table.call_between(0, 2, 900);
    // The first connection is told what is left.
    table.nodes[0].channel.handle_input(table.now, one, &mut BytesMut::new());
    table.settle();
    let fits = table.call_between(0, 1, 900);
    table.settle();
    assert!(table.nodes[0].ends[&fits].result.is_ok());
}

#[test]
fn bytes_of_a_lost_connection_do_not_count() {
    let mut table = Table::new(&[Manner::Echoes], |_| {});
    for (from, to) in [(0, 1), (1, 0)] {
        let call = table.open_between(from, to);
        let body = Bytes::from(vec![7; 10_000]);
        table.settle();
        table.nodes[from].channel.write(table.now, call, body).expect("there is room");
        if to == 0 {
            table.settle();
        }
    }
    let call = table.open_between(0, 1);
    table.nodes[0].channel.write(table.now, call, Bytes::from_static(b"unsent")).expect("there is room");
    let channel = &mut table.nodes[0].channel;
    assert!(channel.held() >= 10_000 && channel.unsent() == 6);
    for key in table.connections(0) {
        table.nodes[0].channel.handle_lost(table.now, key, Lost::Reset);
    }
    let channel = &table.nodes[0].channel;
    assert_eq!((channel.held(), channel.unsent(), channel.live().connections), (0, 0, 0));
}

#[test]
fn max_unsent_total_turns_whole_answers_into_busy() {
    let mut table = Table::new(&[Manner::Echoes; 2], |config| config.limits.max_unsent_total = bytes(1_000));
    table.nodes[0].manner = Manner::Hangs;
    let calls = [table.call_between(1, 0, 1), table.call_between(2, 0, 1)];
    table.settle();
    for call in core::mem::take(&mut table.nodes[0].held) {
        let response = Response { code: ResponseCode::OK, args: Args::new("", vec![7; 600]) };
        table.nodes[0].channel.respond(table.now, call, response).expect("it is awaited");
    }
    table.settle();
    assert!(table.nodes[1].ends[&calls[0]].result.is_ok());
    let busy = Some((ErrorCode::Busy, Origin::Remote, "too many unsent bytes"));
    assert_eq!(failed(&table, 2, calls[1]), busy);
}

#[test]
fn peer_that_takes_nothing_is_not_gone_back_to_at_the_same_moment() {
    let mut table = Table::new(&[Manner::Hangs], |config| {
        let mut connection = Config::default();
        connection.max_outgoing_calls = NonZeroU32::MIN;
        config.connection = Arc::new(connection);
    });
    table.call(&options());
    table.settle();
    let again = CallOptions { allow_same_peer: Some(true), ..options() };
    let ticket = table.call(&again.retry_limit(100_000));
    table.settle();
    let end = table.nodes[0].ends[&ticket].result.as_ref().expect_err("its connection is full");
    assert_eq!((end.error.code, end.attempts), (ErrorCode::Declined, 0));
}

#[test]
fn max_unsent_total_does_not_hide_the_response_that_a_call_has() {
    let mut table = Table::new(&[Manner::NotOk; 2], |config| config.limits.max_unsent_total = bytes(64));
    let asking = CallOptions { application_retry: Some(true), ..options() };
    let ticket = table.call(&asking);
    table.settle();
    // Another call has more to say.
    table.call_between(0, 1, 64);
    table.nodes[0].channel.decide(table.now, ticket, Verdict::Retry);
    table.settle();
    let end = &table.nodes[0].ends[&ticket];
    assert_eq!(end.result.as_ref().map(|(code, _)| *code).ok(), Some(ResponseCode::NOT_OK));
}
