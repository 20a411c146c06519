use std::string::ToString;
use std::vec::Vec;

use serde_json::json;

use super::*;

#[test]
fn no_headers_are_an_empty_object() {
    assert_eq!(Headers::new().encode().unwrap(), "{}");
    for bytes in [&b""[..], b"null", b"{}", b" {} \n"] {
        assert!(Headers::decode(bytes).unwrap().is_empty(), "{bytes:?}");
    }
}

#[test]
fn texts_come_back_in_order() {
    let headers: Headers = [("who", "me"), ("a", "é")].into_iter().collect();
    let bytes = headers.encode().unwrap();
    assert_eq!(bytes, r#"{"who":"me","a":"é"}"#);
    let read = Headers::decode(&bytes).unwrap();
    assert_eq!(read, headers);
    assert_eq!((read.get("who"), read.get("nobody")), (Some("me"), None));
    assert_eq!(read.iter().map(|(name, _)| name).collect::<Vec<_>>(), ["who", "a"]);
}

#[test]
fn other_values_are_kept_and_not_sent() {
    let mut headers = Headers::decode(br#"{"n":[1],"a":"b"}"#).unwrap();
    assert_eq!((headers.value("n"), headers.get("n")), (Some(&json!([1])), None));
    let error = headers.encode().unwrap_err();
    assert_eq!(error.to_string(), "cannot be written as JSON: n: headers have to be texts");
    assert_eq!(headers.remove("n"), Some(json!([1])));
    assert_eq!(headers.encode().unwrap(), r#"{"a":"b"}"#);
}

#[test]
fn what_is_no_object_is_refused() {
    for bytes in [&b"[]"[..], b"1", b"\"x\"", b"true", b"{", b"{}{}", b"\x00\x00"] {
        let error = Headers::decode(bytes).unwrap_err();
        assert_eq!((error.part(), error.answer()), (Part::Head, "json parse error: head"), "{bytes:?}");
    }
    let error = Headers::decode(b"[]").unwrap_err();
    assert_eq!(error.to_string(), "json parse error: head: expected an object or null");
}

#[test]
fn traces_are_stripped_or_replaced() {
    let forwarded = Headers::decode(br#"{"$tracing$id":"1","a":"b","$tracing$n":7}"#).unwrap();
    assert!(forwarded.tracing().eq([("id", "1")]));
    let mut stripped = forwarded.clone();
    stripped.strip_tracing();
    assert_eq!(stripped.encode().unwrap(), r#"{"a":"b"}"#);
    let mut replaced = forwarded;
    replaced.set_tracing([("id", "2"), ("n", "3"), ("new", "4")]);
    assert_eq!(
        replaced.encode().unwrap(),
        r#"{"$tracing$id":"2","a":"b","$tracing$n":"3","$tracing$new":"4"}"#
    );
}
