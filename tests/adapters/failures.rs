//! Calls that are not.

use std::future::pending;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tchannel_rpc::testing::{Network, Shape, echo, pattern};
use tchannel_rpc::tokio::Tokio;
use tchannel_rpc::{Builder, ChecksumKind, ErrorCode, Notice, Origin, Phase, Reject, Reply, Request};
use tokio::sync::Notify;

use super::{Pair, block_on, settle};

#[test]
fn every_error_code_reaches_the_caller_with_its_text() {
    let codes = [
        ("sys-timeout", ErrorCode::Timeout),
        ("sys-cancelled", ErrorCode::Cancelled),
        ("sys-busy", ErrorCode::Busy),
        ("sys-declined", ErrorCode::Declined),
        ("sys-unexpected", ErrorCode::Unexpected),
        ("sys-badrequest", ErrorCode::BadRequest),
        ("sys-network", ErrorCode::Network),
        ("sys-unhealthy", ErrorCode::Unhealthy),
        ("sys-protocol", ErrorCode::Fatal),
    ];
    block_on(async {
        let pair = Pair::new(Shape::default()).await;
        for (endpoint, code) in codes {
            let error = pair.call(endpoint).arg3("as asked").send().await.unwrap_err();
            assert_eq!(error.code(), code, "{error}");
            assert_eq!(error.origin(), Origin::Remote, "{error}");
            assert_eq!(error.message(), "as asked");
            assert_eq!(error.phase(), Phase::Waiting);
        }
        assert_eq!(pair.network.connects(), 1, "errors leave the connection as it is");
    });
}

#[test]
fn unknown_services_and_endpoints_are_bad_requests() {
    block_on(async {
        let pair = Pair::new(Shape::default()).await;
        for body in [pattern(10), pattern(200_000)] {
            let call = pair.client.call("nobody", "x").host(pair.at).arg3(body.clone());
            let error = call.send().await.unwrap_err();
            assert_eq!((error.code(), error.origin()), (ErrorCode::BadRequest, Origin::Remote));
            assert_eq!(error.message(), "unknown service nobody");
            let error = pair.call("nothing").arg3(body).send().await.unwrap_err();
            assert_eq!((error.code(), error.origin()), (ErrorCode::BadRequest, Origin::Remote));
            assert_eq!(error.message(), "no such endpoint service=\"echo\" endpoint=\"nothing\"");
        }
        let error = pair.call("json-echo").send().await.unwrap_err();
        assert_eq!(error.message(), "expected arg scheme \"json\", got \"raw\"");
        assert_eq!(pair.call("echo").arg3("still here").send().await.unwrap().body(), "still here");
    });
}

#[test]
fn fallbacks_take_what_has_no_handler() {
    block_on(async {
        let pair = Pair::new(Shape::default()).await;
        let name = |request: Request| async move { Ok(Reply::ok("", request.arg1().clone())) };
        pair.server.service("echo").unwrap().fallback(name);
        pair.server.service("*").unwrap().register("known", name);
        assert_eq!(pair.call("whatever").send().await.unwrap().body(), "whatever");
        let known = pair.client.call("nobody", "known").host(pair.at).send().await.unwrap();
        assert_eq!(known.body(), "known");
        let error = pair.client.call("nobody", "other").host(pair.at).send().await.unwrap_err();
        assert_eq!(error.code(), ErrorCode::BadRequest);
    });
}

#[test]
fn a_call_without_an_answer_times_out() {
    block_on(async {
        let pair = Pair::new(Shape::default()).await;
        pair.call("echo").send().await.unwrap();
        let error = pair.call("never").timeout(Duration::from_millis(20)).send().await.unwrap_err();
        assert_eq!(error.code(), ErrorCode::Timeout);
        assert!(error.elapsed() >= Duration::from_millis(20));
        assert_eq!(pair.call("echo").arg3("on").send().await.unwrap().body(), "on");
    });
}

