//! Whole calls through two channels: options, peers, deadlines, retries and dispatch on top of what a connection does.

use std::net::SocketAddr;
use std::num::{NonZeroU32, NonZeroUsize};
use std::sync::Arc;
use std::time::Duration;

use bytes::{Buf, BufMut, Bytes, BytesMut};
use tchannel_mesh::{
    Action, Call, CallOptions, CallPlan, Channel, ChannelConfig, ConnKey, Direct, Event, Handling, HostPort,
    Layers, Setting, Style,
};
use tchannel_proto::wire::ResponseCode;
use tchannel_proto::{Args, Config, Connection, Response, Timestamp};
use tchannel_tests::source::{Rng, Source};

use crate::scenario::{Scenario, turns};

pub(crate) fn all() -> Vec<Scenario> {
    const SIZES: [(&str, usize); 4] = [
        ("channels-16b", 16),
        ("channels-1kib", 1 << 10),
        ("channels-64kib", 64 << 10),
        ("channels-1mib", 1 << 20),
    ];
    let mut all: Vec<Scenario> = SIZES
        .into_iter()
        .map(|(name, len)| {
            let start = move || {
                let mut line = Line::new(len);
                move || line.calls(1)
            };
            Scenario { turns: turns(len), ..Scenario::new(name, start) }
        })
        .collect();
    let at_once = || {
        let mut line = Line::new(16);
        move || line.calls(100)
    };
    all.push(Scenario { each: 100, turns: 100, ..Scenario::new("channels-16b-100-at-once", at_once) });
    for (name, others) in [
        ("channels-16b-beside-100", 100),
        ("channels-16b-beside-10k", 10_000),
        ("channels-16b-beside-100k", 100_000),
    ] {
        all.push(Scenario::new(name, move || {
            let mut line = Line::new(16);
            line.leave_waiting(others);
            move || line.calls(1)
        }));
    }
    let crowd = || {
        let mut line = Line::new(16);
        let _idle = line.crowd(10_000);
        move || line.calls(1)
    };
    all.push(Scenario::new("channels-16b-10k-connections", crowd));
    all
}

const SERVER: &str = "10.0.0.1:4040";

/// What a driver reads at a time.
const READ: usize = 256 << 10;

/// Two channels with one connection, and the buffers that their drivers read into.
struct Line {
    now: Timestamp,
    client: (Channel, ConnKey, BytesMut),
    server: (Channel, ConnKey, BytesMut),
    plan: Arc<CallPlan>,
    args: Args,
    random: Rng,
    /// The server answers nothing.
    hold: bool,
}

impl Line {
    fn new(len: usize) -> Self {
        let now = Timestamp::from_millis(1_000);
        let [mut client, mut server] = ["client", "service"]
            .map(|name| Channel::new(now, config(name), 1).expect("a good configuration"));
        let services = server.services_mut();
        let service = services.create("service").expect("a new service");
        services.register(service, "endpoint", None, Handling::Whole).expect("a new endpoint");
        let plan = Arc::new(plan());
        let args = Args::new(Bytes::new(), vec![7; len]);
        client.start(now, call(&plan, &args)).expect("a good call");
        let Some(Action::Connect { key, .. }) = client.poll_action() else { panic!("no dial") };
        let at: SocketAddr = SERVER.parse().expect("an address");
        let accepted = server.handle_accepted(now, at, at).expect("there is room");
        client.handle_connected(now, key);
        let buffer = || BytesMut::with_capacity(READ);
        let mut line = Line {
            now,
            client: (client, key, buffer()),
            server: (server, accepted, buffer()),
            plan,
            args,
            random: Rng::new(1),
            hold: false,
        };
        // The handshake's two frames cross first.
        while line.turn() == 0 {}
        line
    }

    fn calls(&mut self, count: usize) {
        for _ in 0..count {
            self.client.0.start(self.now, call(&self.plan, &self.args)).expect("a good call");
        }
        assert_eq!(self.turn(), count);
    }

