//! A mesh of routers in memory, and services that advertise to it.

use std::net::{IpAddr, Ipv4Addr};
use std::num::NonZeroU32;
use std::time::Duration;

use tchannel_rpc::hyperbahn::{AdvertiseError, DiscoverError, Routers, StartError, UnadvertiseError};
use tchannel_rpc::testing::{Answer, Mock, MockMesh, MockPeer, Network, Shape};
use tchannel_rpc::tokio::Tokio;
use tchannel_rpc::{Builder, Channel, ErrorCode, ListenError, Ratio, Reply, Request};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use super::{block_on, settle};

struct World(Network<Tokio>);

impl World {
    fn new() -> Self {
        World(Network::new(Tokio::current().unwrap(), Shape::default()))
    }

    fn builder(&self, name: &str) -> Builder<Network<Tokio>> {
        Builder::new(self.0.clone(), name)
    }

    fn channel(&self, name: &str) -> Channel {
        self.builder(name).build().unwrap()
    }

    async fn mesh(&self, routers: usize) -> MockMesh {
        MockMesh::start((0..routers).map(|_| self.channel("router"))).await.unwrap()
    }

    async fn server(&self, name: &str) -> MockPeer {
        let server = MockPeer::start(self.channel(name)).await.unwrap();
        server.mount(Mock::service(name).answers(Answer::ok("", name.to_owned())));
        server
    }
}

/// What a channel tells, as it comes.
fn notices<R>(builder: Builder<R>) -> (Builder<R>, UnboundedReceiver<String>)
where
    R: tchannel_rpc::runtime::Runtime,
{
    let (sender, notices) = unbounded_channel();
    let builder = builder.on_notice(move |notice| {
        // Nobody listens any more when the test is over.
        let _ = sender.send(notice.to_string());
    });
    (builder, notices)
}

/// Waits for one that begins so.
async fn hear(notices: &mut UnboundedReceiver<String>, beginning: &str) -> String {
    loop {
        let notice = notices.recv().await.unwrap();
        if notice.starts_with(beginning) {
            return notice;
        }
    }
}

fn nobody() -> Routers {
    Routers::from_texts(["127.0.0.1:9999"]).unwrap()
}

#[test]
fn channel_that_does_not_listen_listens_before_it_advertises() {
    block_on(async {
        let world = World::new();
        let mesh = world.mesh(1).await;
        let server = world.channel("moe");
        server.service("moe").unwrap().register("ask", |_: Request| async { Ok(Reply::ok("", "curly")) });
        // This connection told the router that nobody listens.
        server.call("hyperbahn", "Hyperbahn::discover").host(mesh.addresses()[0]).send().await.unwrap_err();

        let advertised = server.advertise(&mesh.routers()).start().await.unwrap();
        assert_eq!(advertised.connection_count, 1);
        let at = server.listens_at().expect("it listens now");
        assert_eq!(mesh.advertised("moe"), [at.try_into().unwrap()]);

        let larry = world.channel("larry");
        let client = larry.hyperbahn(&mesh.routers()).client("moe").unwrap();
        assert_eq!(client.call("ask").send().await.unwrap().body(), "curly");
    });
}

#[test]
fn advertise_listens_where_it_is_told_to() {
    block_on(async {
        let world = World::new();
        let mesh = world.mesh(1).await;
        let server = world.channel("moe");
        server.advertise(&mesh.routers()).listen_at("127.0.0.1:777").start().await.unwrap();
        assert_eq!(server.listens_at(), Some((IpAddr::V4(Ipv4Addr::LOCALHOST), 777).into()));

        let refused = world.channel("shemp").advertise(&mesh.routers()).listen_at("127.0.0.1:777").start();
        let Err(AdvertiseError::NotListening(error)) = refused.await else { panic!("the port is taken") };
        assert!(error.to_string().contains("127.0.0.1:777"), "{error}");
        assert!(mesh.advertised("shemp").is_empty());
    });
}

#[test]
fn two_that_advertise_at_once_listen_once() {
    block_on(async {
        let world = World::new();
        let mesh = world.mesh(1).await;
        let server = world.channel("moe");
        let start = || tokio::spawn(server.advertise(&mesh.routers()).start());
        let (one, other) = (start(), start());
        assert_eq!(one.await.unwrap().unwrap(), other.await.unwrap().unwrap());
        assert_eq!(mesh.received().len(), 1);
    });
}

