//! Where a server listens, whom it takes in, and how it stops.

use std::io::Read;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tchannel_rpc::testing::Shape;
use tchannel_rpc::{
    Builder, Channel, Drained, ErrorCode, ListenError, Notice, Origin, Refused, Reply, Request, runtime,
};
use tchannel_tests::interop::{Plain, Runtime, Setup};
use tokio::net::TcpSocket;
use tokio::sync::Notify;

use super::{HANG, Pair, block_on, block_on_threads};

async fn says_hi(_: Request) -> Result<Reply, tchannel_rpc::Reject> {
    Ok(Reply::ok("", "hi"))
}

fn server(runtime: Runtime, setup: impl Setup) -> Channel {
    let server = runtime.channel("server", setup).unwrap();
    server.service("s").unwrap().register("hi", says_hi);
    server
}

fn client(runtime: Runtime) -> Channel {
    runtime.channel("client", Plain).unwrap()
}

async fn is_served(client: &Channel, at: SocketAddr) -> bool {
    client.call("s", "hi").host(at).retry_limit(0).send().await.is_ok_and(|answer| answer.body() == "hi")
}

/// Calls until it is answered: somebody has to go first, and nobody says when he has.
async fn is_served_at_last(client: &Channel, at: SocketAddr) {
    while !is_served(client, at).await {
        tokio::task::yield_now().await;
    }
}

/// Waits until the other side closes a stream on which nothing was said.
async fn is_closed(stream: TcpStream) -> bool {
    let read = tokio::task::spawn_blocking(move || {
        stream.set_read_timeout(Some(HANG)).unwrap();
        (&stream).read(&mut [0])
    });
    match read.await.unwrap() {
        Ok(count) => count == 0,
        Err(error) => error.kind() == std::io::ErrorKind::ConnectionReset,
    }
}

fn at_most(count: usize) -> NonZeroUsize {
    NonZeroUsize::new(count).expect("not 0")
}

#[test]
fn one_channel_serves_at_several_addresses() {
    let v6 = TcpListener::bind("[::1]:0").is_ok().then_some("[::1]:0");
    for runtime in Runtime::ALL {
        block_on_threads(async {
            let server = server(runtime, Plain);
            let places = ["127.0.0.1:0", "localhost:0"].into_iter().chain(v6);
            let at = server.listen_all(places.clone()).await.unwrap();
            assert_eq!(at.len(), places.count());
            assert_eq!((server.listens_at(), server.listens_at_all()), (at.first().copied(), at.clone()));
            for &at in &at {
                assert!(is_served(&client(runtime), at).await, "{runtime}: {at}");
            }
            let again = server.listen("127.0.0.1:0").await;
            assert!(matches!(again, Err(ListenError::AlreadyListening)), "{again:?}");
            server.drain(HANG).await;
            assert_eq!(server.listens_at_all(), []);
            for at in at {
                let refused = TcpStream::connect(at).map(|_| ()).map_err(|error| error.kind());
                assert_eq!(refused, Err(std::io::ErrorKind::ConnectionRefused), "{runtime}: {at}");
            }
        });
    }
}

#[test]
fn a_channel_listens_everywhere_it_is_told_to_or_nowhere() {
    block_on(async {
        let pair = Pair::new(Shape::default()).await;
        let (good, taken) = ("127.0.0.1:77", pair.at.to_string());
        match pair.client.listen_all([good, &taken]).await {
            Err(ListenError::Io { at, .. }) => assert_eq!(at, taken),
            other => panic!("{other:?}"),
        }
        assert_eq!(pair.client.listens_at(), None);
        let error = pair.server.call("s", "hi").host(good).send().await.unwrap_err();
        assert!(error.to_string().contains("refused"), "{error}");
        let nonsense = pair.client.listen_all([good, "nonsense"]).await;
        assert!(matches!(nonsense, Err(ListenError::Address { at }) if at == "nonsense"));
        let nowhere = pair.client.listen_all(Vec::<SocketAddr>::new()).await;
        assert!(matches!(nowhere, Err(ListenError::Nowhere)));
        pair.client.listen_all([good, "127.0.0.1:78"]).await.expect("nothing of that was kept");
    });
}

