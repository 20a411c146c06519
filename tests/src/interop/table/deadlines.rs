//! Calls that are answered late, never, or too late for a caller that gave up.

use std::time::Duration;

use serde_json::Value;
use tchannel_rpc::ErrorCode;

use crate::interop::{Caller, Expect, Scenario, Verdict};

pub(super) fn all() -> Vec<Scenario> {
    let timeout = || Expect::Error(ErrorCode::Timeout);
    vec![
        Scenario::call("sleep", |caller| caller.call("sleep").arg3("100"), Expect::ok("", "slept 100")),
        Scenario::call(
            "timeout",
            |caller| caller.call("sleep").arg3("1500").timeout(Duration::from_millis(300)),
            timeout(),
        ),
        Scenario::call("never", |caller| caller.call("never").timeout(Duration::from_millis(300)), timeout()),
        Scenario::script("timeout-then-late-response", late),
        Scenario::script("cancel", cancel),
    ]
}

/// The second answer comes behind the late one.
async fn late(caller: Caller) -> Verdict {
    let first = caller.call("sleep").arg3("500").timeout(Duration::from_millis(150)).send();
    let second = caller.call("sleep").arg3("700").send();
    let detail = Expect::Error(ErrorCode::Timeout).judge(first.await)?;
    Expect::ok("", "slept 700").judge(second.await)?;
    still_usable(&caller).await?;
    Ok(detail)
}

/// The server is at work on the first call when it is given up, and answers it, if at all, before the second.
async fn cancel(caller: Caller) -> Verdict {
    let first = caller.call("sleep").arg3("200").send();
    let second = caller.call("sleep").arg3("400").send();
    still_usable(&caller).await?;
    drop(first);
    Expect::ok("", "slept 400").judge(second.await)?;
    still_usable(&caller).await
}

async fn still_usable(caller: &Caller) -> Verdict {
    let answer = caller.call("echo").arg2("a").arg3("still usable").send().await;
    Expect::ok("a", "still usable").judge(answer)?;
    Ok(Value::Null)
}
