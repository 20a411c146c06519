//! Channels over byte streams that somebody else opened.

use tchannel_rpc::testing::{echo, pattern};
use tchannel_rpc::tokio::{Stream, Tokio};
use tchannel_rpc::{Channel, ErrorCode, Reply, Request};
use tokio::io::{AsyncRead, AsyncWrite};

use crate::{block_on, settle};

fn channels() -> (Channel, Channel) {
    let server = tchannel_rpc::tokio::channel("server").unwrap();
    echo(&server, "echo", Tokio::current().unwrap());
    (tchannel_rpc::tokio::channel("client").unwrap(), server)
}

/// Calls both ways, small and large, at once.
async fn carries_calls<S: AsyncRead + AsyncWrite + Send + 'static>(ours: S, theirs: S) {
    let (client, server) = channels();
    client.service("client").unwrap().register("who", |_: Request| async { Ok(Reply::ok("", "me")) });
    let back = server.serve_connection(Stream(theirs), "a stream").unwrap();
    let there = client.connect_with(Stream(ours), "another stream").unwrap();
    let body = pattern(1 << 20);
    let calls: Vec<_> = (0..10).map(|_| there.call("echo", "echo").arg3(body.clone()).send()).collect();
    for call in calls {
        assert_eq!(call.await.unwrap().body(), body);
    }
    assert_eq!(back.call("client", "who").send().await.unwrap().body(), "me");
    client.close().await;
    server.close().await;
}

#[test]
fn pipes_in_memory_carry_calls() {
    block_on(async {
        let (ours, theirs) = tokio::io::duplex(10_000);
        carries_calls(ours, theirs).await;
    });
}

#[cfg(unix)]
#[test]
fn unix_sockets_carry_calls() {
    block_on(async {
        let (ours, theirs) = tokio::net::UnixStream::pair().unwrap();
        carries_calls(ours, theirs).await;
    });
}

#[test]
fn calls_to_a_given_connection_end_with_it_and_name_it() {
    block_on(async {
        let (client, server) = channels();
        let (ours, theirs) = tokio::io::duplex(10_000);
        let there = client.connect_with(Stream(ours), "/run/server.sock").unwrap();
        let waiting = there.call("echo", "never").send();
        let back = server.serve_connection(Stream(theirs), "a client").unwrap();
        settle().await;
        back.close();
        let error = waiting.await.unwrap_err();
        assert_eq!((error.code(), error.peer().as_deref()), (ErrorCode::Network, Some("/run/server.sock")));
        let error = there.call("echo", "echo").send().await.unwrap_err();
        assert_eq!(error.code(), ErrorCode::Network);
    });
}

#[test]
fn given_connections_are_no_peers_of_the_list() {
    block_on(async {
        let (client, server) = channels();
        let (ours, theirs) = tokio::io::duplex(10_000);
        server.serve_connection(Stream(theirs), "a client").unwrap();
        let there = client.connect_with(Stream(ours), "a server").unwrap();
        assert!(there.call("echo", "echo").send().await.unwrap().ok());
        let error = client.call("echo", "echo").send().await.unwrap_err();
        assert_eq!(error.code(), ErrorCode::Declined);
    });
}

#[test]
fn draining_channel_takes_no_streams() {
    block_on(async {
        let (client, server) = channels();
        client.close().await;
        server.close().await;
        let (ours, theirs) = tokio::io::duplex(10_000);
        assert!(client.connect_with(Stream(ours), "a server").is_err());
        assert!(server.serve_connection(Stream(theirs), "a client").is_err());
    });
}
