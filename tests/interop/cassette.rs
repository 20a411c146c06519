//! One file, recorded by either side and replayed by the other.

use std::fs;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tchannel_cassette::{ArgScheme, Cassette, OnCall, RecordMode, Request, Response};
use tchannel_tests::peers::{Peer, Server, run_cassette};

use super::check::done;

/// Nobody listens there.
pub(super) const NOBODY: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 1);

/// A call as python makes it, as we make it, and its answer on both sides.
pub(super) struct Case {
    pub(super) call: Value,
    pub(super) request: Request,
    pub(super) outcome: Value,
    pub(super) response: Response,
}

fn hex(bytes: &[u8]) -> String {
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.map(|digit| char::from_digit(digit.into(), 16).expect("it has four bits")).collect()
}

fn request(endpoint: &str, scheme: ArgScheme, headers: &[u8], body: &[u8]) -> Request {
    let mut request = Request::new("echo", endpoint, scheme);
    (request.headers, request.body) = (headers.into(), body.into());
    request
}

/// What the endpoint `echo` answers.
fn raw(headers: &[u8], body: &[u8]) -> Case {
    Case {
        call: json!({"scheme": "raw", "endpoint": "echo", "headers": hex(headers), "body": hex(body)}),
        request: request("echo", ArgScheme::Raw, headers, body),
        outcome: json!({"ok": true, "headers": hex(headers), "body": hex(body)}),
        response: Response::ok(headers, body),
    }
}

fn failing() -> Case {
    Case {
        call: json!({"scheme": "raw", "endpoint": "app-error", "headers": "", "body": hex(b"it failed")}),
        request: request("app-error", ArgScheme::Raw, b"", b"it failed"),
        outcome: json!({"ok": false, "headers": "", "body": hex(b"it failed")}),
        response: Response::not_ok("", "it failed"),
    }
}

fn json() -> Case {
    let headers = br#"{"who": "me"}"#;
    let body = br#"{"text": "h\u00e9llo"}"#;
    let values = |more: Value| {
        let mut values = json!({"headers": {"who": "me"}, "body": {"text": "h\u{e9}llo"}});
        let fields = values.as_object_mut().expect("it is one");
        fields.extend(more.as_object().expect("it is one").clone());
        values
    };
    Case {
        call: values(json!({"scheme": "json", "endpoint": "json-echo"})),
        request: request("json-echo", ArgScheme::Json, headers, body),
        outcome: values(json!({"ok": true})),
        response: Response::ok(&headers[..], &body[..]),
    }
}

fn thrift() -> [Case; 2] {
    let set = Case {
        call: json!({
            "scheme": "thrift", "method": "setValue", "headers": {"h": "1"}, "args": {"key": "k", "value": "v"}
        }),
        request: request(
            "KeyValue::setValue",
            ArgScheme::Thrift,
            b"\0\x01\0\x01h\0\x011",
            b"\x0b\0\x01\0\0\0\x01k\x0b\0\x02\0\0\0\x01v\0",
        ),
        outcome: json!({"ok": true, "headers": {"h": "1"}, "body": null}),
        response: Response::ok(&b"\0\x01\0\x01h\0\x011"[..], &b"\0"[..]),
    };
    let missing = Case {
        call: json!({"scheme": "thrift", "method": "getValue", "headers": {}, "args": {"key": "missing"}}),
        request: request("KeyValue::getValue", ArgScheme::Thrift, b"\0\0", b"\x0b\0\x01\0\0\0\x07missing\0"),
        outcome: json!({"ok": false, "headers": {}, "body": {"key": "missing"}}),
        response: Response::not_ok(&b"\0\0"[..], &b"\x0c\0\x01\x0b\0\x01\0\0\0\x07missing\0\0"[..]),
    };
    [set, missing]
}

/// A case for every way that bytes are written.
pub(super) fn cases() -> Vec<Case> {
    let all_bytes: Vec<u8> = (0..=u8::MAX).collect();
    let long = "it's a long line: with words # and \"quotes\" ".repeat(10);
    let mut cases = vec![
        raw(b"\0\x01", b"\xff\xfe binary"),
        raw(b"", b""),
        raw(b"yes", b"12:30"),
        raw(b"text", long.as_bytes()),
        raw(&all_bytes, b"one\n\ntwo\n"),
        raw("h\u{e9}llo \u{4f60}".as_bytes(), "\u{1f600} ".repeat(30).as_bytes()),
        raw(b"\0\x01", b"\xff\xfe binary"),
        failing(),
        json(),
    ];
    cases.extend(thrift());
    cases
}

