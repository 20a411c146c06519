//! Calls whose bodies are written and read bit by bit. Lockstep shows that nothing waits for the end of anything.

use std::future::Future;
use std::time::Duration;

use serde_json::{Value, json};
use tchannel_rpc::testing::pattern;
use tchannel_rpc::{BodyError, BodyReader, Bytes, ErrorCode};
use tokio::time::timeout;

use crate::interop::{Caller, Expect, Failure, Scenario, Verdict};

pub(super) fn all() -> Vec<Scenario> {
    vec![
        Scenario::script("streamed-echo", |caller| echo(caller, vec![pattern(10), pattern(20), pattern(30)])),
        Scenario::script("streamed-echo-empty", |caller| echo(caller, Vec::new())),
        Scenario::script("streamed-echo-1048576", |caller| echo(caller, growing(1 << 20))),
        Scenario::script("streamed-lockstep", lockstep),
        Scenario::script("streamed-out", out),
        Scenario::script("streamed-in", taken_in),
        Scenario::script("streamed-error", aborted),
        Scenario::script("streamed-response-first", response_first),
        Scenario::script("streamed-cancel", cancel),
    ]
}

/// Longest silence of a peer that has something to say.
const SILENCE: Duration = Duration::from_secs(3);

/// A body in writes of one byte, then ever more.
fn growing(size: usize) -> Vec<Bytes> {
    let (mut left, mut pieces, mut next) = (pattern(size), Vec::new(), 1);
    while !left.is_empty() {
        pieces.push(left.split_to(next.min(left.len())));
        next = (next * 2).min(1 << 16);
    }
    pieces
}

async fn echo(caller: Caller, pieces: Vec<Bytes>) -> Verdict {
    let expected = pieces.concat();
    let (mut request, call) = caller.call("stream").open();
    let writing = tokio::spawn(async move {
        request.arg2("head").await?;
        for piece in pieces {
            request.write(piece).await?;
        }
        request.finish()
    });
    let mut body = call.await?.into_body();
    same("arg2", &body.arg2().await?, b"head")?;
    let (got, reads) = rest(&mut body).await?;
    same("arg3", &got, &expected)?;
    if let Ok(written) = writing.await {
        written?;
    }
    Ok(json!({ "reads": reads }))
}

/// Nothing more is said before the answer to it is read.
async fn lockstep(caller: Caller) -> Verdict {
    let (mut request, call) = caller.call("stream").open();
    request.arg2("head").await?;
    request.write("word 0").await?;
    let mut body = within("the response", call).await??.into_body();
    same("arg2", &within("arg2", body.arg2()).await??, b"head")?;
    for n in 1..5 {
        let heard = within("an echo", body.chunk()).await??.unwrap_or_default();
        same("echo", &heard, format!("word {}", n - 1).as_bytes())?;
        request.write(format!("word {n}")).await?;
    }
    request.finish()?;
    let (got, _) = rest(&mut body).await?;
    same("the last echo", &got, b"word 4")?;
    Ok(Value::Null)
}

async fn out(caller: Caller) -> Verdict {
    let mut body = begin_out(&caller, 4, 30).await?;
    same("arg2", &body.arg2().await?, b"stream-out")?;
    let (got, reads) = rest(&mut body).await?;
    same("arg3", &got, &pattern(1_000).repeat(4))?;
    Failure::unless(reads.len() > 1, || "the answer came in one piece".into())?;
    Ok(json!({ "reads": reads }))
}

async fn taken_in(caller: Caller) -> Verdict {
    let (mut request, call) = caller.call("stream-in").open();
    request.next_arg()?;
    for size in [10, 20, 30] {
        request.write(pattern(size)).await?;
        request.flush()?;
    }
    request.finish()?;
    let (got, _) = rest(call.await?.body()).await?;
    let seen: Value = serde_json::from_slice(&got).unwrap_or_default();
    let good = seen["bytes"] == 60 && seen["sha256"] == DIGEST;
    Failure::unless(good, || format!("expected 60 bytes with the digest {DIGEST}, got {seen}"))?;
    Ok(seen)
}

/// Of `pattern(10)`, `pattern(20)` and `pattern(30)`.
const DIGEST: &str = "14540947c5db4f3bd82c086439e15d5978eb8ae31aeb9970c48ad7b5f9564031";

/// An error after a part of the answer.
async fn aborted(caller: Caller) -> Verdict {
    let (request, call) = caller.call("stream-error").open();
    request.finish()?;
    partial(call.await?.into_body()).await
}

/// The same, of a server that does not wait for the end of the request.
async fn response_first(caller: Caller) -> Verdict {
    let (mut request, call) = caller.call("stream-error").open();
    request.arg2("head").await?;
    request.write("not all").await?;
    let response = within("the response", call).await??;
    let verdict = partial(response.into_body()).await;
    let refused = request.write("more").await;
    Failure::unless(refused.is_err(), || "a failed call took more of its request".into())?;
    still_usable(&caller).await?;
    verdict
}

async fn partial(mut body: BodyReader) -> Verdict {
    same("arg2", &within("arg2", body.arg2()).await??, b"partial")?;
    match within("the error", rest(&mut body)).await? {
        Ok((got, _)) => {
            Err(Failure::Unexpected(format!("expected an error, got {} bytes and the end", got.len())))
        }
        Err(BodyError::Call(error)) => {
            Expect::Says(ErrorCode::Unexpected, "stream aborted by handler").judge(Err(error))
        }
        Err(error) => Err(error.into()),
    }
}

/// Given up in the middle of the answer; its later frames disturb nobody.
async fn cancel(caller: Caller) -> Verdict {
    let mut body = begin_out(&caller, 50, 10).await?;
    for _ in 0..2 {
        within("a chunk", body.chunk()).await??;
    }
    drop(body);
    for _ in 0..20 {
        still_usable(&caller).await?;
        within("a nap", caller.call("sleep").arg3("10").send()).await??;
    }
    Ok(Value::Null)
}

async fn begin_out(caller: &Caller, chunks: usize, delay: u64) -> Result<BodyReader, Failure> {
    let (mut request, call) = caller.call("stream-out").open();
    request.next_arg()?;
    request.write(json!({ "chunks": chunks, "size": 1_000, "delay": delay }).to_string()).await?;
    request.finish()?;
    Ok(call.await?.into_body())
}

async fn still_usable(caller: &Caller) -> Result<(), Failure> {
    let answer = caller.call("echo").arg2("a").arg3("still usable").send().await;
    Expect::ok("a", "still usable").judge(answer)?;
    Ok(())
}

/// What is left of arg3, and the sizes in which it came.
async fn rest(body: &mut BodyReader) -> Result<(Vec<u8>, Vec<usize>), BodyError> {
    let (mut all, mut reads) = (Vec::new(), Vec::new());
    while let Some(chunk) = body.chunk().await? {
        all.extend_from_slice(&chunk);
        reads.push(chunk.len());
    }
    Ok((all, reads))
}

async fn within<T>(what: &str, wait: impl Future<Output = T>) -> Result<T, Failure> {
    timeout(SILENCE, wait).await.map_err(|_| Failure::Unexpected(format!("{what} did not come")))
}

fn same(what: &str, got: &[u8], expected: &[u8]) -> Result<(), Failure> {
    Failure::unless(got == expected, || {
        format!("{what}: expected {} bytes, got {} others", expected.len(), got.len())
    })
}