#[test]
fn address_that_no_router_could_connect_to_is_never_advertised() {
    block_on(async {
        let world = World::new();
        let mesh = world.mesh(1).await;
        for announced in ["0.0.0.0:4040", "10.0.0.1:0", "[::]:4040", "nonsense"] {
            let server = world.builder("moe").announce(announced).build().unwrap();
            let refused = server.advertise(&mesh.routers()).start().await.unwrap_err();
            let is_refused =
                matches!(refused, AdvertiseError::NotStarted(StartError::EphemeralAddress { .. }));
            assert!(is_refused, "{announced}: {refused}");
        }
        assert!(mesh.received().is_empty());

        // A name is not looked up.
        let server = world.builder("moe").announce("some.host:4040").build().unwrap();
        server.advertise(&mesh.routers()).start().await.unwrap();
        assert_eq!(mesh.advertised("moe")[0].to_string(), "some.host:4040");
    });
}

#[test]
fn several_services_are_advertised_in_one_call() {
    block_on(async {
        let world = World::new();
        let mesh = world.mesh(1).await;
        let server = world.server("moe").await;
        server.channel().advertise(&mesh.routers()).service("moe").service("larry").start().await.unwrap();
        let [ad] = &mesh.received()[..] else { panic!("one call") };
        assert_eq!((&*ad.service, &*ad.endpoint), ("hyperbahn", "ad"));
        assert_eq!(ad.arg2, "{}");
        assert_eq!(
            ad.body,
            r#"{"services":[{"cost":0,"serviceName":"moe"},{"cost":0,"serviceName":"larry"}]}"#
        );
        let here = [server.address().try_into().unwrap()];
        assert_eq!((mesh.advertised("moe"), mesh.advertised("larry")), (here.to_vec(), here.to_vec()));
    });
}

#[test]
fn same_services_are_joined_and_others_are_refused() {
    block_on(async {
        let world = World::new();
        let mesh = world.mesh(1).await;
        let server = world.server("moe").await;
        let advertise = |name: &str| server.channel().advertise(&mesh.routers()).service(name).start();
        assert_eq!(advertise("moe").await.unwrap(), advertise("moe").await.unwrap());
        assert_eq!(mesh.received().len(), 1);
        let other = advertise("larry").await.unwrap_err();
        assert!(matches!(other, AdvertiseError::NotStarted(StartError::OtherServices)), "{other}");
    });
}

#[test]
fn without_a_router_there_is_an_error_in_time_that_names_the_last_failure() {
    block_on(async {
        let world = World::new();
        let (builder, mut notices) = notices(world.builder("moe"));
        let server = builder.build().unwrap();
        let advertise = || server.advertise(&nobody()).timeout(Duration::from_millis(300));
        let error = advertise().start().await.unwrap_err();
        assert!(matches!(error, AdvertiseError::NoRouter(_)), "{error}");
        let text = error.to_string();
        assert!(text.starts_with("not advertised within 300ms") && text.contains("127.0.0.1:9999"), "{text}");
        assert!(error.last().is_some());
        hear(&mut notices, "not advertised").await;

        // Its end is no obstacle: the next start has its own time and its own routers.
        let mesh = world.mesh(1).await;
        server.advertise(&mesh.routers()).start().await.unwrap();
    });
}

#[test]
fn one_that_keeps_trying_gets_there_in_the_end() {
    block_on(async {
        let world = World::new();
        let mesh = world.mesh(1).await;
        mesh.mount(
            Mock::of("hyperbahn", "ad")
                .at_most(2)
                .expect(2..=2)
                .answers(Answer::error(ErrorCode::Busy, "later")),
        );
        let (builder, mut notices) = notices(world.builder("moe"));
        let server = builder.build().unwrap();
        let advertise = server.advertise(&mesh.routers()).timeout(Duration::from_millis(1));
        let error = advertise.keep_trying(true).start().await.unwrap_err();
        assert!(matches!(error, AdvertiseError::NoRouter(_)), "{error}");
        assert_eq!(hear(&mut notices, "advertised").await, "advertised to 1 routers");
        assert_eq!(mesh.advertised("moe").len(), 1);
    });
}

