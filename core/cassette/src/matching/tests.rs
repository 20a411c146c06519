use alloc::string::ToString;
use alloc::vec;
use alloc::vec::Vec;

use super::{Matcher, Matchers};
use crate::{ArgScheme, Request, TransportHeader};

fn call(scheme: ArgScheme, headers: &[u8]) -> Request {
    let mut request = Request::new("s", "e", scheme);
    request.headers = headers.into();
    request
}

fn json(left: &str, right: &str) -> bool {
    let [left, right] = [left, right].map(|headers| call(ArgScheme::Json, headers.as_bytes()));
    Matchers::default().accept(&left, &right)
}

fn thrift(left: &[u8], right: &[u8]) -> bool {
    let [left, right] = [left, right].map(|headers| call(ArgScheme::Thrift, headers));
    Matchers::default().accept(&left, &right)
}

/// Thrift headers of these pairs.
fn pairs(pairs: &[(&str, &str)]) -> Vec<u8> {
    let short = |len: usize| u16::try_from(len).expect("short").to_be_bytes();
    let mut bytes = short(pairs.len()).to_vec();
    for text in pairs.iter().flat_map(|(key, value)| [key, value]) {
        bytes.extend(short(text.len()));
        bytes.extend(text.bytes());
    }
    bytes
}

/// A way to change a request.
type Change = fn(&mut Request);

#[test]
fn each_matcher_looks_at_one_thing() {
    let changes: [(Matcher, Change); 7] = [
        (Matcher::ServiceName, |request| request.service.push('x')),
        (Matcher::Endpoint, |request| request.endpoint.push('x')),
        (Matcher::ArgScheme, |request| request.scheme = ArgScheme::Json),
        (Matcher::Body, |request| request.body = "x".into()),
        (Matcher::Headers, |request| request.headers = "x".into()),
        (Matcher::HostPort, |request| request.host_port = "1.2.3.4:5".into()),
        (Matcher::TransportHeaders, |request| {
            request.transport_headers.push(TransportHeader::new("sk", "x"));
        }),
    ];
    let recorded = Request::new("s", "e", ArgScheme::Raw);
    for (matcher, change) in changes {
        let mut asked = recorded.clone();
        change(&mut asked);
        for other in Matcher::ALL {
            let alone: Matchers = [other].into_iter().collect();
            assert_eq!(alone.accept(&recorded, &asked), other != matcher, "{other} when {matcher} differs");
        }
        let by_default = !matches!(matcher, Matcher::HostPort | Matcher::TransportHeaders);
        assert_eq!(Matchers::default().contains(matcher), by_default, "{matcher}");
        assert_eq!(Matchers::default().accept(&recorded, &asked), !by_default, "{matcher}");
        assert!(!Matchers::default().with(matcher).accept(&recorded, &asked), "{matcher}");
        assert!(Matchers::default().without(matcher).accept(&recorded, &asked), "{matcher}");
    }
}

#[test]
fn known_peers_are_never_compared() {
    let mut asked = Request::new("s", "e", ArgScheme::Raw);
    let recorded = asked.clone();
    asked.known_peers = vec!["1.2.3.4:5".into()];
    assert!(Matcher::ALL.into_iter().collect::<Matchers>().accept(&recorded, &asked));
    assert!("knownPeers".parse::<Matcher>().is_err());
}

