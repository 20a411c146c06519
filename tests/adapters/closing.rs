//! Ends of channels and connections.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tchannel_rpc::testing::{Network, Shape, echo, pattern};
use tchannel_rpc::tokio::Tokio;
use tchannel_rpc::{BuildError, Builder, Drained, ErrorCode, ListenError, Notice, Reply, Request};
use tokio::sync::Notify;

use super::{Pair, block_on, block_on_threads, settle};

const LONG: Duration = Duration::from_secs(30);

#[test]
fn draining_loses_no_last_response() {
    block_on_threads(async {
        for round in 0..20 {
            let server = tchannel_rpc::tokio::channel("server").unwrap();
            let arrived = Arc::new(Notify::new());
            let go = Arc::new(Notify::new());
            let (told, wait) = (arrived.clone(), go.clone());
            server.service("s").unwrap().register("wait", move |request: Request| {
                let (told, wait) = (told.clone(), wait.clone());
                async move {
                    told.notify_one();
                    wait.notified().await;
                    Ok(Reply::ok("", request.body()))
                }
            });
            let at = server.listen("127.0.0.1:0").await.unwrap();
            let client = tchannel_rpc::tokio::channel("client").unwrap();
            let body = pattern(if round % 2 == 0 { 10 } else { 3 << 20 });
            let call = tokio::spawn(client.call("s", "wait").host(at).arg3(body.clone()).send());
            arrived.notified().await;
            let drained = server.drain(LONG);
            go.notify_one();
            assert_eq!(drained.await, Drained { cut: 0 });
            assert_eq!(call.await.unwrap().unwrap().body(), body, "round {round}");
        }
    });
}

#[test]
fn a_drained_channel_refuses_calls_and_connections() {
    block_on(async {
        let pair = Pair::new(Shape::default()).await;
        pair.call("echo").send().await.unwrap();
        pair.server.drain(LONG).await;
        assert_eq!(pair.server.listens_at(), None);
        let error = pair.call("echo").send().await.unwrap_err();
        assert_eq!(error.code(), ErrorCode::Network, "{error}");
        pair.client.drain(LONG).await;
        let error = pair.call("echo").send().await.unwrap_err();
        assert_eq!((error.code(), error.message()), (ErrorCode::Network, "the channel is closed"));
        assert!(matches!(pair.server.listen("127.0.0.1:0").await, Err(ListenError::Closed)));
    });
}

#[test]
fn calls_wait_for_their_answers_while_their_own_channel_drains() {
    block_on(async {
        let pair = Pair::new(Shape::default()).await;
        let call = pair.call("sleep").arg3("20").send();
        let drained = pair.client.drain(LONG);
        assert_eq!(call.await.unwrap().body(), "slept 20");
        assert_eq!(drained.await, Drained { cut: 0 });
    });
}

#[test]
fn a_drain_cuts_what_does_not_end() {
    block_on(async {
        let pair = Pair::new(Shape::default()).await;
        let call = pair.call("never").send();
        settle().await;
        assert_eq!(pair.server.drain(Duration::from_millis(10)).await, Drained { cut: 1 });
        assert_eq!(call.await.unwrap_err().code(), ErrorCode::Network);
    });
}

#[test]
fn closing_fails_calls_in_flight() {
    block_on(async {
        let pair = Pair::new(Shape::default()).await;
        let call = pair.call("never").send();
        settle().await;
        assert_eq!(pair.client.close().await, Drained { cut: 1 });
        assert_eq!(call.await.unwrap_err().code(), ErrorCode::Network);
        settle().await;
        assert_eq!(pair.server.close().await, Drained { cut: 0 });
    });
}

#[test]
fn calls_of_a_channel_that_closes_look_for_no_other_peer() {
    block_on(async {
        let pair = Pair::new(Shape::default()).await;
        let other = Builder::new(pair.network.clone(), "other").build().unwrap();
        echo(&other, "echo", pair.network.clone());
        let peers = [pair.at, other.listen("127.0.0.1:0").await.unwrap()];
        pair.client.peers().set(peers.map(|peer| peer.to_string())).unwrap();
        for peer in peers {
            pair.call("echo").host(peer).send().await.unwrap();
        }
        let call = pair.client.call("echo", "never").send();
        settle().await;
        assert_eq!(pair.client.close().await, Drained { cut: 1 });
        let error = call.await.unwrap_err();
        assert_eq!((error.code(), error.attempts()), (ErrorCode::Network, 1), "{error}");
    });
}

#[test]
fn only_what_a_drain_did_not_wait_for_is_cut() {
    block_on(async {
        let pair = Pair::new(Shape::default()).await;
        let peer = pair.client.peers().add(&pair.at.to_string()).unwrap();
        let call = pair.call("never").send();
        settle().await;
        pair.client.peers().remove(&peer).unwrap();
        assert_eq!(call.await.unwrap_err().code(), ErrorCode::Network, "it has 5 s to end");
        assert_eq!(pair.client.drain(LONG).await, Drained { cut: 0 });
    });
}

#[test]
fn a_dropped_channel_lets_its_calls_end() {
    block_on(async {
        let pair = Pair::new(Shape::default()).await;
        let call = pair.call("sleep").arg3("10").send();
        drop(pair.client);
        assert_eq!(call.await.unwrap().body(), "slept 10");
    });
}

#[test]
fn a_dropped_server_stops_listening() {
    block_on(async {
        let Pair { network, server, client, at } = Pair::new(Shape::default()).await;
        client.call("echo", "echo").host(at).send().await.unwrap();
        drop(server);
        settle().await;
        let late = Builder::new(network, "late").build().unwrap();
        late.listen(at).await.expect("the place is free again");
    });
}

