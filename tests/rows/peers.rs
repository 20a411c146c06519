//! Peers: whose connections they are, how long they live, what is told of them.

use std::sync::{Arc, Mutex};

use tchannel_rpc::wire::{Message, init_keys, put_init};
use tchannel_rpc::{BytesMut, Channel, ErrorCode, Notice, Origin, PeerNews, Request};

use super::line::Line;
use super::net::{ENDPOINT, LONG, Net, SERVICE, Server, answers, block_on, hangs, refuses, settle};

/// A channel that listens, serves [`SERVICE`] and makes calls.
async fn both_ways(net: &Net, text: &'static str) -> Server {
    net.server(answers(text)).await
}

#[test]
fn table_7_a_peer_that_called_us_is_called_over_its_connection() {
    block_on(async {
        let net = Net::new();
        let (one, other) = (both_ways(&net, "one").await, both_ways(&net, "other").await);
        one.channel.call(SERVICE, ENDPOINT).host(other.at).send().await.unwrap();
        other.channel.peers().add(&one.at.to_string()).unwrap();
        assert_eq!(other.channel.call(SERVICE, ENDPOINT).send().await.unwrap().body(), "one");
        assert_eq!(net.line.network().connects(), 1);
    });
}

#[test]
fn table_7_a_peer_that_only_called_us_is_never_chosen() {
    block_on(async {
        let net = Net::new();
        let server = both_ways(&net, "server").await;
        let listening = both_ways(&net, "listening").await;
        let ephemeral = net.client(&[&server]);
        for channel in [&ephemeral, &listening.channel] {
            channel.call(SERVICE, ENDPOINT).host(server.at).send().await.unwrap();
        }
        let error = server.channel.call(SERVICE, ENDPOINT).send().await.unwrap_err();
        assert!(error.message().contains("no peer"), "{error}");
        assert!(server.channel.peers().list().is_empty());
    });
}

/// Where nobody is.
const ELSEWHERE: &str = "10.9.9.9:9";

/// The diallers announce another address than their own.
fn lie(line: &Line) {
    line.tamper(|seen, bytes| {
        let Message::InitReq(init) = &seen.message else { return bytes };
        let pairs: Vec<_> = init
            .headers
            .iter()
            .map(|(key, value)| (key, if key == init_keys::HOST_PORT { ELSEWHERE } else { value }))
            .collect();
        let mut other = BytesMut::new();
        put_init(&mut other, seen.message.frame_type(), seen.id, init.version, &pairs)
            .expect("it can be written");
        other
    });
}

#[test]
fn table_7_an_announced_address_is_believed_only_where_it_is_true_or_trusted() {
    for trusted in [false, true] {
        block_on(async {
            let net = Net::new();
            let builder = net.builder("server").channel_config(|config| config.trust_announced = trusted);
            let server = Server::listening(builder.build().unwrap()).await;
            server.channel.service(SERVICE).unwrap().register(ENDPOINT, answers("server"));
            lie(&net.line);
            let liar = both_ways(&net, "liar").await;
            liar.channel.call(SERVICE, ENDPOINT).host(server.at).send().await.unwrap();
            server.channel.peers().add(ELSEWHERE).unwrap();
            let answer = server.channel.call(SERVICE, ENDPOINT).timeout(LONG).send().await;
            match answer {
                Ok(answer) => assert!(trusted && answer.body() == "liar"),
                Err(error) => assert!(!trusted && error.code() == ErrorCode::Network, "{error}"),
            }
        });
    }
}

#[test]
fn table_7_a_connection_has_both_the_dialled_and_the_announced_name() {
    block_on(async {
        let net = Net::new();
        let server = both_ways(&net, "server").await;
        let named = format!("localhost:{}", server.at.port());
        let client = net.client(&[]);
        for _ in 0..2 {
            client.call(SERVICE, ENDPOINT).host(&*named).send().await.unwrap();
        }
        client.call(SERVICE, ENDPOINT).host(server.at).send().await.unwrap();
        assert_eq!(net.line.network().connects(), 1);
    });
}

