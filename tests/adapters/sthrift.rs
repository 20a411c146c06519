//! Thrift methods whose requests or results are streams, over sockets.

use std::net::SocketAddr;

use tchannel_rpc::sthrift::{ChunkError, Incoming, Results, StreamError};
use tchannel_rpc::thrift::{CallError, Calls, Context, Error, Failure, encode_reply};
use tchannel_rpc::{
    BodyError, Channel, ErrorCode, Reject, Reply, Request, Responder, ResponseCode, StreamedRequest, Wait,
};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

use self::code::words::words::{Shout, ShoutExceptions, ShoutRequest};
use self::code::words::{RefusedError, Word};
use super::{block_on, block_on_threads};

mod code {
    include!(concat!(env!("OUT_DIR"), "/words.rs"));
}

type Ended = Result<(), Failure<ShoutExceptions>>;

const MANY: usize = 3_000;

fn word(text: impl Into<String>) -> Word {
    Word { text: text.into() }
}

fn loud(word: &Word) -> Word {
    Word { text: word.text.to_uppercase() }
}

fn refused(why: &str) -> RefusedError {
    RefusedError { why: why.into() }
}

async fn exchange(context: Context, mut words: Incoming<Word>, mut answers: Results<Word>) -> Ended {
    for (name, value) in context.headers().iter() {
        context.set_header(name, value);
    }
    while let Some(word) = words.next().await.map_err(Failure::unexpected)? {
        if word.text == "refuse" {
            return Err(refused("as asked").into());
        }
        answers.send(&loud(&word)).await.map_err(Failure::unexpected)?;
    }
    Ok(())
}

async fn upload(_: Context, mut words: Incoming<Word>) -> Result<Word, Failure<ShoutExceptions>> {
    let mut all = String::new();
    while let Some(word) = words.next().await.map_err(Failure::unexpected)? {
        if word.text == "refuse" {
            return Err(refused("as asked").into());
        }
        all += &word.text;
    }
    Ok(word(all))
}

async fn download(_: Context, request: ShoutRequest, mut answers: Results<Word>) -> Ended {
    if request.word.text == "refuse" {
        return Err(refused("as asked").into());
    }
    for _ in 0..MANY {
        answers.send(&loud(&request.word)).await.map_err(Failure::unexpected)?;
    }
    Ok(())
}

/// A server with a service for each way to stream, and one that writes what bytes it likes.
async fn server() -> (Channel, SocketAddr) {
    let server = tchannel_rpc::tokio::channel("server").unwrap();
    server.service("exchange").unwrap().register_exchange::<Shout, _, _>(exchange);
    server.service("upload").unwrap().register_upload::<Shout, _, _>(upload);
    server.service("download").unwrap().register_download::<Shout, _, _>(download);
    server.service("bytes").unwrap().register_streamed_as("sthrift", "Words::shout", bytes);
    server.service("cut").unwrap().register_as("sthrift", "Words::shout", async |_: Request| {
        Ok(Reply::ok(&[0, 0][..], &[0, 0, 0, 9, 11][..]))
    });
    let at = server.listen("127.0.0.1:0").await.unwrap();
    (server, at)
}

/// Answers with the bytes that came, as they came.
async fn bytes(mut request: StreamedRequest, responder: Responder) -> Result<(), tchannel_rpc::Reject> {
    let arg3 = request.body().arg3().await?;
    let code = if arg3.is_empty() { ResponseCode::NOT_OK } else { ResponseCode::OK };
    let mut body = responder.respond(code)?;
    body.arg2(&[0, 0][..]).await?;
    body.write(arg3).await?;
    Ok(body.finish()?)
}

fn calls(client: &Channel, service: &str, at: SocketAddr) -> Calls {
    client.thrift(service).host(at)
}

fn asks(text: &str) -> ShoutRequest {
    ShoutRequest { word: word(text) }
}

fn client() -> Channel {
    tchannel_rpc::tokio::channel("client").unwrap()
}

#[test]
fn words_and_answers_cross_one_by_one() {
    block_on(async {
        let ((_server, at), client) = (server().await, client());
        let calls = calls(&client, "exchange", at).header("say", "hello");
        let (mut words, call) = calls.exchange::<Shout>();
        words.send(&word("first")).await.unwrap();
        let mut answer = call.await.unwrap();
        assert_eq!(answer.headers.get("say"), Some("hello"));
        assert_eq!(answer.results.next().await.unwrap(), Some(word("FIRST")));
        for number in 0..100 {
            words.send(&word(format!("word {number}"))).await.unwrap();
            assert_eq!(answer.results.next().await.unwrap(), Some(word(format!("WORD {number}"))));
        }
        words.finish().await.unwrap();
        assert_eq!(answer.results.next().await.unwrap(), None);
        assert_eq!(answer.results.next().await.unwrap(), None, "the end stays the end");
    });
}

