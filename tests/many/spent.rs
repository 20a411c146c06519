//! Connections that were used once and dropped.

use std::net::SocketAddr;
use std::time::Duration;

use tchannel_rpc::blocking::{self, Blocking, Threads};
use tchannel_rpc::{Builder, Channel};
use tchannel_tests::interop::{Plain, Runtime};

use super::counting::Held;
use super::{BUFFERS_KEPT, alone, block_on, echoes};

/// Connections that are open at once.
const BATCH: usize = 100;

const BATCHES: usize = 100;

/// Tables of a runtime are as large as there were most tasks at once, which is not in the test's hands; nothing that a
/// connection has is as small as its part of this.
const BYTES: i64 = 128 << 10;
const BLOCKS: i64 = 100;

/// Longer than threads wait for more to do.
const THREADS_KEPT: Duration = Duration::from_secs(6);

/// Longer than a thread takes to begin.
const BEGUN: Duration = Duration::from_secs(1);

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
        // More at once than later: no table has to grow after this.
        batch(4 * BATCH, runtime, &threads, &server, at).await;
        let before = Held::when_quiet(kept).await;
        for _ in 0..BATCHES {
            batch(BATCH, runtime, &threads, &server, at).await;
        }
        let snapshot = server.snapshot();
        assert_eq!((snapshot.num_connections, snapshot.root_peers.len(), snapshot.held), (0, 0, 0));
        let after = Held::when_quiet(kept).await;
        let (bytes, blocks) = (after.bytes - before.bytes, after.blocks - before.blocks);
        assert!(bytes <= BYTES && blocks <= BLOCKS, "{runtime}: {before:?} before, {after:?} after");
        assert!(after.threads <= before.threads, "{runtime}: {before:?} before, {after:?} after");
        assert_eq!(after.tasks, before.tasks, "{runtime}: {before:?} before, {after:?} after");
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
async fn batch(count: usize, runtime: Runtime, threads: &Threads, server: &Channel, at: SocketAddr) {
    let clients: Vec<Channel> = (0..count).map(|_| channel(runtime, threads, "client")).collect();
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
        // Threads bear the name of their maker, which is not counted, until they have begun.
        let before = Held::when_quiet(BEGUN).await;
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