#[test]
fn table_7_a_peer_that_is_removed_is_not_chosen_and_ends_its_calls() {
    block_on(async {
        let net = Net::new();
        let (leaving, staying) = (net.server(answers("leaving")).await, net.server(answers("staying")).await);
        let wait = Arc::new(tokio::sync::Notify::new());
        let waits = wait.clone();
        leaving.channel.service(SERVICE).unwrap().register("wait", move |_: Request| {
            let waits = waits.clone();
            async move {
                waits.notified().await;
                Ok(tchannel_rpc::Reply::ok("", "in time"))
            }
        });
        let client = net.ordered(&[&leaving, &staying]);
        let running = client.call(SERVICE, "wait").send();
        settle().await;
        let peer = client.peers().list().remove(0);
        client.peers().remove(&peer).unwrap();
        assert_eq!(client.peers().list().len(), 1);
        for _ in 0..5 {
            assert_eq!(client.call(SERVICE, ENDPOINT).send().await.unwrap().body(), "staying");
        }
        wait.notify_one();
        assert_eq!(running.await.unwrap().body(), "in time");
        assert_eq!(net.asked(&leaving), 1);
    });
}

#[test]
fn table_7_a_list_can_be_replaced_as_a_whole() {
    block_on(async {
        let net = Net::new();
        let client = net.client(&[]);
        let peers = client.peers();
        let list = || peers.list().iter().map(|peer| peer.host_port().to_string()).collect::<Vec<_>>();
        assert_eq!(peers.set(["127.0.0.1:1", "127.0.0.1:2", "127.0.0.1:1"]).unwrap(), (2, 0));
        assert_eq!(peers.set(["127.0.0.1:2", "127.0.0.1:3"]).unwrap(), (1, 1));
        assert_eq!(list(), ["127.0.0.1:2", "127.0.0.1:3"]);
        peers.set(["127.0.0.1:4", "nonsense"]).unwrap_err();
        assert_eq!(list(), ["127.0.0.1:2", "127.0.0.1:3"]);
        assert_eq!(peers.set([""; 0]).unwrap(), (0, 2));
    });
}

#[test]
fn table_7_a_removed_peer_stays_on_other_lists() {
    block_on(async {
        let net = Net::new();
        let server = net.server(answers("yes")).await;
        let client = net.client(&[&server]);
        let moe = client.subchannel(SERVICE).peers([server.at.to_string()]).build().unwrap();
        moe.call(ENDPOINT).send().await.unwrap();
        let peer = client.peers().list().remove(0);
        client.peers().remove(&peer).unwrap();
        assert_eq!(moe.call(ENDPOINT).send().await.unwrap().body(), "yes");
        assert_eq!(net.line.network().connects(), 1, "its connection is left alone");
    });
}

type News = Arc<Mutex<Vec<(PeerNews, String)>>>;

fn telling(net: &Net) -> (Channel, News) {
    let news = News::default();
    let noted = news.clone();
    let client = net.builder("client").on_notice(move |notice| {
        if let Notice::Peer { news, peer } = notice {
            noted.lock().unwrap().push((*news, peer.to_string()));
        }
    });
    (client.build().unwrap(), news)
}

#[test]
fn table_7_peers_come_and_go_with_a_notice() {
    block_on(async {
        let net = Net::new();
        let server = net.server(answers("yes")).await;
        let (client, news) = telling(&net);
        let name = server.at.to_string();
        let told = || std::mem::take(&mut *news.lock().unwrap());
        let peer = client.peers().add(&name).unwrap();
        client.peers().add(&name).unwrap();
        assert_eq!(told(), [(PeerNews::Added, name.clone())]);
        client.call(SERVICE, ENDPOINT).send().await.unwrap();
        client.call(SERVICE, ENDPOINT).send().await.unwrap();
        assert_eq!(told(), [(PeerNews::Up, name.clone())]);
        net.line.network().sever();
        settle().await;
        assert_eq!(told(), [(PeerNews::Down, name.clone())]);
        client.peers().remove(&peer).unwrap();
        assert_eq!(told(), [(PeerNews::Removed, name)]);
    });
}

#[test]
fn table_7_first_calls_share_one_dial_and_its_result() {
    block_on(async {
        let net = Net::new();
        let server = net.server(answers("yes")).await;
        let gone = net.server(hangs).await;
        gone.channel.close().await;
        for (server, ok) in [(&server, true), (&gone, false)] {
            let before = net.line.network().connects();
            let client = net.client(&[server]);
            let calls: Vec<_> = (0..50).map(|_| client.call(SERVICE, ENDPOINT).send()).collect();
            for call in calls {
                assert_eq!(call.await.is_ok(), ok);
            }
            assert_eq!(net.line.network().connects() - before, 1);
        }
    });
}

