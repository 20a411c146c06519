//! How often a call through the Tokio adapter asks the allocator: client and server together.
//!
//! Over memory: how a kernel cuts what it carries would change the count.

use std::future::Future;

use bytes::Bytes;
use tchannel_rpc::testing::{Network, Shape};
use tchannel_rpc::tokio::Tokio;
use tchannel_rpc::{Builder, Channel, Outbound, Reply, Request};
use tchannel_tests::heap::allocations;

/// On one thread, so that its counter sees both sides.
fn block_on<T>(test: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(test)
}

async fn pair() -> (Channel, Channel, String) {
    let network = Network::new(Tokio::current().expect("it runs on Tokio"), Shape::default());
    let channel = |name| Builder::new(network.clone(), name).build().expect("a channel");
    let (server, client) = (channel("server"), channel("client"));
    server.service("server").expect("a service").register("echo", |request: Request| async move {
        let args = request.into_args();
        Ok(Reply::pieces(args.arg2, args.arg3))
    });
    let at = server.listen("127.0.0.1:0").await.expect("a free port");
    (server, client, at.to_string())
}

const ROUNDS: u32 = 200;

/// Allocations of one call, when `at_once` are under way.
fn counted(len: usize, at_once: usize) -> f64 {
    block_on(async {
        let (_server, client, at) = pair().await;
        let call = client.call("server", "echo").host(at).arg3(Bytes::from(vec![7; len]));
        for _ in 0..20 {
            round(&call, at_once, &mut Vec::with_capacity(at_once)).await;
        }
        let mut waiting = Vec::with_capacity(at_once);
        let before = allocations();
        for _ in 0..ROUNDS {
            round(&call, at_once, &mut waiting).await;
        }
        let counted = u32::try_from(allocations() - before).expect("few");
        f64::from(counted) / f64::from(ROUNDS) / f64::from(u32::try_from(at_once).expect("few"))
    })
}

async fn round(call: &Outbound, at_once: usize, waiting: &mut Vec<tchannel_rpc::Call>) {
    waiting.extend((0..at_once).map(|_| call.clone().send()));
    for sent in waiting.drain(..) {
        assert!(sent.await.expect("an answer").ok());
    }
}

#[test]
fn calls_through_the_adapter_allocate_a_few_times() {
    for (len, at_once, most) in [
        (16, 1, LONE),
        (16, 100, BUSY),
        (1 << 10, 1, LONE),
        (1 << 10, 100, BUSY + COPIED),
        (16 << 10, 1, LONE + COPIED),
        (16 << 10, 16, BUSY),
    ] {
        let counted = counted(len, at_once);
        println!("{len} bytes, {at_once} at once: {counted:.3} allocations a call");
        assert!(counted <= most, "{counted} allocations a call of {len} bytes, {at_once} at once");
    }
}

/// The handler's future, and what many calls share.
const BUSY: f64 = 1.3;

/// The same, and a read buffer on each side, which an idle connection gives up.
const LONE: f64 = 3.3;

/// A body that is copied out of a read buffer, on each side.
const COPIED: f64 = 2.0;
