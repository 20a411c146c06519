//! What a channel tells about its work.

use std::fs;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use metrics::{Counter, Gauge, Histogram, Key, KeyName, Metadata, Recorder, SharedString, Unit};
use tchannel_rpc::introspection::{ChannelState, Role, Value};
use tchannel_rpc::testing::{Network, Shape};
use tchannel_rpc::tokio::Tokio;
use tchannel_rpc::{Builder, Channel, ErrorCode, Measurement, Notice, PeerFileError, Reject, Reply, Request};
use tracing::span;

use crate::{block_on, settle};

type Noted<T> = Arc<Mutex<Vec<T>>>;

fn network() -> Network<Tokio> {
    Network::new(Tokio::current().unwrap(), Shape::default())
}

async fn server(network: &Network<Tokio>, busy: bool) -> (Channel, String) {
    let server = Builder::new(network.clone(), "server").build().unwrap();
    server.service("moe").unwrap().register("poke", move |_: Request| async move {
        if busy { Err(Reject::new(ErrorCode::Busy, "not now")) } else { Ok(Reply::ok("", "")) }
    });
    let at = server.listen("127.0.0.1:0").await.unwrap();
    (server, at.to_string())
}

/// A client of a busy peer and of one that answers.
async fn with_two_peers(
    builder: Builder<Network<Tokio>>,
    network: &Network<Tokio>,
) -> (Channel, Vec<Channel>) {
    let (busy, one) = server(network, true).await;
    let (idle, other) = server(network, false).await;
    let client = builder.build().unwrap();
    client.peers().set([one, other]).unwrap();
    (client, vec![busy, idle])
}

fn count(noted: &Noted<Measurement>, name: &str) -> u64 {
    let noted = noted.lock().unwrap();
    let counts = noted.iter().filter(|measurement| measurement.name == name);
    counts.map(|measurement| if let Value::Count(count) = measurement.value { count } else { 1 }).sum()
}

#[test]
fn calls_with_a_retry_are_measured_under_the_documents_names() {
    block_on(async {
        let (network, noted) = (network(), Noted::<Measurement>::default());
        let sink = noted.clone();
        let builder = Builder::new(network.clone(), "client")
            .on_measurement(move |measurement| sink.lock().unwrap().push(measurement.clone()));
        let (client, _servers) = with_two_peers(builder, &network).await;
        for _ in 0..20 {
            assert!(client.call("moe", "poke").send().await.unwrap().ok());
        }
        assert_eq!((count(&noted, "outbound.calls.sent"), count(&noted, "outbound.calls.success")), (20, 20));
        let retries = count(&noted, "outbound.calls.retries");
        assert!(retries > 0 && retries == count(&noted, "outbound.calls.per-attempt.system-errors"));
        assert_eq!(count(&noted, "outbound.calls.latency"), 20);
        let noted = noted.lock().unwrap();
        let sent = noted.iter().find(|measurement| measurement.name == "outbound.calls.sent").unwrap();
        let tags: Vec<_> = sent.tags.iter().map(|(name, value)| (*name, &**value)).collect();
        assert_eq!(tags, [("service", "client"), ("target-service", "moe"), ("target-endpoint", "poke")]);
    });
}

#[test]
fn sampled_calls_are_reported_from_both_sides() {
    block_on(async {
        let (network, spans) = (network(), Noted::default());
        let watch = |name: &str| {
            let sink = spans.clone();
            Builder::new(network.clone(), name)
                .on_span(move |span| sink.lock().unwrap().push((span.role(), span.tracing(), span.took)))
        };
        let server = watch("server").build().unwrap();
        server.service("moe").unwrap().register("poke", |_: Request| async { Ok(Reply::ok("", "")) });
        let at = server.listen("127.0.0.1:0").await.unwrap();
        let sampled = watch("client").channel_config(|config| config.trace_sample = tchannel_rpc::Ratio::ONE);
        let client = sampled.build().unwrap();
        client.call("moe", "poke").host(at).send().await.unwrap();
        settle().await;
        let spans = spans.lock().unwrap();
        let of = |role| spans.iter().find(|(of, ..)| *of == role).expect("a span of each side");
        let (_, client, took) = of(Role::Client);
        assert!(took.is_some() && client.is_sampled() && client.trace_id != 0);
        assert_eq!(of(Role::Server).1, *client, "the same span, seen from the other side");
    });
}

#[test]
fn snapshot_shows_peers_and_connections() {
    block_on(async {
        let network = network();
        let (client, _servers) = with_two_peers(Builder::new(network.clone(), "client"), &network).await;
        client.call("moe", "poke").send().await.unwrap();
        let snapshot = client.snapshot();
        assert_eq!((snapshot.root_peers.len(), &*snapshot.service), (2, "client"));
        assert!(!snapshot.connections.is_empty() && snapshot.live.ours == 0);
        client.close().await;
        assert_eq!(client.snapshot().channel_state, ChannelState::Closed);
    });
}

/// A file of its own for a test, gone with it.
struct PeerFile(PathBuf);

impl PeerFile {
    fn new(name: &str, text: &str) -> Self {
        let path = std::env::temp_dir().join(format!("tchannel-{name}-{}.json", std::process::id()));
        fs::write(&path, text).unwrap();
        PeerFile(path)
    }
}

impl Drop for PeerFile {
    fn drop(&mut self) {
        let _already_gone = fs::remove_file(&self.0);
    }
}

