//! Futures that are dropped before their end leave everything as their documents say.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Instant;

use tchannel_rpc::runtime::{Accepted, Runtime};
use tchannel_rpc::testing::{Listener, Loopback, Network, Shape};
use tchannel_rpc::tokio::Tokio;
use tchannel_rpc::{Builder, ErrorCode, ListenError};
use tokio::sync::Notify;

use super::{HANG, Pair, block_on, settle};

/// Polls once, and drops what is not done by then.
fn begins<T>(future: impl Future<Output = T>) -> Option<T> {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(done) => Some(done),
        Poll::Pending => None,
    }
}

/// Looks up names only once it is told to.
#[derive(Clone)]
struct Hesitant(Network<Tokio>, Arc<Notify>);

impl Runtime for Hesitant {
    type Stream = Loopback;
    type Listener = Listener;

    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.0.spawn(task);
    }

    fn sleep_until(&self, at: Instant) -> impl Future<Output = ()> + Send {
        self.0.sleep_until(at)
    }

    async fn resolve(&self, host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
        self.1.notified().await;
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
fn a_listen_that_is_dropped_listens_nowhere_and_may_be_asked_again() {
    block_on(async {
        let (network, go) = (Network::new(Tokio::current().unwrap(), Shape::default()), Arc::default());
        let server = Builder::new(Hesitant(network, Arc::clone(&go)), "server").build().unwrap();
        assert!(begins(server.listen("localhost:7")).is_none());
        assert!(begins(server.listen_all(["127.0.0.1:7", "localhost:8"])).is_none());
        assert_eq!(server.listens_at(), None);
        go.notify_one();
        // The first of the two addresses is free again, too.
        let at = server.listen_all(["127.0.0.1:7", "localhost:8"]).await.unwrap();
        assert_eq!(server.listens_at_all(), at);
        let again = begins(server.listen("127.0.0.1:9"));
        assert!(matches!(again, Some(Err(ListenError::AlreadyListening))));
    });
}

#[test]
fn a_drain_that_nobody_waits_for_goes_on() {
    block_on(async {
        let pair = Pair::new(Shape::default()).await;
        let running = pair.call("sleep").arg3("20").send();
        settle().await;
        assert!(begins(pair.server.drain(HANG)).is_none());
        assert_eq!(running.await.unwrap().body(), "slept 20");
        pair.server.drain(HANG).await;
        assert_eq!(pair.server.listens_at(), None);
    });
}

#[test]
fn a_serve_until_that_is_dropped_after_its_end_still_drains() {
    block_on(async {
        let pair = Pair::new(Shape::default()).await;
        let running = pair.call("sleep").arg3("20").send();
        settle().await;
        assert!(begins(pair.server.serve_until(std::future::ready(()), HANG)).is_none());
        assert_eq!(running.await.unwrap().body(), "slept 20");
        pair.server.drain(HANG).await;
        let error = pair.call("echo").retry_limit(0).send().await.unwrap_err();
        assert_eq!(error.code(), ErrorCode::Network, "{error}");
    });
}

#[test]
fn a_call_is_waited_for_in_turns() {
    block_on(async {
        let pair = Pair::new(Shape::default()).await;
        let mut call = pair.call("echo").arg3("x").send();
        for _ in 0..10 {
            assert!(begins(&mut call).is_none(), "nobody else has run");
        }
        settle().await;
        assert_eq!(call.await.unwrap().body(), "x");
    });
}

#[test]
fn an_arg2_that_is_dropped_while_it_waits_writes_nothing() {
    block_on(async {
        let pair = Pair::new(Shape { capacity: 1_000, ..Shape::default() }).await;
        let (mut request, call) = pair.call("stream").open();
        // Written until there is no room: the answer is not read meanwhile.
        let mut written = Vec::new();
        while begins(request.write(vec![1; 10_000])).is_some_and(|done| done.is_ok()) {
            written.extend([1; 10_000]);
        }
        assert!(begins(request.arg2(vec![2; 10_000])).is_none(), "there is room");
        let mut response = call.await.unwrap();
        let reading = async {
            let arg2 = response.body().arg2().await.unwrap();
            assert_eq!((arg2, response.body().chunk().await.unwrap()), (written.into(), Some("end".into())));
        };
        let writing = async {
            request.next_arg().unwrap();
            request.write("end").await.unwrap();
            request.finish().unwrap();
        };
        tokio::join!(reading, writing);
    });
}
