//! How large requests and responses are.

use alloc::format;

use tchannel_proto::Read;
use tchannel_proto::wire::{ErrorCode, ResponseCode};

use super::{Measured, measured, table};
use crate::channel::testing::{Manner, Table};
use crate::channel::tests::options;

fn sizes(stats: &Measured, side: &str) -> (u64, u64) {
    (stats.count(&format!("{side}.request.size")), stats.count(&format!("{side}.response.size")))
}

#[test]
fn both_sides_count_the_bytes_of_the_arguments() {
    let mut table = table(&[Manner::Echoes], |_| {});
    let ticket = table.call_between(0, 1, 100_000);
    table.settle();
    assert!(table.nodes[0].ends[&ticket].result.is_ok());
    let (ours, theirs) = (measured(&mut table, 0), measured(&mut table, 1));
    let arg1 = 4;
    assert_eq!(sizes(&ours, "outbound"), (arg1 + 100_000, 100_000));
    assert_eq!(sizes(&theirs, "inbound"), (arg1 + 100_000, 100_000));
    ours.assert_has("outbound.request.size service=caller target-service=echo target-endpoint=echo");
    theirs.assert_has("inbound.response.size calling-service=caller service=echo endpoint=echo");
}

#[test]
fn a_request_counts_once_for_each_attempt() {
    let manners = [Manner::Refuses(ErrorCode::Busy), Manner::Refuses(ErrorCode::Busy)];
    let mut table = table(&manners, |_| {});
    table.call(&options());
    table.settle();
    assert_eq!(table.nodes[1].served + table.nodes[2].served, 2);
    assert_eq!(sizes(&measured(&mut table, 0), "outbound"), (2 * 8, 0));
    assert_eq!(sizes(&measured(&mut table, 1), "inbound"), (8, 0));
}

/// Reads all that there is.
fn drink(table: &mut Table, node: usize, call: crate::Party) -> usize {
    let mut read = 0;
    while let Ok(Read::Part { bytes, .. }) = table.nodes[node].channel.read(table.now, call) {
        read += bytes.len();
    }
    read
}

#[test]
fn streamed_bodies_count_as_they_pass() {
    let mut table = table(&[Manner::Hangs], |_| {});
    let ticket = table.open_between(0, 1);
    table.nodes[0].channel.write(table.now, ticket, "request".into()).unwrap();
    table.settle();
    table.nodes[0].channel.finish_arg(table.now, ticket).unwrap();
    table.settle();
    let theirs = table.nodes[1].held[0];
    assert_eq!(drink(&mut table, 1, theirs.into()), 7);
    let (now, server) = (table.now, &mut table.nodes[1].channel);
    server.reply(now, theirs, ResponseCode::OK).unwrap();
    server.finish_arg(now, theirs).unwrap();
    server.write(now, theirs, "answer".into()).unwrap();
    table.settle();
    table.nodes[1].channel.finish_arg(table.now, theirs).unwrap();
    table.settle();
    assert_eq!(drink(&mut table, 0, ticket.into()), 6);
    let arg1 = 6;
    assert_eq!(sizes(&measured(&mut table, 0), "outbound"), (arg1 + 7, 6));
    assert_eq!(sizes(&measured(&mut table, 1), "inbound"), (arg1 + 7, 6));
}