/// Limits of a server, and what it says about them.
#[derive(Clone, Default)]
struct Guarded {
    from_one: Option<NonZeroUsize>,
    handshakes: Option<NonZeroUsize>,
    patience: Option<Duration>,
    refused: Arc<Mutex<Vec<Refused>>>,
    /// The counter of the metrics document.
    errors: Arc<AtomicUsize>,
}

impl Setup for Guarded {
    fn set_up<R: runtime::Runtime>(self, mut builder: Builder<R>) -> Builder<R> {
        if let Some(limit) = self.from_one {
            builder = builder.max_accepted_from_one(limit);
        }
        if let Some(limit) = self.handshakes {
            builder = builder.max_handshakes(limit);
        }
        if let Some(patience) = self.patience {
            builder = builder.config(|config| config.handshake_timeout = patience);
        }
        let (refused, errors) = (self.refused, self.errors);
        let builder = builder.on_measurement(move |measured| {
            if measured.name == "connections.accept-errors" {
                errors.fetch_add(1, Ordering::Relaxed);
            }
        });
        builder.on_notice(move |notice| {
            if let Notice::Refused { why, .. } = notice {
                refused.lock().unwrap().push(**why);
            }
        })
    }
}

impl Guarded {
    fn told(&self) -> (Vec<Refused>, usize) {
        (self.refused.lock().unwrap().clone(), self.errors.load(Ordering::Relaxed))
    }
}

#[test]
fn those_who_do_not_say_who_they_are_leave_room_for_those_who_are_known() {
    for runtime in Runtime::ALL {
        block_on_threads(async {
            let guarded = Guarded { handshakes: Some(at_most(2)), ..Guarded::default() };
            let server = server(runtime, guarded.clone());
            let at = server.listen("127.0.0.1:0").await.unwrap();
            let known = client(runtime);
            assert!(is_served(&known, at).await);
            let silent = [TcpStream::connect(at).unwrap(), TcpStream::connect(at).unwrap()];
            assert!(is_closed(TcpStream::connect(at).unwrap()).await);
            let told = vec![Refused::TooManyHandshakes { limit: at_most(2) }];
            assert_eq!(guarded.told(), (told, 1), "{runtime}");
            assert!(is_served(&known, at).await, "{runtime}");
            let [first, second] = silent;
            drop(first);
            is_served_at_last(&client(runtime), at).await;
            drop(second);
            server.close().await;
        });
    }
}

#[test]
fn those_who_do_not_say_who_they_are_go_with_the_handshake_timer() {
    for runtime in Runtime::ALL {
        block_on_threads(async {
            let guarded = Guarded {
                handshakes: Some(NonZeroUsize::MIN),
                patience: Some(Duration::from_millis(50)),
                ..Guarded::default()
            };
            let server = server(runtime, guarded);
            let at = server.listen("127.0.0.1:0").await.unwrap();
            assert!(is_closed(TcpStream::connect(at).unwrap()).await, "{runtime}");
            is_served_at_last(&client(runtime), at).await;
        });
    }
}

async fn connected_from(here: &str, at: SocketAddr) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind(here.parse().unwrap()).unwrap();
    let stream = socket.connect(at).await.unwrap().into_std().unwrap();
    stream.set_nonblocking(false).unwrap();
    stream
}

#[cfg(target_os = "linux")]
#[test]
fn one_address_does_not_take_the_places_of_others() {
    for runtime in Runtime::ALL {
        block_on_threads(async {
            let guarded = Guarded { from_one: Some(at_most(2)), ..Guarded::default() };
            let server = server(runtime, guarded.clone());
            let at = server.listen("127.0.0.1:0").await.unwrap();
            let greedy = [connected_from("127.0.0.2:0", at).await, connected_from("127.0.0.2:0", at).await];
            assert!(is_closed(connected_from("127.0.0.2:0", at).await).await, "{runtime}");
            let told = vec![Refused::TooManyFromOne { limit: at_most(2) }];
            assert_eq!(guarded.told(), (told, 1), "{runtime}");
            assert!(is_served(&client(runtime), at).await, "{runtime}");
            drop(greedy);
            server.close().await;
        });
    }
}

