//! The reference implementations as servers.

use serde_json::json;
use tchannel_tests::peers::{Peer, Server};

use super::program::{Ran, call, once_meta_is_served, patience, tchannel};

const IDL: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/peers/idl");

/// Calls endpoints of a server's service `echo`.
struct Echo(Server);

impl Echo {
    fn start(peer: Peer) -> Self {
        Echo(Server::start(peer, &[]).unwrap_or_else(|error| panic!("{error}")))
    }

    fn call(&self, words: &[&str]) -> Ran {
        call(&self.0.address().to_string(), &[&["echo"], words].concat())
    }
}

fn arguments_go_there_and_back(peer: Peer) {
    let echo = Echo::start(peer);
    let raw = echo.call(&["echo", "--raw", "hello", "--headers", "head"]);
    assert_eq!(
        raw.expect(0, &[]).value(),
        json!({ "ok": true, "head": "head", "body": "hello", "headers": { "as": "raw" } })
    );
    let hex = echo.call(&["echo", "--hex", "00ff"]).value();
    assert_eq!((&hex["body"], &hex["head"]), (&json!("00ff"), &json!("")));
    let bytes = echo.call(&["big", "--raw", "300"]).value();
    assert!(bytes["body"]["base64"].is_string(), "{bytes}");
    let json = echo.call(&["json-echo", r#"{"b":[1,"é"],"a":null}"#, "--headers", r#"{"h":"1"}"#]);
    assert_eq!(
        json.expect(0, &[]).stdout,
        r#"{"ok":true,"head":{"h":"1"},"body":{"b":[1,"é"],"a":null},"headers":{"as":"json"}}"#.to_owned()
            + "\n"
    );
}

fn thrift_sets_and_gets_and_throws(peer: Peer) {
    let echo = Echo::start(peer);
    let one_file = format!("{IDL}/keyvalue.thrift");
    let missing = echo.call(&["KeyValue::getValue", "-t", IDL, r#"{"key":"k"}"#]);
    let value = missing.expect(126, &["notFound"]).value();
    assert_eq!((&value["ok"], &value["body"]), (&json!(false), &json!({ "key": "k" })));
    assert_eq!(value["typeName"], "notFound");
    let set = echo.call(&["KeyValue::setValue", "-t", &one_file, "-3", r#"{"key":"k","value":"v"}"#]);
    assert_eq!(set.expect(0, &[]).value()["body"], json!(null));
    let get = echo.call(&["KeyValue::getValue", "-t", IDL, r#"{"key":"k"}"#, "--head", r#"{"a":"b"}"#]);
    assert_eq!(
        get.expect(0, &[]).value(),
        json!({ "ok": true, "head": { "a": "b" }, "body": "v", "headers": { "as": "thrift" } })
    );
    echo.call(&["KeyValue::getAll", "-t", IDL]).expect(125, &["getAll", "`getValue`, `setValue`"]);
}

fn every_exit_code_is_as_in_the_table(peer: Peer) {
    let echo = Echo::start(peer);
    let errors = [
        ("timeout", 1, "TchannelTimeoutError", "tchannel.timeout"),
        ("cancelled", 2, "TchannelCancelledError", "tchannel.cancelled"),
        ("busy", 3, "TchannelBusyError", "tchannel.busy"),
        ("declined", 4, "TchannelDeclinedError", "tchannel.declined"),
        ("unexpected", 5, "TchannelUnexpectedError", "tchannel.unexpected"),
        ("badrequest", 6, "TchannelBadRequestError", "tchannel.bad-request"),
        ("network", 7, "TchannelNetworkError", "tchannel.network"),
        ("unhealthy", 8, "TchannelUnhealthyError", "tchannel.unhealthy"),
        ("protocol", 127, "TchannelProtocolError", "tchannel.protocol"),
    ];
    for (name, code, type_name, kind) in errors {
        let ran = echo.call(&[&format!("sys-{name}"), "--raw", "as asked"]);
        let error = ran.expect(code, &["as asked", "(remote)", "after sending"]).value();
        assert_eq!(
            (&error["ok"], &error["isError"], &error["isErrorFrame"], &error["message"]),
            (&json!(false), &json!(true), &json!(true), &json!("as asked"))
        );
        assert_eq!((&error["name"], &error["type"]), (&json!(type_name), &json!(kind)));
        let byte = if code == 127 { 255 } else { code };
        assert_eq!(error["errorCode"], json!(byte));
    }
    let not_ok = echo.call(&["app-error", "--raw", "b"]).expect(126, &[]).value();
    assert_eq!((&not_ok["ok"], &not_ok["body"]), (&json!(false), &json!("b")));
    let not_ok = echo.call(&["json-error", "1"]).expect(126, &[]).value();
    assert_eq!(not_ok["body"]["type"], "interop.json-error");
    // A server that counts the time of a call, too, may be the first to see that it is over.
    let late = echo.call(&["never", "--raw", "--timeout", "100"]);
    let by_server = late.code == 1;
    late.expect(if by_server { 1 } else { 125 }, &["timed out"]);
    let late = late.value();
    assert_eq!((&late["errorCode"], &late["isErrorFrame"]), (&json!(1), &json!(by_server)));
    echo.call(&["nothing-like-it", "--raw"]).expect(6, &["nothing-like-it"]);
    let health = once_meta_is_served(|| echo.call(&["--health"]));
    assert_eq!(health.expect(0, &[]).value()["body"]["ok"], true);
}

macro_rules! with_each_peer {
    ($($test:ident)*) => {
        mod node {
            $(#[test] fn $test() { super::$test(super::Peer::Node); })*
        }
        mod python {
            $(#[test] fn $test() { super::$test(super::Peer::Python); })*
        }
    };
}

with_each_peer! {
    arguments_go_there_and_back
    thrift_sets_and_gets_and_throws
    every_exit_code_is_as_in_the_table
}

#[test]
fn the_idl_of_a_node_server_is_asked_for() {
    let echo = Echo::start(Peer::Node);
    let set = ["KeyValue::setValue", "--idl-from-server", r#"{"key":"k","value":"v"}"#];
    let ran = once_meta_is_served(|| echo.call(&set));
    assert_eq!(ran.expect(0, &[]).value()["body"], json!(null));
    let python = Echo::start(Peer::Python);
    python.call(&["KeyValue::setValue", "--idl-from-server", "{}"]).expect(6, &["no IDL from the server"]);
}

#[test]
fn every_peer_answers_when_all_are_called() {
    let peers = [Echo::start(Peer::Node), Echo::start(Peer::Python)];
    let at = peers.each_ref().map(|echo| echo.0.address().to_string());
    let ran = call(&at[0], &["-p", &at[1], "echo", "echo", "--raw", "x", "--all-peers"]);
    let values = ran.expect(0, &[]).values();
    assert_eq!(values.iter().map(|value| &value["peer"]).collect::<Vec<_>>(), [&at[0], &at[1]]);
    let ran = call(&at[0], &["-p", "127.0.0.1:1", "echo", "sys-busy", "--raw", "--all-peers"]);
    let values = ran.expect(3, &["onnection refused"]).values();
    assert_eq!(values.iter().map(|value| &value["phase"]).collect::<Vec<_>>(), ["answer", "connect"]);
}

#[test]
fn g11_the_guides_set_and_get_go_through_a_file_of_hosts() {
    let server = Server::start(Peer::Python, &[]).unwrap_or_else(|error| panic!("{error}"));
    let hosts = concat!(env!("CARGO_TARGET_TMPDIR"), "/hosts-of-the-guide.json");
    std::fs::write(hosts, json!([server.address().to_string()]).to_string()).unwrap();
    let idl = format!("{IDL}/keyvalue.thrift");
    let guide = |method: &str, body: &str| {
        tchannel([&["-H", hosts, "-t", &idl, "echo", method, body], patience(&[])].concat())
    };
    guide("KeyValue::getValue", r#"{"key":"guide"}"#).expect(126, &["notFound"]);
    guide("KeyValue::setValue", r#"{"key":"guide","value":"hello"}"#).expect(0, &[]);
    assert_eq!(guide("KeyValue::getValue", r#"{"key":"guide"}"#).expect(0, &[]).value()["body"], "hello");
    guide("KeyValue::getValue", "{}").expect(125, &["key"]);
}
