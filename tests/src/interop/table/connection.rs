//! The handshake, pings, calls the other way, many calls at once, the end.

use std::num::NonZeroU32;
use std::time::Duration;

use serde_json::{Value, json};
use tchannel_proto::{Config, Health};
use tchannel_rpc::ErrorCode;
use tchannel_rpc::testing::pattern;

use crate::interop::{Caller, Expect, Failure, Language, Probe, Scenario, Verdict};

pub(super) fn all(peer: Language) -> Vec<Scenario> {
    vec![
        Scenario::script("init", init),
        Scenario::script("ping", move |caller| ping(caller, peer)),
        Scenario::call(
            "reverse",
            |caller| caller.call("reverse").arg2("echo").arg3("there and back"),
            Expect::ok("from-server", "there and back"),
        ),
        Scenario::script("concurrent-200", concurrent),
        Scenario::script("drain", drain),
        Scenario::call("drop", |caller| caller.call("drop"), Expect::Error(ErrorCode::Network))
            .losing_connection(),
    ]
}

async fn init(caller: Caller) -> Verdict {
    let (_probe, remote) = Probe::connect(caller.target(), Config::default()).await?;
    Failure::unless(!remote.process_name.is_empty(), || "the server did not name its process".into())?;
    Failure::unless(remote.host_port.is_some(), || "the server did not say where it listens".into())?;
    let headers = remote.headers.iter().map(|(key, value)| (key.clone(), Value::from(value.as_str())));
    Ok(headers.collect())
}

async fn ping(caller: Caller, peer: Language) -> Verdict {
    let mut config = Config::default();
    config.health = Some(Health {
        interval: Duration::from_millis(1),
        timeout: Duration::from_secs(5),
        failures: NonZeroU32::MIN,
    });
    let (probe, _) = Probe::connect(caller.target(), config).await?;
    let answered = probe.ping().await?;
    // python never answers, and takes a ping with the id of a call of its own for that call's answer.
    let expected = (peer != Language::Python).then_some(true);
    Failure::unless(answered == expected, || match answered {
        Some(true) => "a ping was sent to a peer that must not get one".into(),
        Some(false) => "the ping was not answered".into(),
        None => "no ping was sent, as the server did not name a language that answers them".into(),
    })?;
    Ok(json!({ "answered": answered }))
}

async fn concurrent(caller: Caller) -> Verdict {
    let calls: Vec<_> = (0..200)
        .map(|n| {
            let body = pattern(if n % 20 == 0 { 150_000 } else { n });
            let (call, expect) = if n % 3 == 0 {
                (caller.call("sleep").arg3("20"), Expect::ok("", "slept 20"))
            } else {
                (caller.call("echo").arg3(body.clone()), Expect::ok("", body))
            };
            (call.timeout(LOADED).send(), expect)
        })
        .collect();
    for (call, expect) in calls {
        expect.judge(call.await)?;
    }
    Ok(Value::Null)
}

/// The call in flight is answered, a later one is not sent.
async fn drain(caller: Caller) -> Verdict {
    let running = caller.call("sleep").arg3("200").send();
    Expect::ok("", "still open").judge(caller.call("echo").arg3("still open").send().await)?;
    let drained = caller.drain(LOADED);
    let detail =
        Expect::Says(ErrorCode::Network, "the channel is closed").judge(caller.call("echo").send().await)?;
    Expect::ok("", "slept 200").judge(running.await)?;
    let cut = drained.await.cut;
    Failure::unless(cut == 0, || format!("{cut} connections were cut"))?;
    Ok(detail)
}

/// Python takes some seconds over 200 calls on a busy machine.
const LOADED: Duration = Duration::from_secs(12);
