use alloc::format;
use alloc::vec::Vec;

use super::*;
use crate::peers::testing::{connected, unconnected};

/// Peers at `10.0.0.N:21300`.
fn peers(count: u32) -> Vec<Candidate> {
    let at = |n| Candidate { hash: host_port_hash(&format!("10.0.0.{n}:21300")), ..connected(n) };
    (0..count).map(at).collect()
}

fn first(by: &dyn Score, shard_key: Option<&str>, peers: &[Candidate]) -> PeerKey {
    let best = peers.iter().min_by_key(|peer| by.score(peer, shard_key));
    best.map(|peer| peer.key).expect("not empty")
}

#[test]
fn least_pending() {
    assert_eq!(LeastPending.score(&unconnected(1), None), u64::MAX);
    for peer in [connected(1), Candidate { incoming: 1, outgoing: 0, ..connected(1) }] {
        assert_eq!(LeastPending.score(&Candidate { load: 7, ..peer }, None), 7);
    }
}

#[test]
fn prefer_incoming() {
    let only_outgoing = Candidate { load: 7, ..connected(1) };
    assert_eq!(PreferIncoming.score(&unconnected(1), None), u64::MAX);
    assert_eq!(PreferIncoming.score(&only_outgoing, None), 2_147_483_647 + 7);
    assert_eq!(PreferIncoming.score(&Candidate { incoming: 1, ..only_outgoing }, None), 7);
}

#[test]
fn rendezvous_has_the_golden_values() {
    let rows = [
        (0, "127.0.0.1:1", 221_718_783),
        (0, "127.0.0.1:2", 868_386_560),
        (0, "10.0.0.1:21300", 1_513_946_149),
        (1, "127.0.0.1:1", 2_018_075_430),
        (1, "127.0.0.1:2", 1_583_013_669),
        (1_000, "10.0.0.1:21300", 1_471_951_245),
        (u32::MAX, "127.0.0.1:1", 2_106_749_768),
        (u32::MAX, "10.0.0.1:21300", 47_720_046),
    ];
    for (client, host_port, score) in rows {
        let peer = Candidate { hash: host_port_hash(host_port), ..unconnected(1) };
        assert_eq!(Rendezvous { client }.score(&peer, None), score, "{client} {host_port}");
    }
}

#[test]
fn host_port_hash_is_32_bit_fnv_1a() {
    assert_eq!(host_port_hash(""), 0x811C_9DC5);
    assert_eq!(host_port_hash("a"), 0xE40C_292C);
    assert_eq!(host_port_hash("foobar"), 0xBF9C_F968);
    assert_eq!(host_port_hash("127.0.0.1:1"), 0x8823_D827);
}

#[test]
fn rendezvous_moves_only_the_clients_of_a_lost_peer() {
    let all = peers(10);
    for client in 0..1_000 {
        let by = Rendezvous { client };
        let before = first(&by, None, &all);
        assert_eq!(first(&by, None, &all[..9]) == before, before != all[9].key);
    }
}

#[test]
fn shard_key_moves_only_the_keys_of_a_lost_peer() {
    let all = peers(10);
    let mut moved = 0;
    for key in 0..1_000 {
        let key = format!("user-{key}");
        let before = first(&ShardKey, Some(&key), &all);
        assert_eq!(first(&ShardKey, Some(&key), &all), before);
        let after = first(&ShardKey, Some(&key), &all[1..]);
        assert_eq!(after == before, before != all[0].key);
        moved += u32::from(after != before);
    }
    assert!((60..140).contains(&moved), "{moved} of 1,000 keys were on one of 10 peers");
}

#[test]
fn shard_keys_spread_over_peers() {
    let all = peers(10);
    let mut keys = [0_u32; 10];
    for key in 0..10_000 {
        let peer = first(&ShardKey, Some(&format!("{key}")), &all);
        keys[usize::try_from(peer.number()).expect("below 10")] += 1;
    }
    assert!(keys.iter().all(|count| (850..=1_150).contains(count)), "{keys:?}");
}

#[test]
fn shard_key_without_a_key_is_least_pending() {
    let peer = Candidate { load: 3, ..connected(1) };
    assert_eq!(ShardKey.score(&peer, None), 3);
}