#[test]
fn both_directions_run_at_once_however_large_the_words_are() {
    block_on_threads(async {
        let ((_server, at), client) = (server().await, client());
        let large = word("x".repeat(300_000));
        let (mut words, call) = calls(&client, "exchange", at).exchange::<Shout>();
        let sent = large.clone();
        let sending = tokio::spawn(async move {
            for _ in 0..40 {
                words.send(&sent).await.unwrap();
            }
            words.finish().await.unwrap();
        });
        let mut answer = call.await.unwrap();
        for _ in 0..40 {
            assert!(answer.results.next().await.unwrap() == Some(loud(&large)));
        }
        assert_eq!(answer.results.next().await.unwrap(), None);
        sending.await.unwrap();
    });
}

#[test]
fn empty_streams_are_streams() {
    block_on(async {
        let ((_server, at), client) = (server().await, client());
        let (words, call) = calls(&client, "exchange", at).exchange::<Shout>();
        words.finish().await.unwrap();
        let mut answer = call.await.unwrap();
        assert_eq!(answer.results.next().await.unwrap(), None);
        let (words, call) = calls(&client, "upload", at).upload::<Shout>();
        words.finish().await.unwrap();
        assert_eq!(call.await.unwrap(), word(""));
    });
}

#[test]
fn an_exception_before_the_first_result_is_one() {
    block_on(async {
        let ((_server, at), client) = (server().await, client());
        let (mut words, call) = calls(&client, "exchange", at).exchange::<Shout>();
        words.send(&word("refuse")).await.unwrap();
        let Err(CallError::Exception(ShoutExceptions::Refused(error))) = call.await else {
            panic!("no exception")
        };
        assert_eq!(error, refused("as asked"));
        let call = calls(&client, "download", at).download::<Shout>(&asks("refuse"));
        let Err(CallError::Exception(ShoutExceptions::Refused(error))) = call.await else {
            panic!("no exception")
        };
        assert_eq!(error, refused("as asked"));
        let (mut words, call) = calls(&client, "upload", at).upload::<Shout>();
        words.send(&word("refuse")).await.unwrap();
        let Err(CallError::Exception(ShoutExceptions::Refused(error))) = call.await else {
            panic!("no exception")
        };
        assert_eq!(error, refused("as asked"));
    });
}

#[test]
fn an_exception_after_the_first_result_is_unexpected() {
    block_on(async {
        let ((_server, at), client) = (server().await, client());
        let (mut words, call) = calls(&client, "exchange", at).exchange::<Shout>();
        words.send(&word("fine")).await.unwrap();
        let mut answer = call.await.unwrap();
        assert_eq!(answer.results.next().await.unwrap(), Some(word("FINE")));
        words.send(&word("refuse")).await.unwrap();
        let Err(StreamError::Body(BodyError::Call(error))) = answer.results.next().await else {
            panic!("no failure")
        };
        assert_eq!(error.code(), ErrorCode::Unexpected);
    });
}

#[test]
fn one_request_has_many_results_and_many_have_one() {
    block_on(async {
        let ((_server, at), client) = (server().await, client());
        let mut answer = calls(&client, "download", at).download::<Shout>(&asks("again")).await.unwrap();
        for _ in 0..MANY {
            assert_eq!(answer.results.next().await.unwrap(), Some(word("AGAIN")));
        }
        assert_eq!(answer.results.next().await.unwrap(), None);

        let (mut words, call) = calls(&client, "upload", at).upload::<Shout>();
        for _ in 0..MANY {
            words.send(&word("ab")).await.unwrap();
        }
        words.finish().await.unwrap();
        assert_eq!(call.await.unwrap().text, "ab".repeat(MANY));
    });
}

#[test]
fn threads_without_a_runtime_stream_too_on_every_runtime_that_needs_none() {
    let channels: [fn(&str) -> Channel; 3] = [
        |name| tchannel_rpc::blocking::channel(name).unwrap(),
        |name| tchannel_rpc::smol::channel(name).unwrap(),
        |name| tchannel_rpc::async_std::channel(name).unwrap(),
    ];
    for channel in channels {
        let server = channel("server");
        server.service("exchange").unwrap().register_exchange::<Shout, _, _>(exchange);
        let at = server.listen("127.0.0.1:0").wait().unwrap();
        let client = channel("client");
        let (mut words, call) = calls(&client, "exchange", at).exchange::<Shout>();
        words.send(&word("one")).wait().unwrap();
        words.finish().wait().unwrap();
        let mut answer = call.wait().unwrap();
        assert_eq!(answer.results.next().wait().unwrap(), Some(word("ONE")));
        assert_eq!(answer.results.next().wait().unwrap(), None);
    }
}

