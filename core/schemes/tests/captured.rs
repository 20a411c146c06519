//! Calls captured from other implementations: what they sent is read, and what we would send is what they sent.

use bytes::{Bytes, BytesMut};
use serde_json::{Value as Json, json};
use tchannel_schemes::json as as_json;
use tchannel_schemes::thrift::meta::{Health, HealthArgs, HealthStatus, NoArgs};
use tchannel_schemes::thrift::{self, Fields, Method, Value, decode_reply};
use tchannel_wire::{Chunks, ErrorCode, Frame, Message};

/// One captured call: what the client sent and what the server answered.
struct Captured {
    /// The language of the client, then that of the server.
    peers: (String, String),
    request: [Bytes; 3],
    answer: Answer,
}

#[derive(Debug, PartialEq)]
enum Answer {
    Response { ok: bool, args: [Bytes; 3] },
    Error { code: ErrorCode, text: String },
}

fn args(chunks: &Chunks) -> [Bytes; 3] {
    let args: Vec<Bytes> = chunks.iter().collect();
    args.try_into().expect("the whole call is in one frame")
}

fn bytes(hex: &str) -> Bytes {
    let byte = |at| u8::from_str_radix(&hex[at..at + 2], 16).expect("hex digits");
    (0..hex.len()).step_by(2).map(byte).collect()
}

fn message(hex: &str) -> Message {
    let mut stream = BytesMut::from(bytes(hex));
    let frame = Frame::take(&mut stream).expect("a frame").expect("a whole one");
    Message::decode(&frame).expect("a message").expect("of a known type")
}

fn answer(message: &Message) -> Answer {
    if let Message::CallRes(response) = message {
        return Answer::Response { ok: response.code.is_ok(), args: args(&response.chunks) };
    }
    let Message::Error(error) = message else { panic!("{message:?} is no answer") };
    Answer::Error { code: error.code, text: error.text().into_owned() }
}

/// All calls of a scenario: two clients to two servers.
fn calls(scenario: &str) -> Vec<Captured> {
    let text = include_str!("captured.txt");
    let sections = text.split("\n= ").skip(1).filter_map(|section| {
        let mut lines = section.lines();
        let (peers, name) = lines.next()?.split_once(' ')?;
        (name == scenario).then(|| {
            let (client, server) = peers.split_once('-').expect("two peers");
            let hex = lines.next().and_then(|line| line.strip_prefix("c2s ")).expect("a request");
            let Message::CallReq(request) = message(hex) else { panic!("{hex} is no call req") };
            let hex = lines.next().and_then(|line| line.strip_prefix("s2c ")).expect("an answer");
            let answer = answer(&message(hex));
            Captured { peers: (client.into(), server.into()), request: args(&request.chunks), answer }
        })
    });
    let calls: Vec<Captured> = sections.collect();
    assert_eq!(calls.len(), 4, "{scenario}");
    calls
}

fn texts(value: &Json) -> as_json::Headers {
    as_json::Headers::decode(value.to_string().as_bytes()).expect("an object")
}

#[test]
fn json_bodies_and_headers_are_read_as_meant_and_written_as_node_does() {
    let body = json!({"n": 1, "list": [1, "two", null], "text": "héllo"});
    let head = texts(&json!({"who": "me"}));
    for call in calls("json-echo") {
        let Answer::Response { ok: true, args: response } = call.answer else { panic!("{:?}", call.answer) };
        assert_eq!((&call.request[0][..], &response[0][..]), (&b"json-echo"[..], &b""[..]));
        for ([_, arg2, arg3], writer) in [(call.request, call.peers.0), (response, call.peers.1)] {
            assert_eq!(as_json::Headers::decode(&arg2).unwrap(), head);
            assert_eq!(as_json::decode::<Json>(&arg3).unwrap(), body);
            if writer == "node" {
                assert_eq!((head.encode().unwrap(), as_json::encode(&body).unwrap()), (arg2, arg3));
            }
        }
    }
}

