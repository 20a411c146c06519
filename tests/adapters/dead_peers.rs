//! Peers that die, fall silent, or stop to listen: every caller gets an error by its deadline, and the others go on.

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};

use tchannel_proto::Event;
use tchannel_rpc::testing::pattern;
use tchannel_rpc::{
    Builder, Bytes, Channel, CloseReason, ErrorCode, Notice, Reject, Reply, Request, runtime,
};
use tchannel_tests::interop::{Plain, Runtime, SERVICE, Setup};
use tokio::sync::Notify;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::{spawn_blocking, yield_now};

use super::process::Process;
use super::raw::Raw;
use super::{HANG, block_on_threads};

/// For calls that nothing but the death of their peer ends.
const LONG: Duration = HANG;

/// For calls that only their deadline ends.
const SHORT: Duration = Duration::from_millis(300);

/// More than two sockets and two machines take in while nobody reads.
const MUCH: usize = 48 << 20;

fn client(runtime: Runtime) -> Channel {
    runtime.channel("client", Plain).unwrap()
}

async fn is_served(client: &Channel, at: SocketAddr) -> bool {
    let call = client.call(SERVICE, "echo").host(at).arg3("x").retry_limit(0).timeout(LONG);
    call.send().await.is_ok_and(|answer| answer.body() == "x")
}

/// Serves `hold`, which never answers. Tells of each request when it begins, and when nobody waits for it any more.
fn holds(channel: &Channel, service: &str) -> UnboundedReceiver<&'static str> {
    struct Held(UnboundedSender<&'static str>);

    impl Drop for Held {
        fn drop(&mut self) {
            let _test_over = self.0.send("dropped");
        }
    }

    let (tell, told) = unbounded_channel();
    channel.service(service).unwrap().register("hold", move |request: Request| {
        let held = (Held(tell.clone()), request);
        let _test_over = tell.send("begun");
        async move {
            let _held = held;
            std::future::pending::<Result<Reply, Reject>>().await
        }
    });
    told
}

#[test]
fn a_killed_peer_ends_its_calls_and_ours_at_once() {
    for runtime in Runtime::ALL {
        block_on_threads(async {
            let mut peer = Process::server(runtime);
            let client = client(runtime);
            let mut told = holds(&client, "client");
            let call = |endpoint: &str| client.call(SERVICE, endpoint).host(peer.at).timeout(LONG);
            let whole = call("never").send();
            let (mut request, streamed) = call("stream").open();
            request.arg2("head").await.unwrap();
            request.write("some").await.unwrap();
            let mut response = streamed.await.unwrap();
            assert_eq!(response.body().arg2().await.unwrap(), "head");
            let called_back = call("reverse").arg2("hold").send();
            assert_eq!(told.recv().await, Some("begun"));
            peer.kill();
            for call in [whole, called_back] {
                assert_eq!(call.await.unwrap_err().code(), ErrorCode::Network, "{runtime}");
            }
            while response.body().chunk().await.is_ok_and(|chunk| chunk.is_some()) {}
            response.body().chunk().await.expect_err("the stream has no end");
            while request.write("more").await.is_ok() {}
            assert_eq!(told.recv().await, Some("dropped"));
            assert!(is_served(&client, Process::server(runtime).at).await, "{runtime}");
        });
    }
}

#[test]
fn a_caller_that_says_no_more_is_not_waited_for() {
    for runtime in Runtime::ALL {
        block_on_threads(async {
            let server = runtime.channel("server", Plain).unwrap();
            runtime.echo(&server, SERVICE).unwrap();
            let mut told = holds(&server, "s");
            let at = server.listen("127.0.0.1:0").await.unwrap();
            let other = client(runtime);
            assert!(is_served(&other, at).await);
            let peer = spawn_blocking(move || {
                let mut peer = Raw::dials(at);
                peer.asks("s", "hold", "");
                peer
            });
            assert_eq!(told.recv().await, Some("begun"));
            let peer = peer.await.unwrap();
            peer.says_no_more();
            assert_eq!(told.recv().await, Some("dropped"), "{runtime}");
            let ended = spawn_blocking(move || { peer }.hears().map(|event| format!("{event:?}")));
            ended.await.unwrap().expect_err("the server closes its direction, too");
            assert!(is_served(&other, at).await, "{runtime}");
            while server.snapshot().num_connections > 1 {
                yield_now().await;
            }
        });
    }
}

