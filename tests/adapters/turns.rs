//! Blocking callers that read their answers themselves.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex, mpsc};
use std::thread::{self, ThreadId};
use std::time::{Duration, Instant};

use tchannel_rpc::blocking::{self, Blocking, Socket};
use tchannel_rpc::idl::Idl;
use tchannel_rpc::runtime::{Accepted, Input, Io, ReadInTurns, Runtime, Transmit};
use tchannel_rpc::testing::echo;
use tchannel_rpc::thrift::Caller;
use tchannel_rpc::thrift::meta::{Health, HealthArgs};
use tchannel_rpc::{Builder, Channel, ErrorCode, Notice, Reply, Request, Verdict, Wait};

use super::HANG;

/// Threads, and who of them read from sockets that were dialled.
#[derive(Clone, Default)]
struct Watched {
    threads: Blocking,
    readers: Arc<Mutex<Vec<ThreadId>>>,
    /// Tasks and time are somebody else's.
    elsewhere: bool,
}

struct WatchedSocket(Socket, Watched);

struct WatchedReader(Box<dyn ReadInTurns>, Watched);

impl Runtime for Watched {
    type Stream = WatchedSocket;
    type Listener = TcpListener;

    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        if self.elsewhere {
            thread::spawn(|| smol::block_on(task));
        } else {
            self.threads.spawn(task);
        }
    }

    async fn sleep_until(&self, at: Instant) {
        if self.elsewhere {
            smol::Timer::at(at).await;
        } else {
            self.threads.sleep_until(at).await;
        }
    }

    async fn resolve(&self, host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
        self.threads.resolve(host, port).await
    }

    async fn connect(&self, to: SocketAddr, host: &str) -> io::Result<WatchedSocket> {
        Ok(WatchedSocket(self.threads.connect(to, host).await?, self.clone()))
    }

    async fn listen(&self, at: SocketAddr) -> io::Result<(TcpListener, SocketAddr)> {
        self.threads.listen(at).await
    }

    async fn accept(_: &mut TcpListener) -> io::Result<Accepted<WatchedSocket>> {
        unreachable!("clients do not listen")
    }
}

impl Io for WatchedSocket {
    type Reader = (<Socket as Io>::Reader, Watched);
    type Writer = <Socket as Io>::Writer;

    fn split(self) -> (Self::Reader, Self::Writer) {
        let (reader, writer) = self.0.split();
        ((reader, self.1), writer)
    }

    async fn read((reader, _): &mut Self::Reader, into: &mut Input) -> io::Result<usize> {
        Socket::read(reader, into).await
    }

    fn in_turns((reader, watched): Self::Reader) -> Result<Box<dyn ReadInTurns>, Self::Reader> {
        match Socket::in_turns(reader) {
            Ok(reader) => Ok(Box::new(WatchedReader(reader, watched))),
            Err(reader) => Err((reader, watched)),
        }
    }

    async fn write(writer: &mut Self::Writer, from: &mut Transmit) -> io::Result<usize> {
        Socket::write(writer, from).await
    }

    fn try_write(writer: &mut Self::Writer, from: &mut Transmit) -> io::Result<usize> {
        Socket::try_write(writer, from)
    }

    fn shutdown(writer: Self::Writer) {
        Socket::shutdown(writer);
    }
}

impl ReadInTurns for WatchedReader {
    fn read(&mut self, into: &mut Input, limit: Duration) -> io::Result<usize> {
        let read = self.0.read(into, limit);
        if read.as_ref().is_ok_and(|count| *count > 0) {
            self.1.readers.lock().unwrap().push(thread::current().id());
        }
        read
    }
}

impl Watched {
    fn reads_of(&self, thread: ThreadId) -> usize {
        self.readers.lock().unwrap().iter().filter(|reader| **reader == thread).count()
    }
}

fn server() -> (Channel, SocketAddr) {
    let server = blocking::channel("server").unwrap();
    echo(&server, "echo", Blocking::default());
    let at = server.listen("127.0.0.1:0").wait().unwrap();
    (server, at)
}

/// Calls until this thread has read some answers itself.
fn call_until_it_reads(watched: &Watched, client: &Channel, at: SocketAddr) {
    repeat_until_it_reads(watched, || {
        let answer = client.call("echo", "echo").host(at).arg3("body").send().wait().unwrap();
        assert_eq!(answer.body(), "body");
    });
}

fn repeat_until_it_reads(watched: &Watched, call: impl Fn()) {
    let (me, began) = (thread::current().id(), Instant::now());
    let enough = watched.reads_of(me) + 10;
    while watched.reads_of(me) < enough {
        call();
        assert!(began.elapsed() < HANG, "the caller never reads");
    }
}

#[test]
fn a_caller_that_waits_alone_reads_its_answers_itself() {
    let (_server, at) = server();
    let watched = Watched::default();
    let client = Builder::new(watched.clone(), "client").build().unwrap();
    call_until_it_reads(&watched, &client, at);
    // Others on the same connection, alone and at once, and the first one again.
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for number in 0..200 {
                    let body = number.to_string();
                    let call = client.call("echo", "echo").host(at).arg3(body.clone()).send();
                    assert_eq!(call.wait().unwrap().body(), body);
                }
            });
        }
    });
    call_until_it_reads(&watched, &client, at);
}