    /// Calls that are not answered while others are.
    fn leave_waiting(&mut self, count: u32) {
        self.hold = true;
        for _ in 0..count {
            let patience = Duration::from_secs(60 + u64::from(self.random.byte()));
            let waiting = Call { timeout: patience, ..call(&self.plan, &self.args) };
            self.client.0.start(self.now, waiting).expect("a good call");
            assert_eq!(self.turn(), 0);
        }
        self.hold = false;
    }

    /// Other clients of the server, which say nothing once they are connected.
    fn crowd(&mut self, count: u16) -> Vec<Connection> {
        let config = Arc::new(Config::default());
        let at: SocketAddr = SERVER.parse().expect("an address");
        let connect = |port| {
            let from = SocketAddr::from(([10, 0, 0, 2], port));
            let key = self.server.0.handle_accepted(self.now, from, at).expect("there is room");
            let mut other = Connection::connect(self.now, Arc::clone(&config), "0.0.0.0:0", port.into());
            let mut bytes = BytesMut::new();
            let hello = other.poll_transmit(self.now).expect("it speaks first");
            bytes.put(hello);
            self.server.0.handle_input(self.now, key, &mut bytes);
            assert!(self.server.0.poll_transmit(self.now, key).is_some(), "it is answered");
            other
        };
        (1..=count).map(connect).collect()
    }

    /// Carries everything there and back; counts the answers.
    fn turn(&mut self) -> usize {
        self.now = self.now + Duration::from_micros(5);
        carry(self.now, &mut self.client, &mut self.server);
        while let Some(event) = self.server.0.poll_event() {
            if let Event::Request { call, args, .. } = event {
                if self.hold {
                    continue;
                }
                let args = args.expect("the endpoint asked for whole requests");
                let response = Response { code: ResponseCode::OK, args };
                self.server.0.respond(self.now, call, response).expect("it is awaited");
            }
        }
        self.now = self.now + Duration::from_micros(5);
        carry(self.now, &mut self.server, &mut self.client);
        let mut answers = 0;
        while let Some(event) = self.client.0.poll_event() {
            if let Event::Response { args, .. } = event {
                assert_eq!(args.map(|args| args.len()), Some(self.args.len()));
                answers += 1;
            }
        }
        answers
    }
}

/// With room for all the calls and connections of a scenario.
fn config(name: &str) -> ChannelConfig {
    let mut config = ChannelConfig::new(name);
    let many = NonZeroU32::new(200_000).expect("some");
    let connection = Arc::make_mut(&mut config.connection);
    (connection.max_incoming_calls, connection.max_outgoing_calls) = (many, many);
    config.limits.max_incoming_total = NonZeroUsize::new(200_000).expect("some");
    config.limits.max_connections_accepted = NonZeroUsize::new(20_000).expect("some");
    config
}

fn plan() -> CallPlan {
    let host: HostPort = SERVER.parse().expect("a peer");
    let mut options = CallOptions::new();
    options.service = Some("service".into());
    options.direct = Setting::Is(Direct::Host(host));
    let layers = Layers {
        call: &options,
        subchannel: None,
        channel: &CallOptions::new(),
        channel_name: "client",
        style: Style::Python,
    };
    layers.plan().expect("a good plan")
}

fn call<'a>(plan: &'a Arc<CallPlan>, args: &Args) -> Call<'a> {
    Call { args: Some(args.clone()), ..Call::of(plan, Bytes::from_static(b"endpoint")) }
}

/// A driver's work: writes, reads, and asks when to wake up.
fn carry(
    now: Timestamp,
    (from, out, _): &mut (Channel, ConnKey, BytesMut),
    (to, into, socket): &mut (Channel, ConnKey, BytesMut),
) {
    while from.poll_ready().is_some() {
        while let Some(mut transmit) = from.poll_transmit(now, *out) {
            while transmit.has_remaining() {
                let room = READ - socket.len();
                let len = transmit.chunk().len().min(room);
                if socket.capacity() - socket.len() < len {
                    socket.reserve(room);
                }
                socket.extend_from_slice(&transmit.chunk()[..len]);
                transmit.advance(len);
                if len == room {
                    to.handle_input(now, *into, socket);
                }
            }
        }
    }
    to.handle_input(now, *into, socket);
    assert!(from.poll_timeout().is_none_or(|at| at > now));
    assert!(to.poll_timeout().is_none_or(|at| at > now));
}