#[test]
fn a_subchannel_keeps_its_channel_open() {
    block_on(async {
        let Pair { network, server, client, at } = Pair::new(Shape::default()).await;
        let service = server.service("echo").unwrap();
        drop(server);
        settle().await;
        client.call("echo", "echo").host(at).send().await.expect("its service is still held");
        let calls = client.service("echo").unwrap();
        drop(client);
        calls.call("echo").host(at).send().await.expect("so is the caller's");
        drop(service);
        settle().await;
        let late = Builder::new(network, "late").build().unwrap();
        late.listen(at).await.expect("the place is free again");
    });
}

#[test]
fn everything_is_freed_after_the_end() {
    block_on(async {
        let pair = Pair::new(Shape::default()).await;
        let witness = Arc::new(());
        let held = Arc::downgrade(&witness);
        pair.server.service("s").unwrap().register("x", move |_: Request| {
            let _held = witness.clone();
            async { Ok(Reply::ok("", "")) }
        });
        pair.client.call("s", "x").host(pair.at).send().await.unwrap();
        pair.server.drain(LONG).await;
        drop(pair);
        while held.strong_count() > 0 {
            tokio::task::yield_now().await;
        }
    });
}

#[test]
fn a_channel_listens_once() {
    block_on(async {
        let pair = Pair::new(Shape::default()).await;
        assert_eq!(pair.server.listens_at(), Some(pair.at));
        for at in [pair.at.to_string(), "127.0.0.1:0".to_owned()] {
            assert!(matches!(pair.server.listen(at).await, Err(ListenError::AlreadyListening)));
        }
        assert!(matches!(pair.client.listen("nonsense").await, Err(ListenError::Address { .. })));
        assert!(matches!(pair.client.listen(pair.at).await, Err(ListenError::Io { .. })));
        pair.client.listen("127.0.0.1:0").await.expect("a failed attempt leaves it free to try again");
    });
}

#[test]
fn channels_need_a_name_that_fits() {
    block_on(async {
        let named = |name: &str| tchannel_rpc::tokio::channel(name).map(|_| ());
        assert_eq!(named(""), Err(BuildError::Name(tchannel_rpc::ServiceError::ServiceNameRequired)));
        assert_eq!(
            named(&"x".repeat(256)),
            Err(BuildError::Name(tchannel_rpc::ServiceError::ServiceNameTooLong { len: 256 }))
        );
        assert_eq!(named(&"x".repeat(255)), Ok(()));
    });
    assert!(matches!(tchannel_rpc::tokio::channel("x"), Err(BuildError::NoRuntime(_))));
}

#[test]
fn channels_need_settings_that_go_together() {
    block_on(async {
        let minute = Some(Duration::from_secs(60));
        let builder = tchannel_rpc::tokio::builder("x").expect("a runtime");
        let built = builder.channel_config(|config| config.idle_check = minute).build();
        assert_eq!(built.err(), Some(BuildError::Config(tchannel_rpc::ConfigError::IdleCheckWithoutMaxIdle)));
    });
}

#[test]
fn failing_accepts_do_not_end_the_server() {
    block_on(async {
        let network = Network::new(Tokio::current().unwrap(), Shape::default());
        let failures = Arc::new(AtomicUsize::new(0));
        let seen = failures.clone();
        let builder = Builder::new(network.clone(), "server").on_notice(move |notice| {
            if matches!(notice, Notice::AcceptFailed { .. }) {
                seen.fetch_add(1, Ordering::Relaxed);
            }
        });
        let server = builder.build().unwrap();
        echo(&server, "echo", network.clone());
        let at = server.listen("127.0.0.1:0").await.unwrap();
        network.fail_accepts(3);
        let client = Builder::new(network, "client").build().unwrap();
        assert_eq!(client.call("echo", "echo").host(at).arg3("x").send().await.unwrap().body(), "x");
        assert_eq!(failures.load(Ordering::Relaxed), 3);
    });
}

#[test]
fn connections_over_the_limit_are_closed() {
    block_on(async {
        let network = Network::new(Tokio::current().unwrap(), Shape::default());
        let server = Builder::new(network.clone(), "server")
            .max_accepted(std::num::NonZeroUsize::MIN)
            .build()
            .unwrap();
        echo(&server, "echo", network.clone());
        let at = server.listen("127.0.0.1:0").await.unwrap();
        let first = Builder::new(network.clone(), "first").build().unwrap();
        let second = Builder::new(network.clone(), "second").build().unwrap();
        first.call("echo", "echo").host(at).send().await.unwrap();
        let error = second.call("echo", "echo").host(at).send().await.unwrap_err();
        assert_eq!(error.code(), ErrorCode::Network);
        first.close().await;
        settle().await;
        second.call("echo", "echo").host(at).send().await.expect("there is room again");
    });
}

#[test]
fn calls_fail_when_their_runtime_ends() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let (pair, running) = runtime.block_on(async {
        let pair = Pair::new(Shape::default()).await;
        let running = pair.call("never").send();
        settle().await;
        (pair, running)
    });
    runtime.shutdown_timeout(Duration::from_secs(10));
    block_on(async {
        assert_eq!(running.await.unwrap_err().code(), ErrorCode::Network);
        let late = pair.client.call("a", "b").host("127.0.0.1:9").send();
        assert_eq!(late.await.unwrap_err().code(), ErrorCode::Network);
        pair.client.drain(LONG).await;
        pair.server.drain(LONG).await;
    });
}