#[test]
fn json_errors_keep_their_fields_and_no_headers_are_none() {
    let mut error = as_json::JsonError::new("interop.json-error", "as asked");
    error.extra.insert("asked".into(), json!({"q": 1}));
    for call in calls("json-error") {
        let Answer::Response { ok: false, args: response } = call.answer else { panic!("{:?}", call.answer) };
        assert_eq!(as_json::NotOk::decode(&response[2]).unwrap(), as_json::NotOk::Error(error.clone()));
        assert_eq!(as_json::decode::<Json>(&call.request[2]).unwrap(), json!({"q": 1}));
        assert!(as_json::Headers::decode(&call.request[1]).unwrap().is_empty());
        assert!(as_json::Headers::decode(&response[1]).unwrap().is_empty());
        match call.peers.1.as_str() {
            "node" => assert_eq!(error.encode().unwrap(), response[2]),
            _ => assert_eq!(as_json::Headers::new().encode().unwrap(), response[1]),
        }
    }
}

fn binary(text: &'static str) -> Value {
    Value::Binary(text.into())
}

#[test]
fn thrift_requests_and_void_answers_have_the_same_bytes() {
    for call in calls("thrift-set") {
        let request = Fields(vec![(1, binary("k")), (2, binary("v"))]);
        assert_eq!(call.request[0], "KeyValue::setValue");
        assert_eq!(thrift::encode(&request).unwrap(), call.request[2]);
        assert_eq!(thrift::Headers::new().encode().unwrap(), call.request[1]);
        let args = [Bytes::new(), call.request[1].clone(), thrift::encode(&NoArgs).unwrap()];
        assert_eq!(call.answer, Answer::Response { ok: true, args });
    }
}

#[test]
fn thrift_exceptions_are_the_field_of_their_id() {
    for call in calls("thrift-notfound") {
        let request = Fields(vec![(1, binary("missing"))]);
        assert_eq!(thrift::encode(&request).unwrap(), call.request[2]);
        let Answer::Response { ok: false, args: [_, arg2, arg3] } = call.answer else {
            panic!("{:?}", call.answer)
        };
        let exception = Fields(vec![(1, Value::Struct(request))]);
        assert_eq!(thrift::encode(&exception).unwrap(), arg3);
        let headers = thrift::Headers::decode(&arg2).unwrap();
        let expected = if call.peers.1 == "node" { Some("error") } else { None };
        assert_eq!((headers.get("on"), headers.encode().unwrap()), (expected, arg2));
    }
}

#[test]
fn health_is_asked_without_arguments_and_answered_with_or_without_a_message() {
    for call in calls("thrift-health") {
        assert_eq!(call.request[0], Health::ENDPOINT);
        assert_eq!(thrift::decode::<HealthArgs>(&call.request[2]).unwrap(), HealthArgs::default());
        let Answer::Response { ok: true, args: [_, _, arg3] } = call.answer else {
            panic!("{:?}", call.answer)
        };
        let message = (call.peers.1 == "node").then(|| "interop node peer".into());
        let status = HealthStatus { ok: true, message, state: None };
        assert_eq!(decode_reply::<Health>(&arg3).unwrap(), Ok(status.clone()));
        assert_eq!(thrift::encode_reply::<Health>(&Ok(status)).unwrap(), arg3);
    }
}

#[test]
fn another_scheme_is_a_bad_request_everywhere() {
    for call in calls("thrift-bad-scheme") {
        assert_eq!((&call.request[1][..], &call.request[2][..]), (&b""[..], &b"x"[..]));
        assert!(thrift::decode::<Fields>(&call.request[2]).is_err());
        let Answer::Error { code: ErrorCode::BadRequest, text } = call.answer else {
            panic!("{:?}", call.answer)
        };
        assert!(text.contains("thrift"), "{text}");
    }
}
