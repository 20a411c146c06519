//! Calls of peers.

use alloc::sync::Arc;
use alloc::{format, vec};
use core::time::Duration;

use bytes::BytesMut;
use tchannel_proto::wire::{ErrorCode, ResponseCode};
use tchannel_proto::{Args, Config, Lost, Response};

use super::{bytes, measured, options, table};
use crate::CallOptions;
use crate::channel::testing::Manner;

#[test]
fn inbound_success_app_errors_and_system_errors() {
    for (manner, ended) in [
        (Manner::Echoes, "success"),
        (Manner::NotOk, "app-errors"),
        (Manner::Refuses(ErrorCode::Unhealthy), "system-errors"),
    ] {
        let mut table = table(&[manner], |_| {});
        table.call(&options());
        table.settle();
        let stats = measured(&mut table, 1);
        let mut expected = [("recvd", 1), (ended, 1)];
        expected.sort_unstable();
        assert_eq!(stats.counts_of("inbound.calls."), expected);
        stats.assert_has("inbound.calls.recvd calling-service=caller service=echo endpoint=echo");
        if ended == "system-errors" {
            let of = "calling-service=caller service=echo endpoint=echo";
            stats.assert_has(&format!("inbound.calls.system-errors {of} type=unhealthy"));
        }
    }
}

#[test]
fn inbound_latency_is_from_the_handler_to_the_last_fragment() {
    let mut table = table(&[Manner::Hangs], |_| {});
    table.call(&options());
    table.settle();
    table.now = table.now + Duration::from_millis(30);
    let call = table.nodes[1].held.pop().expect("a request");
    let response = Response { code: ResponseCode::OK, args: Args::default() };
    table.nodes[1].channel.respond(table.now, call, response).expect("it is awaited");
    assert_eq!(measured(&mut table, 1).times("inbound.calls.latency"), [30]);
}

#[test]
fn inbound_latency_does_not_count_the_time_of_the_request() {
    let mut table = table(&[Manner::Hangs], |_| {});
    let call = table.open_between(0, 1);
    table.nodes[0].channel.cancel(table.now, call, "only to connect");
    table.settle();
    measured(&mut table, 1);
    table.call_between(0, 1, 200_000);
    // The first frame alone, and the others 20 ms later.
    let key = table.only_connection(0);
    table.deliver_first_frame(0, key, 1);
    assert_eq!(measured(&mut table, 1).counts_of("inbound.calls."), [("recvd", 1)]);
    table.now = table.now + Duration::from_millis(20);
    table.settle();
    table.now = table.now + Duration::from_millis(5);
    let call = table.nodes[1].held.pop().expect("a request");
    let response = Response { code: ResponseCode::OK, args: Args::default() };
    table.nodes[1].channel.respond(table.now, call, response).expect("it is awaited");
    assert_eq!(measured(&mut table, 1).times("inbound.calls.latency"), [5]);
}

#[test]
fn requests_that_no_handler_hears_of_are_received_and_refused() {
    let mut table = table(&[Manner::Echoes], |_| {});
    table.call(&CallOptions { service: Some("elsewhere".into()), ..CallOptions::new() });
    table.settle();
    let stats = measured(&mut table, 1);
    assert_eq!(stats.counts_of("inbound.calls."), [("recvd", 1), ("system-errors", 1)]);
    assert!(stats.timers.is_empty());
}

#[test]
fn answers_that_are_replaced_by_an_error_count_as_that() {
    let mut table = table(&[Manner::Hangs], |config| config.limits.max_unsent_total = bytes(100));
    table.nodes[0].manner = Manner::Hangs;
    table.call_between(1, 0, 1);
    table.settle();
    let call = table.nodes[0].held.pop().expect("a request");
    let response = Response { code: ResponseCode::OK, args: Args::new("", vec![0; 200]) };
    table.nodes[0].channel.respond(table.now, call, response).expect("it is awaited");
    let stats = measured(&mut table, 0);
    let of = "calling-service=echo service=echo endpoint=echo";
    stats.assert_has(&format!("inbound.calls.system-errors {of} type=busy"));
    assert_eq!(stats.count("inbound.calls.success"), 0);
}

#[test]
fn answers_that_are_too_long_count_as_unexpected_errors() {
    let mut table = table(&[Manner::Hangs], |config| {
        let mut connection = Config::default();
        connection.max_message = bytes(1_000);
        config.connection = Arc::new(connection);
    });
    table.nodes[0].manner = Manner::Hangs;
    table.call_between(1, 0, 1);
    table.settle();
    let call = table.nodes[0].held.pop().expect("a request");
    let response = Response { code: ResponseCode::OK, args: Args::new("", vec![0; 2_000]) };
    table.nodes[0].channel.respond(table.now, call, response).expect("it is awaited");
    let of = "calling-service=echo service=echo endpoint=echo";
    measured(&mut table, 0).assert_has(&format!("inbound.calls.system-errors {of} type=unexpected-error"));
}

#[test]
fn inbound_cancels() {
    let mut table = table(&[Manner::Hangs], |_| {});
    let call = table.call(&options());
    table.settle();
    table.nodes[0].channel.cancel(table.now, call, "not needed");
    table.settle();
    let stats = measured(&mut table, 1);
    assert_eq!(stats.counts_of("inbound.cancels."), [("honored", 1), ("requested", 1)]);
    assert_eq!(stats.counts_of("inbound.calls."), [("recvd", 1), ("system-errors", 1)]);
    stats.assert_has(
        "inbound.calls.system-errors calling-service=caller service=echo endpoint=echo type=cancelled",
    );
}

#[test]
fn inbound_timeouts_are_system_errors_and_lost_connections_are_not() {
    let mut table = table(&[Manner::Hangs], |_| {});
    table.call(&options());
    table.settle();
    measured(&mut table, 1);
    let (now, key) = (table.now, table.only_connection(1));
    table.nodes[1].channel.handle_timeout(now + Duration::from_secs(31));
    let stats = measured(&mut table, 1);
    assert_eq!(stats.counts_of("inbound.calls."), [("system-errors", 1)]);
    table.call(&options());
    table.settle();
    measured(&mut table, 1);
    table.nodes[1].channel.handle_lost(table.now, key, Lost::Reset);
    assert_eq!(measured(&mut table, 1).counts_of("inbound.calls."), []);
}

#[test]
fn inbound_protocol_errors() {
    let mut table = table(&[Manner::Echoes], |_| {});
    table.call(&options());
    table.settle();
    measured(&mut table, 1);
    let key = table.only_connection(1);
    // A call req whose body ends after one byte.
    let mut frame = BytesMut::from(&[0, 17, 0x03, 0, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0][..]);
    table.nodes[1].channel.handle_input(table.now, key, &mut frame);
    let stats = measured(&mut table, 1);
    assert_eq!((stats.count("inbound.protocol-errors"), stats.count("inbound.calls.recvd")), (1, 0));
}
