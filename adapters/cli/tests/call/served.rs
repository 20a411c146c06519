//! `tchannel serve`, and what a server of ours sees of a call.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

use super::program::{Ran, TCHANNEL, call, patience, tchannel, tchannel_reading};

/// The echo service in a process of its own, which ends with this.
struct Served {
    process: Child,
    at: String,
}

impl Served {
    fn start() -> Self {
        let mut process =
            Command::new(TCHANNEL).arg("serve").stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let said: Value = serde_json::from_str(&line).unwrap();
        let at = said["listening"].as_str().unwrap().to_owned();
        Served { process, at }
    }

    fn call(&self, words: &[&str]) -> Ran {
        call(&self.at, &[&["echo"], words].concat())
    }

    /// What the server sees of a call with these options.
    fn seen(&self, options: &[&str]) -> Value {
        let ran = self.call(&[&["inspect", "--raw"], options].concat());
        serde_json::from_str(ran.expect(0, &[]).value()["body"].as_str().unwrap()).unwrap()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

#[test]
fn words_and_options_name_the_same() {
    let served = Served::start();
    let at = &served.at;
    for words in [
        &["-p", at, "echo", "echo", "hello", "--raw"][..],
        &["call", "-p", at, "echo", "echo", "hello", "--raw"],
        &["echo", "echo", "-r", "hello", "--peer", at],
        &["-p", at, "--service", "echo", "--method", "echo", "--body", "hello", "-r"],
        &["-p", at, "-s", "echo", "-1", "echo", "-3", "hello", "-r"],
        &["-p", at, "echo", "--arg1", "echo", "--arg3", "hello", "-r"],
        &["-p", at, "--endpoint=echo", "echo", "hello", "-r"],
    ] {
        assert_eq!(
            tchannel([words, patience(words)].concat()).expect(0, &[]).value()["body"],
            "hello",
            "{words:?}"
        );
    }
}

#[test]
fn bodies_come_from_stdin_and_files() {
    let served = Served::start();
    let words = [&["-p", &served.at, "echo", "echo", "--raw", "-"], patience(&[])].concat();
    let ran = tchannel_reading(words, b"line\n\xff");
    assert_eq!(ran.expect(0, &[]).value()["body"], json!({ "base64": "bGluZQr/" }));
    let file = concat!(env!("CARGO_TARGET_TMPDIR"), "/body-of-served.json");
    std::fs::write(file, "{ \"x\": [1] }\n").unwrap();
    let ran = served.call(&["json-echo", &format!("@{file}")]);
    assert_eq!(ran.expect(0, &[]).value()["body"], json!({ "x": [1] }));
}

#[test]
fn a_body_alone_is_printed_as_it_is() {
    let served = Served::start();
    assert_eq!(served.call(&["echo", "--raw", "--body-only", "as is"]).expect(0, &[]).stdout, "as is");
    assert_eq!(served.call(&["echo", "--hex", "--body-only", "00FF"]).expect(0, &[]).stdout, "00ff\n");
    assert_eq!(served.call(&["json-echo", "--body-only", "[1, 2]"]).expect(0, &[]).stdout, "[1,2]\n");
    assert_eq!(served.call(&["sys-busy", "--raw", "--body-only"]).expect(3, &["busy"]).stdout, "");
}

#[test]
fn verbose_tells_peer_attempts_and_latency() {
    let served = Served::start();
    let ran = served.call(&["echo", "--raw", "--verbose"]);
    let value = ran.expect(0, &["is up"]).value();
    assert_eq!((&value["peer"], &value["attempts"]), (&json!(served.at), &json!(1)));
    assert!(value["latency_ms"].as_f64().is_some_and(|millis| millis > 0.0), "{value}");
    let traced = served.call(&["echo", "--raw", "--verbose", "--trace-id", "abc"]);
    assert_eq!(traced.expect(0, &[]).value()["trace_id"], "0000000000000abc");
}

#[test]
fn the_server_sees_what_options_say() {
    let served = Served::start();
    let seen = served.seen(&[]);
    assert_eq!(seen["headers"], json!({ "cn": "tcurl", "as": "raw", "re": "c" }));
    assert_eq!((&seen["tracing"]["flags"], &seen["checksumType"]), (&json!(0), &json!(3)));
    let headers = ["--cn", "me", "--sk", "1", "--rd", "2", "--rk", "3", "-T", "zz=a=b", "--retry-on", "ct"];
    assert_eq!(
        served.seen(&headers)["headers"],
        json!({ "cn": "me", "as": "raw", "re": "ct", "sk": "1", "rd": "2", "rk": "3", "zz": "a=b" })
    );
    for option in ["--shardKey", "--shard-key", "--sk"] {
        assert_eq!(served.seen(&[option, "k"])["headers"]["sk"], "k");
    }
    for option in ["--routing-delegate", "--rd"] {
        assert_eq!(served.seen(&[option, "d"])["headers"]["rd"], "d");
    }
    for (name, kind) in [("none", 0), ("crc32", 1), ("crc32c", 3)] {
        assert_eq!(served.seen(&["--checksum", name])["checksumType"], kind);
    }
    let traced = served.seen(&["--trace-id", "1000000ab", "--sampled"]);
    assert_eq!(traced["tracing"]["traceid"], json!([1, 0xab]));
    assert_eq!(traced["tracing"]["flags"], 1);
    assert_eq!(served.seen(&["--sampled"])["tracing"]["flags"], 1);
    let ttl = served.seen(&["--timeout", "12345"])["ttl"].as_u64().unwrap();
    assert!((1..=12_345).contains(&ttl), "{ttl}");
}

#[test]
fn peers_come_from_files_and_the_next_is_tried_when_one_is_gone() {
    let served = Served::start();
    let file = concat!(env!("CARGO_TARGET_TMPDIR"), "/peers-of-served.json");
    std::fs::write(file, json!(["127.0.0.1:1", served.at]).to_string()).unwrap();
    for option in ["-P", "--peerlist", "-H", "--hostlist"] {
        let ran = tchannel([&[option, file, "echo", "echo", "--raw", "x"], patience(&[])].concat());
        assert_eq!(ran.expect(0, &[]).value()["body"], "x");
    }
    let ran = tchannel([&["-P", file, "echo", "echo", "--raw", "--all-peers"], patience(&[])].concat());
    assert_eq!(ran.expect(125, &["onnection refused"]).values().len(), 2);
}

#[test]
fn attempts_go_to_one_peer_as_often_as_they_may() {
    let served = Served::start();
    let attempts = |words: &[&str]| {
        let ran = served.call(&[&["sys-busy", "--raw", "--verbose"], words].concat());
        ran.expect(3, &[]).value()["attempts"].clone()
    };
    assert_eq!(attempts(&[]), 1);
    assert_eq!(attempts(&["--attempts", "3"]), 3);
    assert_eq!(attempts(&["--attempts", "3", "--retry-on", "n"]), 1);
}

#[test]
fn host_names_and_ipv6_are_peers() {
    let served = Served::start();
    let port = served.at.rsplit_once(':').unwrap().1;
    let ran = call(&format!("localhost:{port}"), &["echo", "echo", "--raw", "x"]);
    assert_eq!(ran.expect(0, &[]).value()["body"], "x");
    let ran = call(&format!("[::1]:{port}"), &["echo", "echo", "--raw", "x"]);
    ran.expect(125, &["while connecting", &format!("[::1]:{port}")]);
}

#[test]
fn health_decides_the_exit_code() {
    let served = Served::start();
    assert_eq!(served.call(&["--health"]).expect(0, &[]).value()["body"], json!({ "ok": true }));
    call(&served.at, &["nobody", "--health"]).expect(6, &["unknown service nobody"]);
}

#[test]
fn the_echo_service_gives_the_idl_to_call_it_with() {
    let served = Served::start();
    let set = ["KeyValue::setValue", "--idl-from-server", r#"{"key":"k","value":"v"}"#];
    assert_eq!(served.call(&set).expect(0, &[]).value()["body"], json!(null));
    let get = served.call(&["KeyValue::getValue", "--idl-from-server", r#"{"key":"k"}"#]);
    assert_eq!(get.expect(0, &[]).value()["body"], "v");
}