#[test]
fn names_are_those_of_the_file() {
    for matcher in Matcher::ALL {
        assert_eq!(matcher.as_str().parse(), Ok(matcher));
    }
    let error = "hostport".parse::<Matcher>().expect_err("names have their case");
    assert!(error.to_string().starts_with(r#""hostport" is no matcher; choose from serviceName"#));
}

#[test]
fn json_headers_are_compared_as_values() {
    assert!(json(r#"{"a": 1, "b": 2}"#, r#"{"b":2,"a":1}"#));
    assert!(json(r#"{"a":"\u00e9"}"#, r#"{"a":"é"}"#));
    assert!(!json(r#"{"a":1}"#, r#"{"a":2}"#));
    assert!(!json(r#"{"a":1}"#, r#"{"a":1,"b":2}"#));
    assert!(json("[1, 2]", "[1,2]"));
}

#[test]
fn json_tracing_headers_do_not_count_on_either_side() {
    assert!(json(r#"{"$tracing$id":"1","a":1}"#, r#"{"a":1}"#));
    assert!(json(r#"{"a":1}"#, r#"{"$tracing$id":"1","$tracing$":2,"a":1}"#));
    assert!(json(r#"{"$tracing$id":"1"}"#, r#"{"$tracing$id":"2"}"#));
    assert!(!json(r#"{"$tracingid":"1"}"#, "{}"));
    assert!(!json(r#"{"a":{"$tracing$id":"1"}}"#, r#"{"a":{}}"#));
}

#[test]
fn headers_that_are_no_json_are_compared_as_bytes() {
    assert!(json("not json", "not json"));
    assert!(json("", ""));
    assert!(!json("", "{}"));
    assert!(!json("{} ", "not json"));
}

#[test]
fn thrift_headers_are_compared_as_pairs_without_tracing() {
    let left = pairs(&[("a", "1"), ("$tracing$id", "7"), ("b", "2")]);
    assert!(thrift(&left, &pairs(&[("b", "2"), ("a", "1")])));
    assert!(!thrift(&left, &pairs(&[("b", "2"), ("a", "3")])));
    assert!(thrift(&pairs(&[("$tracing$id", "7")]), &pairs(&[])));
    assert!(thrift(b"", b"\0\0"));
}

#[test]
fn broken_thrift_headers_are_compared_as_bytes() {
    assert!(thrift(b"\0", b"\0"));
    for broken in [&b"\0"[..], b"\0\0\0", b"\0\x01", b"\xff\xff", b"\0\x01\0\x05a"] {
        assert!(!thrift(broken, b"\0\0"), "{broken:?}");
    }
}

#[test]
fn raw_headers_are_compared_as_bytes() {
    let accept = |left: &[u8], right: &[u8]| {
        Matchers::default().accept(&call(ArgScheme::Raw, left), &call(ArgScheme::Raw, right))
    };
    assert!(accept(b"{}", b"{}"));
    assert!(!accept(b"{}", b"{ }"));
}

#[test]
fn headers_of_different_schemes_are_compared_as_bytes() {
    let matchers = Matchers::default().without(Matcher::ArgScheme);
    assert!(matchers.accept(&call(ArgScheme::Json, b"{}"), &call(ArgScheme::Raw, b"{}")));
    assert!(!matchers.accept(&call(ArgScheme::Json, b"{}"), &call(ArgScheme::Raw, b"{ }")));
}

#[test]
fn transport_headers_are_compared_in_any_order_and_the_first_of_a_key_counts() {
    let matchers: Matchers = [Matcher::TransportHeaders].into_iter().collect();
    let call = |headers: &[(&str, &str)]| {
        let mut request = Request::new("s", "e", ArgScheme::Raw);
        request.transport_headers =
            headers.iter().map(|(key, value)| TransportHeader::new(*key, *value)).collect();
        request
    };
    let asked = call(&[("cn", "me"), ("as", "raw")]);
    assert!(matchers.accept(&call(&[("as", "raw"), ("cn", "me"), ("as", "json")]), &asked));
    assert!(!matchers.accept(&call(&[("as", "json"), ("cn", "me"), ("as", "raw")]), &asked));
    assert!(!matchers.accept(&call(&[("as", "raw")]), &asked));
    assert!(!matchers.accept(&call(&[("as", "raw"), ("cn", "me"), ("sk", "1")]), &asked));
}

#[test]
fn without_matchers_every_call_is_the_same() {
    let none: Matchers = [].into_iter().collect();
    assert!(none.accept(&Request::new("a", "b", ArgScheme::Raw), &Request::new("c", "d", ArgScheme::Json)));
}