#[test]
fn connecting_counts_against_the_deadline() {
    block_on(async {
        // Takes connections in, and says nothing.
        let deaf = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let client = tchannel_rpc::tokio::channel("client").unwrap();
        let call = client.call("echo", "echo").host(deaf.local_addr().unwrap());
        let error = call.timeout(Duration::from_millis(20)).send().await.unwrap_err();
        assert_eq!((error.code(), error.origin()), (ErrorCode::Timeout, Origin::Local));
        assert_eq!(error.phase(), Phase::Handshake, "{error}");
    });
}

#[test]
fn a_peer_that_never_introduces_itself_is_given_up() {
    block_on(async {
        let deaf = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let builder = tchannel_rpc::tokio::builder("client").unwrap();
        let client =
            builder.config(|config| config.handshake_timeout = Duration::from_millis(20)).build().unwrap();
        let error = client.call("a", "b").host(deaf.local_addr().unwrap()).send().await.unwrap_err();
        assert_eq!((error.code(), error.origin()), (ErrorCode::Network, Origin::Local), "{error}");
    });
}

#[test]
fn a_connection_may_end_as_it_is_asked_for() {
    block_on(async {
        let network = Network::new(Tokio::current().unwrap(), Shape::default());
        let builder = Builder::new(network.clone(), "client");
        let client = builder.config(|config| config.handshake_timeout = Duration::ZERO).build().unwrap();
        client.peers().set(["127.0.0.1:8", "127.0.0.1:9"]).unwrap();
        let error = client.call("a", "b").send().await.unwrap_err();
        assert_eq!((error.code(), error.attempts()), (ErrorCode::Network, 2), "{error}");
        client.close().await;
    });
}

#[test]
fn a_refused_connection_is_a_network_error() {
    block_on(async {
        let network = Network::new(Tokio::current().unwrap(), Shape::default());
        let client = Builder::new(network.clone(), "client").build().unwrap();
        let calls: Vec<_> = (0..10).map(|_| client.call("a", "b").host("127.0.0.1:9").send()).collect();
        for call in calls {
            let error = call.await.unwrap_err();
            assert_eq!((error.code(), error.origin()), (ErrorCode::Network, Origin::Local));
            assert_eq!(error.phase(), Phase::Connect);
            assert_eq!(error.peer().as_deref(), Some("127.0.0.1:9"));
            assert_eq!((error.service(), &*error.endpoint()), ("a", "b"));
            let text = error.to_string();
            assert!(text.contains("127.0.0.1:9") && text.contains("refused"), "{text}");
        }
        assert_eq!(network.connects(), 1);
        client.call("a", "b").host("127.0.0.1:9").send().await.unwrap_err();
        assert_eq!(network.connects(), 2, "a later call tries again");
    });
}

#[test]
fn a_call_that_cannot_be_sent_says_why() {
    block_on(async {
        let pair = Pair::new(Shape::default()).await;
        let refused = [
            pair.client.call("echo", "echo"),
            pair.call("echo").host("nonsense"),
            pair.call("echo").host("127.0.0.1:0"),
            pair.call("echo").timeout(Duration::ZERO),
            pair.call("echo").caller(""),
            pair.call("echo").scheme(""),
            pair.call("echo").header("a-key-of-16-byte", "x"),
            pair.call("echo").header("sk", "x".repeat(256)),
            pair.call("echo").checksum(ChecksumKind::FarmHash),
            pair.client.call("", "echo").host(pair.at),
            pair.client.call("echo", "e".repeat(16_385)).host(pair.at),
        ];
        for call in refused {
            let text = format!("{call:?}");
            let error = call.send().await.unwrap_err();
            assert_eq!(error.origin(), Origin::Local, "{text}");
            assert_eq!(error.phase(), Phase::Queue, "{text}");
        }
        assert_eq!(pair.call("echo").send().await.unwrap().body(), "");
    });
}

