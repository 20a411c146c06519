//! Networks, peers and runtimes that behave badly.

use std::future::{Future, pending};
use std::io::{self, Read, Write};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tchannel_proto::{Config, Connection, Timestamp};
use tchannel_rpc::runtime::{Accepted, Io, Runtime};
use tchannel_rpc::testing::{Listener, Loopback, Network, Shape, echo};
use tchannel_rpc::tokio::Tokio;
use tchannel_rpc::{Builder, BytesMut, ErrorCode, Reply, Request};

use super::{Pair, block_on, settle};

/// A network whose time may stand still, where one address swallows everything, and that counts tasks.
#[derive(Clone)]
struct Rough {
    network: Network<Tokio>,
    frozen: bool,
    tasks: Arc<AtomicUsize>,
    dialled: Arc<Mutex<Vec<String>>>,
}

impl Rough {
    fn new(frozen: bool) -> Self {
        let network = Network::new(Tokio::current().unwrap(), Shape::default());
        Rough { network, frozen, tasks: Arc::default(), dialled: Arc::default() }
    }

    fn tasks(&self) -> usize {
        self.tasks.load(Ordering::SeqCst)
    }
}

/// Nobody answers there, nor refuses.
const BLACK_HOLE: u16 = 9;

impl Runtime for Rough {
    type Stream = Loopback;
    type Listener = Listener;

    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.tasks.fetch_add(1, Ordering::SeqCst);
        self.network.spawn(task);
    }

    async fn sleep_until(&self, at: Instant) {
        if self.frozen {
            pending::<()>().await;
        }
        self.network.sleep_until(at).await;
    }

    async fn resolve(&self, _: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
        Ok(vec![([127, 0, 0, 1], BLACK_HOLE).into(), ([127, 0, 0, 1], port).into()])
    }

    async fn connect(&self, to: SocketAddr, host: &str) -> io::Result<Loopback> {
        self.dialled.lock().unwrap().push(host.to_owned());
        if to.port() == BLACK_HOLE {
            pending::<()>().await;
        }
        self.network.connect(to, host).await
    }

    async fn listen(&self, at: SocketAddr) -> io::Result<(Listener, SocketAddr)> {
        self.network.listen(at).await
    }

    async fn accept(listener: &mut Listener) -> io::Result<Accepted<Loopback>> {
        Network::<Tokio>::accept(listener).await
    }
}

#[test]
fn a_channel_closes_after_its_runtime_although_a_write_waits() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let (client, call, _deaf) = runtime.block_on(async {
        let network = Network::new(Tokio::current().unwrap(), Shape { capacity: 1, ..Shape::default() });
        let (listener, at) = network.listen(([127, 0, 0, 1], 0).into()).await.unwrap();
        let client = Builder::new(network.clone(), "client").build().unwrap();
        let call = client.call("service", "endpoint").host(at).send();
        while network.dialling().bytes() == 0 {
            tokio::task::yield_now().await;
        }
        settle().await;
        (client, call, listener)
    });
    runtime.shutdown_timeout(Duration::from_secs(10));
    block_on(async {
        let error = call.await.unwrap_err();
        assert!(error.to_string().ends_with("the channel's runtime has ended"), "{error}");
        client.close().await;
    });
}

#[test]
fn one_dead_address_of_a_host_does_not_hide_the_others() {
    block_on(async {
        let rough = Rough::new(false);
        let server = Builder::new(rough.clone(), "server").build().unwrap();
        echo(&server, "echo", rough.clone());
        let at = server.listen("127.0.0.1:0").await.unwrap();
        let client = Builder::new(rough, "client").build().unwrap();
        let call = client.call("echo", "echo").host(format!("two.addresses:{}", at.port())).arg3("x");
        assert_eq!(call.send().await.unwrap().body(), "x");
    });
}

#[test]
fn a_stream_learns_the_name_that_was_dialled() {
    block_on(async {
        let rough = Rough::new(false);
        let client = Builder::new(rough.clone(), "client").build().unwrap();
        for host in ["[::1]:7", "127.0.0.1:7", "some.host:7"] {
            let call = client.call("service", "endpoint").host(host);
            call.timeout(Duration::from_millis(20)).send().await.unwrap_err();
        }
        assert_eq!(*rough.dialled.lock().unwrap(), ["::1", "127.0.0.1", "some.host"]);
    });
}

#[test]
fn a_name_that_is_not_found_is_named() {
    block_on(async {
        let pair = Pair::new(Shape::default()).await;
        let error = pair.call("echo").host("no.such.host:1").send().await.unwrap_err();
        assert!(error.to_string().contains("cannot look up \"no.such.host\""), "{error}");
    });
}

/// A peer that says what any peer would to begin with.
fn introduction() -> Connection {
    Connection::connect(Timestamp::ZERO, Arc::new(Config::default()), "0.0.0.0:0", 1)
}

#[test]
fn a_connection_counts_until_its_socket_is_closed() {
    block_on(async {
        // The time that a closed connection leaves its peer never ends.
        let rough = Rough::new(true);
        let server =
            Builder::new(rough.clone(), "server").max_accepted(std::num::NonZeroUsize::MIN).build().unwrap();
        echo(&server, "echo", rough.clone());
        let at = server.listen("127.0.0.1:0").await.unwrap();
        let (_reader, mut writer) = rough.network.connect(at, "127.0.0.1").await.unwrap().split();
        // Twice is once too often.
        for _ in 0..2 {
            let mut hello = introduction().poll_transmit(Timestamp::ZERO).unwrap();
            Loopback::write(&mut writer, &mut hello).await.unwrap();
        }
        settle().await;
        let client = Builder::new(rough.network.clone(), "client").build().unwrap();
        let error = client.call("echo", "echo").host(at).send().await.unwrap_err();
        assert_eq!(error.code(), ErrorCode::Network, "{error}");
        drop(writer);
        settle().await;
        assert_eq!(client.call("echo", "echo").host(at).arg3("x").send().await.unwrap().body(), "x");
    });
}

