use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;

use super::{CannotRecord, Cassette, OnCall};
use crate::RecordMode::{self, All, NewEpisodes, Once};
use crate::{ArgScheme, Matcher, Request, Response, TransportHeader};

fn call(endpoint: &str, body: &str) -> Request {
    let mut request = Request::new("echo", endpoint, ArgScheme::Raw);
    request.body = body.into();
    request
}

fn answer(body: &str) -> Response {
    Response::ok("", body)
}

/// A file with a recording for each endpoint and body, whose answer is its place, counted from 1.
fn file(calls: &[(&str, &str)]) -> String {
    let mut cassette = Cassette::missing();
    for (index, (endpoint, body)) in calls.iter().enumerate() {
        cassette.on_response(call(endpoint, body), answer(&(index + 1).to_string()));
    }
    cassette.to_yaml()
}

fn of(calls: &[(&str, &str)], mode: RecordMode) -> Cassette {
    Cassette::parse(&file(calls)).expect("it was written").mode(mode)
}

fn endpoints(cassette: &Cassette) -> Vec<String> {
    let file = cassette.to_yaml();
    file.lines().filter_map(|line| line.trim().strip_prefix("endpoint: ").map(String::from)).collect()
}

fn refusal(cassette: &mut Cassette, request: &Request) -> CannotRecord {
    match cassette.on_call(request) {
        OnCall::Refuse(refused) => refused,
        other @ (OnCall::Replay(_) | OnCall::Forward) => panic!("{other:?}"),
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Outcome {
    Replay,
    Forward,
    Refuse,
}

fn outcome(cassette: &mut Cassette, request: &Request) -> Outcome {
    match cassette.on_call(request) {
        OnCall::Replay(_) => Outcome::Replay,
        OnCall::Forward => Outcome::Forward,
        OnCall::Refuse(_) => Outcome::Refuse,
    }
}

#[test]
fn truth_table_of_modes_and_file_states() {
    use Outcome::{Forward, Refuse, Replay};
    let rows = [
        // mode, file missing, file empty, match, no match, unplayed kept
        (Once, Forward, Refuse, Replay, Refuse, true),
        (NewEpisodes, Forward, Forward, Replay, Forward, true),
        (RecordMode::None, Refuse, Refuse, Replay, Refuse, true),
        (All, Forward, Forward, Forward, Forward, false),
    ];
    for (mode, missing, empty, matching, other, keeps) in rows {
        let request = call("a", "");
        let mut cassette = Cassette::missing().mode(mode);
        assert_eq!(outcome(&mut cassette, &request), missing, "{mode}, file missing");
        assert_eq!(cassette.write_protected(), missing == Refuse, "{mode}, file missing");
        let mut cassette = Cassette::parse("").expect("an empty file is a cassette").mode(mode);
        assert_eq!(outcome(&mut cassette, &request), empty, "{mode}, file empty");
        let mut cassette = of(&[("a", ""), ("b", "")], mode);
        assert_eq!(outcome(&mut cassette, &request), matching, "{mode}, match");
        assert_eq!(outcome(&mut cassette, &call("c", "")), other, "{mode}, no match");
        assert_eq!(cassette.write_protected(), other == Refuse, "{mode}, file exists");
        assert_eq!(endpoints(&cassette).contains(&"b".into()), keeps, "{mode}, unplayed");
    }
}

#[test]
fn forwarded_calls_are_recorded_in_the_order_of_their_answers() {
    let mut cassette = Cassette::missing();
    for endpoint in ["a", "b"] {
        assert_eq!(cassette.on_call(&call(endpoint, "")), OnCall::Forward);
    }
    assert!(!cassette.is_unsaved(), "a call without an answer leaves nothing");
    cassette.on_response(call("b", ""), answer("1"));
    cassette.on_response(call("a", ""), Response::not_ok("", "2"));
    assert!(cassette.is_unsaved());
    assert_eq!(endpoints(&cassette), ["b", "a"]);
    assert_eq!((cassette.recorded().len(), cassette.play_count()), (2, 0));

    let mut again = Cassette::parse(&cassette.to_yaml()).expect("it was written");
    assert_eq!(again.on_call(&call("a", "")), OnCall::Replay(Response::not_ok("", "2")));
    assert_eq!(again.on_call(&call("b", "")), OnCall::Replay(answer("1")));
    assert_eq!((again.recorded().len(), again.play_count()), (0, 2));
}

#[test]
fn a_write_protected_cassette_takes_no_answer() {
    let mut cassette = of(&[("a", "")], Once);
    cassette.on_response(call("b", ""), answer(""));
    assert!(!cassette.is_unsaved() && cassette.recorded().is_empty());
}

#[test]
fn each_recording_is_used_once_in_file_order() {
    let mut cassette = of(&[("a", ""), ("b", ""), ("a", "")], Once);
    assert_eq!(cassette.on_call(&call("a", "")), OnCall::Replay(answer("1")));
    assert_eq!(cassette.on_call(&call("a", "")), OnCall::Replay(answer("3")));
    refusal(&mut cassette, &call("a", ""));
    assert_eq!(cassette.on_call(&call("b", "")), OnCall::Replay(answer("2")));
    assert_eq!(cassette.play_count(), 3);
}

#[test]
fn a_call_recorded_in_this_session_is_forwarded_again() {
    let mut cassette = of(&[], NewEpisodes);
    for _ in 0..2 {
        assert_eq!(cassette.on_call(&call("a", "")), OnCall::Forward);
        cassette.on_response(call("a", ""), answer(""));
    }
    assert_eq!(endpoints(&cassette), ["a", "a"]);
}

#[test]
fn saved_are_played_then_unplayed_then_recorded() {
    let mut cassette = of(&[("a", ""), ("b", ""), ("c", ""), ("d", "")], NewEpisodes);
    for endpoint in ["c", "a"] {
        assert_eq!(outcome(&mut cassette, &call(endpoint, "")), Outcome::Replay);
    }
    cassette.on_response(call("e", ""), answer(""));
    assert_eq!(endpoints(&cassette), ["c", "a", "b", "d", "e"]);
}

#[test]
fn all_forgets_what_the_file_had_once_it_records() {
    let mut cassette = of(&[("a", ""), ("b", "")], All);
    assert_eq!(cassette.on_call(&call("a", "")), OnCall::Forward);
    assert!(!cassette.is_unsaved(), "nothing was recorded: the file stays");
    cassette.on_response(call("a", ""), answer("new"));
    assert!(cassette.is_unsaved());
    assert_eq!(endpoints(&cassette), ["a"]);
}

#[test]
fn what_was_only_played_leaves_the_file_alone() {
    let mut cassette = of(&[("a", ""), ("b", "")], NewEpisodes);
    assert_eq!(outcome(&mut cassette, &call("b", "")), Outcome::Replay);
    assert!(!cassette.is_unsaved());
}

#[test]
fn what_was_saved_is_not_unsaved_until_more_is_recorded() {
    let mut cassette = Cassette::missing();
    cassette.on_response(call("a", ""), answer(""));
    cassette.handle_saved();
    assert!(!cassette.is_unsaved());
    cassette.on_response(call("b", ""), answer(""));
    assert!(cassette.is_unsaved());
    assert_eq!(endpoints(&cassette), ["a", "b"]);
}

#[test]
fn an_untouched_cassette_is_saved_as_it_was() {
    for mode in [Once, NewEpisodes, RecordMode::None] {
        let file = file(&[("a", "1"), ("b", "\u{0}"), ("a", "1")]);
        assert_eq!(Cassette::parse(&file).expect("it was written").mode(mode).to_yaml(), file);
    }
}

#[test]
fn a_refusal_says_where_why_and_which_recording_came_nearest() {
    let mut cassette = of(&[("get", "key one"), ("get", "key two"), ("set", "key twp")], RecordMode::None)
        .path("tests/data/kv.yaml");
    let refused = refusal(&mut cassette, &call("get", "key twp"));
    assert_eq!(
        refused.to_string(),
        "tests/data/kv.yaml has no answer for echo get and records none in mode none: nearest is interaction 2, which \
         differs in body (recorded \"key two\", asked \"key twp\"); correct the call, or record it with mode \
         new_episodes or anew with all"
    );
    let nearest = refused.nearest.expect("there are recordings");
    assert_eq!((nearest.number, nearest.is_played), (2, false));
    assert_eq!(nearest.differences[0].matcher, Matcher::Body);
}

#[test]
fn a_recording_that_is_used_up_is_told_as_such() {
    let mut cassette = of(&[("get", "k"), ("get", "other")], Once);
    assert_eq!(outcome(&mut cassette, &call("get", "k")), Outcome::Replay);
    let text = refusal(&mut cassette, &call("get", "k")).to_string();
    assert!(text.contains("mode once: interaction 1 is this call, but was played already;"), "{text}");
}

#[test]
fn a_recording_that_is_left_is_nearer_than_one_that_is_used_up() {
    let mut cassette = of(&[("get", "k"), ("get", "l")], Once);
    assert_eq!(outcome(&mut cassette, &call("get", "k")), Outcome::Replay);
    let nearest = refusal(&mut cassette, &call("get", "m")).nearest.expect("there are recordings");
    assert_eq!((nearest.number, nearest.is_played), (2, false));
    assert_eq!(outcome(&mut cassette, &call("get", "l")), Outcome::Replay);
    let text = refusal(&mut cassette, &call("get", "m")).to_string();
    assert!(text.contains("nearest is interaction 1 (played already), which differs in body"), "{text}");
}

#[test]
fn the_same_service_and_endpoint_are_nearer_than_the_same_body() {
    let mut cassette = of(&[("set", "k"), ("get", "x")], Once);
    let text = refusal(&mut cassette, &call("get", "k")).to_string();
    assert!(text.contains("interaction 2"), "{text}");
    let mut elsewhere = call("get", "k");
    elsewhere.service = "other".into();
    let text = refusal(&mut cassette, &elsewhere).to_string();
    assert!(text.contains("differs in serviceName (recorded \"echo\", asked \"other\") and body"), "{text}");
}

#[test]
fn an_empty_cassette_says_so() {
    let mut cassette = Cassette::parse("").expect("an empty file is a cassette");
    let text = refusal(&mut cassette, &call("get", "")).to_string();
    assert!(
        text.starts_with(
            "the cassette has no answer for echo get and records none in mode once: it holds no calls;"
        ),
        "{text}"
    );
}

#[test]
fn long_and_binary_values_are_shown_around_the_first_difference() {
    let recorded = format!("{}é{}", "a".repeat(100), "b".repeat(100));
    let mut cassette = of(&[("get", &recorded)], Once);
    let mut request = call("get", "");
    request.body = [&recorded.as_bytes()[..110], b"\xff\n", &recorded.as_bytes()[112..]].concat().into();
    let refused = refusal(&mut cassette, &request);
    let difference = &refused.nearest.expect("there is one").differences[0];
    assert_eq!(difference.recorded, format!("…{}é{}…", "a".repeat(6), "b".repeat(48)));
    assert_eq!(difference.asked, format!("…{}é{}\\xff\\n{}…", "a".repeat(6), "b".repeat(8), "b".repeat(38)));
}

#[test]
fn headers_are_shown_without_tracing() {
    let json = |headers: &str| {
        let mut request = Request::new("s", "e", ArgScheme::Json);
        request.headers = headers.into();
        request
    };
    let mut cassette = Cassette::missing();
    cassette.on_response(json(r#"{"$tracing$id": "1", "who": "me"}"#), answer(""));
    let mut cassette = Cassette::parse(&cassette.to_yaml()).expect("it was written");
    let text = refusal(&mut cassette, &json(r#"{"$tracing$id": "2", "who": "you"}"#)).to_string();
    let expected = r#"differs in headers (recorded "{\"who\":\"me\"}", asked "{\"who\":\"you\"}")"#;
    assert!(text.contains(expected), "{text}");

    let thrift = |id: u8, who: &[u8; 3]| {
        let mut request = Request::new("s", "e", ArgScheme::Thrift);
        let mut headers = b"\0\x02\0\x0b$tracing$id\0\x01".to_vec();
        headers.push(id);
        headers.extend_from_slice(b"\0\x03who\0\x03");
        headers.extend_from_slice(who);
        request.headers = headers.into();
        request
    };
    let mut cassette = Cassette::missing();
    cassette.on_response(thrift(b'1', b"you"), answer(""));
    let mut cassette = Cassette::parse(&cassette.to_yaml()).expect("it was written");
    let text = refusal(&mut cassette, &thrift(b'2', b"she")).to_string();
    assert!(text.contains(r#"differs in headers (recorded "who: you", asked "who: she")"#), "{text}");
    assert_eq!(outcome(&mut cassette, &thrift(b'3', b"you")), Outcome::Replay);
}

#[test]
fn transport_headers_are_shown_as_a_list() {
    let mut request = call("get", "");
    request.transport_headers = vec![TransportHeader::new("cn", "me"), TransportHeader::new("sk", "1")];
    let matchers = crate::Matchers::default().with(Matcher::TransportHeaders).with(Matcher::HostPort);
    let mut cassette = of(&[("get", "")], Once).matchers(matchers);
    let text = refusal(&mut cassette, &request).to_string();
    assert!(text.contains(r#"differs in transportHeaders (recorded "", asked "cn: me, sk: 1")"#), "{text}");
}
