//! Connections that were used once and dropped.

use std::net::SocketAddr;
use std::time::Duration;

use tchannel_rpc::blocking::{self, Blocking, Threads};
use tchannel_rpc::{Builder, Channel};
use tchannel_tests::interop::{Plain, Runtime};

use super::counting::Held;
use super::{alone, block_on, echoes};

/// Connections that are open at once.
const BATCH: usize = 100;

const BATCHES: usize = 100;

/// Bytes that all ten thousand connections together may leave in tables of a runtime that are larger than before.
const SLACK: i64 = 8 << 10;

/// Longer than a channel keeps what it does not use, and than threads wait for more to do.
const BUFFERS_KEPT: Duration = Duration::from_secs(3);
const THREADS_KEPT: Duration = Duration::from_secs(6);

#[test]
fn ten_thousand_connections_leave_nothing_behind_on_tokio() {
    leave_nothing_behind(Runtime::Tokio);
}

#[test]
fn ten_thousand_connections_leave_nothing_behind_on_async_std() {
    leave_nothing_behind(Runtime::AsyncStd);
}

#[test]
fn ten_thousand_connections_leave_nothing_behind_on_smol() {
    leave_nothing_behind(Runtime::Smol);
}

#[test]
fn ten_thousand_connections_leave_nothing_behind_on_threads() {
    leave_nothing_behind(Runtime::Blocking);
}

fn leave_nothing_behind(runtime: Runtime) {
    let _alone = alone();
    block_on(async {
        let threads = Threads::default();
        let kept = if runtime == Runtime::Blocking { THREADS_KEPT } else { BUFFERS_KEPT };
        let server = channel(runtime, &threads, "server");
        server.service("s").unwrap().register("echo", echoes);
        let at = server.listen("127.0.0.1:0").await.unwrap();
        for _ in 0..3 {
            batch(runtime, &threads, &server, at).await;
        }
        let before = Held::when_quiet(kept).await;
        for _ in 0..BATCHES {
            batch(runtime, &threads, &server, at).await;
        }
        let snapshot = server.snapshot();
        assert_eq!((snapshot.num_connections, snapshot.root_peers.len(), snapshot.held), (0, 0, 0));
        let after = Held::when_quiet(kept).await;
        let bytes = after.bytes - before.bytes;
        assert!(bytes <= SLACK, "{runtime}: {before:?} before, {after:?} after");
        assert!(after.threads <= before.threads, "{runtime}: {before:?} before, {after:?} after");
        assert!(after.descriptors <= before.descriptors, "{runtime}: {before:?} before, {after:?} after");
    });
}

/// A channel; those on threads share them, as channels of one process may.
fn channel(runtime: Runtime, threads: &Threads, name: &str) -> Channel {
    match runtime {
        Runtime::Blocking => Builder::new(Blocking::new(threads.clone()), name).build().unwrap(),
        Runtime::Tokio | Runtime::AsyncStd | Runtime::Smol => runtime.channel(name, Plain).unwrap(),
    }
}

/// Opens connections, calls once over each, and drops them.
async fn batch(runtime: Runtime, threads: &Threads, server: &Channel, at: SocketAddr) {
    let clients: Vec<Channel> = (0..BATCH).map(|_| channel(runtime, threads, "client")).collect();
    let calls = clients.iter().map(|client| client.call("s", "echo").host(at).arg3("once").send());
    for call in calls.collect::<Vec<_>>() {
        assert_eq!(call.await.unwrap().body(), "once");
    }
    drop(clients);
    while server.snapshot().num_connections > 0 {
        tokio::task::yield_now().await;
    }
}

#[test]
fn the_threads_of_a_channel_go_with_it() {
    let _alone = alone();
    block_on(async {
        let server = blocking::channel("server").unwrap();
        server.service("s").unwrap().register("echo", echoes);
        let at = server.listen("127.0.0.1:0").await.unwrap();
        let before = Held::now();
        for _ in 0..20 {
            let client = blocking::channel("client").unwrap();
            client.call("s", "echo").host(at).send().await.unwrap();
            client.close().await;
        }
        // The server's threads for one connection are kept for the next.
        let kept = 3;
        while Held::now().threads > before.threads + kept {
            tokio::task::yield_now().await;
        }
    });
}