#[test]
fn a_handler_that_panics_amid_its_results_fails_its_call_alone() {
    block_on(async {
        let ((server, at), client) = (server().await, client());
        let service = server.service("panics").unwrap();
        service.register_exchange::<Shout, _, _>(async |_, mut words: Incoming<Word>, mut answers| {
            while let Some(word) = words.next().await.map_err(Failure::unexpected)? {
                assert_ne!(word.text, "panic");
                answers.send(&word).await.map_err(Failure::unexpected)?;
            }
            Ok(())
        });
        let [(mut words, call), (mut others, other)] =
            [(); 2].map(|()| calls(&client, "panics", at).exchange::<Shout>());
        for words in [&mut words, &mut others] {
            words.send(&word("fine")).await.unwrap();
        }
        let (mut answer, mut other) = (call.await.unwrap(), other.await.unwrap());
        assert_eq!(answer.results.next().await.unwrap(), Some(word("fine")));
        words.send(&word("panic")).await.unwrap();
        let Err(StreamError::Body(BodyError::Call(error))) = answer.results.next().await else {
            panic!("no failure")
        };
        assert_eq!(error.code(), ErrorCode::Unexpected);
        let error = words.send(&word("more")).await.unwrap_err();
        assert!(matches!(error, StreamError::Body(BodyError::Call(_))), "{error}");
        others.finish().await.unwrap();
        assert_eq!(other.results.next().await.unwrap(), Some(word("fine")));
        assert_eq!(other.results.next().await.unwrap(), None);
    });
}

#[test]
fn an_error_amid_a_chunk_is_the_error_and_not_the_cut() {
    block_on(async {
        let ((server, at), client) = (server().await, client());
        let service = server.service("fails").unwrap();
        service.register_streamed_as(
            "sthrift",
            "Words::shout",
            async |mut request: StreamedRequest, responder: Responder| {
                let mut body = responder.ok()?;
                body.arg2(&[0, 0][..]).await?;
                body.write(&[0, 0, 0][..]).await?;
                request.body().chunk().await?;
                Err(Reject::new(ErrorCode::Declined, "no more"))
            },
        );
        let (mut words, call) = calls(&client, "fails", at).exchange::<Shout>();
        let mut answer = call.await.unwrap();
        words.send(&word("go on")).await.unwrap();
        let Err(StreamError::Body(BodyError::Call(error))) = answer.results.next().await else {
            panic!("no failure")
        };
        assert_eq!(error.code(), ErrorCode::Declined);
    });
}

/// Says when it is dropped.
struct Held(UnboundedSender<()>);

impl Drop for Held {
    fn drop(&mut self) {
        let _ = self.0.send(());
    }
}

#[test]
fn results_that_nobody_reads_end_their_handler() {
    block_on(async {
        let ((server, at), client) = (server().await, client());
        let (tell, mut hears) = unbounded_channel();
        let service = server.service("waits").unwrap();
        service.register_exchange::<Shout, _, _>(move |_, words: Incoming<Word>, mut answers| {
            let held = Held(tell.clone());
            async move {
                let _held = (words, held);
                answers.send(&word("begun")).await.map_err(Failure::unexpected)?;
                std::future::pending().await
            }
        });
        let (mut words, call) = calls(&client, "waits", at).exchange::<Shout>();
        drop(call.await.unwrap());
        hears.recv().await.unwrap();
        words.send(&word("more")).await.unwrap_err();
    });
}

#[test]
fn requests_that_are_no_streams_are_bad_requests() {
    block_on(async {
        let ((_server, at), client) = (server().await, client());
        // An end within a chunk, a chunk that is no word, and one that is too long.
        for arg3 in [&b"\0\0\0\x09\x0b"[..], b"\0\0\0\x01\x0b", b"\x01\0\0\x01"] {
            for service in ["exchange", "upload"] {
                let call = client.call(service, "Words::shout").host(at).scheme("sthrift");
                let error = call.arg2(&[0, 0][..]).arg3(arg3).send().await.unwrap_err();
                assert_eq!(error.code(), ErrorCode::BadRequest, "{service} {arg3:?}");
            }
        }
        let plain = client.call("exchange", "Words::shout").host(at).scheme("thrift").send().await;
        assert_eq!(plain.unwrap_err().code(), ErrorCode::BadRequest, "it is no thrift method");
    });
}

