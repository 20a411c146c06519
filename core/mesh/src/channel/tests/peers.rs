//! What the owner hears of peers.

use alloc::string::ToString;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::time::Duration;

use tchannel_proto::{Args, Lost};

use super::options;
use crate::channel::ConnKey;
use crate::channel::testing::{Manner, Table, host_port};
use crate::peers::{Direction, LeastPending, Strategy};
use crate::{CallOptions, ChannelConfig, HostPort};

/// What a node heard of its peers since it was asked last.
fn heard(table: &mut Table, node: usize) -> Vec<(&'static str, HostPort)> {
    table.settle();
    core::mem::take(&mut table.nodes[node].peers)
}

#[test]
fn peer_added_with_its_first_list_and_removed_with_its_last() {
    let mut table = Table::new(&[Manner::Echoes], |_| {});
    assert_eq!(heard(&mut table, 0), [("added", host_port(1))]);
    let (now, channel) = (table.now, &mut table.nodes[0].channel);
    channel.isolate("moe", Strategy::TwoRandom);
    channel.add_peer(now, Some("moe"), &host_port(1));
    channel.add_peer(now, None, &host_port(1));
    channel.remove_peer(now, None, &host_port(1)).expect("it is listed");
    assert_eq!(heard(&mut table, 0), []);
    let channel = &mut table.nodes[0].channel;
    channel.remove_peer(now, Some("moe"), &host_port(1)).expect("it is listed");
    assert_eq!(channel.load(now, &host_port(1)), None);
    assert!(channel.remove_peer(now, Some("moe"), &host_port(1)).is_err());
    assert_eq!(heard(&mut table, 0), [("removed", host_port(1))]);
}

#[test]
fn peer_list_adds_and_removes_what_changed() {
    let mut table = Table::new(&[Manner::Echoes; 2], |_| {});
    heard(&mut table, 0);
    let list = [2, 3, 3].map(host_port);
    assert_eq!(table.nodes[0].channel.handle_peer_list(table.now, None, &list), (1, 1));
    assert_eq!(heard(&mut table, 0), [("added", host_port(3)), ("removed", host_port(1))]);
    assert_eq!(table.nodes[0].channel.handle_peer_list(table.now, None, &list), (0, 0));
    assert_eq!(heard(&mut table, 0), []);
}

#[test]
fn peer_that_was_told_an_old_address_is_dialled_anew_once_that_matters() {
    let mut table = Table::new(&[Manner::Echoes], |_| {});
    table.call(&options());
    table.settle();
    table.nodes[0].channel.handle_listening(table.now, "10.0.0.0:4040".parse().expect("an address"));
    table.call(&options());
    table.settle();
    assert_eq!(table.nodes[0].dials, 1, "whoever does not ask for it keeps the connection");

    for _ in 0..2 {
        table.nodes[0].channel.announce_anew(table.now, &host_port(1));
        table.call(&options());
        table.settle();
        assert_eq!(table.nodes[0].dials, 2);
    }
    let remote =
        table.nodes[1].channel.connection(table.connections(1)[0]).and_then(|it| it.remote().cloned());
    assert_eq!(remote.expect("it is ready").host_port.as_deref(), Some("10.0.0.0:4040"));
}

#[test]
fn list_of_a_service_says_which_connections_its_calls_prefer() {
    let mut table = Table::new(&[Manner::Hangs], |_| {});
    table.call_between(0, 1, 1);
    table.settle();
    let at = "10.0.0.0:4040".parse().expect("an address");
    table.nodes[0].channel.handle_listening(table.now, at);
    table.call_between(1, 0, 1);
    table.settle();
    let keys = table.connections(0);
    let sides = |table: &Table| {
        let live = |key: &ConnKey| table.nodes[0].channel.connection(*key).expect("it is open").live().0;
        keys.iter().map(live).collect::<Vec<_>>()
    };
    assert_eq!(sides(&table), [1, 0], "dialled first, then accepted");

    table.nodes[0].channel.isolate("echo", Strategy::TwoRandom);
    table.nodes[0].channel.add_peer(table.now, Some("echo"), &host_port(1));
    for (direction, wanted) in [(Direction::Out, [2, 0]), (Direction::In, [2, 1]), (Direction::Out, [3, 1])] {
        table.nodes[0].channel.prefer("echo", direction);
        table.call(&options());
        table.settle();
        assert_eq!(sides(&table), wanted);
    }
}

#[test]
fn long_peer_list_that_did_not_change_is_little_work() {
    let mut table = Table::new(&[], |_| {});
    let name = |n| alloc::format!("host-{n}:4040").parse::<HostPort>().expect("a name");
    let list: Vec<HostPort> = (0..5_000).map(name).collect();
    let (now, channel) = (table.now, &mut table.nodes[0].channel);
    assert_eq!(channel.handle_peer_list(now, None, &list), (5_000, 0));
    // Compared pair by pair, this takes minutes.
    for _ in 0..100 {
        assert_eq!(channel.handle_peer_list(now, None, &list), (0, 0));
    }
}

#[test]
fn peer_up_with_its_first_active_connection_and_down_with_its_last() {
    let mut table = Table::new(&[Manner::Echoes], |_| {});
    heard(&mut table, 0);
    table.call(&options());
    // It is being dialled.
    assert_eq!(table.nodes[0].channel.live().connections, 1);
    assert!(table.nodes[0].channel.poll_event().is_none());
    assert_eq!(heard(&mut table, 0), [("up", host_port(1))]);
    // The peer dials back, and is believed: the address fits.
    let at = "10.0.0.0:4040".parse().expect("an address");
    table.nodes[0].channel.handle_listening(table.now, at);
    table.call_between(1, 0, 1);
    assert_eq!(heard(&mut table, 0), []);
    let keys = table.connections(0);
    assert_eq!(keys.len(), 2);
    table.nodes[0].channel.handle_lost(table.now, keys[0], Lost::Reset);
    assert_eq!(heard(&mut table, 0), []);
    table.nodes[0].channel.handle_lost(table.now, keys[1], Lost::Reset);
    assert_eq!(heard(&mut table, 0), [("down", host_port(1))]);
}

