//! How often a small call through two channels asks the allocator.

use std::net::SocketAddr;
use std::sync::Arc;

use bytes::{Buf, Bytes, BytesMut};
use tchannel_mesh::{
    Action, Call, CallOptions, CallPlan, Channel, ChannelConfig, ConnKey, Direct, Event, Handling, HostPort,
    Layers, Ratio, Setting, Style,
};
use tchannel_proto::wire::ResponseCode;
use tchannel_proto::{Args, Response};

use tchannel_tests::heap::allocations;

use super::NOW;

const SERVER: &str = "10.0.0.1:4040";

/// Two channels with one connection, and buffers between them that are kept.
struct Line {
    client: (Channel, ConnKey),
    server: (Channel, ConnKey),
    buffer: BytesMut,
    plan: Arc<CallPlan>,
}

impl Line {
    fn new(change: fn(&mut ChannelConfig)) -> Self {
        let mut channels = ["client", "service"].map(|name| {
            let mut config = ChannelConfig::new(name);
            change(&mut config);
            Channel::new(NOW, config, 1).expect("a good configuration")
        });
        let services = channels[1].services_mut();
        let service = services.create("service").expect("a new service");
        services.register(service, "endpoint", None, Handling::Whole).expect("a new endpoint");
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
        let plan = Arc::new(layers.plan().expect("a good plan"));
        let [mut client, mut server] = channels;
        client.start(NOW, call(&plan)).expect("a good call");
        let Some(Action::Connect { key, .. }) = client.poll_action() else { panic!("no dial") };
        let at: SocketAddr = SERVER.parse().expect("an address");
        let accepted = server.handle_accepted(NOW, at, at).expect("there is room");
        client.handle_connected(NOW, key);
        let buffer = BytesMut::with_capacity(1 << 16);
        let mut line = Line { client: (client, key), server: (server, accepted), buffer, plan };
        for _ in 0..3 {
            line.turn();
        }
        line
    }

    fn turn(&mut self) -> bool {
        pass(&mut self.client, &mut self.server, &mut self.buffer);
        while let Some(event) = self.server.0.poll_event() {
            if let Event::Request { call, args, .. } = event {
                let response = Response { code: ResponseCode::OK, args: args.expect("a whole request") };
                self.server.0.respond(NOW, call, response).expect("it is awaited");
            }
        }
        pass(&mut self.server, &mut self.client, &mut self.buffer);
        let events = std::iter::from_fn(|| self.client.0.poll_event());
        events.filter(|event| matches!(event, Event::Response { .. })).count() > 0
    }

    fn call(&mut self) {
        self.client.0.start(NOW, call(&self.plan)).expect("a good call");
        assert!(self.turn());
        for channel in [&mut self.client.0, &mut self.server.0] {
            while channel.poll_stat().is_some() || channel.poll_span().is_some() {}
        }
    }
}

fn call(plan: &Arc<CallPlan>) -> Call<'_> {
    let args = Args::new(Bytes::from_static(b"0123456789abcdef"), Bytes::from_static(b"0123456789abcdef"));
    Call { args: Some(args), ..Call::of(plan, Bytes::from_static(b"endpoint")) }
}

fn pass(from: &mut (Channel, ConnKey), to: &mut (Channel, ConnKey), buffer: &mut BytesMut) {
    while from.0.poll_ready().is_some() {
        while let Some(mut transmit) = from.0.poll_transmit(NOW, from.1) {
            while transmit.has_remaining() {
                let len = transmit.chunk().len();
                buffer.extend_from_slice(transmit.chunk());
                transmit.advance(len);
            }
        }
    }
    to.0.handle_input(NOW, to.1, buffer);
}

const CALLS: u64 = 2_000;

fn counted(change: fn(&mut ChannelConfig)) -> u64 {
    let mut line = Line::new(change);
    for _ in 0..200 {
        line.call();
    }
    let before = allocations();
    for _ in 0..CALLS {
        line.call();
    }
    allocations() - before
}

#[test]
fn a_small_call_through_two_channels_that_measure_nothing_does_not_allocate() {
    assert_eq!(counted(|_| {}), 0);
}

#[test]
fn measurements_are_kept_without_allocating() {
    assert_eq!(counted(|config| config.stats = true), 0);
}

#[test]
fn reports_allocate_for_sampled_calls_only() {
    let all = |config: &mut ChannelConfig| {
        (config.trace_reports, config.trace_sample) = (true, Ratio::ONE);
    };
    let none = |config: &mut ChannelConfig| {
        (config.trace_reports, config.trace_sample) = (true, Ratio::ZERO);
    };
    assert_eq!(counted(none), 0);
    assert!(counted(all) >= CALLS);
}
