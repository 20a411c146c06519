//! Calls from plain threads: nothing here has a runtime.

use std::net::{IpAddr, TcpListener};
use std::process::Command;
use std::time::Duration;

use tchannel_rpc::blocking::{self, Wait};
use tchannel_rpc::hyperbahn::{AdvertiseError, Routers, StartError};
use tchannel_rpc::testing::{Answer, Mock, MockMesh, MockPeer};
use tchannel_rpc::{Channel, Request};

use super::net::{SERVICE, SHORT};
use super::thrift::code::guide::key_value::Client;
use super::thrift::keep_values_on;

fn channel(name: &str) -> Channel {
    blocking::channel(name).unwrap()
}

fn peer() -> MockPeer {
    let peer = MockPeer::start(channel("server")).wait().unwrap();
    let same = |request: &Request| Answer::ok(request.arg2().clone(), request.body());
    peer.mount(Mock::of(SERVICE, "echo").answers_with(same));
    peer.mount(Mock::of(SERVICE, "never").answers(Answer::silence()));
    peer
}

#[test]
fn y1_a_client_calls_from_a_thread_without_a_runtime() {
    let peer = peer();
    let client = channel("client");
    let at = peer.address();
    let call = move || client.call(SERVICE, "echo").host(at).arg3("hello").send().wait().unwrap().body();
    assert_eq!(std::thread::spawn(call).join().unwrap(), "hello");
}

/// Run in a process of its own by the test below.
const ALIVE: &str = "TCHANNEL_LEFT_ALIVE";

#[test]
fn y1_a_process_ends_with_a_client_alive() {
    if std::env::var_os(ALIVE).is_some() {
        let peer = peer();
        let client = channel("client");
        client.call(SERVICE, "echo").host(peer.address()).send().wait().unwrap();
        // Neither is closed, and a call is still on its way.
        std::mem::forget(client.call(SERVICE, "never").host(peer.address()).send());
        std::mem::forget((peer, client));
        return;
    }
    let name = "rows::blocking::y1_a_process_ends_with_a_client_alive";
    let mut child = Command::new(std::env::current_exe().unwrap());
    let child = child.args(["--exact", name]).env(ALIVE, "yes").output().unwrap();
    assert!(child.status.success(), "{}", String::from_utf8_lossy(&child.stderr));
    assert!(String::from_utf8_lossy(&child.stdout).contains("1 passed"));
}

#[test]
fn y3_an_answer_has_header_and_body_and_may_be_waited_for_in_turns() {
    let peer = peer();
    let client = channel("client");
    let call = |endpoint: &str| client.call(SERVICE, endpoint).host(peer.address());
    let answer = call("echo").arg2("header").arg3("body").send().wait().unwrap();
    assert_eq!((&answer.arg2()[..], &answer.body()[..]), (&b"header"[..], &b"body"[..]));
    let nothing = call("echo").send().wait().unwrap();
    assert!(nothing.arg2().is_empty() && nothing.body().is_empty());

    let mut pending = call("never").timeout(SHORT).send();
    assert!(pending.wait_timeout(Duration::from_millis(1)).is_none());
    assert!(pending.wait().unwrap_err().is_timeout());
}

#[test]
fn y4_advertising_without_a_router_fails_in_its_time() {
    // Nobody answers there, and nobody will.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let routers = Routers::from_texts([silent.local_addr().unwrap().to_string()]).unwrap();
    let server = channel(SERVICE);
    let error = server.advertise(&routers).timeout(SHORT).start().wait().unwrap_err();
    let AdvertiseError::NoRouter(error) = error else { panic!("{error}") };
    assert_eq!(error.after, SHORT);
}

#[test]
fn y4_a_service_is_advertised_and_never_at_all_interfaces() {
    let mesh = MockMesh::start([channel("router")]).wait().unwrap();
    let server = channel(SERVICE);
    server.advertise(&mesh.routers()).start().wait().unwrap();
    let [at] = &mesh.advertised(SERVICE)[..] else { panic!("one server") };
    let at = at.address().expect("an address");
    assert!(!at.ip().is_unspecified() && at.port() != 0, "{at}");

    let everywhere = channel("everywhere");
    everywhere.listen("0.0.0.0:0").wait().unwrap();
    let error = everywhere.advertise(&mesh.routers()).start().wait().unwrap_err();
    let AdvertiseError::NotStarted(StartError::EphemeralAddress { address }) = error else {
        panic!("{error}")
    };
    assert!(matches!(address.ip(), IpAddr::V4(ip) if ip.is_unspecified()));
    assert!(mesh.advertised("everywhere").is_empty());
}

#[test]
fn y5_a_generated_client_sets_and_gets_from_plain_threads() {
    let server = channel(SERVICE);
    keep_values_on(&server);
    let at = server.listen("127.0.0.1:0").wait().unwrap();
    let client = channel("client");
    let threads: Vec<_> = (0..4)
        .map(|number: u32| {
            let client = Client::new(client.thrift(SERVICE).host(at).blocking());
            std::thread::spawn(move || {
                let (key, value) = (format!("k{number}"), format!("v{number}"));
                client.set_value(&key, &value).unwrap();
                assert_eq!(client.get_value(&key).unwrap(), value);
            })
        })
        .collect();
    for thread in threads {
        thread.join().unwrap();
    }
}