#[test]
fn a_host_name_without_an_address_is_a_network_error() {
    block_on(async {
        let pair = Pair::new(Shape::default()).await;
        let error = pair.call("echo").host("no.such.host:1").send().await.unwrap_err();
        assert_eq!((error.code(), error.phase()), (ErrorCode::Network, Phase::Connect));
        let named = format!("localhost:{}", pair.at.port());
        assert_eq!(pair.call("echo").host(named).arg3("x").send().await.unwrap().body(), "x");
    });
}

#[test]
fn calls_in_flight_fail_when_the_connection_is_cut() {
    block_on(async {
        let pair = Pair::new(Shape::default()).await;
        let calls: Vec<_> = (0..20).map(|_| pair.call("never").send()).collect();
        settle().await;
        pair.network.sever();
        for call in calls {
            let error = call.await.unwrap_err();
            assert_eq!((error.code(), error.origin()), (ErrorCode::Network, Origin::Local));
            assert_eq!(error.phase(), Phase::Waiting);
        }
        assert_eq!(pair.call("echo").arg3("new").send().await.unwrap().body(), "new");
        assert_eq!(pair.network.connects(), 2);
    });
}

#[test]
fn a_handler_may_close_the_connection() {
    block_on(async {
        let pair = Pair::new(Shape::default()).await;
        let error = pair.call("drop").send().await.unwrap_err();
        assert_eq!((error.code(), error.origin()), (ErrorCode::Network, Origin::Local), "{error}");
        assert_eq!(pair.call("echo").arg3("new").send().await.unwrap().body(), "new");
    });
}

/// Counts handlers that are running, and tells when that changes.
#[derive(Clone, Default)]
struct Running(Arc<(AtomicUsize, Notify)>);

struct Run(Running);

impl Running {
    fn start(&self) -> Run {
        self.0.0.fetch_add(1, Ordering::SeqCst);
        self.0.1.notify_waiters();
        Run(self.clone())
    }

    async fn are(&self, count: usize) {
        loop {
            let change = self.0.1.notified();
            if self.0.0.load(Ordering::SeqCst) == count {
                return;
            }
            change.await;
        }
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        self.0.0.0.fetch_sub(1, Ordering::SeqCst);
        self.0.0.1.notify_waiters();
    }
}

async fn with_running() -> (Pair, Running) {
    let pair = Pair::new(Shape::default()).await;
    let running = Running::default();
    let counted = running.clone();
    pair.server.service("slow").unwrap().register("wait", move |_: Request| {
        let run = counted.start();
        async move {
            let _run = run;
            pending::<Result<Reply, Reject>>().await
        }
    });
    (pair, running)
}

#[test]
fn dropping_a_call_drops_its_handler() {
    block_on(async {
        let (pair, running) = with_running().await;
        let calls: Vec<_> = (0..5).map(|_| pair.client.call("slow", "wait").host(pair.at).send()).collect();
        running.are(5).await;
        drop(calls);
        running.are(0).await;
        assert_eq!(pair.call("echo").arg3("on").send().await.unwrap().body(), "on");
        assert_eq!(pair.network.connects(), 1);
    });
}

#[test]
fn handlers_are_dropped_when_the_time_is_over() {
    block_on(async {
        let (pair, running) = with_running().await;
        let mut patience = Duration::from_millis(30);
        loop {
            let call = pair.client.call("slow", "wait").host(pair.at).timeout(patience).send();
            let mut call = tokio::spawn(call);
            tokio::select! {
                () = running.are(1) => {
                    assert_eq!(call.await.unwrap().unwrap_err().code(), ErrorCode::Timeout);
                    break;
                }
                // A busy machine took all of it before the handler ran.
                _ = &mut call => patience *= 2,
            }
        }
        running.are(0).await;
    });
}

#[test]
fn handlers_are_dropped_when_their_caller_is_gone() {
    block_on(async {
        let (pair, running) = with_running().await;
        let call = tokio::spawn(pair.client.call("slow", "wait").host(pair.at).send());
        running.are(1).await;
        pair.network.sever();
        running.are(0).await;
        assert_eq!(call.await.unwrap().unwrap_err().code(), ErrorCode::Network);
    });
}

