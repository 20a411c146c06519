use serde_json::{Value, json};

use crate::interop::{Expect, Failure, Scenario};

pub(super) fn all() -> Vec<Scenario> {
    let head = json!({"who": "me"});
    let body = json!({"n": 1, "list": [1, "two", null], "text": "h\u{e9}llo"});
    vec![
        call("json-echo", "json-echo", head.clone(), body.clone(), 0, move |got| {
            *got == [head.clone(), body.clone()]
        }),
        call("json-null-head", "json-echo", Value::Null, json!("just a string"), 0, |[head, body]| {
            is_no_head(head) && body == "just a string"
        }),
        call("json-error", "json-error", json!({}), json!({"q": 1}), 1, |[head, body]| {
            let expected = json!({"type": "interop.json-error", "message": "as asked", "asked": {"q": 1}});
            is_no_head(head) && *body == expected
        }),
    ]
}

/// Implementations write it in different ways.
fn is_no_head(head: &Value) -> bool {
    head.is_null() || head.as_object().is_some_and(serde_json::Map::is_empty)
}

/// A call with an answer of this code whose head and body are good.
fn call(
    name: &str,
    endpoint: &'static str,
    head: Value,
    body: Value,
    code: u8,
    good: impl Fn(&[Value; 2]) -> bool + Send + Sync + 'static,
) -> Scenario {
    Scenario::call(
        name,
        move |caller| caller.call(endpoint).scheme("json").arg2(head.to_string()).arg3(body.to_string()),
        Expect::such(move |response| {
            let read = |bytes: &[u8]| {
                serde_json::from_slice::<Value>(bytes).map_err(|error| {
                    Failure::Unexpected(format!("`{}` is not JSON: {error}", bytes.escape_ascii()))
                })
            };
            // Nothing means null.
            let head = if response.arg2().is_empty() { Value::Null } else { read(response.arg2())? };
            let answer = [head, read(&response.body())?];
            let code_came = response.code().0;
            Failure::unless(code_came == code && good(&answer), || {
                let [head, body] = &answer;
                format!("got code {code_came}, head {head}, body {body}")
            })?;
            Ok(Value::from(Vec::from(answer)))
        }),
    )
}
