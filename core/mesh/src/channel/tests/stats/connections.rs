//! Connections.

use alloc::{format, vec};

use bytes::{Bytes, BytesMut};
use tchannel_proto::Lost;

use super::{Measured, bytes, measured, options, table};
use crate::ConnKey;
use crate::channel::testing::{Manner, Table};

#[test]
fn connections_initiated_accepted_active_and_bytes() {
    let mut table = table(&[Manner::Echoes], |_| {});
    table.call(&options());
    table.settle();
    let (caller, server) = (measured(&mut table, 0), measured(&mut table, 1));
    let of =
        |stats: &Measured, names: [&str; 3]| names.map(|name| stats.count(&format!("connections.{name}")));
    assert_eq!(of(&caller, ["initiated", "accepted", "active"]), [1, 0, 1]);
    assert_eq!(of(&server, ["initiated", "accepted", "active"]), [0, 1, 1]);
    let key = table.only_connection(0);
    let counted = *table.nodes[0].channel.connection(key).expect("it is open").stats();
    let bytes = |stats: &Measured| {
        ["bytes-sent", "bytes-recvd"].map(|name| stats.count(&format!("connections.{name}")))
    };
    assert_eq!(bytes(&caller), [counted.bytes_sent, counted.bytes_received]);
    assert_eq!(bytes(&server), [counted.bytes_received, counted.bytes_sent]);
    assert!(counted.bytes_sent > 100);
    assert!(measured(&mut table, 0).lines.is_empty());
}

#[test]
fn connections_connect_errors() {
    let mut table = table(&[Manner::Gone], |_| {});
    table.call(&options());
    table.settle();
    let stats = measured(&mut table, 0);
    assert_eq!(stats.counts_of("connections."), [("connect-errors", 1), ("initiated", 1)]);
}

#[test]
fn connections_that_are_given_up_while_being_dialled_are_no_connect_errors() {
    let mut table = table(&[Manner::Echoes], |_| {});
    table.call(&options());
    let now = table.now;
    table.nodes[0].channel.drain(now, "closed", now);
    table.nodes[0].channel.handle_timeout(now);
    let stats = measured(&mut table, 0);
    assert_eq!(stats.counts_of("connections."), [("closed", 1), ("initiated", 1)]);
    stats.assert_has("connections.closed reason=app-initiated");
}

#[test]
fn connections_that_are_accepted_and_never_say_who_they_are() {
    let mut table = table(&[], |_| {});
    let at = table.nodes[0].address;
    let channel = &mut table.nodes[0].channel;
    let key = channel.handle_accepted(table.now, at, at).expect("there is room");
    channel.handle_input(table.now, key, &mut BytesMut::from(&b"GET / HTTP/1.1\r\n\r\n"[..]));
    let stats = measured(&mut table, 0);
    assert_eq!(stats.count("connections.connect-errors"), 0);
    stats.assert_has("connections.errors type=protocol-error");
    stats.assert_has("connections.closed reason=protocol-error");
}

#[test]
fn connections_accept_errors() {
    let mut table = table(&[Manner::Echoes; 2], |config| config.limits.max_connections_accepted = bytes(1));
    table.call_between(1, 0, 1);
    table.call_between(2, 0, 1);
    table.settle();
    let stats = measured(&mut table, 0);
    assert_eq!((stats.count("connections.accepted"), stats.count("connections.accept-errors")), (1, 1));
}

/// What ends a connection of node 0.
type Happening<'a> = &'a dyn Fn(&mut Table, ConnKey);

#[test]
fn connections_errors_and_closed() {
    let garbage = |bytes: &'static [u8]| {
        move |table: &mut Table, key| {
            table.nodes[0].channel.handle_input(table.now, key, &mut BytesMut::from(bytes));
        }
    };
    let lost = |why| move |table: &mut Table, key| table.nodes[0].channel.handle_lost(table.now, key, why);
    let fatal = {
        let mut frame = vec![0, 51, 0xFF, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF];
        frame.resize(16 + 1 + 25 + 2, 0);
        frame[43] = 7;
        frame.extend_from_slice(b"go away");
        Bytes::from(frame)
    };
    let fatal = move |table: &mut Table, key| {
        table.nodes[0].channel.handle_input(table.now, key, &mut BytesMut::from(&fatal[..]));
    };
    let end = |table: &mut Table, key| table.nodes[0].channel.close(table.now, key);
    let rows: [(Happening<'_>, Option<&str>, &str); 6] = [
        (&lost(Lost::Reset), Some("network-error"), "network-error"),
        (&lost(Lost::TimedOut), Some("network-timeout"), "network-timeout"),
        (&lost(Lost::Eof), None, "peer-closed"),
        (&garbage(&[0; 16]), Some("protocol-error"), "protocol-error"),
        (&fatal, Some("peer-protocol-error"), "protocol-error"),
        (&end, None, "app-initiated"),
    ];
    for (happens, error, closed) in rows {
        let mut table = table(&[Manner::Echoes], |_| {});
        table.call(&options());
        table.settle();
        measured(&mut table, 0);
        let key = table.only_connection(0);
        happens(&mut table, key);
        let stats = measured(&mut table, 0);
        stats.assert_has(&format!("connections.closed reason={closed}"));
        assert_eq!(stats.count("connections.errors"), u64::from(error.is_some()), "{closed}");
        if let Some(error) = error {
            stats.assert_has(&format!("connections.errors type={error}"));
        }
        assert_eq!(stats.counts.get("connections.active"), Some(&0), "{closed}");
    }
}
