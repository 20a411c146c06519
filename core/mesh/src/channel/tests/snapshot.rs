//! What people see of a running channel.

use alloc::string::ToString;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::num::NonZeroU32;
use core::time::Duration;

use bytes::Bytes;
use tchannel_proto::{Config, Health};

use super::options;
use crate::channel::testing::{Manner, Table, host_port};
use crate::peers::{LeastPending, ShardKey, Side, Strategy};
use crate::{
    CallOptions, ChannelConfig, ChannelState, ConnectionSnapshot, ConnectionState, Handling, Live, Snapshot,
};

fn snapshot(table: &mut Table, node: usize) -> Snapshot {
    table.nodes[node].channel.snapshot(table.now)
}

fn only(table: &mut Table, node: usize) -> ConnectionSnapshot {
    let mut snapshot = snapshot(table, node);
    assert_eq!((snapshot.num_connections, snapshot.connections.len()), (1, 1));
    snapshot.connections.remove(0)
}

#[test]
fn channel_that_does_nothing() {
    let mut table = Table::new(&[], |_| {});
    let snapshot = snapshot(&mut table, 0);
    assert_eq!((&*snapshot.service, &*snapshot.host_port), ("caller", "0.0.0.0:0"));
    assert_eq!((snapshot.now, snapshot.live, snapshot.dropped), (table.now, Live::default(), (0, 0)));
    assert_eq!((snapshot.num_connections, snapshot.held, snapshot.unsent), (0, 0, 0));
    assert!(snapshot.root_peers.is_empty() && snapshot.peers.is_empty() && snapshot.connections.is_empty());
}

#[test]
fn channel_state() {
    let mut table = Table::new(&[Manner::Hangs], |_| {});
    table.call(&options());
    table.settle();
    assert_eq!(snapshot(&mut table, 0).channel_state, ChannelState::Open);
    let deadline = table.now + Duration::from_secs(1);
    table.nodes[0].channel.drain(table.now, "restart", deadline);
    assert_eq!(snapshot(&mut table, 0).channel_state, ChannelState::Draining);
    table.run(deadline);
    let state = snapshot(&mut table, 0).channel_state;
    assert_eq!((state, &*state.to_string()), (ChannelState::Closed, "closed"));
}

#[test]
fn sub_channels_with_endpoints_and_peers() {
    let mut table = Table::new(&[Manner::Echoes], |_| {});
    let channel = &mut table.nodes[0].channel;
    let services = channel.services_mut();
    let http = services.create("web").expect("a new service");
    services.register_http(http, Handling::Whole).expect("it is there");
    services.set_fallback(http, Handling::Whole).expect("it is there");
    services.register(http, &b"\xFFx"[..], None, Handling::Whole).expect("it is there");
    let least_pending = || Strategy::Lowest(Arc::new(LeastPending));
    channel.isolate("web", least_pending());
    channel.isolate("elsewhere", least_pending());
    channel.isolate("sharded", Strategy::Lowest(Arc::new(ShardKey)));
    channel.add_peer(table.now, Some("sharded"), &host_port(1));
    channel.add_peer(table.now, Some("elsewhere"), &host_port(1));
    channel.add_peer(table.now, Some("elsewhere"), &host_port(2));
    table.call(&options());
    table.settle();
    let seen = snapshot(&mut table, 0).sub_channels;
    let names: Vec<_> = seen.iter().map(|sub| (&*sub.service, sub.isolated)).collect();
    assert_eq!(names, [("echo", false), ("web", true), ("elsewhere", true), ("sharded", true)]);
    assert_eq!(seen[0].endpoints, ["echo", "stream"]);
    assert!(!seen[0].has_fallback && !seen[0].serves_http && seen[0].isolated_peers.is_empty());
    assert_eq!(seen[1].endpoints, ["\u{FFFD}x"]);
    assert!(seen[1].has_fallback && seen[1].serves_http && seen[1].isolated_peers.is_empty());
    let scores: Vec<_> =
        seen[2].isolated_peers.iter().map(|peer| (peer.host_port.clone(), peer.score)).collect();
    assert_eq!(scores, [(host_port(1), 0), (host_port(2), u64::MAX)]);
    // As for a call without shard key.
    assert_eq!(seen[3].isolated_peers[0].score, 0);
}

#[test]
fn peers_with_scores_loads_and_backoff() {
    let mut table = Table::new(&[Manner::Hangs, Manner::Gone], |_| {});
    for _ in 0..3 {
        table.call(&options());
        table.settle();
    }
    table.call_between(0, 1, 1);
    table.settle();
    let seen = snapshot(&mut table, 0);
    let scores: Vec<_> = seen.peers.iter().map(|peer| (peer.host_port.clone(), peer.score)).collect();
    assert_eq!(scores, [(host_port(1), 4), (host_port(2), 0)]);
    let [up, gone] = &seen.root_peers[..] else { panic!("{:?}", seen.root_peers) };
    assert_eq!((&up.host_port, up.lists, up.load, up.calls), (&host_port(1), 1, 4, 4));
    assert_eq!(up.outbound_connections, [seen.connections[0].id]);
    assert_eq!(
        (up.inbound_connections.len(), up.dialling, up.failures, up.backoff_until),
        (0, None, 0, None)
    );
    assert_eq!((gone.load, gone.failures, gone.outbound_connections.len()), (0, 1, 0));
    assert!(gone.backoff_until.is_some_and(|until| until > seen.now));
}