#[test]
fn answers_that_are_no_streams_are_errors() {
    block_on(async {
        let ((_server, at), client) = (server().await, client());
        // The beginning of a struct is a long length.
        let call = calls(&client, "bytes", at).download::<Shout>(&asks("a"));
        let error = call.await.unwrap().results.next().await.unwrap_err();
        assert!(matches!(error, StreamError::Chunk(ChunkError::TooLong { .. })), "{error}");
        let call = calls(&client, "cut", at).download::<Shout>(&asks("a"));
        let error = call.await.unwrap().results.next().await.unwrap_err();
        assert!(matches!(error, StreamError::Chunk(ChunkError::Truncated { got: 5 })), "{error}");

        let (words, call) = calls(&client, "bytes", at).exchange::<Shout>();
        words.finish().await.unwrap();
        // Not ok, and no struct.
        let Err(CallError::Failed(error)) = call.await else { panic!("an answer") };
        assert_eq!(error.code(), ErrorCode::BadRequest);

        let (mut words, call) = calls(&client, "bytes", at).upload::<Shout>();
        words.send(&word("a")).await.unwrap();
        words.finish().await.unwrap();
        let Err(CallError::Failed(_) | CallError::Thrift(Error::ValueExpected { .. })) = call.await else {
            panic!("a value")
        };
    });
}

#[test]
fn the_struct_of_an_answer_that_is_no_stream_counts_and_not_its_code() {
    block_on(async {
        let ((server, at), client) = (server().await, client());
        let service = server.service("not-ok").unwrap();
        service.register_as("sthrift", "Words::shout", async |_: Request| {
            Ok(Reply::not_ok(&[0, 0][..], encode_reply::<Shout>(&Ok(word("fine")))?))
        });
        let (words, call) = calls(&client, "not-ok", at).upload::<Shout>();
        words.finish().await.unwrap();
        assert_eq!(call.await.unwrap(), word("fine"));
        let call = calls(&client, "not-ok", at).download::<Shout>(&asks("a"));
        let Err(CallError::Thrift(Error::ValueExpected { .. })) = call.await else { panic!("no stream") };
    });
}

#[test]
fn a_caller_is_not_blamed_for_a_stream_of_somebody_else() {
    block_on(async {
        let ((server, at), client) = (server().await, client());
        let elsewhere = calls(&client, "cut", at);
        let read = async move || {
            let mut answer = elsewhere.download::<Shout>(&asks("a")).await.map_err(Failure::unexpected)?;
            answer.results.next().await.map_err(Failure::unexpected)?;
            Ok::<(), Failure<ShoutExceptions>>(())
        };
        let service = server.service("reads-on").unwrap();
        service.register_exchange::<Shout, _, _>(move |_, _, _| {
            let read = read.clone();
            async move { read().await }
        });
        let (_words, call) = calls(&client, "reads-on", at).exchange::<Shout>();
        let Err(CallError::Failed(error)) = call.await else { panic!("an answer") };
        assert_eq!(error.code(), ErrorCode::Unexpected);
    });
}

#[test]
fn a_word_that_is_too_long_is_not_sent_and_ends_nothing() {
    block_on(async {
        let ((_server, at), client) = (server().await, client());
        let (mut words, call) = calls(&client, "upload", at).upload::<Shout>();
        let error = words.send(&word("x".repeat(17 << 20))).await.unwrap_err();
        assert!(matches!(error, StreamError::Chunk(ChunkError::TooLong { .. })), "{error}");
        words.send(&word("short")).await.unwrap();
        words.finish().await.unwrap();
        assert_eq!(call.await.unwrap(), word("short"));
    });
}

#[test]
fn arguments_without_an_end_cancel_the_call() {
    block_on(async {
        let ((_server, at), client) = (server().await, client());
        let (mut words, call) = calls(&client, "upload", at).upload::<Shout>();
        words.send(&word("a")).await.unwrap();
        drop(words);
        let Err(CallError::Failed(error)) = call.await else { panic!("an answer") };
        assert_eq!(error.code(), ErrorCode::Cancelled);
    });
}

#[test]
fn headers_that_cannot_be_written_are_an_error_of_both_halves() {
    block_on(async {
        let ((_server, at), client) = (server().await, client());
        let calls = calls(&client, "upload", at).header("name", "x".repeat(70_000));
        let (mut words, call) = calls.upload::<Shout>();
        assert!(matches!(words.send(&word("a")).await, Err(StreamError::Headers(_))));
        assert!(matches!(call.await, Err(CallError::Headers(_))));
    });
}