#[test]
fn refusal_and_a_lost_connection_lead_to_another_attempt() {
    block_on(async {
        let world = World::new();
        let mesh = world.mesh(1).await;
        let ad = || Mock::of("hyperbahn", "ad").at_most(1);
        mesh.mount(ad().answers(Answer::not_ok("{}", "\"I will not\"")));
        mesh.mount(ad().answers(Answer::hang_up()));
        let server = world.server("moe").await;
        server.channel().advertise(&mesh.routers()).start().await.unwrap();
        assert_eq!(mesh.received().len(), 3);
    });
}

#[test]
fn advertisement_is_repeated() {
    block_on(async {
        let world = World::new();
        let mesh = world.mesh(1).await;
        let (builder, mut notices) = notices(world.builder("moe"));
        let server = builder.build().unwrap();
        server.advertise(&mesh.routers()).interval(Duration::from_secs(1)).start().await.unwrap();
        hear(&mut notices, "advertised").await;
        mesh.forget();
        hear(&mut notices, "advertised").await;
        assert_eq!(mesh.advertised("moe").len(), 1);
    });
}

#[test]
fn advertising_gives_up_after_as_many_failures_as_it_is_told() {
    block_on(async {
        let world = World::new();
        let mesh = world.mesh(1).await;
        let (builder, mut notices) = notices(world.builder("moe"));
        let server = builder.build().unwrap();
        let advertise = server.advertise(&mesh.routers()).interval(Duration::from_secs(1));
        advertise.fail_after(NonZeroU32::MIN).start().await.unwrap();
        mesh.mount(Mock::of("hyperbahn", "ad").answers(Answer::error(ErrorCode::Busy, "no")));
        hear(&mut notices, "not advertised, and given up: ").await;
        assert_eq!(mesh.received().len(), 2);
    });
}

