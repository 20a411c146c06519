//! Servers that refuse what is too much.

use std::num::NonZeroU64;
use std::sync::mpsc::channel;

use tchannel_rpc::guard::{CircuitConfig, RateLimits};
use tchannel_rpc::testing::{Network, Shape};
use tchannel_rpc::tokio::Tokio;
use tchannel_rpc::{Builder, ErrorCode, Reject, Reply, Request};

use super::block_on;

#[test]
fn calls_over_a_limit_are_busy_and_the_operator_is_warned() {
    block_on(async {
        let network = Network::new(Tokio::current().unwrap(), Shape::default());
        let (sender, notices) = channel();
        let mut limits = RateLimits::default();
        limits.services.insert("moe".into(), NonZeroU64::new(3));
        let server = Builder::new(network.clone(), "moe")
            .rate_limits(limits)
            .on_notice(move |notice| sender.send(notice.to_string()).unwrap_or_default());
        let server = server.build().unwrap();
        let echo = |_: Request| async { Ok(Reply::ok("", "")) };
        server.service("moe").unwrap().register("ask", echo);
        server.service("larry").unwrap().register("ask", echo);
        let at = server.listen("127.0.0.1:0").await.unwrap();
        let client = Builder::new(network, "client").build().unwrap();
        let call = |service: &str| client.call(service, "ask").host(at).send();
        for _ in 0..4 {
            call("moe").await.unwrap();
        }
        let error = call("moe").await.unwrap_err();
        let text = "moe is rate-limited by the service rps of 3";
        assert_eq!((error.code(), error.message()), (ErrorCode::Busy, text));
        call("larry").await.unwrap();
        let warned = "requests of moe come near their limit of 3 in a second";
        assert_eq!(notices.try_iter().filter(|notice| notice == warned).count(), 1);
    });
}

#[test]
fn endpoint_that_keeps_failing_is_refused_for_that_caller() {
    block_on(async {
        let network = Network::new(Tokio::current().unwrap(), Shape::default());
        let mut circuits = CircuitConfig::default();
        circuits.window = std::time::Duration::from_millis(50);
        let (sender, notices) = channel();
        let server = Builder::new(network.clone(), "moe")
            .circuits(circuits)
            .on_notice(move |notice| sender.send(notice.to_string()).unwrap_or_default());
        let server = server.build().unwrap();
        let fails = |_: Request| async { Err::<Reply, _>(Reject::new(ErrorCode::Unexpected, "broken")) };
        server.service("moe").unwrap().register("ask", fails);
        let at = server.listen("127.0.0.1:0").await.unwrap();
        let client = Builder::new(network, "client").build().unwrap();
        let call = || client.call("moe", "ask").host(at).send();
        let mut error = call().await.unwrap_err();
        while error.code() == ErrorCode::Unexpected {
            error = call().await.unwrap_err();
        }
        assert_eq!((error.code(), error.message()), (ErrorCode::Unhealthy, "service is not healthy"));
        let told = "circuit client->moe::ask is not healthy";
        assert_eq!(notices.try_iter().filter(|notice| notice == told).count(), 1);
    });
}
