//! Clients of the reference implementations, against our server.

use serde_json::json;
use tchannel_tests::interop::Runtime;
use tchannel_tests::peers::{Peer, ScenarioOutcome, Scenarios, run_client};

use super::check::{assert_failures, detail, done};
use super::known::{NODE_FRAGMENTER, PYTHON_FARMHASH};
use super::program::OurServer;

fn run(client: Peer) -> Vec<ScenarioOutcome> {
    run_on(Runtime::Tokio, client)
}

fn run_on(runtime: Runtime, client: Peer) -> Vec<ScenarioOutcome> {
    let server = OurServer::start_on(runtime);
    done(run_client(client, server.address(), Scenarios::ALL))
}

#[test]
fn node_client_is_content_with_our_server_but_for_its_own_fragmenter() {
    let outcomes = run(Peer::Node);
    assert_eq!(outcomes.len(), 108);
    assert_failures(&outcomes, &NODE_FRAGMENTER);

    for fault in NODE_FRAGMENTER {
        assert_eq!(detail(&outcomes, fault)["code"], "BadRequest", "{fault}");
    }
    for (kind, answered) in [("none", 0), ("crc32", 1), ("farmhash", 3), ("crc32c", 3)] {
        let name = format!("raw-echo-{kind}");
        assert_eq!(detail(&outcomes, &name)["responseChecksumType"], answered, "{name}");
    }
    assert_eq!(detail(&outcomes, "init")["tchannelLanguage"], "rust");
    assert_eq!(detail(&outcomes, "cancel")["error"]["code"], "Cancelled");

    assert!(lengths(&outcomes, "stream-echo", "arg3chunks").len() > 1, "echoed as it came");
    assert_eq!(lengths(&outcomes, "stream-out", "arg3chunks"), [1_000; 4]);
    assert!(lengths(&outcomes, "stream-in", "reads").len() > 1, "read as it came");
    assert!(lengths(&outcomes, "stream-echo-large", "arg3chunks").len() > 3);
}

#[test]
fn python_client_is_content_with_our_server_but_for_its_own_farmhash() {
    let outcomes = run(Peer::Python);
    assert_eq!(outcomes.len(), 107);
    assert_failures(&outcomes, &PYTHON_FARMHASH);
    assert_eq!(detail(&outcomes, "cancel")["error"]["code"], json!(2));
    assert_eq!(lengths(&outcomes, "stream-out", "arg3chunks"), [1_000; 4]);
    assert!(lengths(&outcomes, "stream-echo", "arg3chunks").len() > 1, "echoed as it came");
}

#[test]
fn node_and_python_clients_are_content_with_our_server_on_every_runtime() {
    for runtime in Runtime::ALL {
        assert_failures(&run_on(runtime, Peer::Node), &NODE_FRAGMENTER);
        assert_failures(&run_on(runtime, Peer::Python), &PYTHON_FARMHASH);
    }
}

/// The sizes of the pieces in which something came.
fn lengths(outcomes: &[ScenarioOutcome], name: &str, what: &str) -> Vec<u64> {
    let sizes = detail(outcomes, name)[what].as_array().cloned().unwrap_or_default();
    sizes.iter().filter_map(serde_json::Value::as_u64).collect()
}
