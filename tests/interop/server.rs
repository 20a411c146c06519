//! Clients of the reference implementations, against our server.

use serde_json::json;
use tchannel_tests::peers::{Peer, ScenarioOutcome, Scenarios, run_client};

use super::check::{assert_failures, detail, done};
use super::known::{NODE_FRAGMENTER, NOT_STREAMED_YET, PYTHON_FARMHASH};
use super::program::OurServer;

fn run(client: Peer) -> Vec<ScenarioOutcome> {
    let server = OurServer::start();
    done(run_client(client, server.address(), Scenarios::ALL))
}

#[test]
fn node_client_is_content_with_our_server_but_for_its_own_fragmenter() {
    let outcomes = run(Peer::Node);
    assert_eq!(outcomes.len(), 101);
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

    let in_one_piece = |outcome: &&ScenarioOutcome| {
        outcome.detail["arg3chunks"].as_array().is_some_and(|chunks| chunks.len() == 1)
    };
    let in_one_piece: Vec<_> =
        outcomes.iter().filter(in_one_piece).map(|outcome| outcome.name.as_str()).collect();
    assert_eq!(in_one_piece, NOT_STREAMED_YET);
}

#[test]
fn python_client_is_content_with_our_server_but_for_its_own_farmhash() {
    let outcomes = run(Peer::Python);
    assert_eq!(outcomes.len(), 100);
    assert_failures(&outcomes, &PYTHON_FARMHASH);
    assert_eq!(detail(&outcomes, "cancel")["error"]["code"], json!(2));
}
