//! Requests and responses of HTTP, over sockets.

use std::net::{SocketAddr, TcpListener};
use std::thread;
use std::time::Duration;

use tchannel_rpc::http::{Asked, CallError, Error, Headers, LengthOrder, Request, Responder, Response};
use tchannel_rpc::testing::pattern;
use tchannel_rpc::{Args, BodyError, Channel, ErrorCode, Reject, Reply, Wait};

use super::block_on;
use super::raw::Raw;

fn request(url: &str) -> Request {
    let headers = [("Set-Cookie", "a=1"), ("set-cookie", "b=2"), ("X", "")].into_iter().collect();
    Request { method: "POST".into(), url: url.into(), headers }
}

fn ok(message: impl Into<String>, headers: Headers) -> Response {
    Response { status: 200, message: message.into(), headers }
}

/// Answers with the URL as reason, and the headers and the body that came.
async fn mirror(mut asked: Asked, answer: Responder) -> Result<(), Reject> {
    let Request { method, url, headers } = asked.head;
    if method == "PUT" {
        let body = asked.body.arg3().await?;
        return Ok(answer.reply(&ok(url, headers), body)?);
    }
    let mut body = answer.respond(&ok(url, headers)).await?;
    while let Some(piece) = asked.body.chunk().await? {
        body.write(piece).await?;
    }
    Ok(body.finish()?)
}

async fn status(asked: Asked, answer: Responder) -> Result<(), Reject> {
    let status = asked.head.url.parse().unwrap_or_default();
    Ok(answer.reply(&Response { status, ..Response::default() }, asked.request().caller().to_owned())?)
}

async fn server() -> (Channel, SocketAddr) {
    let server = tchannel_rpc::tokio::channel("server").unwrap();
    server.service("mirror").unwrap().serve_http(mirror);
    server.service("status").unwrap().serve_http(status);
    let at = server.listen("127.0.0.1:0").await.unwrap();
    (server, at)
}

#[test]
fn heads_and_bodies_cross_both_ways() {
    block_on(async {
        let ((_server, at), client) = (server().await, tchannel_rpc::tokio::channel("client").unwrap());
        let calls = client.http("mirror").host(at);
        for (method, size) in
            [("POST", 0), ("POST", 5), ("PUT", 0), ("PUT", 5), ("POST", 500_000), ("PUT", 500_000)]
        {
            let request = Request { method: method.into(), ..request("/a?b=c") };
            let mut answer = calls.send(&request, pattern(size)).await.unwrap();
            assert_eq!(answer.head, ok("/a?b=c", request.headers));
            assert!(answer.body.arg3().await.unwrap() == pattern(size), "{method} {size}");
        }
    });
}

#[test]
fn bodies_cross_bit_by_bit() {
    block_on(async {
        let ((_server, at), client) = (server().await, tchannel_rpc::tokio::channel("client").unwrap());
        let (mut body, call) = client.http("mirror").host(at).open(&request("/")).await.unwrap();
        let mut answer = call.await.unwrap();
        for number in 0..50 {
            let piece = format!("piece {number}");
            body.write(piece.clone()).await.unwrap();
            assert_eq!(answer.body.chunk().await.unwrap().unwrap(), piece);
        }
        body.finish().unwrap();
        assert_eq!(answer.body.chunk().await.unwrap(), None);
    });
}

#[test]
fn long_urls_and_reasons_cross() {
    block_on(async {
        let ((_server, at), client) = (server().await, tchannel_rpc::tokio::channel("client").unwrap());
        for url in [127, 128, 300, 20_000].map(|len| "u".repeat(len)) {
            let mut answer = client.http("mirror").host(at).send(&request(&url), "x").await.unwrap();
            assert_eq!((answer.head.message, &answer.body.arg3().await.unwrap()[..]), (url, &b"x"[..]));
        }
    });
}

#[test]
fn a_length_is_written_as_the_peers_language_has_it() {
    for (language, order, length) in [
        ("go", LengthOrder::LeastSignificantFirst, [0xAC, 0x02]),
        ("node", LengthOrder::MostSignificantFirst, [0x82, 0x2C]),
    ] {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let at = listener.local_addr().unwrap();
        let client = tchannel_rpc::blocking::channel("client").unwrap();
        // It is asked before anything is known of the peer.
        let asking = thread::spawn(move || {
            let url = "u".repeat(300);
            let mut answer = client.http("web").host(at).send(&request(&url), "body").wait().unwrap();
            (answer.head.message, answer.body.arg3().wait().unwrap())
        });
        let mut peer = Raw::accepts_as(&listener, language);
        let (call, args) = peer.is_asked();
        assert_eq!(args.arg2[5..7], length, "{language}");
        assert_eq!(args.body(), "body");
        let reason = "r".repeat(300);
        let head = ok(reason.clone(), Headers::new()).encode(order).unwrap();
        peer.answers_with(call, Args::new(head, "answer"));
        assert_eq!(asking.join().unwrap(), (reason, "answer".into()));
    }
}

