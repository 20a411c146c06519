use serde_json::Value;
use tchannel_rpc::{ErrorCode, Outbound, ResponseCode};

use crate::interop::{Caller, Expect, Failure, Scenario, Verdict};

/// An empty map of application headers.
const NO_HEADERS: &[u8] = &[0, 0];
/// `{"h1": "a", "h2": ""}`.
const HEADERS: &[u8] = b"\x00\x02\x00\x02h1\x00\x01a\x00\x02h2\x00\x00";
/// A struct without fields: no arguments, or a result of nothing.
const EMPTY: &[u8] = &[0];

pub(super) fn all() -> Vec<Scenario> {
    let get = "KeyValue::getValue";
    vec![
        Scenario::script("thrift-set-get", set_and_get),
        Scenario::call(
            "thrift-notfound",
            move |caller| call(caller, get, strings(&["missing"])),
            Expect::such(|response| {
                let not_found = [&[12, 0, 1], &strings(&["missing"])[..], &[0]].concat();
                let good = response.code() == ResponseCode::NOT_OK && response.body() == not_found;
                Failure::unless(good, || {
                    let (code, body) = (response.code().0, response.body());
                    format!("expected the declared exception, got code {code}, `{}`", body.escape_ascii())
                })?;
                Ok(Value::Null)
            }),
        ),
        Scenario::call(
            "thrift-health",
            |caller| call(caller, "Meta::health", EMPTY.to_vec()),
            Expect::such(|response| {
                // A struct whose first field is true; a message may follow.
                let body = response.body();
                let good = response.ok() && body.starts_with(&[12, 0, 0, 2, 0, 1, 1]);
                Failure::unless(good, || {
                    format!("expected a healthy server, got `{}`", body.escape_ascii())
                })?;
                Ok(Value::Null)
            }),
        ),
        Scenario::call(
            "thrift-bad-scheme",
            move |caller| caller.call(get).arg3("x"),
            Expect::Error(ErrorCode::BadRequest),
        ),
        Scenario::call(
            "thrift-garbage",
            move |caller| call(caller, get, vec![0xFF, 0xFF]),
            Expect::Error(ErrorCode::BadRequest),
        ),
    ]
}

/// The server's table outlives this process: the key is of this process alone.
async fn set_and_get(caller: Caller) -> Verdict {
    let key = format!("k{}", std::process::id());
    let set = call(&caller, "KeyValue::setValue", strings(&[&key, "v1"])).send().await;
    Expect::ok(NO_HEADERS, EMPTY).judge(set)?;
    let get = call(&caller, "KeyValue::getValue", strings(&[&key])).arg2(HEADERS).send().await;
    Expect::ok(HEADERS, &b"\x0b\x00\x00\x00\x00\x00\x02v1\x00"[..]).judge(get)
}

fn call(caller: &Caller, endpoint: &str, arguments: Vec<u8>) -> Outbound {
    caller.call(endpoint).scheme("thrift").arg2(NO_HEADERS).arg3(arguments)
}

/// A struct of these strings, numbered from 1.
fn strings(texts: &[&str]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (id, text) in (1_u8..).zip(texts) {
        bytes.extend([11, 0, id]);
        bytes.extend(u32::try_from(text.len()).unwrap_or_default().to_be_bytes());
        bytes.extend(text.as_bytes());
    }
    bytes.push(0);
    bytes
}
