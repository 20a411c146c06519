//! The original router of Hyperbahn, alone and in a ring, with services and clients of all implementations around it;
//! and the mesh of `tchannel_rpc::testing`, which has to do the same.

mod mesh;
mod mock;
mod scenarios;
mod services;
mod through;

use std::thread;

use tchannel_rpc::{ErrorCode, Wait};
use tchannel_tests::peers::{Peer, Server};

use self::mesh::{Mesh, Real};
use self::scenarios::{LIMITED, channel, echo_on};
use super::check::done;

#[test]
fn service_is_advertised_discovered_called_and_forgotten() {
    scenarios::advertised_discovered_called_and_forgotten(&Real::ring(1, &[]));
}

#[test]
fn service_of_a_ring_is_known_to_all_of_it() {
    scenarios::known_everywhere(&Real::ring(3, &[]));
}

#[test]
fn limit_of_a_service_is_busy() {
    let limit = format!("rateLimiting.rpsLimitForServiceName={{\"{LIMITED}\":5}}");
    let router = Real::ring(1, &["--set", "rateLimiting.enabled=true", "--set", &limit]);
    scenarios::busy_over_five_calls_a_second(&router);
}

#[test]
fn router_that_is_killed_under_load_fails_no_call() {
    scenarios::killed_under_load(&mut Real::ring(3, &[]));
}

#[test]
fn router_that_drains_under_load_fails_no_call_and_answers_those_that_it_has() {
    scenarios::drained_under_load(&mut Real::ring(3, &["--drain"]));
}

#[test]
fn worker_that_is_gone_is_a_network_error_until_another_comes() {
    scenarios::gone_worker(&Real::ring(1, &[]));
}

#[test]
fn services_of_all_implementations_are_called_by_clients_of_all_through_one_router() {
    services::everyone_calls_everyone(&Real::ring(1, &[]));
}

#[test]
fn services_of_all_implementations_are_called_by_clients_of_all_through_a_ring_of_three() {
    services::everyone_calls_everyone(&Real::ring(3, &[]));
}

#[test]
fn service_that_one_owner_keeps_is_reached_over_two_hops() {
    services::everyone_calls_everyone(&Real::ring(3, &["--k", "1"]));
}

#[test]
fn circuit_that_a_router_opened_is_declined() {
    let router = Real::ring(1, &["--set", "circuits.enabled=true"]);
    let server = done(Server::start(Peer::Node, &["--busy", "--advertise", &router.list()]));
    let client = channel("larry");
    let mesh = client.hyperbahn(&router.routers());
    let call = || mesh.client("echo").expect("a name").call("echo").retry_limit(0).send().wait();
    let mut seen = call().expect_err("it is busy");
    while seen.code() == ErrorCode::Busy {
        seen = call().expect_err("it is busy");
    }
    assert_eq!((seen.code(), seen.message()), (ErrorCode::Declined, "Service is not healthy"));
    drop(server);
}

#[test]
fn channel_on_every_runtime_advertises_and_calls() {
    let router = Real::ring(1, &[]);
    let tokio = tokio::runtime::Runtime::new().expect("there are threads to run on");
    let inside = tokio.enter();
    let channels = [
        tchannel_rpc::tokio::channel("on-tokio"),
        tchannel_rpc::async_std::channel("on-async-std"),
        tchannel_rpc::smol::channel("on-smol"),
        tchannel_rpc::blocking::channel("on-threads"),
    ];
    drop(inside);
    let channels = channels.map(|channel| channel.expect("it has a name"));
    for channel in &channels {
        echo_on(channel, channel.name());
        let advertised = channel.advertise(&router.routers()).start().wait();
        assert_eq!(advertised.expect("there is a router").connection_count, 1);
    }
    let routers = router.routers();
    thread::scope(|scope| {
        for caller in &channels {
            scope.spawn(|| {
                // No service is a client of its own.
                for callee in channels.iter().filter(|callee| callee.name() != caller.name()) {
                    let mesh = caller.hyperbahn(&routers);
                    let client = mesh.client(callee.name()).expect("it is no sub-channel yet, or a client");
                    let answer = client.call("echo").arg3("hello").send().wait();
                    assert_eq!(answer.expect("it is advertised").body(), "hello");
                }
            });
        }
    });
}