pub(super) fn calls(cases: &[Case]) -> Value {
    cases.iter().map(|case| case.call.clone()).collect()
}

pub(super) fn outcomes(cases: &[Case]) -> Vec<Value> {
    cases.iter().map(|case| case.outcome.clone()).collect()
}

/// A file that is not there, in a directory that is not there either.
pub(super) fn place(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("cassettes").join(name);
    if folder.exists() {
        fs::remove_dir_all(&folder).expect("it is ours");
    }
    folder.join("calls.yaml")
}

fn record(cassette: &mut Cassette, cases: &[Case]) {
    for case in cases {
        assert_eq!(cassette.on_call(&case.request), OnCall::Forward);
        cassette.on_response(case.request.clone(), case.response.clone());
    }
}

fn replay(cassette: &mut Cassette, cases: &[Case]) {
    for case in cases {
        assert_eq!(cassette.on_call(&case.request), OnCall::Replay(case.response.clone()), "{}", case.call);
    }
}

fn save(cassette: &Cassette, file: &Path) -> String {
    let text = cassette.to_yaml();
    fs::create_dir_all(file.parent().expect("it has one")).expect("it can be made");
    fs::write(file, &text).expect("it can be written");
    text
}

#[test]
fn python_replays_what_we_recorded_with_no_server() {
    let (cases, file) = (cases(), place("ours"));
    let mut cassette = Cassette::missing();
    record(&mut cassette, &cases);
    let text = save(&cassette, &file);
    assert_eq!(done(run_cassette("none", &file, NOBODY, &calls(&cases))), outcomes(&cases));
    assert_eq!(fs::read_to_string(&file).expect("it is there"), text);

    let again = done(run_cassette("once", &file, NOBODY, &json!([cases[7].call, cases[7].call])));
    assert_eq!(again[0], cases[7].outcome);
    let error = again[1]["error"].as_str().expect("each recording is used once");
    assert!(error.starts_with("CannotRecordInteractionsError"), "{error}");
}

#[test]
fn we_replay_what_python_recorded() {
    let (cases, file) = (cases(), place("pythons"));
    let server = done(Server::start(Peer::Python, &[]));
    let recorded = done(run_cassette("once", &file, server.address(), &calls(&cases)));
    assert_eq!(recorded, outcomes(&cases));

    let text = fs::read_to_string(&file).expect("it was recorded");
    let mut cassette = Cassette::parse(&text).expect("it is sound").mode(RecordMode::None);
    assert_eq!(cassette.to_yaml(), text);
    replay(&mut cassette, &cases);
    let OnCall::Refuse(refused) = cassette.on_call(&cases[0].request) else {
        panic!("each recording is used once")
    };
    assert!(refused.to_string().contains("interaction 1 is this call, but was played already"), "{refused}");
}

#[test]
fn each_side_goes_on_with_a_file_of_the_other() {
    let (mut cases, file) = (cases(), place("both"));
    let server = done(Server::start(Peer::Python, &[]));
    let mut cassette = Cassette::missing();
    record(&mut cassette, &cases[..4]);
    save(&cassette, &file);

    // The seventh call is the first again: python plays our recording and leaves it in the file.
    let theirs = &cases[4..8];
    let recorded = done(run_cassette("new_episodes", &file, server.address(), &calls(theirs)));
    assert_eq!(recorded, outcomes(theirs));
    cases.remove(6);

    let text = fs::read_to_string(&file).expect("it is there");
    let mut cassette = Cassette::parse(&text).expect("it is sound").mode(RecordMode::NewEpisodes);
    assert_eq!(cassette.to_yaml(), text);
    replay(&mut cassette, &cases[..7]);
    record(&mut cassette, &cases[7..]);
    save(&cassette, &file);
    assert_eq!(done(run_cassette("none", &file, NOBODY, &calls(&cases))), outcomes(&cases));
}
