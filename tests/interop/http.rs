//! HTTP requests, of ours to tchannel-node and of its to ours.

use serde_json::{Value, json};
use tchannel_rpc::http::{Asked, Headers, Request, Responder, Response};
use tchannel_rpc::{Channel, Reject};
use tchannel_tests::peers::{Peer, Server, run_http};

use super::check::done;

/// The lengths of these are written in one byte, in two, and in three.
fn urls() -> [String; 4] {
    ["/a?b=c".into(), "u".repeat(128), "u".repeat(300), "u".repeat(20_000)]
}

fn channel(name: &str) -> Channel {
    tchannel_rpc::tokio::channel(name).expect("within a runtime")
}

fn block_on<T>(test: impl Future<Output = T>) -> T {
    tokio::runtime::Runtime::new().expect("threads can be started").block_on(test)
}

#[test]
fn our_requests_are_answered_by_node() {
    let server = done(Server::start(Peer::Node, &[]));
    block_on(async {
        let client = channel("client");
        let calls = client.http("web").host(server.address());
        let headers: Headers =
            [("x-one", "1"), ("set-cookie", "a=1"), ("set-cookie", "b=2")].into_iter().collect();
        for url in urls() {
            for body in ["", "hello"] {
                let request = Request { method: "POST".into(), url: url.clone(), headers: headers.clone() };
                let mut answer = calls.send(&request, body).await.unwrap();
                let head = Response { status: 203, message: url.clone(), headers: headers.clone() };
                assert_eq!(answer.head, head);
                assert_eq!(answer.body.arg3().await.unwrap(), body);
            }
        }
    });
}

#[test]
fn bodies_cross_to_node_and_back_bit_by_bit() {
    let server = done(Server::start(Peer::Node, &[]));
    block_on(async {
        let client = channel("client");
        let request = Request { method: "PUT".into(), url: "u".repeat(300), headers: Headers::new() };
        let (mut body, call) = client.http("web").host(server.address()).open(&request).await.unwrap();
        body.write("first, ").await.unwrap();
        let mut answer = call.await.unwrap();
        assert_eq!((answer.head.status, &answer.head.message), (203, &request.url));
        assert_eq!(answer.body.chunk().await.unwrap().unwrap(), "first, ");
        body.write("second").await.unwrap();
        body.finish().unwrap();
        assert_eq!(answer.body.arg3().await.unwrap(), "second");
    });
}

async fn mirror(mut asked: Asked, answer: Responder) -> Result<(), Reject> {
    let Request { method, url, headers } = asked.head;
    let head = Response { status: 203, message: url, headers };
    if method == "GET" {
        let body = asked.body.arg3().await?;
        return Ok(answer.reply(&head, body)?);
    }
    let mut body = answer.respond(&head).await?;
    while let Some(piece) = asked.body.chunk().await? {
        body.write(piece).await?;
    }
    Ok(body.finish()?)
}

#[test]
fn requests_of_node_are_answered_by_us() {
    let (asked, answered) = block_on(async {
        let server = channel("web");
        server.service("web").unwrap().serve_http(mirror);
        let at = server.listen("127.0.0.1:0").await.unwrap();
        let mut asked = Vec::new();
        for url in urls() {
            for (method, body, streamed) in
                [("GET", "", false), ("GET", "hello", false), ("PUT", "hello", false), ("PUT", "hello", true)]
            {
                let headers = json!({ "x-one": "1", "set-cookie": ["a=1", "b=2"] });
                let mut asks = json!({ "method": method, "url": url, "headers": headers, "body": body });
                asks["streamed"] = streamed.into();
                asked.push(asks);
            }
        }
        let requests = Value::from(asked.clone());
        let answered = tokio::task::spawn_blocking(move || done(run_http(at, &requests))).await.unwrap();
        (asked, answered)
    });
    assert_eq!(answered.len(), asked.len());
    let headers = json!([["x-one", "1"], ["set-cookie", "a=1"], ["set-cookie", "b=2"]]);
    for (asked, answered) in asked.iter().zip(answered) {
        let (url, body) = (&asked["url"], &asked["body"]);
        let expected = json!({ "status": 203, "message": url, "headers": headers, "body": body });
        assert_eq!(answered, expected, "{asked}");
    }
}
