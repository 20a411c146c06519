use std::string::ToString;

use super::*;
use crate::testing::hex;

fn pairs<const N: usize>(pairs: [(&str, &str); N]) -> Headers {
    pairs.into_iter().collect()
}

#[test]
fn golden_headers_have_their_bytes() {
    assert_eq!(Headers::new().encode().unwrap(), hex("0000"));
    assert_eq!(Headers::decode(&hex("0000")).unwrap(), Headers::new());
    let one = pairs([("a", "b")]);
    assert_eq!(one.encode().unwrap(), hex("0001 0001 61 0001 62"));
    assert_eq!(Headers::decode(&hex("0001 0001 61 0001 62")).unwrap(), one);
}

#[test]
fn no_bytes_are_no_headers() {
    assert_eq!(Headers::decode(&[]).unwrap(), Headers::new());
}

#[test]
fn order_and_repetition_survive_and_the_last_one_counts() {
    let headers = pairs([("b", "1"), ("", "empty"), ("b", "2"), ("a", "")]);
    let again = Headers::decode(&headers.encode().unwrap()).unwrap();
    assert_eq!(again, headers);
    assert_eq!((again.get("b"), again.get(""), again.get("a")), (Some("2"), Some("empty"), Some("")));
    assert_eq!(again.get("c"), None);
}

#[test]
fn every_cut_is_an_error() {
    let bytes = pairs([("on", "error"), ("a", "")]).encode().unwrap();
    for end in 1..bytes.len() {
        let error = Headers::decode(&bytes[..end]).unwrap_err();
        assert!(matches!(error, HeadersError::Truncated { at } if at <= end), "{end}: {error}");
    }
}

#[test]
fn what_is_wrong_is_said_with_its_place() {
    let error = |text| Headers::decode(&hex(text)).unwrap_err().to_string();
    assert_eq!(error("0001 0001 61 0001 62 0000"), "headers: 2 bytes are left over after the last one");
    assert_eq!(error("0001 0001 61 0002 c328"), "headers: the text at byte 5 is not UTF-8");
    assert_eq!(error("ffff 0001 61"), "headers: the bytes end within what begins at byte 5");
    assert_eq!(error("00"), "headers: the bytes end within what begins at byte 0");
}

#[test]
fn longest_name_and_value_are_65535_bytes() {
    let long = "x".repeat(65_535);
    let headers = pairs([(&long, &long)]);
    assert_eq!(Headers::decode(&headers.encode().unwrap()).unwrap(), headers);
    let longer = "x".repeat(65_536);
    let error = pairs([("name", &longer)]).encode().unwrap_err();
    assert_eq!(
        error.to_string(),
        "headers: name or value of `name` has 65536 bytes, at most 65535 are allowed"
    );
    assert!(pairs([(&longer, "")]).encode().unwrap_err().to_string().len() < 200);
}

#[test]
fn at_most_65535_headers_are_written() {
    let mut headers: Headers = (0..65_535).map(|_| ("", "")).collect();
    assert_eq!(headers.encode().unwrap().len(), 2 + 4 * 65_535);
    headers.push("", "");
    assert_eq!(headers.encode(), Err(HeadersError::TooMany { count: 65_536 }));
}

#[test]
fn set_replaces_in_place() {
    let mut headers = pairs([("a", "1"), ("b", "2"), ("a", "3")]);
    headers.set("a", "4");
    headers.set("c", "5");
    assert_eq!(headers, pairs([("a", "4"), ("b", "2"), ("c", "5")]));
}

#[test]
fn traces_are_stripped_or_replaced() {
    let forwarded = pairs([("$tracing$id", "1"), ("a", "b"), ("$tracing$baggage", "x")]);
    assert!(forwarded.tracing().eq([("id", "1"), ("baggage", "x")]));
    let mut stripped = forwarded.clone();
    stripped.strip_tracing();
    assert_eq!(stripped, pairs([("a", "b")]));
    let mut replaced = forwarded;
    replaced.set_tracing([("id", "2"), ("new", "3")]);
    let expected = [("$tracing$id", "2"), ("a", "b"), ("$tracing$baggage", "x"), ("$tracing$new", "3")];
    assert_eq!(replaced, pairs(expected));
}
