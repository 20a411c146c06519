//! How much a channel takes on.

use std::num::NonZeroUsize;

use tchannel_rpc::{CallError, Channel, ChannelConfig, ErrorCode, Origin};

use super::net::{ENDPOINT, Net, SERVICE, Server, answers, block_on, hangs, knowing, settle};

async fn patient(net: &Net) -> Server {
    let server = net.server(answers("yes")).await;
    for service in [SERVICE, "larry"] {
        server.channel.service(service).unwrap().register("hang", hangs);
        server.channel.service(service).unwrap().register(ENDPOINT, answers("yes"));
    }
    server
}

fn overloaded(error: &CallError, text: &str) {
    assert_eq!((error.code(), error.origin()), (ErrorCode::Declined, Origin::Local), "{error}");
    assert!(error.message().starts_with(text), "{error}");
    assert_eq!(error.attempts(), 0);
}

fn limited(net: &Net, server: &Server, change: impl FnOnce(&mut ChannelConfig)) -> Channel {
    knowing(net.builder("client").channel_config(change), &[server])
}

#[test]
fn table_11_calls_in_flight_are_limited_in_all() {
    block_on(async {
        let net = Net::new();
        let server = patient(&net).await;
        let client = limited(&net, &server, |config| config.limits.max_pending = NonZeroUsize::new(2));
        let held = [client.call(SERVICE, "hang").send(), client.call("larry", "hang").send()];
        let error = client.call(SERVICE, ENDPOINT).host(server.at).send().await.unwrap_err();
        overloaded(&error, "max-pending: 2 calls are in flight already");
        settle().await;
        assert_eq!(net.asked(&server), 2, "not a byte of it");
        drop(held);
        client.call(SERVICE, ENDPOINT).send().await.unwrap();
    });
}

#[test]
fn table_11_calls_in_flight_are_limited_for_each_service() {
    block_on(async {
        let net = Net::new();
        let server = patient(&net).await;
        let client =
            limited(&net, &server, |config| config.limits.max_pending_for_service = NonZeroUsize::new(1));
        let held = client.call(SERVICE, "hang").send();
        let error = client.call(SERVICE, ENDPOINT).send().await.unwrap_err();
        overloaded(&error, "max-pending-for-service: 1 calls to this service are in flight already");
        client.call("larry", ENDPOINT).send().await.unwrap();
        drop(held);
        client.call(SERVICE, ENDPOINT).send().await.unwrap();
    });
}

#[test]
fn table_11_track_pending_is_about_load_only() {
    block_on(async {
        let net = Net::new();
        let server = patient(&net).await;
        let client = limited(&net, &server, |config| config.limits.max_pending = NonZeroUsize::new(1));
        let held = client.call(SERVICE, "hang").track_pending(false).send();
        let error = client.call(SERVICE, ENDPOINT).send().await.unwrap_err();
        overloaded(&error, "max-pending: ");
        drop(held);
    });
}

#[test]
fn table_11_accepted_connections_are_limited() {
    block_on(async {
        let net = Net::new();
        let builder = net.builder("server").max_accepted(NonZeroUsize::new(2).unwrap());
        let server = Server::listening(builder.build().unwrap()).await;
        server.channel.service(SERVICE).unwrap().register(ENDPOINT, answers("yes"));
        let clients = [0; 3].map(|_| net.client(&[&server]));
        for client in &clients[..2] {
            client.call(SERVICE, ENDPOINT).send().await.unwrap();
        }
        let error = clients[2].call(SERVICE, ENDPOINT).send().await.unwrap_err();
        assert_eq!((error.code(), error.origin()), (ErrorCode::Network, Origin::Local));
        clients[0].close().await;
        settle().await;
        clients[2].call(SERVICE, ENDPOINT).send().await.unwrap();
    });
}

#[test]
fn table_11_calls_that_are_served_are_limited_over_all_connections() {
    block_on(async {
        let net = Net::new();
        let builder = net.builder("server").channel_config(|config| {
            config.limits.max_incoming_total = NonZeroUsize::new(2).unwrap();
        });
        let server = Server::listening(builder.build().unwrap()).await;
        let moe = server.channel.service(SERVICE).unwrap();
        moe.register("hang", hangs).register(ENDPOINT, answers("yes"));
        let clients = [net.client(&[&server]), net.client(&[&server])];
        let held = [clients[0].call(SERVICE, "hang").send(), clients[1].call(SERVICE, "hang").send()];
        settle().await;
        let error = clients[0].call(SERVICE, ENDPOINT).send().await.unwrap_err();
        assert_eq!((error.code(), error.origin()), (ErrorCode::Busy, Origin::Remote));
        drop(held);
        settle().await;
        clients[0].call(SERVICE, ENDPOINT).send().await.unwrap();
    });
}

#[test]
fn table_3_a_closed_channel_says_so() {
    block_on(async {
        let net = Net::new();
        let server = patient(&net).await;
        let client = net.client(&[&server]);
        let running = client.call(SERVICE, "hang").send();
        settle().await;
        client.close().await;
        for call in [
            running,
            client.call(SERVICE, ENDPOINT).send(),
            client.call(SERVICE, ENDPOINT).host(server.at).send(),
        ] {
            let error = call.await.unwrap_err();
            assert_eq!((error.code(), error.origin()), (ErrorCode::Network, Origin::Local), "{error}");
        }
    });
}
