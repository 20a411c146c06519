//! What the calls of the loop are, whatever the defaults of their channel say.

use alloc::vec::Vec;
use core::net::SocketAddr;
use core::time::Duration;

use super::world::{ADDRESS, at};
use super::{Advertise, AdvertiseOptions, Call, Started};
use crate::Trace;
use crate::options::{CallOptions, Direct, Layers, Style, Text};

fn started(services: &[&str]) -> Advertise {
    let mut advertise = Advertise::new(AdvertiseOptions::default());
    let started = advertise.start(at(0), Some(SocketAddr::from(ADDRESS)), services);
    assert_eq!(started, Ok(Started::Began));
    advertise
}

fn sent(advertise: &mut Advertise) -> Call {
    advertise.poll_call().expect("a call").1
}

/// Checks all but the endpoint.
#[track_caller]
fn assert_goes_once_to_a_router(call: &Call, body: &str) {
    let channel = CallOptions {
        timeout_per_attempt: Duration::from_millis(1).into(),
        direct: Direct::Host("10.0.0.1:1".parse().expect("a peer")).into(),
        routing_delegate: Text::from("larry").into(),
        application_retry: Some(true),
        streamed: Some(true),
        ..CallOptions::new()
    };
    let layers = Layers {
        call: &call.options,
        subchannel: None,
        channel: &channel,
        channel_name: "my-service",
        style: Style::Python,
    };
    let plan = layers.plan().expect("a plan");
    assert_eq!(plan.route.service(), "hyperbahn");
    let headers: Vec<_> = plan.route.headers().iter().collect();
    assert_eq!(headers, [("cn", "my-service"), ("as", "json"), ("re", "n")]);
    assert_eq!((&call.args.arg2[..], &call.args.body()[..]), (&b"{}"[..], body.as_bytes()));
    assert_eq!(plan.trace, Trace::Own { traced: false });
    assert_eq!((plan.rules.attempts(), plan.timeout), (1, Duration::from_secs(2)));
    assert_eq!((plan.direct, plan.streamed, plan.rules.timeout_per_attempt), (None, false, None));
    assert!(!plan.rules.application_retry);
}

const BODY: &str = "{\"services\":[{\"cost\":0,\"serviceName\":\"my-service\"}]}";

#[test]
fn advertise() {
    let call = sent(&mut started(&["my-service"]));
    assert_eq!((call.endpoint, BODY.len()), ("ad", 52));
    assert_goes_once_to_a_router(&call, BODY);
}

#[test]
fn unadvertise() {
    let mut advertise = started(&["my-service"]);
    advertise.unadvertise(at(0)).expect("it was started");
    let call = sent(&mut advertise);
    assert_eq!(call.endpoint, "unad");
    assert_goes_once_to_a_router(&call, BODY);
}

#[test]
fn several_services_go_in_one_call_each_once_and_escaped() {
    let mut advertise = started(&["a", "b\"\\\n", "a"]);
    let both =
        "{\"services\":[{\"cost\":0,\"serviceName\":\"a\"},{\"cost\":0,\"serviceName\":\"b\\\"\\\\\\n\"}]}";
    assert_goes_once_to_a_router(&sent(&mut advertise), both);
    assert_eq!(advertise.services().collect::<Vec<_>>(), ["a", "b\"\\\n"]);
}
