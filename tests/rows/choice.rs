//! How one of many peers is chosen.

use std::collections::BTreeMap;
use std::sync::Arc;

use tchannel_rpc::peers::{Direction, LeastPending, PreferIncoming, Rendezvous, Score, ShardKey, Strategy};
use tchannel_rpc::{Channel, Request};

use super::net::{ENDPOINT, Net, SERVICE, Server, answers, block_on, hangs, knowing, settle};

async fn servers(net: &Net, count: usize) -> Vec<Server> {
    let mut servers = Vec::new();
    for _ in 0..count {
        let server = net.server(answers("yes")).await;
        server.channel.service(SERVICE).unwrap().register("hang", hangs);
        servers.push(server);
    }
    servers
}

fn client(net: &Net, servers: &[Server], strategy: Strategy, min_connections: usize) -> Channel {
    let builder = net.builder("client").channel_config(|config| {
        config.strategy = strategy;
        config.min_connections = min_connections;
    });
    knowing(builder, &servers.iter().collect::<Vec<_>>())
}

fn lowest(by: impl Score + 'static) -> Strategy {
    Strategy::Lowest(Arc::new(by))
}

#[test]
fn table_7_as_many_peers_are_connected_as_should_be() {
    block_on(async {
        for (min_connections, connected) in [(1, 1), (2, 2), (3, 3), (9, 4)] {
            let net = Net::new();
            let servers = servers(&net, 4).await;
            let client = client(&net, &servers, Strategy::TwoRandom, min_connections);
            for _ in 0..10 {
                client.call(SERVICE, ENDPOINT).send().await.unwrap();
                settle().await;
            }
            assert_eq!(net.line.network().connects(), connected, "of {min_connections}");
        }
    });
}

#[test]
fn table_7_the_less_loaded_of_two_is_chosen() {
    block_on(async {
        let net = Net::new();
        let servers = servers(&net, 2).await;
        for strategy in [Strategy::TwoRandom, lowest(LeastPending)] {
            let client = client(&net, &servers, strategy, 2);
            let peers = client.peers().list();
            for (loaded, idle) in [(0, 1), (1, 0)] {
                let mut held = Vec::new();
                for _ in 0..8 {
                    held.push(client.call(SERVICE, "hang").peer(&peers[loaded]).send());
                }
                client.call(SERVICE, ENDPOINT).peer(&peers[idle]).send().await.unwrap();
                net.line.forget();
                for _ in 0..8 {
                    held.push(client.call(SERVICE, "hang").send());
                    settle().await;
                }
                assert_eq!((net.asked(&servers[loaded]), net.asked(&servers[idle])), (0, 8));
            }
        }
    });
}

#[test]
fn table_7_a_shard_key_stays_with_its_peer_and_only_a_lost_peers_keys_move() {
    block_on(async {
        let net = Net::new();
        let servers = servers(&net, 4).await;
        let client = client(&net, &servers, lowest(ShardKey), 2);
        let places = || async {
            let mut places = BTreeMap::new();
            for key in (0..40).map(|n| format!("key-{n}")) {
                let mut peers = Vec::new();
                for _ in 0..3 {
                    let answer = client.call(SERVICE, ENDPOINT).shard_key(key.clone()).send().await.unwrap();
                    peers.push(answer.peer().unwrap().clone());
                }
                assert!(peers.iter().all(|peer| *peer == peers[0]), "{key}: {peers:?}");
                places.insert(key, peers.remove(0));
            }
            places
        };
        let before = places().await;
        let lost = before["key-0"].clone();
        assert!(before.values().any(|peer| *peer != lost), "keys are spread");
        let peers = client.peers();
        let gone = peers.list().into_iter().find(|peer| *peer.host_port() == lost).unwrap();
        peers.remove(&gone).unwrap();
        for (key, place) in places().await {
            assert_ne!(place, lost);
            assert!(before[&key] == lost || before[&key] == place, "{key} moved");
        }
    });
}

