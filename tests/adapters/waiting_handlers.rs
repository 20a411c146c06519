//! Handlers that wait on the thread that reads their connection: blocking channels run quick ones there.

use std::future::{Future, poll_fn};
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc};
use std::task::Poll;
use std::thread;
use std::time::{Duration, Instant};

use tchannel_proto::Event;
use tchannel_rpc::blocking::{self, Blocking, Socket};
use tchannel_rpc::runtime::{Accepted, Runtime};
use tchannel_rpc::{Builder, Channel, ErrorCode, Outbound, Reject, Reply, Request, Wait};

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

/// Calls the caller of a request.
fn back(request: &Request) -> Outbound {
    request.connection().call(request.caller(), "wanted").timeout(HANG)
}

/// A client that says what is wanted of it.
fn client() -> Channel {
    let client = blocking::channel("client").unwrap();
    client.service("client").unwrap().register("wanted", |_: Request| async { Ok(Reply::ok("", "here")) });
    client
}

#[test]
fn several_handlers_of_one_read_may_wait_at_once() {
    let (_server, at) = server();
    let mut caller = Raw::dials(at);
    caller.asks_at_once("server", &[("back", ""); 3]);
    let (mut asked, mut answers) = (Vec::new(), 0);
    while answers < 3 {
        let heard = caller.hears().unwrap();
        if let Event::Request { call, .. } = heard {
            asked.push(call);
        } else if let Event::Response { args: Some(args), .. } = heard {
            assert_eq!(args.body(), "last asked is answered first");
            answers += 1;
        } else {
            panic!("no call and no answer but {heard:?}");
        }
        if asked.len() == 3 {
            asked.drain(..).rev().for_each(|call| caller.answers(call, "last asked is answered first"));
        }
    }
}

#[test]
fn a_handler_that_looks_without_waiting_holds_nothing_up() {
    let (server, at) = server();
    server.service("server").unwrap().register("looks", |request: Request| async move {
        let mut call = back(&request).send();
        loop {
            if let Some(answer) = call.wait_timeout(Duration::ZERO) {
                return Ok(Reply::ok("", answer?.body()));
            }
            thread::yield_now();
        }
    });
    let client = client();
    let call = client.call("server", "looks").host(at).timeout(HANG / 2);
    assert_eq!(call.send().wait().unwrap().body(), "here");
}

#[test]
fn a_handler_may_wait_for_another_connection_that_it_reads_itself() {
    let ((server, at), (elsewhere, there)) = (server(), server());
    let through = server.clone();
    server.service("server").unwrap().register("relays", move |request: Request| {
        let next = through.call("server", "at-once").host(there).arg3(request.body());
        async move { Ok(Reply::ok("", next.send().wait()?.body())) }
    });
    let client = client();
    for number in 0..50 {
        let body = number.to_string();
        let call = client.call("server", "relays").host(at).arg3(body.clone()).timeout(HANG / 2);
        assert_eq!(call.send().wait().unwrap().body(), body);
    }
    elsewhere.close().wait();
    let call = client.call("server", "relays").host(at).arg3("nobody").timeout(HANG / 2);
    assert_eq!(call.send().wait().unwrap_err().code(), ErrorCode::Unexpected);
}

#[test]
fn a_handler_may_close_its_channel_and_wait_for_that() {
    let (server, at) = server();
    let (tell, closed) = mpsc::channel();
    let channel = server.clone();
    server.service("server").unwrap().register("close", move |_: Request| {
        channel.close().wait();
        tell.send(()).unwrap();
        async { Ok(Reply::ok("", "")) }
    });
    let client = client();
    let call = client.call("server", "close").host(at).timeout(HANG / 2).send();
    closed.recv_timeout(HANG / 2).expect("it does not wait for itself");
    assert_ne!(call.wait().unwrap_err().code(), ErrorCode::Timeout);
}

