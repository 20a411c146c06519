use std::fmt;

use serde_json::{Value, json};
use tchannel_rpc::ErrorCode;
use tchannel_rpc::json::{Call, CallError as JsonCallError, NotOk};
use tchannel_rpc::thrift::{CallError, Calls, Error};

use crate::interop::typed::code::{newer, older, typed};
use crate::interop::typed::full;
use crate::interop::{Caller, Failure, Scenario, Verdict};

pub(super) fn all() -> Vec<Scenario> {
    vec![
        Scenario::script("typed-values", values),
        Scenario::script("typed-void", void),
        Scenario::script("typed-empty", empty),
        Scenario::script("typed-exceptions", exceptions),
        Scenario::script("typed-undeclared", undeclared),
        Scenario::script("typed-newer", with_a_newer_idl),
        Scenario::script("typed-older", with_an_older_idl),
        Scenario::script("typed-json", json_values),
    ]
}

fn calls(caller: &Caller) -> Calls {
    Calls::like(caller.call(""))
}

fn client(caller: &Caller) -> typed::shapes::Client<Calls> {
    typed::shapes::Client::new(calls(caller))
}

async fn values(caller: Caller) -> Verdict {
    let client = client(&caller);
    let answer = client.echo(full()).header("h", "1").send().await.map_err(failed)?;
    is(answer.headers.iter().collect::<Vec<_>>(), vec![("h", "1")])?;
    is(answer.result.map_err(failed)?, full())?;
    is(client.full().await.map_err(failed)?, full())
}

async fn void(caller: Caller) -> Verdict {
    is(client(&caller).nothing().await.map_err(failed)?, ())
}

async fn empty(caller: Caller) -> Verdict {
    let client = client(&caller);
    is(client.words(0).await.map_err(failed)?, Vec::<String>::new())?;
    is(client.no().await.map_err(failed)?, false)?;
    is(client.zero().await.map_err(failed)?, 0)?;
    is(client.fail("").await.map_err(failed)?, String::new())
}

async fn exceptions(caller: Caller) -> Verdict {
    use typed::shapes::FailExceptions;
    let client = client(&caller);
    let thrown = |how| {
        let call = client.fail(how);
        async move {
            match call.await {
                Err(CallError::Exception(exception)) => Ok(exception),
                other => Err(Failure::Unexpected(format!("expected an exception, got {other:?}"))),
            }
        }
    };
    let not_found = typed::NotFoundError { key: "the key".into() };
    is(thrown("notFound").await?, FailExceptions::NotFound(not_found))?;
    let too_many = typed::TooManyError { limit: 0, hint: Some(String::new()) };
    is(thrown("tooMany").await?, FailExceptions::TooMany(too_many))
}

async fn undeclared(caller: Caller) -> Verdict {
    let error = client(&caller).fail("badly").await.expect_err("it fails");
    is(error.failed().map(tchannel_rpc::CallError::code), Some(ErrorCode::Unexpected))
}

async fn with_a_newer_idl(caller: Caller) -> Verdict {
    use newer::shapes::{Client, FailExceptions};
    let client = Client::new(calls(&caller));
    let next = Some(Box::new(newer::Extra { tables: Vec::new(), next: None }));
    let extra = newer::Extra { tables: vec![[("a".into(), 1.5)].into()], next };
    let known = newer::Everything { flag: true, text: Some("t".into()), extra: None, tags: None };
    let value = newer::Everything { extra: Some(extra), tags: Some(["x".into()].into()), ..known.clone() };
    is(client.echo(value, true).await.map_err(failed)?, known)?;
    let too_many = newer::TooManyError { limit: 0, hint: Some(String::new()) };
    let thrown = client.fail("tooMany").await.expect_err("it fails");
    let expected = FailExceptions::TooMany(too_many);
    Failure::unless(matches!(&thrown, CallError::Exception(thrown) if *thrown == expected), || {
        format!("expected {expected:?}, got {thrown:?}")
    })?;
    Ok(Value::Null)
}

async fn with_an_older_idl(caller: Caller) -> Verdict {
    let client = older::shapes::Client::new(calls(&caller));
    let inner = Some(older::Inner { name: String::new() });
    let known = older::Everything { flag: false, text: Some("h\u{e9}llo".into()), inner };
    is(client.full().await.map_err(failed)?, known)?;
    let unknown = client.fail("tooMany").await.expect_err("it fails");
    let is_unknown =
        |error: &Error| matches!(error, Error::UnknownException { id: 2, bytes, .. } if !bytes.is_empty());
    Failure::unless(matches!(&unknown, CallError::Thrift(error) if is_unknown(error)), || {
        format!("expected an unknown exception, got {unknown:?}")
    })?;
    Ok(Value::Null)
}

async fn json_values(caller: Caller) -> Verdict {
    let body = json!({"n": -7, "list": [1, "two", null], "text": "h\u{e9}llo"});
    let echo = Call::like(caller.call("json-echo")).header("who", "me").body(&body);
    let answer = echo.send::<Value>().await.map_err(failed)?;
    is((answer.headers.get("who"), &answer.body), (Some("me"), &body))?;
    let refused = Call::like(caller.call("json-error")).body(&json!({"q": 1})).send::<Value>().await;
    match refused {
        Err(JsonCallError::NotOk(answer)) if matches!(&answer.body, NotOk::Error(error) if error.extra["asked"]["q"] == 1) => {
            Ok(Value::Null)
        }
        other => Err(Failure::Unexpected(format!("expected the error as asked, got {other:?}"))),
    }
}

#[allow(clippy::needless_pass_by_value, reason = "callers make both on the spot")]
fn is<T: PartialEq + fmt::Debug>(got: T, expected: T) -> Verdict {
    Failure::unless(got == expected, || format!("expected {expected:?}, got {got:?}"))?;
    Ok(Value::Null)
}

fn failed(error: impl fmt::Display) -> Failure {
    Failure::Unexpected(error.to_string())
}
