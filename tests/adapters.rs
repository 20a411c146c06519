//! The Tokio adapter, over memory and over sockets. Nothing here waits for time: tests wait for events.

#![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

#[path = "adapters/as_simulated.rs"]
mod as_simulated;
#[path = "adapters/bodies.rs"]
mod bodies;
#[path = "adapters/broken_streams.rs"]
mod broken_streams;
#[path = "adapters/calls.rs"]
mod calls;
#[path = "adapters/cassette.rs"]
mod cassette;
#[path = "adapters/closing.rs"]
mod closing;
#[path = "adapters/dead_peers.rs"]
mod dead_peers;
#[path = "adapters/deaf.rs"]
mod deaf;
#[path = "adapters/dropped.rs"]
mod dropped;
#[path = "adapters/ends.rs"]
mod ends;
#[path = "adapters/failures.rs"]
mod failures;
#[path = "adapters/given.rs"]
mod given;
#[path = "adapters/guard.rs"]
mod guard;
#[path = "adapters/http.rs"]
mod http;
#[path = "adapters/hyperbahn.rs"]
mod hyperbahn;
#[path = "adapters/listening.rs"]
mod listening;
#[path = "adapters/observed.rs"]
mod observed;
#[path = "adapters/process.rs"]
mod process;
#[path = "adapters/raw.rs"]
mod raw;
#[path = "adapters/reentry.rs"]
mod reentry;
#[path = "adapters/rough.rs"]
mod rough;
#[path = "adapters/sockets.rs"]
mod sockets;
#[path = "adapters/sthrift.rs"]
mod sthrift;
#[path = "adapters/streams.rs"]
mod streams;
#[path = "adapters/threads.rs"]
mod threads;
#[path = "adapters/tls.rs"]
mod tls;
#[path = "adapters/traffic.rs"]
mod traffic;
#[path = "adapters/turns.rs"]
mod turns;
#[path = "adapters/waiting_handlers.rs"]
mod waiting_handlers;

use std::future::Future;
use std::net::SocketAddr;
use std::time::Duration;

use tchannel_rpc::testing::{Network, Shape, echo};
use tchannel_rpc::tokio::Tokio;
use tchannel_rpc::{Builder, Channel};

/// Runs a test on one thread: what happens when is then the same each time.
fn block_on<T>(test: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let result = runtime.block_on(async { tokio::time::timeout(HANG, test).await });
    result.expect("the test hangs")
}

/// Runs a test on several threads.
fn block_on_threads<T>(test: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(3).enable_all().build().unwrap();
    let result = runtime.block_on(async { tokio::time::timeout(HANG, test).await });
    result.expect("the test hangs")
}

/// Far longer than any test takes.
const HANG: Duration = Duration::from_secs(60);

/// A server with the service `echo`, a client, and the network between them.
struct Pair {
    network: Network<Tokio>,
    server: Channel,
    client: Channel,
    at: SocketAddr,
}

impl Pair {
    async fn new(shape: Shape) -> Self {
        let network = Network::new(Tokio::current().unwrap(), shape);
        let server = Builder::new(network.clone(), "server").build().unwrap();
        echo(&server, "echo", network.clone());
        let at = server.listen("127.0.0.1:0").await.unwrap();
        let client = Builder::new(network.clone(), "client").build().unwrap();
        Pair { network, server, client, at }
    }

    fn call(&self, endpoint: &str) -> tchannel_rpc::Outbound {
        self.client.call("echo", endpoint).host(self.at)
    }
}

/// Lets every task that can go on do so.
async fn settle() {
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
}
