//! Streamed calls that are given up, break off, or never begin.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tchannel_rpc::testing::{Shape, pattern};
use tchannel_rpc::{BodyError, ErrorCode, Reject, Reply, Request, Responder, StreamedRequest};
use tokio::sync::mpsc;

use super::{HANG, Pair, block_on, settle};

/// Counts one that is dropped.
struct Dropped(Arc<AtomicUsize>);

impl Drop for Dropped {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

/// Serves `s::hold`: begins an answer with some bytes, then waits. Says how many run and how many were dropped.
fn holds(pair: &Pair) -> (mpsc::UnboundedReceiver<()>, Arc<AtomicUsize>) {
    let dropped = Arc::new(AtomicUsize::new(0));
    let (began, running) = mpsc::unbounded_channel();
    let count = dropped.clone();
    pair.server.service("s").unwrap().register_streamed(
        "hold",
        move |request: StreamedRequest, responder: Responder| {
            let (began, guard) = (began.clone(), Dropped(count.clone()));
            async move {
                let _held = (guard, request);
                let mut answer = responder.ok()?;
                answer.arg2("begun").await?;
                answer.write("some").await?;
                let _ = began.send(());
                std::future::pending::<()>().await;
                Ok(answer.finish()?)
            }
        },
    );
    (running, dropped)
}

async fn all_gone(pair: &Pair, dropped: &AtomicUsize, expected: usize) {
    while dropped.load(Ordering::Relaxed) < expected {
        tokio::task::yield_now().await;
    }
    assert_eq!(
        pair.call("echo").arg3("x").send().await.unwrap().body(),
        "x",
        "the connection is still usable"
    );
    assert_eq!(pair.network.connects(), 1);
}

#[test]
fn dropping_either_half_at_any_moment_cancels_the_call() {
    block_on(async {
        let pair = Pair::new(Shape::default()).await;
        let (mut running, dropped) = holds(&pair);
        let open = || pair.client.call("s", "hold").host(pair.at).open();

        // The future, before the response.
        let (mut request, call) = open();
        running.recv().await.unwrap();
        drop(call);
        let error = request.write("x").await.unwrap_err();
        assert!(matches!(&error, BodyError::Call(error) if error.code() == ErrorCode::Cancelled), "{error}");
        all_gone(&pair, &dropped, 1).await;

        // The writer, before the response.
        let (request, call) = open();
        drop(request);
        assert_eq!(call.await.unwrap_err().code(), ErrorCode::Cancelled);
        all_gone(&pair, &dropped, 1).await;

        // The response, before its body.
        let (mut request, call) = open();
        running.recv().await.unwrap();
        drop(call.await.unwrap());
        assert!(matches!(request.write("x").await, Err(BodyError::Call(_))));
        all_gone(&pair, &dropped, 2).await;

        // The reader, half way.
        let (request, call) = open();
        let mut body = call.await.unwrap().into_body();
        assert_eq!(body.arg2().await.unwrap(), "begun");
        drop(body);
        assert!(request.finish().is_err());
        all_gone(&pair, &dropped, 3).await;

        // The writer, while the response is read.
        let (request, call) = open();
        let mut body = call.await.unwrap().into_body();
        assert_eq!(body.chunk().await.unwrap().unwrap(), "some");
        drop(request);
        let error = body.chunk().await.unwrap_err();
        assert!(matches!(&error, BodyError::Call(error) if error.code() == ErrorCode::Cancelled), "{error}");
        assert!(body.chunk().await.is_err(), "it stays failed");
        all_gone(&pair, &dropped, 4).await;

        // Both, at once.
        drop(open());
        all_gone(&pair, &dropped, 4).await;
    });
}

#[test]
fn an_error_may_follow_a_part_of_the_answer() {
    block_on(async {
        let pair = Pair::new(Shape::default()).await;
        let (request, call) = pair.call("stream-error").open();
        let mut body = call.await.unwrap().into_body();
        assert_eq!(body.arg2().await.unwrap(), "partial");
        assert_eq!(body.chunk().await.unwrap().unwrap(), "first chunk");
        let BodyError::Call(error) = body.chunk().await.unwrap_err() else { panic!("another error") };
        assert_eq!((error.code(), error.message()), (ErrorCode::Unexpected, "stream aborted by handler"));
        assert!(request.finish().is_err());
        let whole = pair.call("stream-error").send().await.unwrap_err();
        assert_eq!(whole.message(), "stream aborted by handler");
    });
}

#[test]
fn an_answer_without_its_end_is_an_error() {
    block_on(async {
        let pair = Pair::new(Shape::default()).await;
        let service = pair.server.service("s").unwrap();
        service
            .register_streamed("silent", |_: StreamedRequest, _: Responder| async { Ok(()) })
            .register_streamed("half", |_: StreamedRequest, responder: Responder| async move {
                responder.ok()?.arg2("half").await?;
                Ok(())
            })
            .register_streamed("lingers", |_: StreamedRequest, responder: Responder| async move {
                drop(responder.ok()?);
                std::future::pending().await
            })
            .register_streamed("busy", |_: StreamedRequest, responder: Responder| async move {
                let _begun = responder.ok()?;
                Err(Reject::new(ErrorCode::Busy, "not now"))
            })
            .register_streamed("refuses", |_: StreamedRequest, responder: Responder| async move {
                responder.reject(Reject::new(ErrorCode::Declined, "never"));
                std::future::pending().await
            })
            .register_streamed("panics", |_: StreamedRequest, responder: Responder| async move {
                let _begun = responder.ok()?;
                panic!("as the test wants it")
            });
        let expected = [
            ("silent", ErrorCode::Unexpected),
            ("half", ErrorCode::Unexpected),
            ("lingers", ErrorCode::Unexpected),
            ("busy", ErrorCode::Busy),
            ("refuses", ErrorCode::Declined),
            ("panics", ErrorCode::Unexpected),
        ];
        for (endpoint, code) in expected {
            let error = pair.client.call("s", endpoint).host(pair.at).send().await.unwrap_err();
            assert_eq!(error.code(), code, "{endpoint}: {error}");
        }
    });
}

#[test]
fn a_lost_connection_ends_both_halves_on_both_sides() {
    block_on(async {
        let pair = Pair::new(Shape::default()).await;
        let (mut running, dropped) = holds(&pair);
        let (mut request, call) = pair.client.call("s", "hold").host(pair.at).open();
        let mut body = call.await.unwrap().into_body();
        running.recv().await.unwrap();
        pair.network.sever();
        let error = loop {
            match body.chunk().await {
                Ok(chunk) => assert!(chunk.is_some(), "an end was made up"),
                Err(error) => break error,
            }
        };
        assert!(matches!(&error, BodyError::Call(error) if error.code() == ErrorCode::Network), "{error}");
        assert!(matches!(request.write("x").await, Err(BodyError::Call(_))));
        while dropped.load(Ordering::Relaxed) < 1 {
            tokio::task::yield_now().await;
        }
    });
}

#[test]
fn a_streamed_call_that_cannot_start_says_why_at_both_ends() {
    block_on(async {
        let pair = Pair::new(Shape::default()).await;
        let (mut request, call) = pair.client.call("s", "e").open();
        assert_eq!(call.await.unwrap_err().code(), ErrorCode::Declined, "it has no host");
        assert!(matches!(request.write("x").await, Err(BodyError::Call(_))));
        let (_, call) = pair.call("stream").arg3("x").open();
        assert_eq!(call.await.unwrap_err().code(), ErrorCode::BadRequest, "it has arguments already");
        let (request, call) = pair.client.call("echo", "nothing").host(pair.at).open();
        assert_eq!(call.await.unwrap_err().code(), ErrorCode::BadRequest, "there is no such endpoint");
        drop(request);
    });
}

#[test]
fn a_timeout_is_for_the_beginning_of_the_answer() {
    block_on(async {
        let pair = Pair::new(Shape::default()).await;
        pair.server
            .service("s")
            .unwrap()
            .register("whole", |request: Request| async move { Ok(Reply::ok("", request.body())) });
        let soon = Duration::from_millis(30);
        let (request, call) = pair.client.call("s", "whole").host(pair.at).timeout(soon).open();
        assert_eq!(call.await.unwrap_err().code(), ErrorCode::Timeout, "the request has no end");
        assert!(request.finish().is_err());
    });
}

#[test]
fn an_answer_that_was_all_there_is_read_after_its_connection() {
    block_on(async {
        let pair = Pair::new(Shape::default()).await;
        let sent = pattern(100_000);
        let (mut writer, call) = pair.call("stream").open();
        writer.arg2("head").await.unwrap();
        writer.write(sent.clone()).await.unwrap();
        writer.finish().unwrap();
        let mut body = call.await.unwrap().into_body();
        pair.server.drain(HANG).await;
        settle().await;
        assert_eq!(pair.client.snapshot().connections.len(), 0);
        assert_eq!(body.arg2().await.unwrap(), "head");
        let mut read = Vec::new();
        while let Some(chunk) = body.chunk().await.unwrap() {
            read.extend_from_slice(&chunk);
        }
        assert_eq!(read, sent);
    });
}