#[test]
fn who_waits_to_know_a_peer_learns_that_there_is_none() {
    block_on(async {
        let client = tchannel_rpc::tokio::channel("client").unwrap();
        let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let error = client.http("mirror").host(nobody).open(&request(&"u".repeat(200))).await.unwrap_err();
        let CallError::Failed(error) = error else { panic!("{error}") };
        assert_eq!(error.code(), ErrorCode::Network);
    });
}

#[test]
fn every_status_is_an_answer_and_none_outside_of_http_is() {
    block_on(async {
        let ((_server, at), client) = (server().await, tchannel_rpc::tokio::channel("client").unwrap());
        let calls = client.http("status").host(at);
        for status in [100, 404, 500, 999] {
            let mut answer = calls.send(&request(&status.to_string()), "").await.unwrap();
            assert_eq!((answer.head.status, answer.head.message.as_str()), (status, ""));
            assert_eq!(answer.body.arg3().await.unwrap(), "client");
        }
        let CallError::Failed(error) = calls.send(&request("99"), "").await.unwrap_err() else { panic!() };
        assert_eq!(error.code(), ErrorCode::Unexpected, "the handler cannot write that");
    });
}

#[test]
fn heads_that_cannot_be_read_or_written_are_errors() {
    block_on(async {
        let ((_server, at), client) = (server().await, tchannel_rpc::tokio::channel("client").unwrap());
        let call = client.call("mirror", "any").host(at).scheme("http").arg2("no head");
        assert_eq!(call.send().await.unwrap_err().code(), ErrorCode::BadRequest);

        let method = Request { method: "M".repeat(256), ..request("/") };
        let error = client.http("mirror").host(at).send(&method, "").await.unwrap_err();
        assert!(matches!(error, CallError::Head(Error::TooLong { .. })), "{error}");

        client
            .service("client")
            .unwrap()
            .register_http(|_: tchannel_rpc::Request| async { Ok(Reply::ok("no head", "")) });
        let at = client.listen("127.0.0.1:0").await.unwrap();
        let error = client.http("client").host(at).send(&request("/"), "").await.unwrap_err();
        let CallError::Failed(error) = error else { panic!("{error}") };
        assert_eq!(error.code(), ErrorCode::BadRequest);
    });
}

#[test]
fn requests_that_wait_to_know_their_peer_all_learn_it() {
    block_on(async {
        let ((_server, at), client) = (server().await, tchannel_rpc::tokio::channel("client").unwrap());
        let asking = (0..50).map(|number| {
            let calls = client.http("mirror").host(at);
            tokio::spawn(async move {
                let url = "u".repeat(200 + number);
                let mut answer = calls.send(&request(&url), "body").await.unwrap();
                assert_eq!((answer.head.message, answer.body.arg3().await.unwrap()), (url, "body".into()));
            })
        });
        for asked in asking.collect::<Vec<_>>() {
            asked.await.unwrap();
        }
    });
}

#[test]
fn who_waits_to_know_a_peer_waits_until_the_deadline() {
    block_on(async {
        let client = tchannel_rpc::tokio::channel("client").unwrap();
        let mute = TcpListener::bind("127.0.0.1:0").unwrap();
        let calls = client.http("mirror").host(mute.local_addr().unwrap()).timeout(Duration::from_millis(20));
        let CallError::Failed(error) = calls.open(&request(&"u".repeat(200))).await.unwrap_err() else {
            panic!("nothing was wrong with the request")
        };
        assert_eq!(error.code(), ErrorCode::Timeout);
    });
}

#[test]
fn a_body_without_an_end_is_no_whole_response() {
    block_on(async {
        let ((server, at), client) = (server().await, tchannel_rpc::tokio::channel("client").unwrap());
        server.service("stops").unwrap().serve_http(async |mut asked: Asked, answer: Responder| {
            let mut body = answer.respond(&ok("", Headers::new())).await?;
            body.write("begun").await?;
            asked.body.chunk().await?;
            Ok(())
        });
        let (mut body, call) = client.http("stops").host(at).open(&request("/")).await.unwrap();
        let mut answer = call.await.unwrap();
        assert_eq!(answer.body.chunk().await.unwrap().unwrap(), "begun");
        body.write("go on").await.unwrap();
        let BodyError::Call(error) = answer.body.chunk().await.unwrap_err() else { panic!("no failure") };
        assert_eq!(error.code(), ErrorCode::Unexpected);
    });
}

#[test]
fn threads_without_a_runtime_send_requests_too_on_every_runtime_that_needs_none() {
    let channels: [fn(&str) -> Channel; 3] = [
        |name| tchannel_rpc::blocking::channel(name).unwrap(),
        |name| tchannel_rpc::smol::channel(name).unwrap(),
        |name| tchannel_rpc::async_std::channel(name).unwrap(),
    ];
    for channel in channels {
        let (server, client) = (channel("server"), channel("client"));
        server.service("mirror").unwrap().serve_http(mirror);
        let at = server.listen("127.0.0.1:0").wait().unwrap();
        let request = request(&"u".repeat(500));
        let mut answer = client.http("mirror").host(at).send(&request, "body").wait().unwrap();
        assert_eq!(answer.body.arg3().wait().unwrap(), "body");
    }
}