#[test]
fn a_connection_that_is_closed_frees_the_place_of_its_address() {
    for runtime in Runtime::ALL {
        block_on_threads(async {
            let guarded = Guarded { from_one: Some(NonZeroUsize::MIN), ..Guarded::default() };
            let server = server(runtime, guarded);
            let at = server.listen("127.0.0.1:0").await.unwrap();
            let (first, second) = (client(runtime), client(runtime));
            assert!(is_served(&first, at).await && !is_served(&second, at).await, "{runtime}");
            first.close().await;
            is_served_at_last(&second, at).await;
        });
    }
}

#[test]
fn a_server_goes_on_until_it_is_told_to_stop_and_loses_no_answer() {
    for runtime in Runtime::ALL {
        block_on_threads(async {
            let server = server(runtime, Plain);
            let (begun, go) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
            let (told, gate) = (begun.clone(), go.clone());
            server.service("s").unwrap().register("slow", move |_: Request| {
                let (told, gate) = (told.clone(), gate.clone());
                async move {
                    told.notify_one();
                    gate.notified().await;
                    Ok(Reply::ok("", "late"))
                }
            });
            let at = server.listen("127.0.0.1:0").await.unwrap();
            let client = client(runtime);
            let stop = Arc::new(Notify::new());
            let end = stop.clone();
            let serving = tokio::spawn(async move { server.serve_until(end.notified(), HANG).await });
            assert!(is_served(&client, at).await);
            let slow = client.call("s", "slow").host(at).send();
            begun.notified().await;
            stop.notify_one();
            // Answered: it drains. Until then the slow call keeps the connection.
            while client.call("s", "hi").host(at).retry_limit(0).send().await.is_ok() {}
            go.notify_one();
            assert_eq!(slow.await.unwrap().body(), "late", "{runtime}");
            assert_eq!(serving.await.unwrap(), Drained { cut: 0 }, "{runtime}");
        });
    }
}

#[test]
fn a_server_that_nobody_waits_for_any_more_goes_on() {
    block_on(async {
        let pair = Pair::new(Shape::default()).await;
        let stop = Notify::new();
        let serving = pair.server.serve_until(stop.notified(), HANG);
        drop(serving);
        stop.notify_one();
        pair.call("echo").send().await.expect("it serves");
        let error = pair.call("sys-busy").send().await.unwrap_err();
        assert_eq!(error.code(), ErrorCode::Busy);
    });
}

/// Goes on accepting while it drains.
struct Polite;

impl Setup for Polite {
    fn set_up<R: runtime::Runtime>(self, builder: Builder<R>) -> Builder<R> {
        builder.channel_config(|config| config.accept_while_draining = true)
    }
}

#[test]
fn a_server_that_drains_may_decline_what_strangers_ask_for() {
    for runtime in Runtime::ALL {
        block_on_threads(async {
            let server = server(runtime, Polite);
            let (begun, go) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
            let (tell, gate) = (begun.clone(), go.clone());
            server.service("s").unwrap().register("hold", move |_: Request| {
                let gate = gate.clone();
                tell.notify_one();
                async move {
                    gate.notified().await;
                    Ok(Reply::ok("", "held"))
                }
            });
            let at = server.listen("127.0.0.1:0").await.unwrap();
            let held = client(runtime);
            let held = held.call("s", "hold").host(at).timeout(HANG).send();
            begun.notified().await;
            let drained = server.drain(HANG);
            let late = client(runtime).call("s", "hi").host(at).retry_limit(0).send().await.unwrap_err();
            assert_eq!(
                (late.code(), late.origin()),
                (ErrorCode::Declined, Origin::Local),
                "{runtime}: {late}"
            );
            go.notify_one();
            assert_eq!(held.await.unwrap().body(), "held", "{runtime}");
            assert_eq!(drained.await.cut, 0, "{runtime}");
            assert!(!is_served(&client(runtime), at).await, "{runtime}");
        });
    }
}