#[test]
fn table_7_a_rendezvous_sends_all_calls_of_a_client_to_one_peer() {
    block_on(async {
        let net = Net::new();
        let servers = servers(&net, 5).await;
        let mut chosen = Vec::new();
        for number in 0..20 {
            let client = client(&net, &servers, lowest(Rendezvous { client: number }), 2);
            let mut peers = Vec::new();
            for _ in 0..3 {
                peers.push(client.call(SERVICE, ENDPOINT).send().await.unwrap().peer().unwrap().clone());
            }
            assert!(peers.iter().all(|peer| *peer == peers[0]));
            chosen.push(peers.remove(0));
        }
        chosen.sort();
        chosen.dedup();
        assert!(chosen.len() > 1, "clients are spread");
    });
}

/// A channel with one peer that dialled it and one that it dialled.
async fn dialled_and_dialling(
    net: &Net,
    strategy: Strategy,
    direction: Direction,
) -> (Server, Server, Server) {
    let builder = net.builder("server").channel_config(|config| {
        config.strategy = strategy;
        config.direction = direction;
    });
    let server = Server::listening(builder.build().unwrap()).await;
    server
        .channel
        .service(SERVICE)
        .unwrap()
        .register(ENDPOINT, |_: Request| async { Ok(tchannel_rpc::Reply::ok("", "server")) });
    let incoming = net.server(answers("incoming")).await;
    incoming.channel.call(SERVICE, ENDPOINT).host(server.at).send().await.unwrap();
    let outgoing = net.server(answers("outgoing")).await;
    server.channel.call(SERVICE, ENDPOINT).host(outgoing.at).send().await.unwrap();
    for peer in [&incoming, &outgoing] {
        server.channel.peers().add(&peer.at.to_string()).unwrap();
    }
    (server, incoming, outgoing)
}

#[test]
fn table_7_the_preferred_direction_comes_first() {
    let rows = [
        (Strategy::TwoRandom, Direction::In, "incoming"),
        (Strategy::TwoRandom, Direction::Out, "outgoing"),
        (lowest(PreferIncoming), Direction::Any, "incoming"),
    ];
    for (strategy, direction, preferred) in rows {
        block_on(async {
            let net = Net::new();
            let (server, _incoming, _outgoing) = dialled_and_dialling(&net, strategy, direction).await;
            for _ in 0..10 {
                assert_eq!(server.channel.call(SERVICE, ENDPOINT).send().await.unwrap().body(), preferred);
            }
            assert_eq!(net.line.network().connects(), 2);
        });
    }
}

#[test]
fn table_7_without_a_preference_both_directions_are_chosen() {
    block_on(async {
        let net = Net::new();
        let (server, _incoming, _outgoing) =
            dialled_and_dialling(&net, Strategy::TwoRandom, Direction::Any).await;
        let mut seen = BTreeMap::<_, usize>::new();
        for _ in 0..60 {
            let body = server.channel.call(SERVICE, ENDPOINT).send().await.unwrap().body();
            *seen.entry(body).or_default() += 1;
        }
        assert_eq!(seen.len(), 2, "{seen:?}");
    });
}

#[test]
fn s2_a_subchannels_own_peers_may_be_chosen_in_a_way_of_their_own() {
    block_on(async {
        let net = Net::new();
        let servers = servers(&net, 3).await;
        let client = client(&net, &[], Strategy::TwoRandom, 2);
        let order = super::net::InOrder::of(servers.iter().map(|server| server.at).rev());
        let moe = client.subchannel(SERVICE).peers(servers.iter().map(|server| server.at.to_string()));
        let moe = moe.strategy(order).build().unwrap();
        for _ in 0..10 {
            moe.call(ENDPOINT).send().await.unwrap();
        }
        assert_eq!(net.asked(&servers[2]), 10);
        assert_eq!(net.line.network().connects(), 1);
    });
}
