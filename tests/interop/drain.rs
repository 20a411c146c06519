//! Our server drains while clients of the reference implementations are at work.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tchannel_rpc::{BodyWriter, Channel, Drained, Reply, Request, StreamedCall};
use tchannel_tests::interop::{self, CALLER, SERVICE, serve};
use tchannel_tests::peers::{Peer, ScenarioOutcome, Scenarios, run_client};
use tokio::runtime::Runtime;
use tokio::sync::Notify;
use tokio::task::JoinHandle;

use super::check::{assert_failures, detail, done};

const LONG: Duration = Duration::from_secs(60);

fn on_threads() -> Runtime {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("there are threads to run on")
}

async fn our_server() -> Channel {
    serve("127.0.0.1:0", interop::Runtime::Tokio).await.expect("there is a free port")
}

fn client(
    peer: Peer,
    server: &Channel,
    scenario: &'static [&'static str],
) -> JoinHandle<Vec<ScenarioOutcome>> {
    let at = server.listens_at().expect("it listens");
    tokio::task::spawn_blocking(move || done(run_client(peer, at, Scenarios::only(scenario))))
}

/// A call of ours that has no end: as long as it is held, the connection stays open.
type Held = Arc<Mutex<Option<(BodyWriter, StreamedCall)>>>;

fn hold(held: &Held, request: &Request) {
    let back = request.connection().call(CALLER, "echo").timeout(LONG).open();
    *held.lock().expect("nothing panics with it") = Some(back);
}

fn let_go(held: &Held) {
    drop(held.lock().expect("nothing panics with it").take());
}

fn answers_a_call_in_flight(peer: Peer, holds: bool) {
    on_threads().block_on(async {
        let server = our_server().await;
        let held = Held::default();
        let holding = held.clone();
        let (arrived, go) = (Arc::<Notify>::default(), Arc::<Notify>::default());
        let (told, wait) = (arrived.clone(), go.clone());
        server.service(SERVICE).expect("a name").register("sleep", move |request: Request| {
            if holds {
                hold(&holding, &request);
            }
            let (told, wait) = (told.clone(), wait.clone());
            async move {
                told.notify_one();
                wait.notified().await;
                Ok(Reply::ok("", "slept 100"))
            }
        });
        let client = client(peer, &server, &["sleep"]);
        arrived.notified().await;
        let drained = server.drain(LONG);
        go.notify_one();
        assert_failures(&client.await.expect("it does not panic"), &[]);
        let_go(&held);
        assert_eq!(drained.await, Drained { cut: 0 });
    });
}

const SCENARIO: &str = "timeout-then-late-response";

/// The scenario's first call is given up by its client; the second one comes when the server drains already.
fn declines_a_later_call(peer: Peer, failures: &[&str], says: &str) {
    on_threads().block_on(async {
        let server = our_server().await;
        let arrived = Arc::<Notify>::default();
        let told = arrived.clone();
        let held = Held::default();
        let holding = held.clone();
        server.service(SERVICE).expect("a name").register("sleep", move |request: Request| {
            hold(&holding, &request);
            told.notify_one();
            std::future::pending()
        });
        let client = client(peer, &server, &[SCENARIO]);
        arrived.notified().await;
        let drained = server.drain(LONG);
        let outcomes = client.await.expect("it does not panic");
        assert_failures(&outcomes, failures);
        let detail = detail(&outcomes, SCENARIO).to_string();
        assert!(detail.contains(says), "{detail}");
        let_go(&held);
        assert_eq!(drained.await, Drained { cut: 0 });
    });
}

#[test]
fn node_clients_get_the_answer_that_they_wait_for() {
    answers_a_call_in_flight(Peer::Node, false);
}

/// python's client forgets an answer that it has not read when the end of the connection comes right behind it.
#[test]
fn python_clients_get_the_answer_that_they_wait_for() {
    answers_a_call_in_flight(Peer::Python, true);
}

/// node throws when it is called on a channel that does not listen, and goes on. It declines the later call by itself.
#[test]
fn node_clients_decline_what_they_would_ask_later() {
    let uncaught = "uncaught";
    declines_a_later_call(Peer::Node, &[uncaught, SCENARIO], "refusing to send drained request");
}

#[test]
fn python_clients_are_declined_what_they_ask_later() {
    declines_a_later_call(Peer::Python, &[SCENARIO], "connection draining: the channel closes");
}
