//! Whole calls of the endpoints that stream.

use serde_json::{Value, json};
use tchannel_rpc::testing::pattern;
use tchannel_rpc::{ErrorCode, Response};

use crate::interop::{Expect, Failure, Scenario, Verdict};

/// Of `pattern(10)`.
const DIGEST: &str = "7d071c217f1805291d8c35997b0e7b7038989315064369ad2fd8756f2c804124";

pub(super) fn all() -> Vec<Scenario> {
    vec![
        Scenario::call(
            "stream-echo",
            |caller| caller.call("stream").arg2("head").arg3("onetwothree"),
            Expect::ok("head", "onetwothree"),
        ),
        Scenario::call(
            "stream-echo-large",
            |caller| caller.call("stream").arg3(pattern(300_000)),
            Expect::ok("", pattern(300_000)),
        ),
        Scenario::call("stream-echo-empty", |caller| caller.call("stream"), Expect::ok("", "")),
        Scenario::call(
            "stream-out",
            |caller| {
                caller.call("stream-out").arg3(json!({"chunks": 4, "size": 1000, "delay": 30}).to_string())
            },
            Expect::ok("stream-out", pattern(1000).repeat(4)),
        ),
        Scenario::call(
            "stream-in",
            |caller| caller.call("stream-in").arg3(pattern(10)),
            Expect::such(digested),
        ),
        Scenario::call(
            "stream-error",
            |caller| caller.call("stream-error").arg3("x"),
            Expect::Says(ErrorCode::Unexpected, "stream aborted by handler"),
        ),
    ]
}

fn digested(response: &Response) -> Verdict {
    let seen: Value = serde_json::from_slice(&response.body()).unwrap_or_default();
    let good = response.ok() && seen["bytes"] == 10 && seen["sha256"] == DIGEST;
    Failure::unless(good, || format!("expected 10 bytes with the digest {DIGEST}, got {seen}"))?;
    Ok(seen)
}
