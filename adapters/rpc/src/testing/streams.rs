//! The echo service's endpoints for streams. Requests are collected and answers given whole.

use std::time::{Duration, Instant};

use bytes::Bytes;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::echo::{hex, pattern};
use crate::runtime::Runtime;
use crate::{ErrorCode, Reject, Reply, Request, Service};

pub(super) fn streams(service: &Service, runtime: impl Runtime) {
    service
        .register("stream", |request: Request| async move {
            let args = request.into_args();
            Ok(Reply::pieces(args.arg2, args.arg3))
        })
        .register("stream-out", move |request: Request| out(runtime.clone(), request))
        .register(
            "stream-in",
            |request: Request| async move { Ok(Reply::ok("", taken_in(&request).to_string())) },
        )
        .register("stream-error", |_: Request| async {
            Err(Reject::new(ErrorCode::Unexpected, "stream aborted by handler"))
        });
}

/// arg3 is `{"chunks","size","delay"}`: so many times so many bytes, so many milliseconds after each.
async fn out(runtime: impl Runtime, request: Request) -> Result<Reply, Reject> {
    let body = request.body();
    let asked = if body.is_empty() { json!({}) } else { serde_json::from_slice(&body)? };
    let number = |key: &str, default| asked.get(key).and_then(Value::as_u64).unwrap_or(default);
    let (chunks, size, delay) = (number("chunks", 3), number("size", 10), number("delay", 20));
    let pieces = (0..chunks).map(|_| pattern(usize::try_from(size).unwrap_or_default()));
    let reply = Reply::pieces("stream-out", pieces);
    let pause = Duration::from_millis(delay.saturating_mul(chunks));
    if let Some(until) = Instant::now().checked_add(pause) {
        runtime.sleep_until(until).await;
    }
    Ok(reply)
}

fn taken_in(request: &Request) -> Value {
    let mut digest = Sha256::new();
    request.arg3().iter().for_each(|piece| digest.update(piece));
    let reads: Vec<usize> = request.arg3().iter().map(Bytes::len).collect();
    json!({ "bytes": reads.iter().sum::<usize>(), "reads": reads, "sha256": hex(&digest.finalize()) })
}