#[test]
fn peer_file_is_the_list() {
    block_on(async {
        let network = network();
        let (_server, at) = server(&network, false).await;
        let file = PeerFile::new("peers", &format!("[\"{at}\", \"{at}\"]"));
        let client = Builder::new(network, "client").build().unwrap();
        client.peers().add("127.0.0.1:9999").unwrap();
        client.peers().watch_file(&file.0).unwrap();
        let listed: Vec<_> = client.peers().list().iter().map(|peer| peer.host_port().to_string()).collect();
        assert_eq!(listed, [at]);
        assert!(client.call("moe", "poke").send().await.unwrap().ok());
    });
}

#[test]
fn peer_file_that_is_none_is_an_error_and_changes_nothing() {
    block_on(async {
        let client = Builder::new(network(), "client").build().unwrap();
        client.peers().add("127.0.0.1:9999").unwrap();
        let file = PeerFile::new("no-peers", "{\"peers\": []}");
        let error = client.peers().watch_file(&file.0).unwrap_err();
        assert!(matches!(error, PeerFileError::Parse { .. }), "{error}");
        let error = client.peers().watch_file("/no/such/file").unwrap_err();
        assert!(error.to_string().starts_with("cannot read the peer file /no/such/file: "), "{error}");
        assert_eq!(client.peers().list().len(), 1);
    });
}

#[test]
fn notices_tell_of_peers_that_come_and_go() {
    block_on(async {
        let (network, noted) = (network(), Noted::default());
        let sink = noted.clone();
        let builder = Builder::new(network.clone(), "client").on_notice(move |notice| {
            if let Notice::Peer { .. } = notice {
                sink.lock().unwrap().push(notice.to_string());
            }
        });
        let (_server, at) = server(&network, false).await;
        let client = builder.build().unwrap();
        let peer = client.peers().add(&at).unwrap();
        client.call("moe", "poke").send().await.unwrap();
        client.peers().remove(&peer).unwrap();
        settle().await;
        let wanted = ["was added", "is up", "is down", "was removed"].map(|news| format!("peer {at} {news}"));
        let mut noted = noted.lock().unwrap().clone();
        noted.sort();
        let mut wanted = wanted.to_vec();
        wanted.sort();
        assert_eq!(noted, wanted);
    });
}

/// Remembers the names of what is registered.
#[derive(Clone, Default)]
struct Names(Noted<String>);

impl Names {
    fn note(&self, key: &Key) {
        self.0.lock().unwrap().push(key.name().to_owned());
    }
}

impl Recorder for Names {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        self.note(key);
        Counter::noop()
    }
    fn register_gauge(&self, key: &Key, _: &Metadata<'_>) -> Gauge {
        self.note(key);
        Gauge::noop()
    }
    fn register_histogram(&self, key: &Key, _: &Metadata<'_>) -> Histogram {
        self.note(key);
        Histogram::noop()
    }
}

#[test]
fn metrics_facade_gets_every_kind() {
    let names = Names::default();
    metrics::with_local_recorder(&names.clone(), || {
        block_on(async {
            let network = network();
            let (_server, at) = server(&network, false).await;
            let client = Builder::new(network, "client").metrics().build().unwrap();
            client.call("moe", "poke").host(&*at).send().await.unwrap();
        });
    });
    let names = names.0.lock().unwrap();
    for name in
        ["tchannel.outbound.calls.sent", "tchannel.outbound.calls.latency", "tchannel.connections.active"]
    {
        assert!(names.iter().any(|noted| noted == name), "{name} is not among {names:?}");
    }
}

/// Remembers the fields of each event and the spans that were entered.
#[derive(Clone, Default)]
struct Log(Noted<String>);

impl tracing::Subscriber for Log {
    fn enabled(&self, metadata: &tracing::Metadata<'_>) -> bool {
        metadata.target().starts_with("tchannel")
    }
    fn new_span(&self, attributes: &span::Attributes<'_>) -> span::Id {
        let name = attributes.metadata().name();
        self.0.lock().unwrap().push(format!("span {name}"));
        span::Id::from_u64(1)
    }
    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}
    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
    fn event(&self, event: &tracing::Event<'_>) {
        self.0.lock().unwrap().push(format!("{} {}", event.metadata().level(), event.metadata().target()));
    }
    fn enter(&self, _: &span::Id) {
        self.0.lock().unwrap().push("enter".into());
    }
    fn exit(&self, _: &span::Id) {}
}

#[test]
fn tracing_gets_spans_notices_and_requests() {
    let log = Log::default();
    tracing::subscriber::with_default(log.clone(), || {
        block_on(async {
            let network = network();
            let server = Builder::new(network.clone(), "server").tracing().build().unwrap();
            server.service("moe").unwrap().register("poke", |_: Request| async {
                Err(Reject::from(std::io::Error::other("on purpose")))
            });
            let at = server.listen("127.0.0.1:0").await.unwrap();
            let builder = Builder::new(network, "client").tracing();
            let client = builder.channel_config(|config| config.trace_sample = tchannel_rpc::Ratio::ONE);
            let client = client.build().unwrap();
            assert!(client.call("moe", "poke").host(at).send().await.is_err());
            client.close().await;
            settle().await;
        });
    });
    let log = log.0.lock().unwrap();
    for wanted in ["span request", "enter", "INFO tchannel::trace", "WARN tchannel", "DEBUG tchannel"] {
        assert!(log.iter().any(|line| line == wanted), "{wanted} is not among {log:?}");
    }
}
