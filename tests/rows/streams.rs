//! Messages that are written and read in parts.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tchannel_rpc::testing::pattern;
use tchannel_rpc::{
    Arg, BodyError, BodyReader, Bytes, BytesMut, Channel, ErrorCode, Origin, Reject, Reply, Request,
    Responder, StreamedHandler, StreamedRequest,
};

use super::net::{ENDPOINT, LONG, Net, SERVICE, Server, answers, block_on, echoes, hangs, refuses, settle};

/// Gives each part back as it comes.
async fn mirrors(mut request: StreamedRequest, responder: Responder) -> Result<(), Reject> {
    let mut answer = responder.ok()?;
    let mut in_arg3 = false;
    while let Some((arg, bytes)) = request.body().next().await? {
        if arg == Arg::Three && !std::mem::replace(&mut in_arg3, true) {
            answer.next_arg()?;
        }
        answer.write(bytes).await?;
        answer.flush()?;
    }
    Ok(answer.finish()?)
}

async fn with(net: &Net, handler: impl StreamedHandler) -> (Server, Channel) {
    let server = net.server(hangs).await;
    server.channel.service(SERVICE).unwrap().register_streamed("stream", handler);
    let client = net.client(&[&server]);
    (server, client)
}

#[test]
fn p10_streamed_arguments_arrive_in_order_part_by_part() {
    block_on(async {
        let net = Net::new();
        let (_server, client) = with(&net, mirrors).await;
        let (mut writer, call) = client.call(SERVICE, "stream").open();
        writer.write("head").await.unwrap();
        writer.flush().unwrap();
        let mut response = call.await.unwrap();
        // Each part comes back before the next one leaves.
        assert_eq!(response.body().next().await.unwrap(), Some((Arg::Two, "head".into())));
        writer.next_arg().unwrap();
        for n in 0..20 {
            let part = Bytes::from(format!("part {n}"));
            writer.write(part.clone()).await.unwrap();
            writer.flush().unwrap();
            assert_eq!(response.body().chunk().await.unwrap(), Some(part));
        }
        writer.finish().unwrap();
        assert_eq!(response.body().chunk().await.unwrap(), None);
    });
}

#[test]
fn p10_a_whole_request_can_be_read_in_parts_and_a_streamed_one_whole() {
    block_on(async {
        let net = Net::new();
        let (server, client) = with(&net, mirrors).await;
        let body = pattern(200_000);
        let answer = client.call(SERVICE, "stream").arg2("head").arg3(body.clone()).send().await.unwrap();
        assert_eq!((answer.arg2(), answer.body()), (&"head".into(), body.clone()));

        server.channel.service(SERVICE).unwrap().register("whole", echoes);
        let (mut writer, call) = client.call(SERVICE, "whole").open();
        writer.arg2("head").await.unwrap();
        for chunk in body.chunks(30_000) {
            writer.write(body.slice_ref(chunk)).await.unwrap();
        }
        writer.finish().unwrap();
        let mut response = call.await.unwrap();
        assert_eq!(response.body().arg2().await.unwrap(), "head");
        assert_eq!(rest(response.body()).await, body);
    });
}

async fn rest(body: &mut BodyReader) -> BytesMut {
    let mut read = BytesMut::new();
    while let Some(chunk) = body.chunk().await.unwrap() {
        read.extend_from_slice(&chunk);
    }
    read
}

#[test]
fn p12_arg2_after_arg3_began_is_an_error_and_writes_nothing() {
    block_on(async {
        let net = Net::new();
        let (_server, client) = with(&net, |_: StreamedRequest, responder: Responder| async move {
            let mut answer = responder.ok()?;
            answer.arg2("head").await?;
            assert!(matches!(answer.arg2("late").await, Err(BodyError::LastArg)));
            assert!(matches!(answer.next_arg(), Err(BodyError::LastArg)));
            answer.write("body").await?;
            Ok(answer.finish()?)
        })
        .await;
        let (mut writer, call) = client.call(SERVICE, "stream").open();
        writer.arg2("head").await.unwrap();
        assert!(matches!(writer.arg2("late").await, Err(BodyError::LastArg)));
        assert!(matches!(writer.next_arg(), Err(BodyError::LastArg)));
        writer.finish().unwrap();
        let mut response = call.await.unwrap();
        assert_eq!(response.body().arg2().await.unwrap(), "head");
        assert_eq!(rest(response.body()).await, "body");
        let late = net.line.frames().iter().any(|seen| format!("{:?}", seen.message).contains("late"));
        assert!(!late);
    });
}

#[test]
fn p12_nothing_follows_an_answer_that_was_given() {
    block_on(async {
        let net = Net::new();
        let (_server, client) = with(&net, |mut request: StreamedRequest, responder: Responder| async move {
            let whole = request.body().arg2().await? == "whole";
            if whole {
                responder.reply(Reply::ok("", "the answer"));
            } else {
                let mut answer = responder.ok()?;
                answer.next_arg()?;
                answer.write("the answer").await?;
                answer.finish()?;
            }
            Err(Reject::new(ErrorCode::Unexpected, "too late"))
        })
        .await;
        for head in ["whole", "parts"] {
            let answer = client.call(SERVICE, "stream").arg2(head).send().await.unwrap();
            assert_eq!(answer.body(), "the answer");
        }
        settle().await;
        assert_eq!((net.line.responses().len(), net.line.errors().len()), (2, 0));
    });
}

