//! The commands of tcurl's own documents, with another program's name.

use std::path::Path;
use std::process::Command;

use serde_json::json;
use tchannel_rpc::idl::Idl;
use tchannel_rpc::{Channel, Reply, Request};
use tchannel_tests::peers::{Peer, Server};
use tokio::runtime::Runtime;

use super::idl::directory;
use super::program::{Ran, TCHANNEL, once_meta_is_served, patience};

const CHAMBER: &str = "struct EchoRequest { 1: required string input; }
service Chamber { string echo(1: required EchoRequest request;) }";
const HYPERBAHN: &str = "struct DiscoveryQuery { 1: required string serviceName }
struct DiscoveryResult { 1: required list<string> peers }
service Hyperbahn { DiscoveryResult discover(1: required DiscoveryQuery query) }";
const META: &str = "struct HealthStatus { 1: required bool ok, 2: optional string message }
service Meta { HealthStatus health() }";

/// Runs a line of a shell, with the program called `tcurl`, in this directory.
fn shell(line: &str, directory: &Path) -> Ran {
    let patience = patience(&[line]).join(" ");
    let tcurl = format!("tcurl() {{ '{TCHANNEL}' \"$@\" {patience}; }}; {line}");
    Ran::of(Command::new("sh").args(["-c", &tcurl]).current_dir(directory).output().unwrap())
}

/// What the documents' examples call.
async fn services() -> (Channel, String) {
    let channel = tchannel_rpc::tokio::channel("chamber").unwrap();
    let method = |idl, name: &str| Idl::parse(idl).unwrap().method(name).unwrap();
    let chamber = channel.service("chamber").unwrap();
    let echo = method(CHAMBER, "Chamber::echo");
    chamber.register_idl(&echo, async |_, arguments| Ok(arguments["request"]["input"].clone())).unwrap();
    let hyperbahn = channel.service("hyperbahn").unwrap();
    let discover = method(HYPERBAHN, "Hyperbahn::discover");
    let found = hyperbahn.register_idl(&discover, async |_, arguments| {
        Ok(json!({ "peers": [arguments["query"]["serviceName"]] }))
    });
    found.unwrap();
    let service = channel.service("service").unwrap();
    service.register("endpoint", |request: Request| async move { Ok(Reply::ok("", request.body())) });
    service.register_idl(&method(META, "Meta::health"), async |_, _| Ok(json!({ "ok": true }))).unwrap();
    let at = channel.listen("127.0.0.1:0").await.unwrap();
    (channel, at.to_string())
}

#[test]
fn commands_of_the_documents_work() {
    let files = directory(
        "tcurl",
        &[("services/chamber.thrift", CHAMBER), ("hyperbahn.thrift", HYPERBAHN), ("meta.thrift", META)],
    );
    let runtime = Runtime::new().unwrap();
    let (channel, at) = runtime.block_on(services());
    let run = |line: &str| {
        let ran = shell(&line.replace("localhost:1234", &at), &files);
        ran.expect(0, &[]).value()["body"].clone()
    };
    let line =
        r#"tcurl -p localhost:1234 chamber Chamber::echo -t ./services -3 '{"request": {"input": "foo"}}'"#;
    assert_eq!(run(line), "foo");
    assert_eq!(run("tcurl -p localhost:1234 service --health"), json!({ "ok": true }));
    assert_eq!(run("tcurl -p localhost:1234 service Meta::health -t meta.thrift"), json!({ "ok": true }));
    assert_eq!(run("tcurl -p localhost:1234 service Meta::health -t . null"), json!({ "ok": true }));
    assert_eq!(run("tcurl -p localhost:1234 service endpoint --raw 'message'"), "message");
    assert_eq!(run("tcurl -p localhost:1234 service endpoint --timeout 1000 --raw"), "");
    std::fs::write(files.join("hosts.json"), json!([at]).to_string()).unwrap();
    let discover = r#"tcurl hyperbahn Hyperbahn::discover --body '{"query":{"serviceName":"ringpop"}}' -t ./hyperbahn.thrift -P hosts.json"#;
    assert_eq!(run(discover), json!({ "peers": ["ringpop"] }));
    runtime.block_on(channel.close());
}

#[test]
fn commands_of_the_documents_work_with_the_reference_servers() {
    let files = directory("tcurl-reference", &[("meta.thrift", META)]);
    for peer in [Peer::Node, Peer::Python] {
        let server =
            Server::start(peer, &["--service", "serviceName"]).unwrap_or_else(|error| panic!("{error}"));
        let at = server.address().to_string();
        for line in [
            "tcurl -p 127.0.0.1:21300 serviceName --health",
            "tcurl -p 127.0.0.1:21300 serviceName Meta::health -t meta.thrift",
            "tcurl -p 127.0.0.1:21300 serviceName Meta::health -t . null",
        ] {
            let ran = once_meta_is_served(|| shell(&line.replace("127.0.0.1:21300", &at), &files));
            assert_eq!(ran.expect(0, &[]).value()["body"]["ok"], true, "{peer}: {line}");
        }
        let ran = shell(&format!("tcurl -p {at} serviceName echo --raw 'message'"), &files);
        assert_eq!(ran.expect(0, &[]).value()["body"], "message");
    }
}
