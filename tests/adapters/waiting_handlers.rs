//! Handlers that wait on the thread that reads their connection: blocking channels run quick ones there.

use std::net::SocketAddr;
use std::sync::mpsc;

use tchannel_proto::Event;
use tchannel_rpc::blocking;
use tchannel_rpc::{Channel, ErrorCode, Reject, Reply, Request, Wait};

use super::HANG;
use super::raw::Raw;

/// A server that takes its handlers for quick: `back` calls its caller and waits, `at-once` does not.
fn server() -> (Channel, SocketAddr) {
    let server = blocking::builder("server").trust_handlers().build().unwrap();
    let service = server.service("server").unwrap();
    service.register("back", |request: Request| async move {
        let back = request.connection().call(request.caller(), "wanted").timeout(HANG);
        let answer =
            back.send().wait().map_err(|error| Reject::new(ErrorCode::Unexpected, error.to_string()))?;
        Ok(Reply::ok("", answer.body()))
    });
    service.register("at-once", |request: Request| async move { Ok(Reply::ok("", request.body())) });
    let at = server.listen("127.0.0.1:0").wait().unwrap();
    (server, at)
}

#[test]
fn a_handler_may_wait_for_a_call_of_the_connection_that_its_thread_reads() {
    let (server, at) = server();
    let client = blocking::channel("client").unwrap();
    client.service("client").unwrap().register("wanted", |_: Request| async { Ok(Reply::ok("", "here")) });
    for _ in 0..3 {
        let call = client.call("server", "back").host(at).timeout(HANG / 2);
        assert_eq!(call.send().wait().unwrap().body(), "here");
        let call = client.call("server", "at-once").host(at).timeout(HANG / 2).arg3("still");
        assert_eq!(call.send().wait().unwrap().body(), "still", "somebody reads on");
    }
    server.close().wait();
    client.close().wait();
}

#[test]
fn what_came_with_the_request_of_a_handler_that_waits_is_served() {
    let (_server, at) = server();
    let mut caller = Raw::dials(at);
    caller.asks_at_once("server", &[("at-once", "first"), ("back", ""), ("at-once", "second")]);
    let (mut answers, mut asked) = (Vec::new(), None);
    while answers.len() < 3 {
        let heard = caller.hears().unwrap();
        if let Event::Request { call, .. } = heard {
            asked = Some(call);
        } else if let Event::Response { args: Some(args), .. } = heard {
            answers.push(args.arg3.concat());
        } else {
            panic!("no call and no answer but {heard:?}");
        }
        // Its handler waits until both others are answered.
        if answers.len() == 2
            && let Some(call) = asked.take()
        {
            caller.answers(call, "last");
        }
    }
    assert_eq!(answers[2], b"last");
    answers.sort();
    assert_eq!(answers, [&b"first"[..], b"last", b"second"]);
}

#[test]
fn a_connection_whose_handler_waits_can_be_closed() {
    let (server, at) = server();
    let mut caller = Raw::dials(at);
    caller.asks("server", "back", "");
    let Event::Request { .. } = caller.hears().unwrap() else { panic!("the handler calls back") };
    let (tell, closed) = mpsc::channel();
    std::thread::spawn(move || {
        server.close().wait();
        tell.send(()).unwrap();
    });
    closed.recv_timeout(HANG).expect("nothing holds it up");
    while caller.hears().is_ok() {}
}