#[test]
fn unadvertise_asks_once_and_tells_what_came_of_it() {
    block_on(async {
        let world = World::new();
        let mesh = world.mesh(1).await;
        let server = world.server("moe").await;
        let hyperbahn = server.channel().hyperbahn(&mesh.routers());
        assert_eq!(hyperbahn.unadvertise().await, Err(UnadvertiseError::NotAdvertised));
        hyperbahn.advertise().start().await.unwrap();
        // Both hear of the same call.
        let (one, other) = (hyperbahn.unadvertise(), hyperbahn.unadvertise());
        assert_eq!((one.await, other.await), (Ok(1), Ok(1)));
        let asked: Vec<_> = mesh.received().iter().map(|call| call.endpoint.clone()).collect();
        assert_eq!(asked, ["ad", "unad"]);
        assert_eq!(mesh.received()[1].body, r#"{"services":[{"cost":0,"serviceName":"moe"}]}"#);
        assert!(mesh.advertised("moe").is_empty());

        mesh.mount(Mock::of("hyperbahn", "unad").answers(Answer::error(ErrorCode::Busy, "later")));
        hyperbahn.advertise().start().await.unwrap();
        let failed = hyperbahn.unadvertise().await.unwrap_err();
        assert!(failed.to_string().contains("busy (remote): later"), "{failed}");
    });
}

#[test]
fn stopped_before_the_first_answer_is_told_to_whoever_waits() {
    block_on(async {
        let world = World::new();
        let mesh = world.mesh(1).await;
        mesh.mount(Mock::of("hyperbahn", "ad").answers(Answer::silence()));
        let server = world.server("moe").await;
        let hyperbahn = server.channel().hyperbahn(&mesh.routers());
        for close in [false, true] {
            let waiting = tokio::spawn(hyperbahn.advertise().start());
            settle().await;
            if close {
                drop(server.channel().close());
            } else {
                hyperbahn.stop_advertising();
            }
            let error = waiting.await.unwrap().unwrap_err();
            assert!(matches!(error, AdvertiseError::Stopped), "{error}");
        }
        let error = hyperbahn.advertise().start().await.unwrap_err();
        assert!(matches!(error, AdvertiseError::Stopped | AdvertiseError::NotListening(_)), "{error}");
    });
}

#[test]
fn discover_names_who_serves_or_says_that_nobody_does() {
    block_on(async {
        let world = World::new();
        let mesh = world.mesh(1).await;
        let servers = [world.server("moe").await, world.server("moe").await];
        for server in &servers {
            server.channel().advertise(&mesh.routers()).start().await.unwrap();
        }
        let client = world.channel("larry").hyperbahn(&mesh.routers());
        let wanted = servers.each_ref().map(|server| server.address().try_into().unwrap());
        assert_eq!(client.discover("moe").await.unwrap(), wanted);
        assert_eq!(client.discover_affine("moe").await.unwrap(), wanted);

        let error = client.discover("shemp").await.unwrap_err();
        assert_eq!(error.to_string(), "nobody advertises the service: no peer available for shemp");
        assert!(matches!(client.discover("").await, Err(DiscoverError::Name(_))));
        let lost = world.channel("lost").hyperbahn(&nobody());
        assert!(matches!(lost.discover("moe").await, Err(DiscoverError::Call(_))));
    });
}

#[test]
fn routers_alone_are_asked_whatever_other_peers_the_channel_has() {
    block_on(async {
        let world = World::new();
        let mesh = world.mesh(1).await;
        let moe = world.server("moe").await;
        let mut others = Vec::new();
        for _ in 0..8 {
            let other = world.server("shemp").await;
            moe.channel().peers().add(&other.address().to_string()).unwrap();
            others.push(other);
        }
        let hyperbahn = moe.channel().hyperbahn(&mesh.routers());
        for _ in 0..4 {
            hyperbahn.advertise().start().await.unwrap();
            hyperbahn.discover("moe").await.unwrap();
            hyperbahn.unadvertise().await.unwrap();
        }
        assert_eq!(mesh.received().len(), 12);
        assert!(others.iter().all(|other| other.received().is_empty()));
        let [router] = &hyperbahn.peers().list()[..] else { panic!("one router") };
        assert_eq!(router.host_port().address(), Some(mesh.addresses()[0]));
        assert_eq!(moe.channel().peers().list().len(), 9, "calls of other services may go to all");
    });
}

#[test]
fn clients_are_made_once_and_have_peers_of_their_own() {
    block_on(async {
        let world = World::new();
        let (one, other) = (world.mesh(1).await, world.mesh(1).await);
        let channel = world.channel("larry");
        let client = channel.hyperbahn(&one.routers()).client("moe").unwrap();
        channel.hyperbahn(&other.routers()).client("moe").unwrap();
        let peers: Vec<_> = client.peers().list().iter().map(|peer| peer.host_port().to_string()).collect();
        let wanted: Vec<_> = [&one, &other].iter().map(|mesh| mesh.addresses()[0].to_string()).collect();
        assert_eq!(peers, wanted);

        channel.service("shemp").unwrap();
        let taken = channel.hyperbahn(&one.routers()).client("shemp").unwrap_err();
        assert!(taken.to_string().contains("\"shemp\" exists"), "{taken}");
    });
}

#[test]
fn connection_that_a_router_opened_serves_for_calls_to_it() {
    block_on(async {
        let world = World::new();
        let router = world.channel("router");
        let mesh = MockMesh::start([router.clone()]).await.unwrap();
        let larry = world.server("larry").await;
        router.call("larry", "ask").host(larry.address()).send().await.unwrap();
        // Where larry listens, if the router opened the connection.
        let seen = |request: &Request| Answer::ok("", request.connection().host().to_string());
        mesh.mount(Mock::of("moe", "seen").answers_with(seen));
        let hyperbahn = larry.channel().hyperbahn(&mesh.routers());
        hyperbahn.advertise().start().await.unwrap();
        let answer = hyperbahn.client("moe").unwrap().call("seen").send().await.unwrap();
        assert_eq!(answer.body(), larry.address().to_string());
        assert_eq!(world.0.connects(), 1);
    });
}

#[test]
fn mesh_that_does_not_start_leaves_no_router_behind() {
    block_on(async {
        let world = World::new();
        let (one, other) = (world.channel("router"), world.channel("router"));
        other.listen("127.0.0.1:0").await.unwrap();
        let error = MockMesh::start([one.clone(), other]).await.unwrap_err();
        assert!(matches!(error, ListenError::AlreadyListening), "{error}");
        let error = one.listen("127.0.0.1:0").await.unwrap_err();
        assert!(matches!(error, ListenError::Closed), "{error}");
    });
}

#[test]
fn mesh_answers_as_the_real_one_does() {
    block_on(async {
        let world = World::new();
        let mesh = world.mesh(1).await;
        let larry = world.channel("larry");
        let client = larry.hyperbahn(&mesh.routers()).client("moe").unwrap();
        let error = client.call("ask").send().await.unwrap_err();
        assert_eq!((error.code(), error.message()), (ErrorCode::Declined, "no peer available for request"));

        let server = world.server("moe").await;
        server.channel().advertise(&mesh.routers()).start().await.unwrap();
        mesh.limit("moe", std::num::NonZeroU64::MIN);
        for _ in 0..2 {
            client.call("ask").send().await.unwrap();
        }
        let error = client.call("ask").retry_limit(0).send().await.unwrap_err();
        let text = "moe is rate-limited by the service rps of 1";
        assert_eq!((error.code(), error.message()), (ErrorCode::Busy, text));
    });
}

#[test]
fn peer_that_is_not_asked_as_expected_says_so() {
    block_on(async {
        let world = World::new();
        let peer = MockPeer::start(world.channel("moe")).await.unwrap();
        peer.mount(Mock::of("moe", "never").scheme("json").expect(2..=3));
        let text = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| peer.verify())).unwrap_err();
        let text = text.downcast_ref::<String>().unwrap();
        let wanted = "service \"moe\", endpoint \"never\", scheme \"json\": 0 calls, expected 2 to 3";
        assert!(text.contains(wanted), "{text}");
        // Met now; else it would panic again when it is dropped.
        let larry = world.channel("larry");
        for _ in 0..2 {
            larry.call("moe", "never").host(peer.address()).scheme("json").send().await.unwrap();
        }
        let error = larry.call("moe", "never").host(peer.address()).send().await.unwrap_err();
        assert_eq!(error.message(), "no mock takes service=\"moe\" endpoint=\"never\"");
        let expected: Vec<_> = peer.received().iter().map(|call| call.expected).collect();
        assert_eq!(expected, [true, true, false]);
    });
}

