//! How the end of a connection is told, and to whom.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Waker};
use std::time::Instant;

use tchannel_rpc::runtime::{Accepted, Runtime};
use tchannel_rpc::testing::{Listener, Loopback, Network, Shape, echo};
use tchannel_rpc::tokio::Tokio;
use tchannel_rpc::{Builder, ErrorCode, Notice, Phase};

use super::{block_on, block_on_threads};

/// Begins tasks where they are spawned: what another thread might do in between is done for certain.
#[derive(Clone)]
struct Eager(Network<Tokio>);

impl Runtime for Eager {
    type Stream = Loopback;
    type Listener = Listener;

    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let mut task = Box::pin(task);
        if task.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending() {
            self.0.spawn(task);
        }
    }

    fn sleep_until(&self, at: Instant) -> impl Future<Output = ()> + Send {
        self.0.sleep_until(at)
    }

    async fn resolve(&self, host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
        self.0.resolve(host, port).await
    }

    async fn connect(&self, to: SocketAddr, host: &str) -> io::Result<Loopback> {
        self.0.connect(to, host).await
    }

    async fn listen(&self, at: SocketAddr) -> io::Result<(Listener, SocketAddr)> {
        self.0.listen(at).await
    }

    async fn accept(listener: &mut Listener) -> io::Result<Accepted<Loopback>> {
        Network::<Tokio>::accept(listener).await
    }
}

#[test]
fn a_call_too_late_for_its_connection_learns_how_that_ended() {
    block_on(async {
        let network = Network::new(Tokio::current().unwrap(), Shape::default());
        let client = Builder::new(Eager(network.clone()), "client").build().unwrap();
        let call = client.call("service", "endpoint").host("127.0.0.1:9");
        for error in [call.clone().send().await.unwrap_err(), call.open().1.await.unwrap_err()] {
            assert_eq!(error.code(), ErrorCode::Network, "{error}");
            assert_eq!(error.phase(), Phase::Connect, "{error}");
            let text = error.to_string();
            assert!(text.contains("connection refused") && text.contains("\"endpoint\""), "{text}");
        }
        assert!(network.connects() >= 2, "it was tried again");
    });
}

#[test]
fn the_end_of_every_connection_is_told_before_the_channel_is_closed() {
    block_on_threads(async {
        for round in 0..200 {
            let told = Arc::new(AtomicUsize::new(0));
            let counts = told.clone();
            let network = Network::new(Tokio::current().unwrap(), Shape::default());
            let server = Builder::new(network.clone(), "server").build().unwrap();
            echo(&server, "echo", network.clone());
            let at = server.listen("127.0.0.1:0").await.unwrap();
            let client = Builder::new(network, "client").on_notice(move |notice| {
                if matches!(notice, Notice::Closed { .. }) {
                    counts.fetch_add(1, Ordering::Relaxed);
                }
            });
            let client = client.build().unwrap();
            client.call("echo", "echo").host(at).send().await.unwrap();
            let running = client.call("echo", "never").host(at).send();
            client.close().await;
            assert_eq!(told.load(Ordering::Relaxed), 1, "round {round}");
            assert_eq!(running.await.unwrap_err().code(), ErrorCode::Network);
        }
    });
}
