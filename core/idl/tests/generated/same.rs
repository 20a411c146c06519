//! Types and JSON-shaped values give the same bytes for the same values.

use std::path::Path;

use bytes::Bytes;
use proptest::prelude::*;
use serde_json::{Value as Json, json};
use tchannel_idl::Idl;
use tchannel_idl::dynamic::Method as Dynamic;
use tchannel_schemes::thrift::{DecodeError, Method, Struct, decode, decode_reply, encode, encode_reply};

use super::code::guide::key_value::{Entries, EntriesRequest, Health, SetValue, SetValueRequest};

fn method(endpoint: &str) -> Dynamic {
    let idl = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/guide.thrift");
    Idl::load(idl).expect("it is sound").method(endpoint).expect("it is declared")
}

fn role() -> impl Strategy<Value = Json> {
    prop_oneof![
        Just(json!("USER")),
        Just(json!("ADMIN")),
        Just(json!("ROOT")),
        any::<i32>().prop_map(|n| json!(n))
    ]
}

fn number() -> impl Strategy<Value = Json> {
    prop_oneof![
        any::<f64>().prop_filter("JSON has no others", |n| n.is_finite()).prop_map(|n| json!(n)),
        Just(json!("NaN"))
    ]
}

fn value() -> impl Strategy<Value = Json> {
    prop_oneof![
        any::<String>().prop_map(|text| json!({ "text": text })),
        any::<Vec<u8>>().prop_map(|bytes| json!({ "bytes": bytes })),
        prop::collection::vec((".{0,3}", number()), 0..5).prop_map(|pairs| json!({ "numbers": pairs })),
    ]
}

fn entry() -> impl Strategy<Value = Json> {
    let leaf = (value(), any::<Option<i64>>(), prop::option::of(role()));
    let leaf = leaf.prop_map(|(value, at, owner)| json!({ "owner": owner, "value": value, "changedAt": at }));
    leaf.prop_recursive(4, 8, 1, |inner| {
        (inner, value()).prop_map(|(inner, value)| json!({ "value": value, "previous": inner }))
    })
}

/// What a type makes of bytes that JSON gave.
fn through<T: Struct>(arg3: &Bytes) -> Bytes {
    encode(&decode::<T>(arg3).expect("it was just written")).expect("it was just read")
}

fn answer_through<M: Method>(arg3: &Bytes) -> Bytes {
    encode_reply::<M>(&decode_reply::<M>(arg3).expect("it was just written")).expect("it was just read")
}

proptest! {
    #[test]
    fn arguments_are_the_same_bytes(owner in role(), limit in any::<Option<i32>>(), deep in any::<Option<bool>>()) {
        let arguments = json!({ "deep": deep, "owner": owner, "limit": limit });
        let arg3 = method("KeyValue::entries").encode_args(&arguments).unwrap();
        prop_assert_eq!(through::<EntriesRequest>(&arg3), arg3);
    }

    #[test]
    fn texts_are_the_same_bytes(key in any::<String>(), value in any::<String>()) {
        let arg3 = method("KeyValue::setValue").encode_args(&json!({ "key": key, "value": value })).unwrap();
        prop_assert_eq!(through::<SetValueRequest>(&arg3), arg3);
    }

    #[test]
    fn answers_are_the_same_bytes(entries in prop::collection::vec(entry(), 0..4)) {
        let method = method("KeyValue::entries");
        let arg3 = method.encode_result(&Ok(json!(entries))).unwrap();
        prop_assert_eq!(&answer_through::<Entries>(&arg3), &arg3);
        let read = method.decode_result(&arg3).unwrap().unwrap();
        prop_assert_eq!(method.encode_result(&Ok(read)).unwrap(), arg3);
    }

    #[test]
    fn sets_are_the_same_bytes(ok in any::<bool>(), roles in prop::option::of(prop::collection::vec(role(), 0..6))) {
        let arg3 = method("KeyValue::health").encode_result(&Ok(json!({ "ok": ok, "roles": roles }))).unwrap();
        prop_assert_eq!(answer_through::<Health>(&arg3), arg3);
    }

    #[test]
    fn any_bytes_are_read_alike(bytes in any::<Vec<u8>>()) {
        let arg3 = Bytes::from(bytes);
        let fault = |error: DecodeError| (error.at(), error.problem().clone());
        let typed = decode::<EntriesRequest>(&arg3).map(drop).map_err(fault);
        let dynamic = method("KeyValue::entries").decode_args(&arg3).map(drop).map_err(fault);
        prop_assert_eq!(typed, dynamic);
        let _answers_do_not_panic = (decode_reply::<SetValue>(&arg3), method("KeyValue::setValue").decode_result(&arg3));
    }
}
