//! Calls whose bodies are written and read bit by bit.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;
use std::time::Duration;

use tchannel_rpc::testing::{Shape, pattern};
use tchannel_rpc::{
    Arg, BodyError, BodyReader, Reply, Responder, Response, ResponseCode, StreamedRequest, Verdict,
};
use tokio::sync::Notify;

use super::{Pair, block_on, block_on_threads, settle};

pub(super) async fn rest(body: &mut BodyReader) -> Result<Vec<u8>, BodyError> {
    let mut all = Vec::new();
    while let Some(chunk) = body.chunk().await? {
        all.extend_from_slice(&chunk);
    }
    Ok(all)
}

#[test]
fn both_directions_run_at_once() {
    block_on(async {
        let pair = Pair::new(Shape::default()).await;
        let (mut request, call) = pair.call("stream").open();
        request.arg2("head").await.unwrap();
        let mut response = call.await.unwrap();
        assert!(response.ok());
        assert_eq!(response.headers().get("as"), Some("raw"));
        assert_eq!(response.body().arg2().await.unwrap(), "head");
        for n in 0..20 {
            let said = format!("word {n}");
            request.write(said.clone()).await.unwrap();
            assert_eq!(response.body().chunk().await.unwrap().unwrap(), said);
        }
        request.finish().unwrap();
        assert_eq!(response.body().chunk().await.unwrap(), None);
        assert_eq!(response.body().next().await.unwrap(), None, "the end stays the end");
        assert_eq!(pair.call("echo").arg3("x").send().await.unwrap().body(), "x");
    });
}

#[test]
fn whole_and_streamed_ends_understand_each_other() {
    block_on(async {
        let pair = Pair::new(Shape::default()).await;
        for size in [0, 5, 70_000] {
            let whole = pair.call("stream").arg2("a").arg3(pattern(size)).send().await.unwrap();
            assert_eq!((whole.arg2().as_ref(), whole.body()), (&b"a"[..], pattern(size)));

            let (mut request, call) = pair.call("echo").open();
            request.arg2("a").await.unwrap();
            request.write(pattern(size)).await.unwrap();
            request.finish().unwrap();
            let mut body = call.await.unwrap().into_body();
            assert_eq!(body.arg2().await.unwrap(), "a");
            assert_eq!(rest(&mut body).await.unwrap(), pattern(size));
        }
    });
}

#[test]
fn empty_streams_have_both_arguments() {
    block_on(async {
        let pair = Pair::new(Shape::default()).await;
        for endpoint in ["stream", "echo"] {
            let (request, call) = pair.call(endpoint).open();
            request.finish().unwrap();
            let mut body = call.await.unwrap().into_body();
            assert_eq!(body.arg2().await.unwrap(), "", "{endpoint}");
            assert_eq!(body.chunk().await.unwrap(), None, "{endpoint}");
        }
    });
}

#[test]
fn writes_of_every_size_arrive_in_order() {
    let shape = Shape { capacity: 10_000, reads: vec![1_000, 7, 4_096], writes: vec![3_000, 11] };
    block_on_threads(async {
        let pair = Pair::new(shape).await;
        let body = pattern(1 << 20);
        let (mut request, call) = pair.call("stream").open();
        let sent = body.clone();
        let writing = tokio::spawn(async move {
            let (mut left, mut size) = (sent, 1);
            request.next_arg()?;
            while !left.is_empty() {
                request.write(left.split_to(size.min(left.len()))).await?;
                size = if size > 1 << 16 { 1 } else { size * 3 };
            }
            request.finish()
        });
        let got = rest(call.await.unwrap().body()).await.unwrap();
        writing.await.unwrap().unwrap();
        assert!(got == body, "{} bytes of {}", got.len(), body.len());
    });
}

