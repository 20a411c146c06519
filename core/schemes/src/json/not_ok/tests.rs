use std::string::ToString;

use serde_json::json;

use super::*;

#[test]
fn error_has_type_message_and_all_other_fields() {
    let mut error = JsonError::new("interop.json-error", "as asked");
    assert_eq!(error.encode().unwrap(), r#"{"type":"interop.json-error","message":"as asked"}"#);
    error.extra.insert("asked".into(), json!({"q": 1}));
    let bytes = error.encode().unwrap();
    assert_eq!(bytes, r#"{"type":"interop.json-error","message":"as asked","asked":{"q":1}}"#);
    assert_eq!(NotOk::decode(&bytes).unwrap(), NotOk::Error(error.clone()));
    assert_eq!(error.to_string(), "interop.json-error: as asked");
}

#[test]
fn fields_cannot_be_given_twice() {
    for name in ["type", "message"] {
        let mut error = JsonError::new("t", "m");
        error.extra.insert(name.into(), json!(1));
        assert_eq!(error.encode().unwrap_err().path(), name);
    }
}

#[test]
fn other_bodies_are_kept() {
    for body in [
        json!(null),
        json!("boom"),
        json!([1]),
        json!({}),
        json!({"type": 1, "message": "m"}),
        json!({"type": "t"}),
        json!({"message": "m", "a": 1}),
    ] {
        let bytes = super::super::encode(&body).unwrap();
        assert_eq!(NotOk::decode(&bytes).unwrap(), NotOk::Other(body));
    }
    assert!(NotOk::decode(b"{").is_err());
}