#[test]
fn connections_with_ids_in_flight_and_bytes() {
    let mut table = Table::new(&[Manner::Hangs], |_| {});
    for _ in 0..2 {
        table.call(&options());
    }
    let stream = table.open_between(0, 1);
    table.now = table.now + Duration::from_millis(1);
    table.settle();
    table.nodes[0].channel.write(table.now, stream, Bytes::from_static(&[7; 300])).expect("there is room");
    let client = only(&mut table, 0);
    assert_eq!((client.unsent, client.held), (300, 0));
    assert_eq!(snapshot(&mut table, 0).unsent, 300);
    table.settle();
    let (client, server) = (only(&mut table, 0), only(&mut table, 1));
    assert_eq!((client.unsent, server.held >= 300), (0, true));
    assert_eq!(snapshot(&mut table, 1).held, server.held);
    // The dialler's first id after its init req is 2.
    for exchange in [&client.outbound_exchange, &server.inbound_exchange] {
        let mut ids = exchange.ids.clone();
        ids.sort_unstable();
        assert_eq!((exchange.count, &ids[..], exchange.tombstones), (3, &[2, 3, 4][..], 0));
    }
    assert_eq!(client.inbound_exchange.count + server.outbound_exchange.count, 0);
    assert_eq!((client.side, client.outbound_host_port), (Side::Out, Some(host_port(1))));
    assert_eq!((server.side, server.outbound_host_port), (Side::In, None));
    assert_eq!((client.remote_host_port, server.remote_host_port.as_deref()), (None, Some("10.0.0.0:4040")));
    assert!(client.remote_peer.is_some_and(|remote| remote.host_port.as_deref() == Some("10.0.0.1:4040")));
    assert_eq!(client.stats.bytes_sent, server.stats.bytes_received);
    assert_eq!((client.last_activity, server.last_activity), (table.now, table.now));
    assert_eq!(snapshot(&mut table, 0).live, Live { ours: 3, theirs: 0, connections: 1, peers: 1 });
}

#[test]
fn tombstones_of_calls_that_timed_out() {
    let mut table = Table::new(&[Manner::Hangs], |_| {});
    table.call(&CallOptions { timeout: Some(Duration::from_millis(100)), ..options() });
    table.run(table.now + Duration::from_millis(200));
    let exchange = only(&mut table, 0).outbound_exchange;
    assert_eq!((exchange.count, exchange.ids.len(), exchange.tombstones), (0, 0, 1));
}

#[test]
fn connection_state_from_dial_to_drain() {
    let mut table = Table::new(&[Manner::Hangs], |_| {});
    table.call(&options());
    assert_eq!(only(&mut table, 0).connection_state, ConnectionState::Connecting);
    // The socket is open, and nothing was sent yet.
    table.turn();
    assert_eq!(only(&mut table, 0).connection_state, ConnectionState::Handshake);
    table.settle();
    assert_eq!(only(&mut table, 0).connection_state, ConnectionState::Active);
    let deadline = table.now + Duration::from_secs(1);
    table.nodes[1].channel.drain(table.now, "restart", deadline);
    table.settle();
    assert_eq!(only(&mut table, 0).connection_state, ConnectionState::Draining);
}

#[test]
fn last_activity_and_health_checks() {
    let mut table = Table::new(&[], |config| {
        let mut connection = Config::default();
        let (interval, timeout) = (Duration::from_secs(10), Duration::from_secs(1));
        connection.health = Some(Health { interval, timeout, failures: NonZeroU32::MIN });
        config.connection = Arc::new(connection);
    });
    table.add_peer(ChannelConfig::new("echo"), Manner::Echoes);
    let began = table.now;
    table.run(began + Duration::from_secs(1));
    table.call(&options());
    table.settle();
    let used = table.now;
    table.run(used + Duration::from_secs(35));
    let seen = only(&mut table, 0);
    assert_eq!((seen.since, seen.last_activity), (used, used));
    assert_eq!(seen.health_checks, [true; 3]);
    table.call(&options());
    assert_eq!(only(&mut table, 0).last_activity, table.now);
}

#[test]
fn snapshot_changes_nothing() {
    let mut tables = [(); 2].map(|()| Table::new(&[Manner::Echoes; 3], |_| {}));
    for round in 0..20 {
        for (number, table) in tables.iter_mut().enumerate() {
            if number == 0 {
                let one = snapshot(table, 0);
                assert_eq!(one, snapshot(table, 0));
            }
            table.call(&options());
            table.run(table.now + Duration::from_millis(round));
        }
    }
    let [one, other] = &mut tables;
    assert_eq!(snapshot(one, 0), snapshot(other, 0));
    assert_eq!(snapshot(one, 1), snapshot(other, 1));
}
