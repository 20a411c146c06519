use std::collections::BTreeMap;
use std::string::ToString;
use std::vec::Vec;

use proptest::prelude::*;
use serde::Deserialize;
use serde_json::json;

use super::*;

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Query {
    q: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    note: Option<String>,
}

#[test]
fn golden_body_has_its_bytes() {
    let bytes = encode(&Query { q: 1, note: None }).unwrap();
    assert_eq!(&bytes[..], [0x7B, 0x22, 0x71, 0x22, 0x3A, 0x31, 0x7D]);
    assert_eq!(decode::<Query>(&bytes).unwrap(), Query { q: 1, note: None });
    assert_eq!(encode(&json!({"q": 1})).unwrap(), bytes);
}

#[test]
fn texts_are_not_escaped_and_there_are_no_spaces() {
    let body = json!({"z": [1, "two", null], "a": "héllo"});
    assert_eq!(encode(&body).unwrap(), r#"{"z":[1,"two",null],"a":"héllo"}"#);
}

#[test]
fn no_bytes_are_null_and_white_space_may_follow() {
    assert_eq!(decode::<Value>(b"").unwrap(), Value::Null);
    assert_eq!(decode::<Option<Query>>(b"").unwrap(), None);
    assert_eq!(decode::<Value>(b"{\"q\":1}\n \r\t").unwrap(), json!({"q": 1}));
}

#[test]
fn what_is_wrong_is_said_with_its_place() {
    let error = decode::<Query>(b"{\"q\":}").unwrap_err();
    assert_eq!(error.to_string(), "json parse error: body: expected value at line 1 column 6");
    assert_eq!((error.part(), error.answer()), (Part::Body, "json parse error: body"));
    let error = decode::<Query>(b"{\"q\":\"x\"}").unwrap_err();
    assert!(error.to_string().contains("invalid type: string \"x\", expected i64"), "{error}");
    for bytes in [&b"{} x"[..], b"\xFF", b"\"\xC3\x28\"", b"\xEF\xBB\xBF{}", b" ", b"{\"q\":1", b"NaN"] {
        assert!(decode::<Value>(bytes).is_err(), "{bytes:?}");
    }
}

#[test]
fn what_a_peer_wrote_does_not_make_an_error_long() {
    let long = encode(&"x".repeat(100_000)).unwrap();
    let error = decode::<Query>(&long).unwrap_err();
    assert!(error.to_string().len() < 400, "{error}");
}

#[test]
fn of_a_key_that_is_there_twice_the_last_value_counts() {
    assert_eq!(decode::<Value>(br#"{"q":1,"q":2}"#).unwrap(), json!({"q": 2}));
    assert_eq!(decode::<Query>(br#"{"q":1,"q":2}"#).unwrap(), Query { q: 2, note: None });
    assert_eq!(decode::<BTreeMap<String, i32>>(br#"{"q":1,"q":2}"#).unwrap()["q"], 2);
    let error = decode::<Query>(br#"{"q":1,"q":"x"}"#).unwrap_err();
    assert!(error.to_string().contains("duplicate field `q` at line 1 column 10"), "{error}");
}

#[test]
fn integers_are_exact_and_other_numbers_are_doubles() {
    for number in ["9223372036854775807", "-9223372036854775808", "18446744073709551615"] {
        let value: Value = decode(number.as_bytes()).unwrap();
        assert_eq!(encode(&value).unwrap(), number);
    }
    assert_eq!(decode::<Value>(b"18446744073709551616").unwrap(), json!(18_446_744_073_709_551_616.0));
    assert_eq!(decode::<Value>(b"2.2250738585072014e-308").unwrap(), json!(f64::MIN_POSITIVE));
    assert!(decode::<Value>(b"1e400").is_err());
}

#[test]
fn values_nest_127_levels_and_no_more() {
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        let nested = |levels: usize| {
            let inner = if open == "[" { "" } else { "{}" };
            let levels = if open == "[" { levels } else { levels - 1 };
            [&open.repeat(levels), inner, &close.repeat(levels)].concat()
        };
        decode::<Value>(nested(127).as_bytes()).unwrap();
        let error = decode::<Value>(nested(128).as_bytes()).unwrap_err();
        assert!(error.to_string().contains("recursion limit exceeded"), "{error}");
        let bomb = open.repeat(1 << 20);
        assert!(decode::<Value>(bomb.as_bytes()).is_err());
        assert!(decode::<serde::de::IgnoredAny>(bomb.as_bytes()).is_err());
    }
}

#[test]
fn every_cut_of_a_body_is_an_error() {
    let body = br#"{"n":1,"list":[1,"two",null],"text":"h\u00e9llo"}"#;
    decode::<Value>(body).unwrap();
    for end in 1..body.len() {
        assert!(decode::<Value>(&body[..end]).is_err(), "{end}");
    }
}

fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::vec((".{0,4}", inner), 0..6)
                .prop_map(|pairs| Value::Object(pairs.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn what_was_written_is_read(value in values()) {
        let bytes = encode(&value).unwrap();
        let read: Value = decode(&bytes).unwrap();
        prop_assert_eq!(&read, &value);
        prop_assert_eq!(encode(&read).unwrap(), bytes);
    }

    #[test]
    fn any_bytes_give_a_value_or_an_error(bytes: Vec<u8>) {
        let _ = decode::<Value>(&bytes);
        let _ = Headers::decode(&bytes);
        let _ = NotOk::decode(&bytes);
    }
}