#[test]
fn table_7_a_peer_that_refused_is_left_alone_unless_nobody_else_is_there() {
    block_on(async {
        let net = Net::new();
        let gone = net.server(hangs).await;
        gone.channel.close().await;
        let good = net.server(answers("good")).await;
        let client = net.ordered(&[&gone, &good]);
        let attempts = || async { client.call(SERVICE, ENDPOINT).send().await.unwrap().attempts() };
        assert_eq!(attempts().await, 2);
        assert_eq!(attempts().await, 1, "it rests");
        let before = net.line.network().connects();
        let alone = net.client(&[&gone]);
        for _ in 0..3 {
            let error = alone.call(SERVICE, ENDPOINT).send().await.unwrap_err();
            assert_eq!((error.code(), error.origin()), (ErrorCode::Network, Origin::Local));
        }
        assert_eq!(net.line.network().connects() - before, 3);
    });
}

#[test]
fn table_7_busy_answers_weigh_and_declined_ones_do_not() {
    for (code, weighs) in
        [(ErrorCode::Busy, true), (ErrorCode::Declined, false), (ErrorCode::Unhealthy, false)]
    {
        block_on(async {
            let net = Net::new();
            let server = net.server(answers("yes")).await;
            server.channel.service(SERVICE).unwrap().register("refuse", refuses(code));
            let client = net.client(&[&server]);
            client.call(SERVICE, "refuse").timeout(LONG).send().await.unwrap_err();
            let idle = client.call(SERVICE, ENDPOINT).peer_score_threshold(1).send().await;
            assert_eq!(idle.is_err(), weighs, "{code}");
            assert!(client.call(SERVICE, ENDPOINT).send().await.is_ok());
        });
    }
}

#[test]
fn y2_a_peer_at_the_threshold_is_not_chosen() {
    block_on(async {
        let net = Net::new();
        let server = net.server(answers("yes")).await;
        server.channel.service(SERVICE).unwrap().register("hang", hangs);
        let client = net.client(&[&server]);
        let held = [client.call(SERVICE, "hang").send(), client.call(SERVICE, "hang").send()];
        settle().await;
        let ask = |threshold| client.call(SERVICE, ENDPOINT).peer_score_threshold(threshold).send();
        assert!(ask(2).await.unwrap_err().message().contains("no peer"));
        assert!(ask(3).await.is_ok());
        drop(held);
    });
}

#[test]
fn table_7_a_channel_can_call_itself() {
    block_on(async {
        let net = Net::new();
        let server = both_ways(&net, "myself").await;
        server.channel.peers().add(&server.at.to_string()).unwrap();
        for _ in 0..3 {
            let answer = server.channel.call(SERVICE, ENDPOINT).send().await.unwrap();
            assert_eq!((answer.body(), answer.peer()), ("myself".into(), Some(&server.host_port())));
        }
        assert_eq!(net.line.network().connects(), 1);
        assert_eq!(server.channel.drain(LONG).await.cut, 0);
    });
}

#[test]
fn table_1_a_channel_announces_where_it_listens_or_what_it_was_told_to() {
    block_on(async {
        let net = Net::new();
        let server = both_ways(&net, "server").await;
        let silent = net.builder("silent").build().unwrap();
        let listening = both_ways(&net, "listening").await;
        let told = net.builder("told").announce("10.1.2.3:4040").build().unwrap();
        told.listen("127.0.0.1:0").await.unwrap();
        let at = listening.at.to_string();
        for (channel, announced) in
            [(&silent, "0.0.0.0:0"), (&listening.channel, &*at), (&told, "10.1.2.3:4040")]
        {
            net.line.forget();
            channel.call(SERVICE, ENDPOINT).host(server.at).send().await.unwrap();
            let frames = net.line.frames();
            let Message::InitReq(init) = &frames[0].message else { panic!("it introduces itself first") };
            assert_eq!(init.headers.get(init_keys::HOST_PORT), Some(announced));
        }
    });
}