#[test]
fn peer_that_cannot_be_reached_is_never_up_or_down() {
    let mut table = Table::new(&[Manner::Gone], |_| {});
    table.call(&options());
    assert_eq!(heard(&mut table, 0), [("added", host_port(1))]);
}

#[test]
fn peer_that_is_being_dialled_is_kept_without_calls_and_lists() {
    let mut table = Table::new(&[], |_| {});
    let mut config = ChannelConfig::new("echo");
    // Not believed: it is known by the address that was dialled only.
    config.announce = Some("10.9.9.9:4040".into());
    table.add_peer(config, Manner::Echoes);
    table.nodes[0].channel.remove_peer(table.now, None, &host_port(1)).expect("it is listed");
    heard(&mut table, 0);
    let call = table.call_between(0, 1, 1);
    table.nodes[0].channel.cancel(table.now, call, "not needed");
    assert_eq!(heard(&mut table, 0), [("up", host_port(1))]);
    table.call_between(0, 1, 1);
    table.settle();
    assert_eq!(table.nodes[0].dials, 1);
}

#[test]
fn removed_peer_is_down_at_once_and_closed_after_5_s() {
    let mut table = Table::new(&[Manner::Hangs], |_| {});
    table.call(&options());
    heard(&mut table, 0);
    let removed = table.now;
    table.nodes[0].channel.remove_peer(removed, None, &host_port(1)).expect("it is listed");
    assert_eq!(heard(&mut table, 0), [("removed", host_port(1)), ("down", host_port(1))]);
    table.run(removed + Duration::from_millis(4_999));
    assert_eq!(table.nodes[0].channel.live().connections, 1);
    table.run(removed + Duration::from_secs(5));
    assert_eq!(table.nodes[0].channel.live().connections, 0);
    assert_eq!(heard(&mut table, 0), []);
    assert_eq!(table.nodes[0].channel.load(table.now, &host_port(1)), None);
}

#[test]
fn peer_that_drains_is_down_while_its_last_call_goes_on() {
    let mut table = Table::new(&[Manner::Hangs], |_| {});
    table.call(&options());
    heard(&mut table, 0);
    let deadline = table.now + Duration::from_secs(30);
    table.nodes[1].channel.drain(table.now, "restart", deadline);
    assert_eq!(heard(&mut table, 0), [("down", host_port(1))]);
    assert_eq!(table.nodes[0].channel.live().connections, 1);
}

#[test]
fn peer_is_up_under_the_address_that_was_dialled_and_the_one_that_it_announces() {
    let mut table = Table::new(&[], |_| {});
    let announced: HostPort = "10.0.0.1:9999".parse().expect("a peer");
    let mut config = ChannelConfig::new("echo");
    config.announce = Some(announced.to_string());
    table.add_peer(config, Manner::Echoes);
    heard(&mut table, 0);
    table.call(&options());
    assert_eq!(heard(&mut table, 0), [("up", host_port(1)), ("up", announced.clone())]);
    let key = table.only_connection(0);
    table.nodes[0].channel.handle_lost(table.now, key, Lost::Reset);
    assert_eq!(heard(&mut table, 0), [("down", host_port(1)), ("down", announced.clone())]);
    // It was on no list.
    assert_eq!(table.nodes[0].channel.load(table.now, &announced), None);
}

#[test]
fn ephemeral_peer_lives_as_long_as_its_connection() {
    let mut table = Table::new(&[Manner::Echoes], |_| {});
    table.call(&options());
    // The caller does not listen: it is known by where it dialled from.
    assert_eq!(heard(&mut table, 1), [("up", host_port(0))]);
    assert_eq!(table.nodes[1].channel.load(table.now, &host_port(0)), None);
    let key = table.only_connection(1);
    table.nodes[1].channel.close(table.now, key);
    assert_eq!(heard(&mut table, 1), [("down", host_port(0))]);
}

#[test]
fn peer_on_two_lists_has_its_turn_on_both() {
    let lowest = Strategy::Lowest(Arc::new(LeastPending));
    let mut table = Table::new(&[Manner::Echoes; 3], |config| {
        config.strategy = lowest.clone();
        config.min_connections = 3;
    });
    let (now, channel) = (table.now, &mut table.nodes[0].channel);
    channel.isolate("busy", lowest);
    channel.add_peer(now, Some("busy"), &host_port(1));
    let call = |table: &mut Table, subchannel: &str, times: usize| {
        for _ in 0..times {
            let defaults = CallOptions { service: Some("echo".into()), ..CallOptions::new() };
            let options = CallOptions { no_parent: Some(true), ..CallOptions::new() };
            let (now, channel) = (table.now, &mut table.nodes[0].channel);
            let subchannel = (subchannel, &defaults);
            let started = channel.request(now, subchannel, "echo".into(), Args::default(), &options);
            started.expect("a good request");
            table.settle();
        }
    };
    // All three are connected from here on.
    call(&mut table, "echo", 30);
    call(&mut table, "busy", 1_000);
    let before: Vec<usize> = table.nodes.iter().map(|node| node.served).collect();
    call(&mut table, "echo", 300);
    let shares: Vec<usize> =
        table.nodes.iter().zip(before).skip(1).map(|(node, before)| node.served - before).collect();
    assert!(shares.iter().all(|share| (80..=125).contains(share)), "{shares:?}");
}
