//! Sub-channels: their names, their peers, what they share.

use std::sync::Barrier;

use tchannel_rpc::peers::Strategy;
use tchannel_rpc::{BuildError, ErrorCode, Origin, ServiceError, SubChannelError};

use super::net::{ENDPOINT, LONG, Net, SERVICE, Server, answers, block_on, echoes};

#[test]
fn s1_a_name_is_taken_once() {
    block_on(async {
        let net = Net::new();
        let client = net.client(&[]);
        client.subchannel(SERVICE).build().unwrap();
        let error = client.subchannel(SERVICE).build().unwrap_err();
        let duplicate = ServiceError::DuplicateSubChannel { name: SERVICE.into() };
        assert_eq!(error, SubChannelError::Name(duplicate));
    });
}

#[test]
fn s1_found_again_it_is_as_it_was_made() {
    block_on(async {
        let net = Net::new();
        let own = net.server(answers("own")).await;
        let listed = net.server(answers("listed")).await;
        let client = net.client(&[&listed]);
        let made = client.subchannel(SERVICE).peers([own.at.to_string()]);
        made.defaults(|defaults| defaults.caller = Some("curly".into())).build().unwrap();
        client.subchannel(SERVICE).peers(["127.0.0.1:1"]).build().unwrap_err();
        let found = client.service(SERVICE).unwrap();
        assert_eq!(found.call(ENDPOINT).send().await.unwrap().body(), "own");
        assert_eq!(net.line.request().route.headers().caller(), Some("curly"));
        assert_eq!(found.peers().list().len(), 1);
    });
}

#[test]
fn s1_found_while_it_is_made_it_is_as_it_is_made() {
    block_on(async {
        let net = Net::new();
        let client = net.client(&[]);
        for round in 0..4_000 {
            let name = format!("round-{round}");
            let start = Barrier::new(2);
            let (made, found) = std::thread::scope(|scope| {
                let found = scope.spawn(|| {
                    start.wait();
                    client.service(&name).unwrap()
                });
                let builder = client.subchannel(&name).peers(["127.0.0.1:1"]);
                start.wait();
                (builder.build(), found.join().unwrap())
            });
            assert_eq!(found.peers().list().len(), usize::from(made.is_ok()), "{name}");
        }
    });
}

#[test]
fn s1_names_have_1_to_255_bytes() {
    block_on(async {
        let net = Net::new();
        let client = net.client(&[]);
        let required = SubChannelError::Name(ServiceError::ServiceNameRequired);
        assert_eq!(client.subchannel("").build().unwrap_err(), required);
        assert_eq!(client.service("").unwrap_err(), ServiceError::ServiceNameRequired);
        client.subchannel(&"x".repeat(255)).build().unwrap();
        assert!(client.subchannel(&"x".repeat(256)).build().is_err());
        let nameless = net.builder("").build().unwrap_err();
        assert_eq!(nameless, BuildError::Name(ServiceError::ServiceNameRequired));
    });
}

#[test]
fn s1_two_to_one_peer_share_a_connection() {
    block_on(async {
        let net = Net::new();
        let server = net.server(echoes).await;
        server.channel.service("larry").unwrap().register(ENDPOINT, echoes);
        let client = net.client(&[]);
        for name in [SERVICE, "larry"] {
            let subchannel = client.subchannel(name).peers([server.at.to_string()]).build().unwrap();
            subchannel.request(ENDPOINT).no_parent().timeout(LONG).send().await.unwrap();
        }
        client.call(SERVICE, ENDPOINT).host(server.at).send().await.unwrap();
        assert_eq!((net.asked(&server), net.line.network().connects()), (3, 1));
    });
}

#[test]
fn s2_texts_that_are_no_peers_are_refused_and_nothing_is_made() {
    block_on(async {
        let net = Net::new();
        let client = net.client(&[]);
        for text in ["0.0.0.0:0", "127.0.0.1:0", "[::1]:0", "somewhere", "127.0.0.1", ":4040", "a b:1", ""] {
            let error = client.subchannel(SERVICE).peers(["127.0.0.1:1", text]).build().unwrap_err();
            assert!(matches!(error, SubChannelError::Peer(_)), "{text}: {error}");
            assert!(error.to_string().contains(&format!("{text:?}")), "{error}");
            assert!(client.peers().add(text).is_err(), "{text}");
        }
        client.subchannel(SERVICE).peers(["127.0.0.1:1"]).build().unwrap();
        assert!(client.peers().list().is_empty());
    });
}