#[test]
fn nobody_is_asked_about_an_answer_that_is_read_in_parts() {
    block_on(async {
        let pair = Pair::new(Shape::default()).await;
        let judge = |_: &Response| -> Verdict { unreachable!("there is no second attempt to decide about") };
        let call = pair.call("app-error").retry_if(judge).timeout(Duration::MAX);
        let (mut request, call) = call.open();
        request.next_arg().unwrap();
        request.write("why").await.unwrap();
        request.finish().unwrap();
        let mut response = call.await.unwrap();
        assert!(!response.ok());
        assert_eq!(rest(response.body()).await.unwrap(), b"why");
    });
}

/// Starts a server that begins its answer and reads nothing until it is told to.
fn reads_later(pair: &Pair) -> Arc<Notify> {
    let go = Arc::new(Notify::new());
    let told = go.clone();
    pair.server.service("s").unwrap().register_streamed(
        "late",
        move |mut request: StreamedRequest, responder: Responder| {
            let told = told.clone();
            async move {
                let answer = responder.ok()?;
                told.notified().await;
                let count = rest(request.body()).await?.len();
                let mut answer = answer;
                answer.next_arg()?;
                answer.write(count.to_string()).await?;
                Ok(answer.finish()?)
            }
        },
    );
    go
}

#[test]
fn a_writer_waits_until_its_peer_reads() {
    block_on(async {
        let pair = Pair::new(Shape { capacity: 64 << 10, ..Shape::default() }).await;
        let go = reads_later(&pair);
        let (mut request, call) = pair.client.call("s", "late").host(pair.at).open();
        let written = Arc::new(AtomicUsize::new(0));
        let count = written.clone();
        let writing = tokio::spawn(async move {
            request.next_arg()?;
            for _ in 0..1_000 {
                request.write(pattern(32 << 10)).await?;
                count.fetch_add(32 << 10, Ordering::Relaxed);
            }
            request.finish()
        });
        let mut response = call.await.unwrap();
        settle().await;
        let waiting = written.load(Ordering::Relaxed);
        settle().await;
        assert_eq!(written.load(Ordering::Relaxed), waiting, "it waits");
        // What the callee may hold, what the caller may hold, the network, what is being read and written.
        let most = (4 << 20) + (256 << 10) + (64 << 10) + (2 << 20);
        assert!(waiting < most, "{waiting} bytes are on their way");
        go.notify_one();
        writing.await.unwrap().unwrap();
        assert_eq!(rest(response.body()).await.unwrap(), (1_000 * (32 << 10)).to_string().into_bytes());
    });
}

#[test]
fn futures_that_are_dropped_lose_nothing() {
    block_on(async {
        let pair = Pair::new(Shape::default()).await;
        let (mut request, call) = pair.call("stream").open();
        request.write("he").await.unwrap();
        let mut body = call.await.unwrap().into_body();
        settle().await;
        {
            let mut arg2 = pin!(body.arg2());
            let first = poll_fn(|cx| Poll::Ready(arg2.as_mut().poll(cx).is_pending())).await;
            assert!(first, "arg2 is not at its end");
        }
        request.write("ad").await.unwrap();
        request.next_arg().unwrap();
        request.write("tail").await.unwrap();
        request.finish().unwrap();
        assert_eq!(body.arg2().await.unwrap(), "head");
        assert_eq!(rest(&mut body).await.unwrap(), b"tail");
    });
}

#[test]
fn an_answer_may_be_written_by_others_when_its_handler_has_ended() {
    block_on(async {
        let pair = Pair::new(Shape::default()).await;
        pair.server.service("s").unwrap().register_streamed(
            "passes",
            |request: StreamedRequest, responder: Responder| async move {
                let mut body = request.into_body();
                tokio::spawn(async move {
                    let mut answer = responder.respond(ResponseCode::NOT_OK)?;
                    answer.arg2(body.arg2().await?).await?;
                    answer.write(rest(&mut body).await?).await?;
                    answer.finish()
                });
                Ok(())
            },
        );
        let (mut request, call) = pair.client.call("s", "passes").host(pair.at).open();
        let response = call.await.unwrap();
        assert_eq!(response.code(), ResponseCode::NOT_OK);
        request.arg2("h").await.unwrap();
        request.write("body").await.unwrap();
        request.finish().unwrap();
        let mut body = response.into_body();
        assert_eq!(body.arg2().await.unwrap(), "h");
        assert_eq!(rest(&mut body).await.unwrap(), b"body");
    });
}

