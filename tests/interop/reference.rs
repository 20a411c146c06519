//! The reference implementations, against each other: what they get wrong is pinned, so that a difference seen later
//! is ours.

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

use tchannel_tests::peers::{Peer, ScenarioOutcome, Scenarios, Server, list_scenarios, run_client};

use super::check::{assert_failures, done};
use super::known::{
    NODE_FRAGMENTER, PYTHON_FARMHASH, PYTHON_FRAGMENTER, PYTHON_SERVICES, PYTHON_STREAMS, SLOW,
};

fn run(client: Peer, server: Peer, scenarios: Scenarios<'_>) -> Vec<ScenarioOutcome> {
    let server = done(Server::start(server, &[]));
    done(run_client(client, server.address(), scenarios))
}

#[test]
fn node_client_and_node_server_disagree_on_nodes_fragmenter() {
    let outcomes = run(Peer::Node, Peer::Node, Scenarios::except(&SLOW));
    assert_eq!(outcomes.len(), 104);
    assert_failures(&outcomes, &NODE_FRAGMENTER);
}

#[test]
fn node_client_and_python_server_disagree_on_services() {
    let silent = [&["ping"], &PYTHON_FARMHASH[..], &NODE_FRAGMENTER, &SLOW].concat();
    let outcomes = run(Peer::Node, Peer::Python, Scenarios::except(&silent));
    assert_eq!(outcomes.len(), 92);
    assert_failures(&outcomes, &PYTHON_SERVICES);
}

#[test]
fn python_server_is_silent_on_pings_farmhash_and_nodes_fragmenter() {
    let silent = ["ping", "raw-echo-farmhash", "raw-echo-farmhash-65536", "boundary-arg2-left0"];
    let outcomes = run(Peer::Node, Peer::Python, Scenarios::only(&silent).limit(Duration::from_secs(1)));
    assert_failures(&outcomes, &silent);
}

#[test]
fn python_client_and_node_server_disagree_on_pythons_checksum_fragmenter_and_streams() {
    let outcomes = run(Peer::Python, Peer::Node, Scenarios::except(&SLOW));
    assert_eq!(outcomes.len(), 103);
    assert_failures(&outcomes, &[&PYTHON_FARMHASH[..], &PYTHON_FRAGMENTER, &PYTHON_STREAMS].concat());
}

#[test]
fn python_client_and_python_server_disagree_on_pythons_checksum_fragmenter_and_services() {
    let outcomes = run(Peer::Python, Peer::Python, Scenarios::except(&SLOW));
    assert_eq!(outcomes.len(), 103);
    assert_failures(&outcomes, &[&PYTHON_FARMHASH[..], &PYTHON_FRAGMENTER, &PYTHON_SERVICES].concat());
}

#[test]
fn clients_leave_out_their_own_faults_when_asked() {
    let node = [&NODE_FRAGMENTER[..], &["init"]].concat();
    let python = [&PYTHON_FARMHASH[..], &PYTHON_FRAGMENTER, &["init"]].concat();
    for (peer, some) in [(Peer::Node, &node), (Peer::Python, &python)] {
        let outcomes = run(peer, Peer::Node, Scenarios::only(some).without_own_faults());
        assert_eq!(outcomes.len(), 1);
        assert_failures(&outcomes, &[]);
    }
}

#[test]
fn clients_list_their_scenarios() {
    for (peer, count) in [(Peer::Node, 108), (Peer::Python, 107)] {
        let names = done(list_scenarios(peer));
        assert_eq!(names.len(), count);
        assert!(SLOW.iter().all(|slow| names.iter().any(|name| name == slow)));
    }
}

#[test]
fn dropped_server_is_gone() {
    for peer in [Peer::Node, Peer::Python] {
        let server = done(Server::start(peer, &[]));
        let address = server.address();
        TcpStream::connect(address).expect("it listens");
        drop(server);
        TcpStream::connect(address).expect_err("nobody listens any more");
    }
}

#[test]
fn server_that_cannot_listen_is_an_error_that_shows_its_stderr() {
    let occupied = TcpListener::bind("127.0.0.1:0").expect("there is a free port");
    let port = occupied.local_addr().expect("it is bound").port().to_string();
    for (peer, says) in [(Peer::Node, "EADDRINUSE"), (Peer::Python, "Address already in use")] {
        let error = Server::start(peer, &["--port", &port]).expect_err("the port is taken").to_string();
        assert!(error.contains("ended without listening") && error.contains(says), "{error}");
    }
}

#[test]
fn client_that_runs_nothing_is_an_error_that_shows_its_stderr() {
    let nobody = SocketAddr::from(([127, 0, 0, 1], 1));
    for peer in [Peer::Node, Peer::Python] {
        let error = run_client(peer, nobody, Scenarios::only(&["no-such-thing"])).expect_err("it cannot");
        assert!(error.to_string().contains("no such scenario: no-such-thing"), "{error}");
    }
}
