//! The echo service's endpoints for streams.

use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::echo::{hex, pattern};
use crate::runtime::Runtime;
use crate::{Arg, ErrorCode, Reject, Reply, Responder, StreamedRequest, SubChannel};

pub(super) fn streams(service: &SubChannel, runtime: impl Runtime) {
    let sleeping = runtime.clone();
    service
        .register_streamed("stream", same)
        .register_streamed("stream-out", move |request, responder| out(runtime.clone(), request, responder))
        .register_streamed("stream-in", taken_in)
        .register_streamed("stream-error", move |request, responder| {
            aborted(sleeping.clone(), request, responder)
        });
}

/// Echoes each part as it comes, in a frame of its own.
async fn same(mut request: StreamedRequest, responder: Responder) -> Result<(), Reject> {
    let mut answer = responder.ok()?;
    let mut in_arg3 = false;
    while let Some((arg, bytes)) = request.body().next().await? {
        if arg == Arg::Three && !in_arg3 {
            answer.next_arg()?;
            in_arg3 = true;
        }
        answer.write(bytes).await?;
        answer.flush()?;
    }
    Ok(answer.finish()?)
}

/// arg3 is `{"chunks","size","delay"}`: so many times so many bytes, so many milliseconds after each.
async fn out(
    runtime: impl Runtime,
    mut request: StreamedRequest,
    responder: Responder,
) -> Result<(), Reject> {
    let mut body = BytesMut::new();
    while let Some(chunk) = request.body().chunk().await? {
        body.extend_from_slice(&chunk);
    }
    let asked = if body.is_empty() { json!({}) } else { serde_json::from_slice(&body)? };
    let number = |key: &str, default| asked.get(key).and_then(Value::as_u64).unwrap_or(default);
    let (chunks, size, delay) = (number("chunks", 3), number("size", 10), number("delay", 20));
    let chunk = pattern(usize::try_from(size).unwrap_or_default());
    let mut answer = responder.ok()?;
    answer.arg2("stream-out").await?;
    for _ in 0..chunks {
        answer.write(chunk.clone()).await?;
        answer.flush()?;
        pause(&runtime, Duration::from_millis(delay)).await;
    }
    Ok(answer.finish()?)
}

async fn taken_in(mut request: StreamedRequest, responder: Responder) -> Result<(), Reject> {
    let mut digest = Sha256::new();
    let mut reads: Vec<usize> = Vec::new();
    while let Some(chunk) = request.body().chunk().await? {
        digest.update(&chunk);
        reads.push(chunk.len());
    }
    let bytes: usize = reads.iter().sum();
    let seen = json!({ "bytes": bytes, "reads": reads, "sha256": hex(&digest.finalize()) });
    responder.reply(Reply::ok("", seen.to_string()));
    Ok(())
}

/// Begins an answer, and fails when a part of it has left.
async fn aborted(runtime: impl Runtime, _: StreamedRequest, responder: Responder) -> Result<(), Reject> {
    let mut answer = responder.ok()?;
    answer.arg2("partial").await?;
    answer.write(Bytes::from_static(b"first chunk")).await?;
    answer.flush()?;
    pause(&runtime, Duration::from_millis(50)).await;
    Err(Reject::new(ErrorCode::Unexpected, "stream aborted by handler"))
}

async fn pause(runtime: &impl Runtime, time: Duration) {
    if let Some(until) = Instant::now().checked_add(time) {
        runtime.sleep_until(until).await;
    }
}
