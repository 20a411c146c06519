//! Streamed responses whose connection ends before they are read.

use bytes::Bytes;
use tchannel_proto::wire::{ErrorCode, ResponseCode};
use tchannel_proto::{Gone, Lost};

use crate::channel::testing::{Manner, Table};
use crate::{Inbound, Ticket};

/// A streamed call whose response has begun, and its request at the server.
fn begun() -> (Table, Ticket, Inbound) {
    let mut table = Table::new(&[Manner::Echoes], |_| {});
    let call = table.open_between(0, 1);
    table.settle();
    let server = table.nodes[1].held.pop().expect("a request");
    table.nodes[1].channel.reply(table.now, server, ResponseCode::OK).expect("it is awaited");
    write(&mut table, server, "head", false);
    table.settle();
    assert_eq!(table.nodes[0].begun, [call]);
    (table, call, server)
}

/// Writes to the current argument of a response, and ends all of them if that was the last of it.
fn write(table: &mut Table, server: Inbound, bytes: &'static str, last: bool) {
    let (now, channel) = (table.now, &mut table.nodes[1].channel);
    channel.write(now, server, Bytes::from_static(bytes.as_bytes())).expect("there is room");
    for _ in 0..2 * u8::from(last) {
        channel.finish_arg(now, server).expect("it is awaited");
    }
}

fn lose(table: &mut Table) {
    let key = table.only_connection(0);
    table.nodes[0].channel.handle_lost(table.now, key, Lost::Eof);
    table.settle();
}

#[test]
fn response_that_was_all_there_is_handed_over_when_its_connection_ends() {
    let (mut table, call, server) = begun();
    write(&mut table, server, "er", true);
    table.settle();
    lose(&mut table);
    let node = &mut table.nodes[0];
    let (ticket, rest) = node.rests.pop().expect("all of it had come");
    assert_eq!((ticket, &rest.arg2[..], rest.arg3.len()), (call, &b"header"[..], 0));
    assert!(node.rests.is_empty() && node.ends.is_empty());
    assert_eq!(node.channel.read(table.now, call), Err(Gone));
}

#[test]
fn response_that_lacks_its_end_fails_when_its_connection_ends() {
    let (mut table, call, server) = begun();
    write(&mut table, server, "er", false);
    table.settle();
    lose(&mut table);
    let node = &mut table.nodes[0];
    assert!(node.rests.is_empty());
    let end = node.ends.remove(&call).expect("an end");
    assert_eq!(end.result.expect_err("it was cut short").error.code, ErrorCode::Network);
}