#[test]
fn a_typed_caller_that_waits_alone_reads_its_answers_itself() {
    let (server, at) = server();
    server.service("echo").unwrap().register_json("json", async |_, body: u64| Ok(body));
    let watched = Watched::default();
    let client = Builder::new(watched.clone(), "client").build().unwrap();
    let calls = client.thrift("tchannel").host(at);
    let idl = Idl::parse("service Meta { string thriftIDL() }").unwrap();
    let dynamic = calls.clone().idl(&idl.service("Meta").unwrap()).method("thriftIDL").unwrap();
    let number = || client.json("echo", "json").host(at).body(&7).send::<u64>();
    let health = || calls.call::<Health>(HealthArgs::default());
    repeat_until_it_reads(&watched, || assert_eq!(number().wait().unwrap().body, 7));
    repeat_until_it_reads(&watched, || assert!(health().wait().unwrap().ok));
    repeat_until_it_reads(&watched, || assert!(health().send().wait().unwrap().result.unwrap().ok));
    repeat_until_it_reads(&watched, || {
        assert!(calls.clone().blocking().call::<Health>(HealthArgs::default()).unwrap().ok);
    });
    repeat_until_it_reads(&watched, || {
        let error = dynamic.request(&serde_json::json!({})).unwrap().wait().unwrap_err();
        assert_eq!(error.failed().unwrap().code(), ErrorCode::BadRequest);
    });
    let mut late = client.json("echo", "json").host(at).body(&8).send::<u64>();
    let answer = loop {
        if let Some(answer) = late.wait_timeout(Duration::from_millis(1)) {
            break answer;
        }
    };
    assert_eq!(answer.unwrap().body, 8);
}

#[test]
fn a_caller_that_reads_gives_up_in_time() {
    let (server, at) = server();
    server.service("echo").unwrap().register("never", |_: Request| std::future::pending());
    let watched = Watched::default();
    let client = Builder::new(watched.clone(), "client").build().unwrap();
    call_until_it_reads(&watched, &client, at);
    let call = client.call("echo", "never").host(at).timeout(Duration::from_millis(60));
    let error = call.clone().send().wait().unwrap_err();
    assert_eq!(error.code(), ErrorCode::Timeout);
    call_until_it_reads(&watched, &client, at);
    let mut pending = call.timeout(HANG).send();
    assert!(pending.wait_timeout(Duration::from_millis(20)).is_none());
    drop(pending);
    call_until_it_reads(&watched, &client, at);
}

#[test]
fn a_caller_that_reads_learns_of_an_end_that_others_make() {
    let (server, at) = server();
    let (tell, reached) = mpsc::channel();
    server.service("echo").unwrap().register("never", move |_: Request| {
        tell.send(()).unwrap();
        std::future::pending()
    });
    for ends_here in [true, false] {
        let watched = Watched::default();
        let client = Builder::new(watched.clone(), "client").build().unwrap();
        call_until_it_reads(&watched, &client, at);
        let call = client.call("echo", "never").host(at).timeout(HANG).send();
        reached.recv_timeout(HANG).unwrap();
        let closer = if ends_here { client.clone() } else { server.clone() };
        let closes = thread::spawn(move || closer.close().wait());
        assert_eq!(call.wait().unwrap_err().code(), ErrorCode::Network);
        closes.join().unwrap();
        client.close().wait();
    }
}

#[test]
fn the_reading_thread_has_its_turn_back_when_nobody_calls() {
    for elsewhere in [false, true] {
        let (server, at) = server();
        let watched = Watched { elsewhere, ..Watched::default() };
        let (told, hears) = mpsc::channel();
        let client = Builder::new(watched.clone(), "client").on_notice(move |notice| {
            if let Notice::Closed { .. } = notice {
                told.send(()).unwrap();
            }
        });
        let client = client.build().unwrap();
        call_until_it_reads(&watched, &client, at);
        server.close().wait();
        hears.recv_timeout(HANG / 6).expect("somebody reads that the server is gone");
    }
}

#[test]
fn a_handler_may_wait_for_what_its_caller_holds() {
    let (server, at) = server();
    server.service("echo").unwrap().register("back", |request: Request| async move {
        let back = request.connection().call("client", "locks");
        let answer = back.timeout(HANG).send().await?;
        Ok(Reply::ok("", answer.body()))
    });
    let watched = Watched::default();
    let client = Builder::new(watched.clone(), "client").build().unwrap();
    let held = Arc::new(Mutex::new("free"));
    let wanted = held.clone();
    client.service("client").unwrap().register("locks", move |_: Request| {
        let text = *wanted.lock().unwrap();
        async move { Ok(Reply::ok("", text)) }
    });
    call_until_it_reads(&watched, &client, at);
    let lock = held.lock().unwrap();
    let mut call = client.call("echo", "back").host(at).timeout(HANG).send();
    assert!(call.wait_timeout(Duration::from_millis(50)).is_none(), "its handler waits");
    drop(lock);
    assert_eq!(call.wait().unwrap().body(), "free");
}

#[test]
fn who_is_asked_about_a_response_may_wait_for_another_call() {
    let (server, at) = server();
    server.service("echo").unwrap().register("fails", |_: Request| async { Ok(Reply::not_ok("", "")) });
    let watched = Watched::default();
    let client = Builder::new(watched.clone(), "client").build().unwrap();
    call_until_it_reads(&watched, &client, at);
    let asks = client.call("echo", "echo").host(at).timeout(HANG / 6);
    for _ in 0..20 {
        let asks = asks.clone();
        let call = client.call("echo", "fails").host(at).timeout(HANG).retry_if(move |_| {
            asks.clone().send().wait().expect("somebody reads its answer");
            Verdict::Accept
        });
        assert!(!call.send().wait().unwrap().ok());
    }
}