#[test]
fn a_drain_waits_for_a_handler_that_waits() {
    let (server, at) = server();
    let mut caller = Raw::dials(at);
    caller.asks("server", "back", "");
    let Event::Request { call, .. } = caller.hears().unwrap() else { panic!("the handler calls back") };
    let (tell, drained) = mpsc::channel();
    thread::spawn(move || tell.send(server.drain(HANG).wait()).unwrap());
    caller.answers(call, "in time");
    let answered = loop {
        if let Event::Response { args: Some(args), .. } = caller.hears().unwrap() {
            break args.body();
        }
    };
    assert_eq!(answered, "in time");
    while caller.hears().is_ok() {}
    drained.recv_timeout(HANG / 2).expect("it ends with the last answer");
}

#[test]
fn a_handler_that_panics_after_it_waited_hurts_nobody_else() {
    let (server, at) = server();
    server.service("server").unwrap().register("panics", |request: Request| async move {
        back(&request).send().wait()?;
        panic!("as it has to")
    });
    let client = client();
    for _ in 0..3 {
        let call = client.call("server", "panics").host(at).timeout(HANG / 2);
        assert_eq!(call.send().wait().unwrap_err().code(), ErrorCode::Unexpected);
        let call = client.call("server", "at-once").host(at).timeout(HANG / 2).arg3("still");
        assert_eq!(call.send().wait().unwrap().body(), "still");
    }
}

#[test]
fn a_handler_may_wait_within_a_wait_and_again() {
    let (server, at) = server();
    server.service("server").unwrap().register("nested", |request: Request| async move {
        let outer = poll_fn(|_| Poll::Ready(back(&request).send().wait()));
        let first = outer.wait()?.body();
        let second = back(&request).send().wait()?.body();
        Ok(Reply::ok(first, second))
    });
    let client = client();
    for _ in 0..3 {
        let call = client.call("server", "nested").host(at).timeout(HANG / 2);
        let answer = call.send().wait().unwrap();
        assert_eq!((&answer.arg2()[..], &answer.body()[..]), (&b"here"[..], &b"here"[..]));
    }
}

/// Threads that are refused at times.
#[derive(Clone, Default)]
struct Scarce {
    threads: Blocking,
    refused: Arc<AtomicBool>,
}

impl Runtime for Scarce {
    type Stream = Socket;
    type Listener = TcpListener;

    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        if !self.refused.load(Ordering::SeqCst) {
            self.threads.spawn(task);
        }
    }

    async fn sleep_until(&self, at: Instant) {
        self.threads.sleep_until(at).await;
    }

    async fn resolve(&self, host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
        self.threads.resolve(host, port).await
    }

    async fn connect(&self, to: SocketAddr, host: &str) -> io::Result<Socket> {
        self.threads.connect(to, host).await
    }

    async fn listen(&self, at: SocketAddr) -> io::Result<(TcpListener, SocketAddr)> {
        self.threads.listen(at).await
    }

    async fn accept(listener: &mut TcpListener) -> io::Result<Accepted<Socket>> {
        Blocking::accept(listener).await
    }

    fn unblock(&self, listening: SocketAddr) {
        self.threads.unblock(listening);
    }
}

#[test]
fn a_handler_that_waits_where_no_thread_can_read_on_loses_its_connection() {
    let scarce = Scarce::default();
    let server = Builder::new(scarce.clone(), "server").trust_handlers().build().unwrap();
    let (tell, failed) = mpsc::channel();
    let refused = scarce.refused.clone();
    server.service("server").unwrap().register("back", move |request: Request| {
        refused.store(true, Ordering::SeqCst);
        let answer = back(&request).send().wait();
        refused.store(false, Ordering::SeqCst);
        tell.send(answer.unwrap_err().code()).unwrap();
        async { Ok(Reply::ok("", "")) }
    });
    let at = server.listen("127.0.0.1:0").wait().unwrap();
    let client = client();
    let call = client.call("server", "back").host(at).timeout(HANG / 2);
    assert_eq!(call.clone().send().wait().unwrap_err().code(), ErrorCode::Network);
    assert_eq!(failed.recv_timeout(HANG / 2).unwrap(), ErrorCode::Network);
    assert_eq!(call.send().wait().unwrap_err().code(), ErrorCode::Network, "others can still connect");
}