#[test]
fn an_answer_may_end_before_its_request() {
    block_on(async {
        let pair = Pair::new(Shape::default()).await;
        pair.server.service("s").unwrap().register_streamed(
            "early",
            |_: StreamedRequest, responder: Responder| async move {
                responder.reply(Reply::ok("", "enough"));
                Ok(())
            },
        );
        let (mut request, call) = pair.client.call("s", "early").host(pair.at).open();
        request.write("so far").await.unwrap();
        let mut body = call.await.unwrap().into_body();
        assert_eq!(rest(&mut body).await.unwrap(), b"enough");
        assert!(matches!(request.write("more").await, Err(BodyError::Over)));
        drop(request);
        assert_eq!(pair.call("echo").arg3("x").send().await.unwrap().body(), "x");
    });
}

#[test]
fn one_reader_that_never_reads_holds_up_no_small_calls() {
    block_on_threads(async {
        let pair = Pair::new(Shape::default()).await;
        let ask = r#"{"chunks": 40, "size": 65536, "delay": 0}"#;
        let (mut request, call) = pair.call("stream-out").open();
        request.next_arg().unwrap();
        request.write(ask).await.unwrap();
        request.finish().unwrap();
        let unread = call.await.unwrap();
        let streams: Vec<_> = (0..50)
            .map(|_| {
                let (mut request, call) = pair.call("stream").open();
                tokio::spawn(async move {
                    request.next_arg()?;
                    let writing = tokio::spawn(async move {
                        for n in 0..20 {
                            request.write(pattern(n * 100)).await?;
                        }
                        request.finish()
                    });
                    let read = rest(call.await?.body()).await;
                    writing.await.unwrap()?;
                    read
                })
            })
            .collect();
        for n in 0..200 {
            assert_eq!(pair.call("echo").arg3(n.to_string()).send().await.unwrap().body(), n.to_string());
        }
        let expected: Vec<u8> = (0..20).flat_map(|n| pattern(n * 100)).collect();
        for stream in streams {
            assert_eq!(stream.await.unwrap().unwrap(), expected);
        }
        let got = rest(&mut unread.into_body()).await.unwrap();
        assert_eq!(got.len(), 40 << 16, "nothing of it was lost meanwhile");
    });
}

#[test]
fn requests_that_a_handler_does_not_read_are_skipped() {
    block_on(async {
        let pair = Pair::new(Shape::default()).await;
        let go = Arc::new(Notify::new());
        let told = go.clone();
        pair.server.service("s").unwrap().register_streamed(
            "deaf",
            move |request: StreamedRequest, responder: Responder| {
                let told = told.clone();
                async move {
                    drop(request);
                    told.notified().await;
                    responder.reply(Reply::ok("", "done"));
                    Ok(())
                }
            },
        );
        let (mut request, call) = pair.client.call("s", "deaf").host(pair.at).open();
        request.next_arg().unwrap();
        // More than a connection would hold for a reader.
        for _ in 0..400 {
            request.write(pattern(64 << 10)).await.unwrap();
        }
        go.notify_one();
        assert_eq!(rest(call.await.unwrap().body()).await.unwrap(), b"done");
    });
}

#[test]
fn arguments_are_written_in_order() {
    block_on(async {
        let pair = Pair::new(Shape::default()).await;
        let (mut request, call) = pair.call("stream").open();
        request.next_arg().unwrap();
        assert!(matches!(request.next_arg(), Err(BodyError::LastArg)));
        assert!(matches!(request.arg2("late").await, Err(BodyError::LastArg)));
        request.write("x").await.unwrap();
        request.finish().unwrap();
        let mut body = call.await.unwrap().into_body();
        let mut got = Vec::new();
        while let Some((arg, bytes)) = body.next().await.unwrap() {
            assert_eq!(arg, Arg::Three);
            got.extend_from_slice(&bytes);
        }
        assert_eq!(got, b"x");
    });
}
