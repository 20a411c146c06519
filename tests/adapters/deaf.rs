//! Peers that ask and do not read the answer.

use std::io;
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use bytes::Buf;
use tchannel_proto::{Args, Config, Connection, Request as Asked, RequestHead, Timestamp};
use tchannel_rpc::runtime::{Input, Io, Runtime, Transmit};
use tchannel_rpc::testing::{Loopback, Network, Receiver, Sender, Shape, loopback, pattern};
use tchannel_rpc::tokio::Tokio;
use tchannel_rpc::wire::Route;
use tchannel_rpc::{Builder, BytesMut, Channel, Drained, Reply, Request};
use tokio::sync::{Notify, watch};
use tokio::time::{sleep, timeout};

use super::{block_on, settle};

/// Takes less than one answer.
const PIPE: Shape = Shape { capacity: 2_000, reads: Vec::new(), writes: Vec::new() };

/// Knows what to say, whatever it hears.
struct Deaf {
    said: Connection,
    writer: Sender,
    _unread: Receiver,
}

fn dialler() -> Connection {
    Connection::connect(Timestamp::ZERO, Arc::new(Config::default()), "0.0.0.0:0", 1)
}

impl Deaf {
    async fn connect(network: &Network<Tokio>, to: SocketAddr) -> Self {
        let (reader, mut writer) = network.connect(to, "").await.unwrap().split();
        let mut said = dialler();
        let mut other = Connection::accept(Timestamp::ZERO, Arc::default(), "127.0.0.1:1", 1);
        let mut input = BytesMut::new();
        let hello = said.poll_transmit(Timestamp::ZERO).unwrap();
        hello.parts().for_each(|part| input.extend_from_slice(part));
        other.handle_input(Timestamp::ZERO, &mut input);
        let answer = other.poll_transmit(Timestamp::ZERO).unwrap();
        answer.parts().for_each(|part| input.extend_from_slice(part));
        said.handle_input(Timestamp::ZERO, &mut input);
        say(&mut dialler(), &mut writer).await;
        Deaf { said, writer, _unread: reader }
    }

    async fn ask(&mut self, service: &str, endpoint: &'static str) {
        let route = Route::encode(service, [("as", "raw"), ("cn", "deaf")]).unwrap();
        let head = RequestHead::new(route, endpoint, Timestamp::from_millis(60_000));
        self.said.call(Timestamp::ZERO, Asked { head, args: Args::default() }).unwrap();
        say(&mut self.said, &mut self.writer).await;
        settle().await;
    }

    /// Says hello once more, which is once too often.
    async fn breaks_the_protocol(&mut self) {
        say(&mut dialler(), &mut self.writer).await;
        settle().await;
    }
}

async fn say(from: &mut Connection, to: &mut Sender) {
    while let Some(mut transmit) = from.poll_transmit(Timestamp::ZERO) {
        while transmit.has_remaining() {
            Loopback::write(to, &mut transmit).await.unwrap();
        }
    }
}

/// A stream that is read only while it may be.
struct Muffled(Loopback, watch::Receiver<bool>);

impl Io for Muffled {
    type Reader = (Receiver, watch::Receiver<bool>);
    type Writer = Sender;

    fn split(self) -> (Self::Reader, Sender) {
        let (reader, writer) = self.0.split();
        ((reader, self.1), writer)
    }

    async fn read((reader, muffled): &mut Self::Reader, into: &mut Input) -> io::Result<usize> {
        muffled.wait_for(|muffled| !muffled).await.unwrap();
        Loopback::read(reader, into).await
    }

    async fn write(writer: &mut Sender, from: &mut Transmit) -> io::Result<usize> {
        Loopback::write(writer, from).await
    }

    fn try_write(writer: &mut Sender, from: &mut Transmit) -> io::Result<usize> {
        Loopback::try_write(writer, from)
    }

    fn shutdown(writer: Sender) {
        Loopback::shutdown(writer);
    }
}

/// Serves `s::long`, more than a pipe takes, once it is told to.
fn serves_long(builder: Builder<Network<Tokio>>) -> (Channel, Arc<Notify>) {
    let server = builder.build().unwrap();
    let go = Arc::new(Notify::new());
    let told = go.clone();
    server.service("s").unwrap().register("long", move |_: Request| {
        let told = told.clone();
        async move {
            told.notified().await;
            Ok(Reply::ok("", pattern(100_000)))
        }
    });
    (server, go)
}