#[test]
fn exposed_errors_tell_the_caller_why_a_handler_failed() {
    block_on(async {
        let network = Network::new(Tokio::current().unwrap(), Shape::default());
        let server = Builder::new(network.clone(), "server").expose_errors().build().unwrap();
        echo(&server, "echo", network.clone());
        server.service("echo").unwrap().register("fails", |_: Request| async {
            let number: i32 = "secret".parse()?;
            Ok(Reply::ok("", number.to_string()))
        });
        let at = server.listen("127.0.0.1:0").await.unwrap();
        let client = Builder::new(network, "client").build().unwrap();
        for (endpoint, why) in [("fails", "invalid digit found in string"), ("crash", "as it was asked to")] {
            let error = client.call("echo", endpoint).host(at).send().await.unwrap_err();
            assert_eq!((error.code(), error.origin()), (ErrorCode::Unexpected, Origin::Remote));
            let text = error.message();
            assert!(text.starts_with("unexpected error: ") && text.contains(why), "{text}");
        }
    });
}

#[test]
fn handlers_that_fail_tell_the_caller_nothing_but_that() {
    let noticed = Arc::new(Mutex::new(Vec::new()));
    let notices = noticed.clone();
    block_on(async {
        let network = Network::new(Tokio::current().unwrap(), Shape::default());
        let server = Builder::new(network.clone(), "server")
            .on_notice(move |notice| {
                if let Notice::HandlerFailed { service, endpoint, detail } = notice {
                    notices.lock().unwrap().push(format!("{service} {endpoint} {detail}"));
                }
            })
            .build()
            .unwrap();
        echo(&server, "echo", network.clone());
        server.service("echo").unwrap().register("fails", |_: Request| async {
            let number: i32 = "secret".parse()?;
            Ok(Reply::ok("", number.to_string()))
        });
        server.service("echo").unwrap().register("panics-at-once", |_: Request| {
            let text: Option<&str> = None;
            assert!(text.is_some(), "no text");
            async { Ok(Reply::ok("", "")) }
        });
        let at = server.listen("127.0.0.1:0").await.unwrap();
        let client = Builder::new(network, "client").build().unwrap();
        for endpoint in ["crash", "fails", "panics-at-once"] {
            let error = client.call("echo", endpoint).host(at).send().await.unwrap_err();
            assert_eq!((error.code(), error.origin()), (ErrorCode::Unexpected, Origin::Remote));
            assert_eq!(error.message(), "unexpected error");
        }
        assert_eq!(client.call("echo", "echo").host(at).arg3("on").send().await.unwrap().body(), "on");
    });
    let noticed = noticed.lock().unwrap();
    assert_eq!(noticed.len(), 3, "{noticed:?}");
    assert!(noticed[0].contains("as it was asked to"), "{noticed:?}");
    assert!(noticed[1].contains("invalid digit"), "{noticed:?}");
    assert!(noticed[2].contains("no text"), "{noticed:?}");
}

#[test]
fn requests_over_the_limit_are_told_busy() {
    block_on(async {
        let network = Network::new(Tokio::current().unwrap(), Shape::default());
        let limit = 8;
        let builder = Builder::new(network.clone(), "server");
        let server =
            builder.config(|config| config.max_incoming_calls = limit.try_into().unwrap()).build().unwrap();
        echo(&server, "echo", network.clone());
        let at = server.listen("127.0.0.1:0").await.unwrap();
        let client = Builder::new(network, "client").build().unwrap();
        let waiting: Vec<_> = (0..limit).map(|_| client.call("echo", "never").host(at).send()).collect();
        settle().await;
        let error = client.call("echo", "echo").host(at).send().await.unwrap_err();
        assert_eq!((error.code(), error.origin()), (ErrorCode::Busy, Origin::Remote));
        drop(waiting);
        settle().await;
        assert_eq!(client.call("echo", "echo").host(at).arg3("x").send().await.unwrap().body(), "x");
    });
}
