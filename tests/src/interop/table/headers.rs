//! What the server sees of a request besides its arguments.

use serde_json::{Value, json};
use tchannel_rpc::{ChecksumKind, Response, Tracing};

use crate::interop::{CALLER, Expect, Failure, Language, SERVICE, Scenario, Verdict};

/// Headers that are for the server to see, each with a value that no other has.
const SENT: [(&str, &str); 5] =
    [("sk", "shard-7"), ("rd", "delegate"), ("fd", "domain"), ("cas", "127.0.0.1:1"), ("caf", "127.0.0.1:2")];
/// Each half of each number tells where it belongs.
const TRACING: Tracing =
    Tracing { span_id: 1 << 32 | 2, parent_id: 3 << 32 | 4, trace_id: 5 << 32 | 6, flags: 1 };

pub(super) fn all(peer: Language) -> Vec<Scenario> {
    vec![
        Scenario::call(
            "inspect",
            |caller| caller.call("inspect").arg2("x").arg3("yy").checksum(ChecksumKind::Crc32),
            Expect::such(move |response| request_seen(peer, response)),
        ),
        Scenario::call(
            "transport-headers",
            |caller| caller.call("inspect").headers(SENT),
            Expect::such(|response| {
                let seen = inspected(response)?;
                for (key, value) in SENT {
                    same(&seen, &format!("/headers/{key}"), &json!(value))?;
                }
                Ok(seen)
            }),
        ),
        Scenario::call(
            "caller",
            |caller| caller.call("inspect").caller("somebody-else"),
            Expect::such(|response| {
                let seen = inspected(response)?;
                same(&seen, "/headers/cn", &json!("somebody-else"))?;
                Ok(seen)
            }),
        ),
        Scenario::call(
            "tracing",
            |caller| caller.call("inspect").forward_tracing(TRACING),
            Expect::such(move |response| tracing_seen(peer, response)),
        ),
    ]
}

fn request_seen(peer: Language, response: &Response) -> Verdict {
    let seen = inspected(response)?;
    same(&seen, "/service", &json!(SERVICE))?;
    same(&seen, "/arg2", &json!(1))?;
    same(&seen, "/arg3", &json!(2))?;
    for (key, value) in [("as", "raw"), ("cn", CALLER), ("re", "n")] {
        same(&seen, &format!("/headers/{key}"), &json!(value))?;
    }
    if tells_all(peer) {
        same(&seen, "/checksumType", &json!(ChecksumKind::Crc32.byte()))?;
        same(&seen, "/fragmented", &json!(false))?;
        let ttl = seen["ttl"].as_u64().unwrap_or_default();
        Failure::unless((1..=5_000).contains(&ttl), || format!("ttl: expected 1 to 5000 ms, got {seen}"))?;
    }
    Ok(seen)
}

fn tracing_seen(peer: Language, response: &Response) -> Verdict {
    let seen = inspected(response)?;
    if tells_all(peer) {
        same(&seen, "/tracing/spanid", &json!([1, 2]))?;
        same(&seen, "/tracing/parentid", &json!([3, 4]))?;
        same(&seen, "/tracing/traceid", &json!([5, 6]))?;
        same(&seen, "/tracing/flags", &json!(1))?;
    }
    let back = response.tracing();
    Failure::unless(back == TRACING, || format!("tracing: expected {TRACING:?} back, got {back:?}"))?;
    Ok(seen)
}

/// python's handlers are not shown more than headers and arguments.
fn tells_all(peer: Language) -> bool {
    peer != Language::Python
}

fn inspected(response: &Response) -> Verdict {
    let body = response.body();
    serde_json::from_slice(&body)
        .map_err(|error| Failure::Unexpected(format!("`{}` is not JSON: {error}", body.escape_ascii())))
}

fn same(seen: &Value, pointer: &str, expected: &Value) -> Result<(), Failure> {
    Failure::unless(seen.pointer(pointer) == Some(expected), || {
        format!("{pointer}: expected {expected}, the server saw {seen}")
    })
}