#[test]
fn e14_writing_after_the_end_is_an_error_and_writes_nothing() {
    block_on(async {
        let net = Net::new();
        let (_server, client) = with(&net, |_: StreamedRequest, responder: Responder| async move {
            responder.reply(Reply::ok("", "without reading"));
            Ok(())
        })
        .await;
        let (mut writer, call) = client.call(SERVICE, "stream").open();
        let mut response = call.await.unwrap();
        assert_eq!(rest(response.body()).await, "without reading");
        assert!(matches!(writer.write("late").await, Err(BodyError::Over)));
        assert!(matches!(writer.flush(), Err(BodyError::Over)));
        settle().await;
        let late = net.line.frames().iter().any(|seen| format!("{:?}", seen.message).contains("late"));
        assert!(!late);
    });
}

#[test]
fn e14_a_stream_that_failed_says_why_to_whoever_holds_it() {
    block_on(async {
        let net = Net::new();
        let (_server, client) = with(&net, |_: StreamedRequest, _: Responder| async move {
            Err(Reject::new(ErrorCode::Busy, "not now"))
        })
        .await;
        let (mut writer, call) = client.call(SERVICE, "stream").open();
        assert_eq!(call.await.unwrap_err().code(), ErrorCode::Busy);
        let BodyError::Call(error) = writer.write("late").await.unwrap_err() else { panic!("it failed") };
        assert_eq!((error.code(), error.message()), (ErrorCode::Busy, "not now"));
    });
}

/// From 1 byte to 64 KiB.
const WRITES: [usize; 9] = [1, 2, 3, 100, 1_023, 4_096, 16_385, 65_535, 65_536];

#[test]
fn p13_a_body_written_in_pieces_of_any_size_arrives_intact() {
    block_on(async {
        let net = Net::new();
        let (server, client) = with(&net, mirrors).await;
        server.channel.service(SERVICE).unwrap().register("whole", echoes);
        let body = pattern(1 << 20);
        for endpoint in ["whole", "stream"] {
            let (mut writer, call) = client.call(SERVICE, endpoint).open();
            let sent = body.clone();
            let writing = tokio::spawn(async move {
                writer.next_arg().unwrap();
                let mut left = sent;
                for size in WRITES.into_iter().cycle() {
                    if left.is_empty() {
                        return writer.finish().unwrap();
                    }
                    writer.write(left.split_to(size.min(left.len()))).await.unwrap();
                }
            });
            let mut response = call.await.unwrap();
            assert_eq!(rest(response.body()).await, body, "{endpoint}");
            writing.await.unwrap();
        }
    });
}

#[test]
fn p13_a_streamed_call_is_not_retried() {
    block_on(async {
        let net = Net::new();
        let busy = net.server(refuses(ErrorCode::Busy)).await;
        let good = net.server(answers("second")).await;
        let client = net.ordered(&[&busy, &good]);
        let (writer, call) = client.call(SERVICE, ENDPOINT).open();
        writer.finish().unwrap();
        let error = call.await.unwrap_err();
        assert_eq!((error.code(), error.origin(), error.attempts()), (ErrorCode::Busy, Origin::Remote, 1));
        assert_eq!(net.asked(&good), 0);
    });
}

/// Counts the handlers that have begun.
#[derive(Clone, Default)]
struct Begun(Arc<AtomicUsize>);

impl Begun {
    fn add(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    fn count(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

#[test]
fn s6_a_whole_handler_runs_after_the_last_frame_and_a_streamed_one_at_the_head() {
    block_on(async {
        let net = Net::new();
        let (streamed, whole) = (Begun::default(), Begun::default());
        let begun = streamed.clone();
        let (server, client) = with(&net, move |mut request: StreamedRequest, responder: Responder| {
            begun.add();
            async move {
                let head = request.body().arg2().await?;
                let mut body = BytesMut::new();
                while let Some(chunk) = request.body().chunk().await? {
                    body.extend_from_slice(&chunk);
                }
                responder.reply(Reply::ok(head, body.freeze()));
                Ok(())
            }
        })
        .await;
        let begun = whole.clone();
        server.channel.service(SERVICE).unwrap().register("whole", move |request: Request| {
            begun.add();
            echoes(request)
        });
        for (endpoint, at_the_head) in [("stream", 1), ("whole", 0)] {
            let begun = if at_the_head == 1 { &streamed } else { &whole };
            let (mut writer, call) = client.call(SERVICE, endpoint).timeout(LONG).open();
            writer.arg2("head").await.unwrap();
            writer.write("a part").await.unwrap();
            writer.flush().unwrap();
            settle().await;
            assert_eq!(begun.count(), at_the_head, "{endpoint}");
            writer.write(" and the rest").await.unwrap();
            writer.finish().unwrap();
            let mut response = call.await.unwrap();
            assert_eq!(begun.count(), 1, "{endpoint}");
            assert_eq!(response.body().arg2().await.unwrap(), "head");
            assert_eq!(rest(response.body()).await, "a part and the rest");
        }
    });
}