#[test]
fn s2_a_strategy_without_peers_of_its_own_is_refused_and_nothing_is_made() {
    block_on(async {
        let net = Net::new();
        let client = net.client(&[]);
        let error = client.subchannel(SERVICE).strategy(Strategy::TwoRandom).build().unwrap_err();
        assert_eq!(error, SubChannelError::StrategyWithoutPeers);
        let none: [&str; 0] = [];
        client.subchannel(SERVICE).strategy(Strategy::TwoRandom).peers(none).build().unwrap();
    });
}

#[test]
fn s2_a_peer_added_twice_is_there_once() {
    block_on(async {
        let net = Net::new();
        let client = net.client(&[]);
        let moe = client.subchannel(SERVICE).peers(["127.0.0.1:1", "127.0.0.1:1"]).build().unwrap();
        let peer = moe.peers().add("127.0.0.1:1").unwrap();
        assert_eq!(moe.peers().list(), [peer]);
    });
}

async fn two(net: &Net) -> (Server, Server) {
    (net.server(answers("own")).await, net.server(answers("listed")).await)
}

#[test]
fn s2_peers_of_its_own_are_the_only_ones_that_it_calls() {
    block_on(async {
        let net = Net::new();
        let (own, listed) = two(&net).await;
        let client = net.client(&[&listed]);
        let moe = client.subchannel(SERVICE).peers([own.at.to_string()]).build().unwrap();
        for _ in 0..10 {
            assert_eq!(moe.call(ENDPOINT).send().await.unwrap().body(), "own");
            assert_eq!(moe.request(ENDPOINT).no_parent().timeout(LONG).send().await.unwrap().body(), "own");
        }
        assert_eq!(net.asked(&listed), 0);
        let larry = client.service("larry").unwrap();
        assert_eq!(
            larry.call(ENDPOINT).service("other").send().await.unwrap_err().code(),
            ErrorCode::BadRequest
        );
        assert_eq!((net.asked(&own), net.asked(&listed)), (20, 1), "others use the channel's");
    });
}

#[test]
fn s2_its_peers_are_called_whatever_the_service() {
    block_on(async {
        let net = Net::new();
        let (own, listed) = two(&net).await;
        for server in [&own, &listed] {
            server.channel.service("larry").unwrap().register(ENDPOINT, answers("larry"));
        }
        let client = net.client(&[&listed]);
        let moe = client.subchannel(SERVICE).peers([own.at.to_string()]).build().unwrap();
        for _ in 0..10 {
            assert_eq!(moe.call(ENDPOINT).service("larry").send().await.unwrap().body(), "larry");
        }
        assert_eq!((net.asked(&own), net.asked(&listed)), (10, 0));
        let named = client.subchannel("curly").peers([own.at.to_string()]);
        let named = named.defaults(|defaults| defaults.service = Some("larry".into())).build().unwrap();
        assert_eq!(named.call(ENDPOINT).send().await.unwrap().body(), "larry");
        assert_eq!((net.asked(&own), net.asked(&listed)), (11, 0));
    });
}

#[test]
fn s2_without_peers_of_its_own_it_uses_the_channels() {
    block_on(async {
        let net = Net::new();
        let (_, listed) = two(&net).await;
        let client = net.client(&[&listed]);
        let moe = client.subchannel(SERVICE).build().unwrap();
        assert_eq!(moe.call(ENDPOINT).send().await.unwrap().body(), "listed");
        assert_eq!(moe.peers().list(), client.peers().list());
    });
}

#[test]
fn s3_without_peers_a_host_must_be_given() {
    block_on(async {
        let net = Net::new();
        let (own, listed) = two(&net).await;
        let client = net.client(&[&listed]);
        let moe = client.subchannel(SERVICE).peers([""; 0]).build().unwrap();
        let request = || moe.request(ENDPOINT).no_parent().timeout(LONG);
        let error = request().send().await.unwrap_err();
        assert_eq!((error.code(), error.origin()), (ErrorCode::Declined, Origin::Local));
        assert!(error.message().contains("no peer for service \"moe\""), "{error}");
        assert_eq!(request().host(own.at).send().await.unwrap().body(), "own");
        moe.peers().add(&own.at.to_string()).unwrap();
        assert_eq!(request().send().await.unwrap().body(), "own");
        assert_eq!(net.asked(&listed), 0);
    });
}
