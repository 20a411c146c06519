//! What a mesh does for services and clients of ours.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::channel as queue;
use std::thread;
use std::time::Duration;

use tchannel_rpc::hyperbahn::{DiscoverError, UnadvertiseError};
use tchannel_rpc::testing::echo;
use tchannel_rpc::{Call, CallError, Channel, ErrorCode, Reply, Request, Response, Wait, blocking};
use tchannel_tests::interop::serve_typed;

use super::mesh::Mesh;

/// A service that may be called five times in a second.
pub(super) const LIMITED: &str = "limited";

pub(super) fn channel(name: &str) -> Channel {
    blocking::channel(name).expect("it has a name")
}

/// Serves the endpoints of the reference peers.
pub(super) fn echo_on(channel: &Channel, service: &str) {
    echo(channel, service, blocking::Blocking::default());
}

/// A server that a mesh knows.
pub(super) fn server(mesh: &impl Mesh, name: &str) -> Channel {
    let server = channel(name);
    echo_on(&server, name);
    serve_typed(&server.service(name).expect("a name"));
    server.advertise(&mesh.routers()).start().wait().expect("there is a router");
    server
}

fn declined(result: Result<Response, CallError>) {
    let error = result.expect_err("nobody serves it");
    assert_eq!((error.code(), error.message()), (ErrorCode::Declined, "no peer available for request"));
}

pub(super) fn advertised_discovered_called_and_forgotten(mesh: &impl Mesh) {
    let client = channel("larry");
    let larry = client.hyperbahn(&mesh.routers());
    let call = || {
        let client = larry.client("moe").expect("a name");
        client.call("echo").arg2("head").arg3("body").retry_limit(0).send().wait()
    };
    declined(call());
    let error = larry.discover("moe").wait().expect_err("nobody serves it");
    assert!(matches!(error, DiscoverError::Router(_)), "{error}");
    assert_eq!(error.to_string(), "nobody advertises the service: no peer available for moe");

    let server = server(mesh, "moe");
    let at = server.listens_at().expect("it does, to advertise").try_into().expect("an address");
    assert_eq!(larry.discover("moe").wait().expect("it is advertised"), [at]);
    let answer = call().expect("it is advertised");
    assert_eq!((&answer.arg2()[..], &answer.body()[..]), (&b"head"[..], &b"body"[..]));

    let moe = server.hyperbahn(&mesh.routers());
    moe.unadvertise().wait().expect("there is a router");
    declined(call());
    assert_eq!(larry.unadvertise().wait(), Err(UnadvertiseError::NotAdvertised));
    moe.advertise().start().wait().expect("there is a router");
    call().expect("it is advertised again");
}

pub(super) fn known_everywhere(mesh: &impl Mesh) {
    let _server = server(mesh, "moe");
    let client = channel("larry");
    for router in mesh.addresses() {
        let answer = client.call("moe", "echo").host(router).arg3("hello").send().wait();
        assert_eq!(answer.expect("every router knows").body(), "hello");
    }
}

pub(super) fn busy_over_five_calls_a_second(mesh: &impl Mesh) {
    let _server = server(mesh, LIMITED);
    let client = channel("larry");
    let larry = client.hyperbahn(&mesh.routers()).client(LIMITED).expect("a name");
    // Connected before, so that all arrive within a second.
    client.hyperbahn(&mesh.routers()).discover(LIMITED).wait().expect("it is advertised");
    let calls: Vec<_> = (0..9).map(|_| larry.call("echo").retry_limit(0).send()).collect();
    let ended: Vec<_> = calls.into_iter().map(Call::wait).collect();
    let refused: Vec<_> = ended.into_iter().filter_map(Result::err).collect();
    assert_eq!(refused.len(), 3, "as many as the limit and one more pass: {refused:?}");
    for error in refused {
        let text = "limited is rate-limited by the service rps of 5";
        assert_eq!((error.code(), error.message()), (ErrorCode::Busy, text));
    }
}

/// Calls without end while something happens to the mesh, and for a while after it; none fails.
fn under_load<M: Mesh>(mesh: &mut M, happens: impl FnOnce(&mut M)) {
    let _server = server(mesh, "moe");
    let client = channel("larry");
    let larry = client.hyperbahn(&mesh.routers()).client("moe").expect("a name");
    let (done, happened) = (AtomicUsize::new(0), AtomicUsize::new(usize::MAX));
    thread::scope(|scope| {
        let workers: Vec<_> = (0..6)
            .map(|_| {
                scope.spawn(|| {
                    while done.load(Ordering::SeqCst) < happened.load(Ordering::SeqCst).saturating_add(300) {
                        let answer = larry.call("echo").arg3("hello").send().wait();
                        assert_eq!(answer.expect("no call fails").body(), "hello");
                        done.fetch_add(1, Ordering::SeqCst);
                    }
                })
            })
            .collect();
        while done.load(Ordering::SeqCst) < 150 && workers.iter().all(|worker| !worker.is_finished()) {
            thread::yield_now();
        }
        happens(mesh);
        happened.store(done.load(Ordering::SeqCst), Ordering::SeqCst);
    });
}

pub(super) fn killed_under_load(mesh: &mut impl Mesh) {
    under_load(mesh, |mesh| mesh.kill(1));
}

pub(super) fn drained_under_load(mesh: &mut impl Mesh) {
    under_load(mesh, |mesh| {
        // A call that the router has when it is told.
        let server = channel("shemp");
        let (arrived, arrives) = queue();
        let (go, goes) = queue();
        let goes = std::sync::Mutex::new(goes);
        server.service("shemp").expect("a name").register("wait", move |_: Request| {
            arrived.send(()).expect("the test waits");
            goes.lock().expect("nobody panics with it").recv().expect("the test goes on");
            async { Ok(Reply::ok("", "waited")) }
        });
        server.advertise(&mesh.routers()).start().wait().expect("there is a router");
        let client = channel("joe");
        let drained = mesh.addresses()[1];
        let call = client.call("shemp", "wait").host(drained).send();
        arrives.recv().expect("it arrives");
        mesh.drain(1);
        // Told by the router to take its calls elsewhere.
        let refused = || client.call("shemp", "nothing").host(drained).retry_limit(0).send().wait();
        while refused().expect_err("there is no such endpoint").code() == ErrorCode::BadRequest {}
        go.send(()).expect("the server waits");
        assert_eq!(call.wait().expect("the router has it").body(), "waited");
    });
}

pub(super) fn gone_worker(mesh: &impl Mesh) {
    let first = server(mesh, "moe");
    let client = channel("larry");
    let larry = client.hyperbahn(&mesh.routers()).client("moe").expect("a name");
    larry.call("echo").send().wait().expect("it is advertised");
    first.close().wait();
    let call = || larry.call("echo").retry_limit(0).timeout(Duration::from_secs(5)).send().wait();
    let error = call().expect_err("there is nobody");
    assert_eq!(error.code(), ErrorCode::Network, "{error}");
    first.hyperbahn(&mesh.routers()).unadvertise().wait().expect_err("it is closed");

    let _second = server(mesh, "moe");
    // The router may try the one that is gone first.
    larry.call("echo").send().wait().expect("there is another");
}
