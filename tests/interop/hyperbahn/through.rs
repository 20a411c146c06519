//! Whole suites of scenarios through the original router: what differs is what the router is there for.

use tchannel_tests::peers::{Peer, ScenarioOutcome, Scenarios, Server, run_client};

use super::super::check::{assert_failures, done};
use super::super::known::{NODE_ANSWER_FRAGMENTER, NODE_FRAGMENTER, PYTHON_FARMHASH, PYTHON_STREAMS};
use super::super::program::run_our_client;
use super::mesh::{Mesh, Real};
use super::scenarios::server;

/// The router declines what nobody serves, obeys `rd`, and is where the way back leads.
const ROUTED: [&str; 3] = ["unknown-service", "transport-headers", "reverse"];
/// The router reports a worker that hangs up, and keeps its own connections.
const KEPT: [&str; 1] = ["drop"];
/// What counts as good depends on who the server says that it is, and that is the router.
const NOT_NODE: [&str; 1] = ["crash"];

fn through_a_router(client: Peer) -> Vec<ScenarioOutcome> {
    let mesh = Real::ring(1, &[]);
    let _server = server(&mesh, "echo");
    done(run_client(client, mesh.addresses()[0], Scenarios::ALL))
}

/// As they are listed, in the order of the suite.
fn expected(outcomes: &[ScenarioOutcome], known: &[&[&'static str]]) -> Vec<&'static str> {
    let known = known.concat();
    let place = |name: &&&str| outcomes.iter().position(|outcome| outcome.name == ***name);
    let mut known: Vec<&&str> = known.iter().collect();
    known.sort_by_key(place);
    known.into_iter().copied().collect()
}

#[test]
fn node_client_is_content_with_our_server_behind_a_router() {
    let outcomes = through_a_router(Peer::Node);
    assert_eq!(outcomes.len(), 108);
    assert_failures(&outcomes, &expected(&outcomes, &[&NODE_FRAGMENTER, &ROUTED, &KEPT]));
}

#[test]
fn python_client_is_content_with_our_server_behind_a_router() {
    let outcomes = through_a_router(Peer::Python);
    assert_eq!(outcomes.len(), 107);
    assert_failures(&outcomes, &expected(&outcomes, &[&PYTHON_FARMHASH, &PYTHON_STREAMS, &ROUTED]));
}

#[test]
fn our_client_is_content_with_our_server_behind_a_router() {
    let mesh = Real::ring(1, &[]);
    let _server = server(&mesh, "echo");
    let outcomes = run_our_client(mesh.addresses()[0], &[]);
    assert_failures(&outcomes, &expected(&outcomes, &[&ROUTED, &KEPT, &NOT_NODE]));
}

#[test]
fn our_client_is_content_with_a_node_server_behind_a_router() {
    let mesh = Real::ring(1, &[]);
    let _server = done(Server::start(Peer::Node, &["--advertise", &mesh.list()]));
    let outcomes = run_our_client(mesh.addresses()[0], &[]);
    assert_failures(&outcomes, &expected(&outcomes, &[&ROUTED, &KEPT, &NODE_ANSWER_FRAGMENTER]));
}