#[test]
fn c11_spans_are_handed_to_tcollector_with_their_shard_key() {
    block_on(async {
        let world = World::new();
        let mesh = world.mesh(1).await;
        let (submitted, mut spans) = unbounded_channel();
        mesh.mount(Mock::of("tcollector", "TCollector::submit").scheme("thrift").answers_with(
            move |request| {
                // The test may be over.
                let _ = submitted.send(request.body());
                Answer::ok("\0\0", &b"\x0c\0\0\x02\0\x01\x01\0\0"[..])
            },
        ));
        let (builder, mut notices) = notices(world.builder("larry").report_to_tcollector());
        let larry =
            builder.channel_config(|config| config.trace_sample = Ratio::percent(100)).build().unwrap();
        let moe = world.server("moe").await;
        larry.call("moe", "ask").host(moe.address()).send().await.unwrap();
        assert!(hear(&mut notices, "a span is lost: ").await.contains("no peer"), "there is no mesh yet");

        larry.hyperbahn(&mesh.routers());
        larry.call("moe", "ask").host(moe.address()).send().await.unwrap();
        let span = spans.recv().await.unwrap();
        let part = |part: &[u8]| span.windows(part.len()).any(|window| window == part);
        assert!(part(b"\0\0\0\x03moe") && part(b"\0\0\0\x03ask") && part(b"\0\0\0\x05larry"));
        assert!(part(b"\0\0\0\x02cs") && part(b"\0\0\0\x02cr"));
        let port = u32::from(moe.address().port()).to_be_bytes();
        assert!(part(&[&b"\x7f\0\0\x01\x08\0\x02"[..], &port[..]].concat()), "who was called");

        let [call] = &mesh.received()[..] else { panic!("one span, and none of the report itself") };
        let header = |name: &str| call.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value);
        assert!(header("shardKey").is_some_and(|key| key.contains(',')));
        assert_eq!(header("sk"), header("shardKey"));
        assert_eq!(header("cn").map(String::as_str), Some("larry"));
    });
}