async fn server(network: &Network<Tokio>) -> (Channel, SocketAddr, Arc<Notify>) {
    let builder = Builder::new(network.clone(), "server").max_accepted(NonZeroUsize::MIN);
    let (server, go) = serves_long(builder);
    let at = server.listen("127.0.0.1:0").await.unwrap();
    (server, at, go)
}

#[test]
fn a_peer_that_neither_reads_nor_makes_sense_frees_its_place() {
    block_on(async {
        let network = Network::new(Tokio::current().unwrap(), PIPE);
        let (_server, at, go) = server(&network).await;
        let mut deaf = Deaf::connect(&network, at).await;
        deaf.ask("s", "long").await;
        go.notify_one();
        settle().await;
        deaf.breaks_the_protocol().await;
        let client = Builder::new(network, "client").build().unwrap();
        go.notify_one();
        while client.call("s", "long").host(at).send().await.is_err() {
            settle().await;
        }
    });
}

/// A server that drains with an answer that its peer does not take.
async fn drains(within: Duration) -> (Channel, Deaf, impl Future<Output = Drained>) {
    let network = Network::new(Tokio::current().unwrap(), PIPE);
    let (server, at, go) = server(&network).await;
    let mut deaf = Deaf::connect(&network, at).await;
    deaf.ask("s", "long").await;
    let drained = server.drain(within);
    settle().await;
    go.notify_one();
    settle().await;
    (server, deaf, drained)
}

#[test]
fn an_answer_that_has_not_left_when_a_drain_ends_is_told() {
    block_on(async {
        let (_server, _deaf, drained) = drains(Duration::from_millis(500)).await;
        assert_eq!(drained.await, Drained { cut: 1 });
    });
}

#[test]
fn closing_does_not_wait_as_long_as_a_drain_before_it() {
    block_on(async {
        let (server, _deaf, drained) = drains(Duration::MAX).await;
        let closed = timeout(Duration::from_secs(20), server.close()).await;
        assert_eq!(closed.expect("it waits for the peer"), Drained { cut: 1 });
        assert_eq!(drained.await, Drained { cut: 1 });
    });
}

#[test]
fn a_drain_brings_forward_the_end_of_last_bytes_too() {
    block_on(async {
        let (server, _deaf, first) = drains(Duration::MAX).await;
        let second = timeout(Duration::from_secs(20), server.drain(Duration::from_millis(100))).await;
        assert_eq!(second.expect("it waits for the peer"), Drained { cut: 1 });
        assert_eq!(first.await, Drained { cut: 1 });
    });
}

#[test]
fn a_drain_does_not_wait_for_last_bytes_as_long_as_a_connection_does() {
    block_on(async {
        let network = Network::new(Tokio::current().unwrap(), PIPE);
        let soon = Duration::from_millis(20);
        let builder =
            Builder::new(network.clone(), "server").channel_config(|config| config.max_age = Some(soon));
        let (server, go) = serves_long(builder);
        let at = server.listen("127.0.0.1:0").await.unwrap();
        let mut deaf = Deaf::connect(&network, at).await;
        deaf.ask("s", "long").await;
        // Long enough for the connection to be old; then its last answer waits for the peer.
        sleep(3 * soon).await;
        go.notify_one();
        settle().await;
        let drained = timeout(Duration::from_secs(20), server.drain(Duration::from_millis(100))).await;
        assert_eq!(drained.expect("it waits for the peer"), Drained { cut: 1 });
    });
}

#[test]
fn a_slow_peer_gets_the_last_answer_of_a_connection_that_is_old() {
    block_on(async {
        let network = Network::new(Tokio::current().unwrap(), PIPE);
        let soon = Duration::from_millis(20);
        let builder =
            Builder::new(network.clone(), "server").channel_config(|config| config.max_age = Some(soon));
        let (server, go) = serves_long(builder);
        let client = Builder::new(network, "client").build().unwrap();
        let (near, far) = loopback(&PIPE, &Arc::default(), &Arc::default());
        let (muffle, muffled) = watch::channel(false);
        server.serve_connection(far, "client").unwrap();
        let connection = client.connect_with(Muffled(near, muffled), "server").unwrap();
        let call = connection.call("s", "long").send();
        // Long enough for the connection to be old, and then for a stream that nobody waits for.
        sleep(2 * soon).await;
        muffle.send(true).unwrap();
        go.notify_one();
        sleep(Duration::from_millis(1_500)).await;
        muffle.send(false).unwrap();
        assert_eq!(call.await.unwrap().body(), pattern(100_000));
    });
}
