//! The service that the reference implementations' test peers offer, too.

use std::collections::HashMap;
use std::future::pending;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use bytes::Bytes;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::streams::streams;
use super::thrift;
use crate::runtime::Runtime;
use crate::shared::lock;
use crate::{Channel, ErrorCode, Reject, Reply, Request, ResponseCode, SubChannel};

/// Serves `service` with endpoints for tests: whole calls, raw, json and thrift.
///
/// raw: `echo`, `app-error`, `sys-…` (an error frame of each code, with arg3 as its text), `sleep` (arg3 is
/// milliseconds), `never`, `drop` (closes the connection), `big` (arg3 is a number of bytes), `sha256`, `inspect` (what
/// was seen of the request), `reverse` (calls the caller back), `crash`,
/// `stream`, `stream-out`, `stream-in`, `stream-error`. json: `json-echo`, `json-error`. thrift:
/// `KeyValue::getValue`, `KeyValue::setValue`, `Meta::health`.
pub fn echo(channel: &Channel, service: &str, runtime: impl Runtime) {
    let service = channel.service(service).expect("a service has a name");
    raw(&service, runtime.clone());
    streams(&service, runtime);
    failures(&service);
    service.register_as("json", "json-echo", json_echo).register_as("json", "json-error", json_error);
    key_value(&service);
}

/// `size` bytes that show when they are mixed up.
pub fn pattern(size: usize) -> Bytes {
    (0..size).map(|at| u8::try_from((at * 31 + 7) % 251).unwrap_or_default()).collect()
}

fn raw(service: &SubChannel, runtime: impl Runtime) {
    service
        .register("echo", |request: Request| async { Ok(same(request, ResponseCode::OK)) })
        .register("app-error", |request: Request| async { Ok(same(request, ResponseCode::NOT_OK)) })
        .register("sleep", move |request: Request| sleep(runtime.clone(), request))
        .register("never", |request: Request| async move {
            let _kept = request;
            pending().await
        })
        .register("drop", |request: Request| async move {
            request.connection().close();
            pending().await
        })
        .register("big", |request: Request| async move { Ok(Reply::ok("", pattern(number(&request)))) })
        .register("sha256", |request: Request| async move {
            let mut body = Sha256::new();
            request.arg3().iter().for_each(|piece| body.update(piece));
            Ok(Reply::ok(hex(&Sha256::digest(request.arg2())), hex(&body.finalize())))
        })
        .register(
            "inspect",
            |request: Request| async move { Ok(Reply::ok("", inspect(&request).to_string())) },
        )
        .register("reverse", reverse);
}

fn same(request: Request, code: ResponseCode) -> Reply {
    let args = request.into_args();
    Reply::pieces(args.arg2, args.arg3).with_code(code)
}

fn number(request: &Request) -> usize {
    String::from_utf8_lossy(&request.body()).trim().parse().unwrap_or_default()
}

