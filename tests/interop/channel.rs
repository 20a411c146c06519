//! Our client with several servers of the reference implementations, and traces that go through them.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use serde_json::Value;
use tchannel_proto::Timestamp;
use tchannel_rpc::peers::{Candidate, Score, Strategy, host_port_hash};
use tchannel_rpc::{Channel, ErrorCode, Origin, Parent, Reply, Request, RetryFlags, Tracing};
use tchannel_tests::interop::{CALLER, SERVICE};
use tchannel_tests::peers::{Peer, Server};

use super::check::done;

fn block_on<T>(test: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    runtime.expect("there are threads to run on").block_on(test)
}

/// Chooses one peer as long as it can.
#[derive(Debug)]
struct First(u32);

impl First {
    fn of(peer: SocketAddr) -> Strategy {
        Strategy::Lowest(Arc::new(First(host_port_hash(&peer.to_string()))))
    }
}

impl Score for First {
    fn score(&self, peer: &Candidate, _: Option<&str>) -> u64 {
        u64::from(peer.hash != self.0)
    }
}

/// A client that tries the first of these servers first.
fn client(servers: [SocketAddr; 2]) -> Channel {
    let builder = tchannel_rpc::tokio::builder(CALLER).expect("it runs on Tokio");
    let builder = builder.channel_config(|config| config.strategy = First::of(servers[0]));
    let client = builder.build().expect("a name");
    for server in servers {
        client.peers().add(&server.to_string()).expect("it listens");
    }
    client
}

#[test]
fn our_client_goes_on_from_a_busy_node_server_to_a_python_server() {
    let (node, python) =
        (done(Server::start(Peer::Node, &["--busy"])), done(Server::start(Peer::Python, &[])));
    block_on(async {
        let client = client([node.address(), python.address()]);
        for n in 0..10 {
            let call = client.call(SERVICE, "echo").arg2("head").arg3(n.to_string());
            let answer = call.send().await.expect("python answers");
            assert_eq!((answer.arg2(), answer.body()), (&"head".into(), n.to_string().into()));
            assert_eq!(answer.attempts(), 2, "node was asked first");
            assert_eq!(answer.peer().map(ToString::to_string), Some(python.address().to_string()));
        }
        let call = client.call(SERVICE, "echo").retry(RetryFlags::NEVER);
        let error = call.send().await.expect_err("node is busy");
        assert_eq!((error.code(), error.origin()), (ErrorCode::Busy, Origin::Remote));
        assert_eq!((error.message(), error.attempts()), ("echo is busy", 1));
        assert_eq!(error.peer(), Some(node.address().to_string()));
        client.close().await;
    });
}

#[test]
fn our_client_goes_on_from_a_server_that_is_gone_to_the_others() {
    let gone = done(Server::start(Peer::Node, &[])).address();
    let python = done(Server::start(Peer::Python, &[]));
    block_on(async {
        let client = client([gone, python.address()]);
        let answer = client.call(SERVICE, "echo").arg3("x").send().await.expect("python answers");
        assert_eq!((answer.body(), answer.attempts()), ("x".into(), 2));
        client.close().await;
    });
}

/// Each half of each number tells where it belongs.
const CAUSE: Tracing =
    Tracing { span_id: 1 << 32 | 2, parent_id: 3 << 32 | 4, trace_id: 5 << 32 | 6, flags: 1 };

/// Tracing as a peer tells it.
fn told(json: &[u8]) -> Tracing {
    let seen: Value = serde_json::from_slice(json).expect("it tells JSON");
    let number = |key: &str| {
        let word = |at: usize| seen[key][at].as_u64().unwrap_or_else(|| panic!("{key} in {seen}"));
        word(0) << 32 | word(1)
    };
    let flags = seen["flags"].as_u64().and_then(|flags| u8::try_from(flags).ok()).expect("a byte");
    Tracing { span_id: number("spanid"), parent_id: number("parentid"), trace_id: number("traceid"), flags }
}

fn trace_goes_through(peer: Peer) {
    let server = done(Server::start(peer, &[]));
    block_on(async {
        let client = tchannel_rpc::tokio::channel(CALLER).expect("a name");
        let back = Arc::<Mutex<Vec<Tracing>>>::default();
        let seen = back.clone();
        client.service(CALLER).expect("a name").register("echo", move |request: Request| {
            seen.lock().expect("nothing panics with it").push(request.tracing());
            async move { Ok(Reply::ok("", request.body())) }
        });
        let call = client.call(SERVICE, "child").host(server.address()).arg3("there and back");
        let parent = Parent { tracing: CAUSE, deadline: Timestamp::MAX };
        let answer = call.parent(parent).send().await.expect("it is called back");
        assert_eq!(answer.body(), "there and back");

        let sent = answer.tracing();
        assert_eq!((sent.trace_id, sent.parent_id, sent.flags), (CAUSE.trace_id, CAUSE.span_id, 1));
        assert!(![0, CAUSE.span_id].contains(&sent.span_id), "a span of its own");
        assert_eq!(told(answer.arg2()), sent, "the server saw what was sent");
        let [back] = back.lock().expect("nothing panics with it")[..] else { panic!("one call back") };
        assert_eq!((back.trace_id, back.parent_id, back.flags), (sent.trace_id, sent.span_id, 1));
        assert!(![0, sent.span_id].contains(&back.span_id), "a span of its own");
        client.close().await;
    });
}

#[test]
fn a_trace_goes_through_a_node_server_and_back() {
    trace_goes_through(Peer::Node);
}

#[test]
fn a_trace_goes_through_a_python_server_and_back() {
    trace_goes_through(Peer::Python);
}
