use alloc::string::String;
use alloc::vec;

use super::scalar::{Line, text};
use super::{MAX_TEXT, file};
use crate::{ArgScheme, Blob, Cassette, Interaction, Request, Response, TransportHeader};

fn written(value: &str) -> String {
    let mut out = String::new();
    text(&mut Line::begin(&mut out, "key:", 2), value);
    out
}

fn body_of(body: Blob) -> String {
    let mut request = Request::new("s", "e", ArgScheme::Raw);
    request.body = body;
    let out = file([Interaction { request, response: Response::ok("", "") }].iter());
    let (_, rest) = out.split_once("body: ").expect("it has a body");
    let (body, _) = rest.split_once("\n    endpoint").expect("the endpoint comes next");
    body.into()
}

#[test]
fn the_file_of_a_thrift_call() {
    let mut request = Request::new("keyvalue", "KeyValue::getValue", ArgScheme::Thrift);
    request.body = b"\x0b\0\x01\0\0\0\x01k\0"[..].into();
    request.headers = b"\0\0"[..].into();
    request.host_port = "127.0.0.1:4040".into();
    request.known_peers = vec!["127.0.0.1:4040".into(), Blob::default()];
    request.transport_headers =
        vec![TransportHeader::new("as", "thrift"), TransportHeader::new("cn", "test-client")];
    let response = Response::not_ok(&b"\0\0"[..], &b"\x0b\0\0\0\0\0\x01v\0"[..]);
    let expected = "\
interactions:
- request:
    argScheme: 2
    body: !!binary |
      CwABAAAAAWsA
    endpoint: KeyValue::getValue
    headers: !!binary |
      AAA=
    hostPort: 127.0.0.1:4040
    knownPeers:
    - 127.0.0.1:4040
    - ''
    serviceName: keyvalue
    transportHeaders:
    - key: as
      value: thrift
    - key: cn
      value: test-client
  response:
    body: !!binary |
      CwAAAAAAAXYA
    code: 1
    headers: !!binary |
      AAA=
version: 1
";
    assert_eq!(file([Interaction { request, response }].iter()), expected);
}

#[test]
fn a_cassette_of_nothing() {
    assert_eq!(file([].iter()), "interactions: []\nversion: 1\n");
}

#[test]
fn texts_have_quotes_only_where_needed() {
    assert_eq!(written("KeyValue::getValue"), "key: KeyValue::getValue");
    assert_eq!(written(""), "key: ''");
    assert_eq!(written("it's: so"), "key: 'it''s: so'");
    assert_eq!(written("yes"), "key: 'yes'");
    assert_eq!(written("one\ntwo"), "key: 'one\n\n  two'");
    assert_eq!(written("tab\t\u{e9}\u{4f60}\u{1f600}"), r#"key: "tab\t\xE9\u4F60\U0001F600""#);
}

#[test]
fn bytes_are_text_unless_they_have_control_characters() {
    assert_eq!(body_of(r#"{"a": 1}"#.into()), r#"'{"a": 1}'"#);
    assert_eq!(body_of("héllo".into()), r#""h\xE9llo""#);
    assert_eq!(body_of("".into()), "''");
    assert_eq!(body_of("one\n".into()), "!!binary |\n      b25lCg==");
    assert_eq!(body_of(b"\xff"[..].into()), "!!binary |\n      /w==");
    assert_eq!(body_of(Blob::binary(vec![])), r#"!!binary """#);
}

#[test]
fn base64_has_76_columns() {
    let body = body_of(vec![0; 58].into());
    let columns = body.lines().skip(1).map(|line| line.len() - 6);
    assert!(columns.eq([76, 4]), "{body}");
}

#[test]
fn texts_too_long_to_be_read_back_are_written_as_bytes() {
    let mut cassette = Cassette::missing();
    let longest = "'".repeat(MAX_TEXT);
    let long = "'".repeat(MAX_TEXT + 1);
    let mut request = Request::new(&*longest, &*long, ArgScheme::Raw);
    (request.headers, request.body) = (longest.as_str().into(), long.as_str().into());
    cassette.on_response(request, Response::ok("", ""));
    let file = cassette.to_yaml();
    assert_eq!(file.matches("!!binary").count(), 2);
    assert_eq!(Cassette::parse(&file).expect("it is read back").to_yaml(), file);
}