pub(super) fn hex(digest: &[u8]) -> String {
    let digit = |nibble: u8| char::from_digit(nibble.into(), 16).unwrap_or('?');
    digest.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

async fn sleep(runtime: impl Runtime, request: Request) -> Result<Reply, Reject> {
    let millis = number(&request);
    let pause = Duration::from_millis(u64::try_from(millis).unwrap_or(u64::MAX));
    if let Some(until) = Instant::now().checked_add(pause) {
        runtime.sleep_until(until).await;
    }
    Ok(Reply::ok(request.arg2().clone(), format!("slept {millis}")))
}

/// What this side saw of a request.
fn inspect(request: &Request) -> Value {
    let headers: Map<String, Value> =
        request.headers().iter().map(|(key, value)| (key.to_owned(), value.into())).collect();
    let words = |id: u64| [id >> 32, id & u64::from(u32::MAX)];
    let tracing = request.tracing();
    json!({
        "id": request.id(),
        "service": request.service(),
        "headers": headers,
        "ttl": u64::try_from(request.ttl().as_millis()).unwrap_or(u64::MAX),
        "checksumType": request.checksum().byte(),
        "fragmented": request.flags().more(),
        "flags": request.flags().0,
        "tracing": {
            "spanid": words(tracing.span_id),
            "parentid": words(tracing.parent_id),
            "traceid": words(tracing.trace_id),
            "flags": tracing.flags,
        },
        "remote": request.connection().host().to_string(),
        "arg2": request.arg2().len(),
        "arg3": request.body().len(),
    })
}

/// Calls the caller's own service on the connection that its call came on.
async fn reverse(request: Request) -> Result<Reply, Reject> {
    let endpoint =
        if request.arg2().is_empty() { Bytes::from_static(b"echo") } else { request.arg2().clone() };
    let back = request.connection().call(request.caller(), endpoint).arg2("from-server");
    let answer = back.arg3_pieces(request.arg3().to_vec()).timeout(Duration::from_secs(2)).send().await;
    match answer {
        Ok(response) => {
            let code = response.code();
            let args = response.into_args();
            Ok(Reply::pieces(args.arg2, args.arg3).with_code(code))
        }
        Err(error) => Err(Reject::new(ErrorCode::Unexpected, format!("reverse call failed: {error}"))),
    }
}

/// Ways to fail.
fn failures(service: &SubChannel) {
    let codes = [
        ("sys-timeout", ErrorCode::Timeout),
        ("sys-cancelled", ErrorCode::Cancelled),
        ("sys-busy", ErrorCode::Busy),
        ("sys-declined", ErrorCode::Declined),
        ("sys-unexpected", ErrorCode::Unexpected),
        ("sys-badrequest", ErrorCode::BadRequest),
        ("sys-network", ErrorCode::Network),
        ("sys-unhealthy", ErrorCode::Unhealthy),
        ("sys-protocol", ErrorCode::Fatal),
    ];
    for (name, code) in codes {
        service.register(name, move |request: Request| async move {
            let text = String::from_utf8_lossy(&request.body()).into_owned();
            Err(Reject::new(code, if text.is_empty() { name.to_owned() } else { text }))
        });
    }
    service.register("crash", |_: Request| async {
        let asked = true;
        assert!(!asked, "the handler crashed as it was asked to");
        Ok(Reply::ok("", ""))
    });
}

/// The JSON arguments of a request; nothing is read as null.
fn json_args(request: &Request) -> Result<(Value, Value), Reject> {
    let read = |bytes: &[u8], part| {
        if bytes.is_empty() {
            return Ok(Value::Null);
        }
        let refused = |_| Reject::new(ErrorCode::BadRequest, format!("json parse error: {part}"));
        serde_json::from_slice(bytes).map_err(refused)
    };
    Ok((read(request.arg2(), "head")?, read(&request.body(), "body")?))
}

async fn json_echo(request: Request) -> Result<Reply, Reject> {
    let (head, body) = json_args(&request)?;
    let head = if head.is_null() { json!({}) } else { head };
    Ok(Reply::ok(head.to_string(), body.to_string()))
}

async fn json_error(request: Request) -> Result<Reply, Reject> {
    let (_, asked) = json_args(&request)?;
    let error = json!({"type": "interop.json-error", "message": "as asked", "asked": asked});
    Ok(Reply::not_ok("{}", error.to_string()))
}

/// A table, in thrift.
fn key_value(service: &SubChannel) {
    let table = Arc::new(Mutex::new(HashMap::<Vec<u8>, Vec<u8>>::new()));
    let written = table.clone();
    service
        .register_as("thrift", "KeyValue::getValue", move |request: Request| {
            let table = table.clone();
            async move {
                let [key, _] = thrift::two_strings(&request.body(), 1).ok_or_else(unreadable)?;
                let found = lock(&table).get(&key).cloned();
                Ok(match found {
                    Some(value) => Reply::ok(head(&request), thrift::string_result(&value)),
                    None => Reply::not_ok(head(&request), thrift::string_exception(&key)),
                })
            }
        })
        .register_as("thrift", "KeyValue::setValue", move |request: Request| {
            let table = written.clone();
            async move {
                let [key, value] = thrift::two_strings(&request.body(), 2).ok_or_else(unreadable)?;
                lock(&table).insert(key, value);
                Ok(Reply::ok(head(&request), thrift::VOID))
            }
        })
        .register_as("thrift", "Meta::health", |request: Request| async move {
            Ok(Reply::ok(head(&request), thrift::HEALTHY))
        });
}

fn unreadable() -> Reject {
    Reject::new(ErrorCode::BadRequest, "thrift parse error: body")
}

/// The caller's application headers; none is an empty map.
fn head(request: &Request) -> Bytes {
    if request.arg2().is_empty() { Bytes::from_static(&[0, 0]) } else { request.arg2().clone() }
}