#[test]
fn a_connection_that_cannot_write_takes_no_more_calls() {
    block_on(async {
        let mut rough = Rough::new(true);
        // The second byte finds the first one still there, and later nobody to read it.
        let shape = Shape { capacity: 1, ..Shape::default() };
        rough.network = Network::new(Tokio::current().unwrap(), shape);
        let (mut listener, at) = rough.listen(([127, 0, 0, 1], 0).into()).await.unwrap();
        let client = Builder::new(rough.clone(), "client").build().unwrap();
        let first = client.call("service", "endpoint").host(at).send();
        let Accepted { stream, .. } = Rough::accept(&mut listener).await.unwrap();
        let (reader, _writer) = stream.split();
        drop(reader);
        settle().await;
        let second = client.call("service", "endpoint").host(at).send();
        settle().await;
        assert_eq!(rough.network.connects(), 2, "the second call waits for a broken connection");
        drop((first, second));
    });
}

#[test]
fn a_call_that_expires_in_the_queue_leaves_for_its_next_peer_at_once() {
    block_on(async {
        // No timer helps.
        let rough = Rough::new(true);
        let (mut listener, slow) = rough.listen(([127, 0, 0, 1], 0).into()).await.unwrap();
        let server = Builder::new(rough.clone(), "server").build().unwrap();
        echo(&server, "echo", rough.network.clone());
        let quick = server.listen("127.0.0.1:0").await.unwrap();
        let client = Builder::new(rough.clone(), "client").build().unwrap();
        client.peers().add(&slow.to_string()).unwrap();
        // Enough for the second attempt, however busy the machine is.
        let patience = Duration::from_millis(500);
        let call = client.call("echo", "echo").timeout_per_attempt(patience).arg3("x").send();
        let asked = Instant::now();
        let Accepted { stream, .. } = Rough::accept(&mut listener).await.unwrap();
        client.peers().add(&quick.to_string()).unwrap();
        client.call("echo", "echo").host(quick).send().await.unwrap();
        while asked.elapsed() <= patience {
            settle().await;
        }
        // Now its first peer is ready to take it.
        let (_reader, mut writer) = stream.split();
        let mut hello = introduction().poll_transmit(Timestamp::ZERO).unwrap();
        let mut input: BytesMut = hello.parts().flat_map(|part| part.iter().copied()).collect();
        let mut peer = Connection::accept(Timestamp::ZERO, Arc::default(), &slow.to_string(), 1);
        peer.handle_input(Timestamp::ZERO, &mut input);
        hello = peer.poll_transmit(Timestamp::ZERO).unwrap();
        Loopback::write(&mut writer, &mut hello).await.unwrap();
        let answer = call.await.unwrap();
        assert_eq!((answer.body(), answer.attempts()), ("x".into(), 2));
    });
}

#[test]
fn handlers_leave_the_reader_alone_while_calls_of_ours_wait() {
    block_on(async {
        let rough = Rough::new(false);
        let server = Builder::new(rough.clone(), "server").build().unwrap();
        let held = Mutex::new(Vec::new());
        server.service("s").unwrap().register("quick", |_: Request| async { Ok(Reply::ok("", "")) });
        server.service("s").unwrap().register("call-back", move |request: Request| {
            held.lock().unwrap().push(request.connection().call("echo", "never").send());
            async { Ok(Reply::ok("", "")) }
        });
        let at = server.listen("127.0.0.1:0").await.unwrap();
        let client = Builder::new(rough.network.clone(), "client").build().unwrap();
        echo(&client, "echo", rough.network.clone());
        let quick = client.call("s", "quick").host(at);
        loop {
            let before = rough.tasks();
            quick.clone().send().await.unwrap();
            if rough.tasks() == before {
                break;
            }
        }
        client.call("s", "call-back").host(at).send().await.unwrap();
        for _ in 0..100 {
            let before = rough.tasks();
            quick.clone().send().await.unwrap();
            assert_eq!(rough.tasks(), before + 1);
        }
    });
}

#[test]
fn an_idle_connection_to_a_peer_that_drains_is_closed() {
    block_on(async {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let at = listener.local_addr().unwrap();
        let peer = tokio::task::spawn_blocking(move || {
            let (mut socket, _) = listener.accept().unwrap();
            let config = Arc::new(Config::default());
            let mut peer = Connection::accept(Timestamp::ZERO, config, &at.to_string(), 1);
            let mut input = BytesMut::new();
            while !peer.is_active() {
                let mut bytes = [0; 512];
                let count = socket.read(&mut bytes).unwrap();
                input.extend_from_slice(&bytes[..count]);
                peer.handle_input(Timestamp::ZERO, &mut input);
            }
            peer.drain(Timestamp::ZERO, "bye", Timestamp::MAX);
            while let Some(transmit) = peer.poll_transmit(Timestamp::ZERO) {
                transmit.parts().for_each(|part| socket.write_all(part).unwrap());
            }
            // It waits for the other side to close.
            socket.read_to_end(&mut Vec::new()).unwrap();
        });
        let client = tchannel_rpc::tokio::channel("client").unwrap();
        let call = tokio::spawn(
            client.call("service", "endpoint").host(at).timeout(Duration::from_millis(50)).send(),
        );
        peer.await.unwrap();
        assert!(call.await.unwrap().is_err());
    });
}