#[test]
fn a_server_that_says_no_more_is_not_waited_for() {
    for runtime in Runtime::ALL {
        block_on_threads(async {
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            let at = listener.local_addr().unwrap();
            let peer = spawn_blocking(move || {
                let mut peer = Raw::accepts(&listener);
                while !matches!(peer.hears().unwrap(), Event::Request { .. }) {}
                peer.says_no_more();
                // Not closed before the client is.
                while peer.hears().is_ok() {}
            });
            let client = client(runtime);
            let call = client.call(SERVICE, "never").host(at).retry_limit(0).timeout(LONG);
            assert_eq!(call.send().await.unwrap_err().code(), ErrorCode::Network, "{runtime}");
            peer.await.unwrap();
            assert!(is_served(&client, Process::server(runtime).at).await, "{runtime}");
        });
    }
}

/// A server that soon loses patience with those who do not read, and tells of it.
struct Impatient(Arc<Notify>);

impl Setup for Impatient {
    fn set_up<R: runtime::Runtime>(self, builder: Builder<R>) -> Builder<R> {
        let builder = builder.config(|config| config.write_stall_timeout = Some(SHORT));
        builder.on_notice(move |notice| {
            if matches!(notice, Notice::Closed { reason: CloseReason::Stalled, .. }) {
                self.0.notify_one();
            }
        })
    }
}

#[test]
fn a_caller_that_does_not_read_loses_its_connection_and_nobody_else_does() {
    for runtime in Runtime::ALL {
        block_on_threads(async {
            let stalled = Arc::new(Notify::new());
            let server = runtime.channel("server", Impatient(stalled.clone())).unwrap();
            runtime.echo(&server, SERVICE).unwrap();
            let body = pattern(MUCH);
            server.service("s").unwrap().register("much", move |_: Request| {
                let body = body.clone();
                async move { Ok(Reply::ok("", body)) }
            });
            let at = server.listen("127.0.0.1:0").await.unwrap();
            let other = client(runtime);
            let deaf = spawn_blocking(move || {
                let mut deaf = Raw::dials(at);
                deaf.asks("s", "much", "");
                deaf
            });
            let deaf = deaf.await.unwrap();
            let told = stalled.notified();
            tokio::pin!(told);
            // Served all the while.
            loop {
                assert!(is_served(&other, at).await, "{runtime}");
                tokio::select! { biased; () = &mut told => break, () = yield_now() => {} }
            }
            while server.snapshot().num_connections > 1 {
                yield_now().await;
            }
            drop(deaf);
        });
    }
}

#[test]
fn a_server_that_does_not_read_costs_its_callers_their_deadline_and_no_more() {
    for runtime in Runtime::ALL {
        block_on_threads(async {
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            let at = listener.local_addr().unwrap();
            let deaf = spawn_blocking(move || Raw::accepts(&listener));
            let client = client(runtime);
            let call = || client.call(SERVICE, "echo").host(at).timeout(SHORT);
            let body = pattern(MUCH);
            let began = Instant::now();
            let whole = call().arg3(body).send();
            let (mut request, streamed) = call().open();
            let piece = Bytes::from_static(&[7; 4_096]);
            let writes = async {
                request.arg2("").await?;
                loop {
                    request.write(piece.clone()).await?;
                }
            };
            let (whole, streamed, written) = tokio::join!(whole, streamed, writes);
            assert_eq!(whole.unwrap_err().code(), ErrorCode::Timeout, "{runtime}");
            assert_eq!(streamed.unwrap_err().code(), ErrorCode::Timeout, "{runtime}");
            let written: Result<std::convert::Infallible, tchannel_rpc::BodyError> = written;
            written.expect_err("nobody reads it");
            assert!(began.elapsed() < LONG, "{runtime}");
            assert!(is_served(&client, Process::server(runtime).at).await, "{runtime}");
            drop(deaf.await.unwrap());
        });
    }
}

/// File descriptors that a process may have; it needs about half of them itself.
#[cfg(target_os = "linux")]
const DESCRIPTORS: u32 = 48;

#[cfg(target_os = "linux")]
#[test]
fn a_server_without_file_descriptors_goes_on_and_accepts_again_when_there_are_some() {
    for runtime in Runtime::ALL {
        block_on_threads(async {
            let server = Process::server_with_descriptors(runtime, DESCRIPTORS);
            let known = client(runtime);
            assert!(is_served(&known, server.at).await);
            let greedy: Vec<TcpStream> =
                (0..DESCRIPTORS).map(|_| TcpStream::connect(server.at).unwrap()).collect();
            while server.descriptors() < usize::try_from(DESCRIPTORS).unwrap() {
                yield_now().await;
            }
            assert!(is_served(&known, server.at).await, "{runtime}");
            let late = client(runtime);
            let refused = late.call(SERVICE, "echo").host(server.at).retry_limit(0).timeout(SHORT).send();
            assert_eq!(refused.await.unwrap_err().code(), ErrorCode::Timeout, "{runtime}");
            drop(greedy);
            while !is_served(&late, server.at).await {
                yield_now().await;
            }
            assert!(is_served(&known, server.at).await, "{runtime}");
        });
    }
}
