//! Cassettes that tchannel-python recorded, and one made of texts that are hard to write.

use tchannel_cassette::{ArgScheme, Cassette, OnCall, RecordMode, Request, Response, Style, TransportHeader};

const RAW: &str = include_str!("cassettes/raw.yaml");
const JSON: &str = include_str!("cassettes/json.yaml");
const OLDER: &str = include_str!("cassettes/older.yaml");
const TRICKY: &str = include_str!("cassettes/tricky.yaml");

fn replayed(cassette: &mut Cassette, request: &Request) -> Response {
    match cassette.on_call(request) {
        OnCall::Replay(response) => response,
        other @ (OnCall::Forward | OnCall::Refuse(_)) => panic!("{other:?}"),
    }
}

fn raw(endpoint: &str, headers: &[u8], body: &[u8]) -> Request {
    let mut request = Request::new("echo", endpoint, ArgScheme::Raw);
    (request.headers, request.body) = (headers.into(), body.into());
    request
}

#[test]
fn recordings_of_python_are_saved_again_byte_for_byte() {
    for file in [RAW, JSON, TRICKY] {
        assert_eq!(Cassette::parse(file).expect("it is sound").to_yaml(), file);
    }
}

#[test]
fn raw_calls_are_replayed_with_their_code() {
    let mut cassette = Cassette::parse(RAW).expect("it is sound").mode(RecordMode::None);
    let failed = replayed(&mut cassette, &raw("app-error", b"", b"it failed"));
    assert_eq!(failed, Response::not_ok("", "it failed"));
    let binary = b"\xff\xfe binary";
    let echoed = replayed(&mut cassette, &raw("echo", &[0, 1], binary));
    assert_eq!(echoed, Response::ok([0_u8, 1].to_vec(), binary.to_vec()));
    assert_eq!(cassette.play_count(), 2);
    assert!(!cassette.is_unsaved());
}

#[test]
fn json_calls_are_replayed_whatever_the_order_of_their_headers() {
    let mut request = Request::new("echo", "json-echo", ArgScheme::Json);
    request.body = r#"{"n": 1, "text": "h\u00e9llo"}"#.into();
    request.headers = r#"{"$tracing$id":"1","who":"me"}"#.into();
    let mut cassette = Cassette::parse(JSON).expect("it is sound");
    assert_eq!(replayed(&mut cassette, &request).body, request.body);
}

#[test]
fn older_recordings_with_python_tags_are_replayed() {
    let mut request = Request::new("hello_service", "hello", ArgScheme::Json);
    (request.headers, request.body) = ("{}".into(), r#""world""#.into());
    let mut cassette = Cassette::parse(OLDER).expect("it is sound");
    assert_eq!(replayed(&mut cassette, &request), Response::ok("{}", r#""world""#));
}

#[test]
fn older_recordings_lose_tags_and_comments_only() {
    let cassette = Cassette::parse(OLDER).expect("it is sound");
    let expected = r#"interactions:
- request:
    argScheme: 1
    body: '"world"'
    endpoint: hello
    headers: '{"$tracing$uber-trace-id": "ca18ff55ca2d44ac:ca18ff55ca2d44ac:0:1"}'
    hostPort: localhost:54324
    knownPeers: []
    serviceName: hello_service
    transportHeaders:
    - key: as
      value: json
    - key: cn
      value: client
  response:
    body: '"world"'
    code: 0
    headers: '{}'
version: 1
"#;
    assert_eq!(cassette.to_yaml(), expected);
}

#[test]
fn a_cassette_in_use_keeps_how_bytes_were_written() {
    let mut cassette = Cassette::parse(RAW).expect("it is sound").mode(RecordMode::NewEpisodes);
    replayed(&mut cassette, &raw("app-error", b"", b"it failed"));
    let mut request = raw("new", b"", b"text");
    request.transport_headers = vec![TransportHeader::new("cn", "tests")];
    assert_eq!(cassette.on_call(&request), OnCall::Forward);
    cassette.on_response(request, Response::ok("", "answer"));

    let file = cassette.to_yaml();
    let (before, new) = file.split_once("    endpoint: new\n").expect("it was recorded");
    assert_eq!(before.matches("!!binary").count(), RAW.matches("!!binary").count());
    assert!(!new.contains("!!binary"), "{new}");
    let first_endpoint = file.lines().find(|line| line.contains("endpoint:"));
    assert_eq!(first_endpoint, Some("    endpoint: app-error"), "what was played comes first");
}

#[test]
fn fields_have_what_python_wrote() {
    let mut cassette = Cassette::parse(RAW).expect("it is sound");
    let mut request = raw("echo", &[0, 1], b"\xff\xfe binary");
    request.host_port = "127.0.0.1:44069".into();
    let header = |key, value| TransportHeader::new(key, value);
    request.transport_headers =
        vec![header("as", "raw"), header("cn", "cassette-recorder"), header("sk", "sk1")];
    let all = ["serviceName", "endpoint", "headers", "body", "argScheme", "hostPort", "transportHeaders"];
    let matchers = all.map(|name| name.parse::<tchannel_cassette::Matcher>().expect("it is one"));
    cassette = cassette.matchers(matchers.into_iter().collect());
    let response = replayed(&mut cassette, &request);
    assert_eq!(response.body.style(), Style::Binary);
    assert_eq!(Style::Text, tchannel_cassette::Blob::from("text").style());
}
