//! Our client, against servers of the reference implementations.

use tchannel_tests::interop::{Language, Runtime, table};
use tchannel_tests::peers::{Peer, ScenarioOutcome, Server};

use super::check::{assert_failures, detail, done};
use super::known::{NODE_ANSWER_FRAGMENTER, PYTHON_HELD_BACK, PYTHON_SERVICES, PYTHON_UNREADABLE};
use super::program::{OurServer, run_our_client};

fn run(server: Peer, options: &[&str]) -> Vec<ScenarioOutcome> {
    run_on(Runtime::Tokio, server, options)
}

fn run_on(runtime: Runtime, server: Peer, options: &[&str]) -> Vec<ScenarioOutcome> {
    let server = done(Server::start(server, options));
    let outcomes = run_our_client(server.address(), &["--runtime", runtime.name()]);
    assert_eq!(outcomes.len(), table::all(Language::Other).len());
    outcomes
}

#[test]
fn our_client_is_content_with_a_node_server_but_for_its_fragmenter() {
    let outcomes = run(Peer::Node, &[]);
    assert_failures(&outcomes, &NODE_ANSWER_FRAGMENTER);
    for fault in NODE_ANSWER_FRAGMENTER {
        let detail = detail(&outcomes, fault).to_string();
        assert!(detail.contains("expected 3 args, got 2"), "{fault}: {detail}");
    }
}

#[test]
fn our_client_is_content_with_a_lazy_and_lenient_node_server_too() {
    assert_failures(&run(Peer::Node, &["--lazy", "--lenient"]), &NODE_ANSWER_FRAGMENTER);
}

#[test]
fn our_client_is_content_with_a_python_server_but_for_its_own_faults() {
    let outcomes = run(Peer::Python, &[]);
    assert_failures(&outcomes, &[&PYTHON_SERVICES[..], &PYTHON_UNREADABLE, &PYTHON_HELD_BACK].concat());
    assert_eq!(detail(&outcomes, "ping")["answered"], serde_json::Value::Null);
}

#[test]
fn our_client_on_every_runtime_is_content_with_a_node_server_but_for_its_fragmenter() {
    for runtime in Runtime::ALL {
        assert_failures(&run_on(runtime, Peer::Node, &[]), &NODE_ANSWER_FRAGMENTER);
    }
}

#[test]
fn our_client_on_every_runtime_is_content_with_a_python_server_but_for_its_own_faults() {
    let known = [&PYTHON_SERVICES[..], &PYTHON_UNREADABLE, &PYTHON_HELD_BACK].concat();
    for runtime in Runtime::ALL {
        assert_failures(&run_on(runtime, Peer::Python, &[]), &known);
    }
}

#[test]
fn our_clients_are_content_with_our_servers_whatever_both_run_on() {
    for server in Runtime::ALL {
        let server = OurServer::start_on(server);
        for client in Runtime::ALL {
            assert_failures(&run_our_client(server.address(), &["--runtime", client.name()]), &[]);
        }
    }
}
