//! What the user's wakers, handlers and futures do when they are dropped.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};

use tchannel_rpc::testing::{Shape, pattern};
use tchannel_rpc::{Call, Channel, Reject, Reply, Request, Responder, StreamedRequest};
use tokio::sync::mpsc;

use super::{Pair, block_on, settle};

/// A task that owns a call, as the tasks of small executors do. Its last waker drops both.
struct Task(Mutex<Option<Call>>);

impl Task {
    fn waker(call: Call) -> Waker {
        Waker::from(Arc::new(Task(Mutex::new(Some(call)))))
    }
}

impl Wake for Task {
    fn wake(self: Arc<Self>) {
        drop(self.0.lock().unwrap().take());
    }
}

fn poll(call: &mut Call, waker: &Waker) {
    assert!(Pin::new(call).poll(&mut Context::from_waker(waker)).is_pending());
}

#[test]
fn a_waker_may_own_a_call_on_the_same_connection() {
    block_on(async {
        let pair = Pair::new(Shape::default()).await;
        pair.call("echo").send().await.unwrap();
        let mut call = pair.call("never").send();
        poll(&mut call, &Task::waker(pair.call("never").send()));
        poll(&mut call, &Task::waker(pair.call("never").send()));
        poll(&mut call, Waker::noop());
        poll(&mut call, &Task::waker(pair.call("never").send()));
        drop(call);
        assert_eq!(pair.call("echo").arg3("on").send().await.unwrap().body(), "on");
    });
}

#[test]
fn a_waker_may_own_a_call_of_a_channel_that_ends() {
    block_on(async {
        let pair = Pair::new(Shape::default()).await;
        let mut call = pair.call("never").send();
        poll(&mut call, &Task::waker(pair.call("never").send()));
        pair.client.close().await;
        assert!(call.await.is_err());
    });
}

#[test]
fn a_waker_may_own_a_call_when_an_answer_is_given_up() {
    block_on(async {
        let pair = Pair::new(Shape { capacity: 1_000, ..Shape::default() }).await;
        let (begun, mut answers) = mpsc::unbounded_channel();
        let handler = move |_: StreamedRequest, responder: Responder| {
            let begun = begun.clone();
            async move { Ok(begun.send(responder.ok()?)?) }
        };
        pair.server.service("s").unwrap().register_streamed("x", handler);
        let (request, call) = pair.client.call("s", "x").host(pair.at).open();
        request.finish().unwrap();
        let _unread = call.await.unwrap();
        let mut answer = answers.recv().await.unwrap();
        settle().await;
        let waker = Task::waker(pair.server.call("s", "x").host(pair.at).send());
        let mut cx = Context::from_waker(&waker);
        while answer.poll_write(&mut cx, &mut pattern(100_000)).is_ready() {}
        drop(waker);
        drop(answer);
        assert_eq!(pair.call("echo").arg3("on").send().await.unwrap().body(), "on");
    });
}

#[test]
fn a_handler_that_is_replaced_may_register_another() {
    struct Registers(Channel);

    impl Drop for Registers {
        fn drop(&mut self) {
            self.0.service("s").unwrap().register("late", |_: Request| async { Ok(Reply::ok("", "late")) });
        }
    }

    block_on(async {
        let pair = Pair::new(Shape::default()).await;
        let held = Registers(pair.server.clone());
        pair.server.service("s").unwrap().register("x", move |_: Request| {
            let _held = &held;
            async { Ok(Reply::ok("", "")) }
        });
        pair.server.service("s").unwrap().register("x", |_: Request| async { Ok(Reply::ok("", "new")) });
        for (endpoint, answer) in [("x", "new"), ("late", "late")] {
            let response = pair.client.call("s", endpoint).host(pair.at).send().await.unwrap();
            assert_eq!(response.body(), answer);
        }
    });
}

/// A future that panics when it is dropped, or whose error does when it is read.
struct Bomb(bool);

impl Future for Bomb {
    type Output = Result<Reply, Reject>;

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Self::Output> {
        Poll::Ready(Ok(Reply::ok("", "done")))
    }
}

impl Drop for Bomb {
    fn drop(&mut self) {
        assert!(!self.0, "the future goes off");
    }
}

#[derive(Debug)]
struct Unreadable;

impl std::fmt::Display for Unreadable {
    fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        panic!("the error goes off")
    }
}

impl std::error::Error for Unreadable {}

#[test]
fn a_panic_in_a_handlers_drop_harms_nobody_else() {
    block_on(async {
        let pair = Pair::new(Shape::default()).await;
        pair.server.service("s").unwrap().register("x", |request: Request| Bomb(request.body() == "bomb"));
        pair.server
            .service("s")
            .unwrap()
            .register("error", |_: Request| async { Err(Reject::from(Unreadable)) });
        let mut innocent = pair.call("never").send();
        poll(&mut innocent, Waker::noop());
        let call = pair.client.call("s", "x").host(pair.at);
        assert_eq!(call.clone().arg3("bomb").send().await.unwrap().body(), "done", "in its own task");
        for _ in 0..100 {
            call.clone().send().await.unwrap();
        }
        assert_eq!(
            call.arg3("bomb").send().await.unwrap().body(),
            "done",
            "probably where requests are read"
        );
        let error = pair.client.call("s", "error").host(pair.at).send().await.unwrap_err();
        assert_eq!(error.message(), "unexpected error");
        poll(&mut innocent, Waker::noop());
        assert_eq!(pair.network.connects(), 1);
    });
}

#[test]
#[should_panic(expected = "`Call` polled after completion")]
fn a_finished_call_is_not_polled_again() {
    block_on(async {
        let pair = Pair::new(Shape::default()).await;
        let mut call = pair.call("echo").send();
        (&mut call).await.unwrap();
        let _ = call.await;
    });
}

#[test]
#[should_panic(expected = "`StreamedCall` polled after completion")]
fn a_finished_streamed_call_is_not_polled_again() {
    block_on(async {
        let pair = Pair::new(Shape::default()).await;
        let (writer, mut call) = pair.call("echo").open();
        writer.finish().unwrap();
        (&mut call).await.unwrap();
        let _ = call.await;
    });
}

#[test]
fn a_handler_that_holds_its_channel_goes_when_that_is_drained() {
    block_on(async {
        let pair = Pair::new(Shape::default()).await;
        let witness = Arc::new(());
        let held = Arc::downgrade(&witness);
        let channel = pair.server.clone();
        let handler = move |_: Request| {
            let _held = (&channel, &witness);
            async { Ok(Reply::ok("", "")) }
        };
        pair.server.service("s").unwrap().register("x", handler);
        pair.client.call("s", "x").host(pair.at).send().await.unwrap();
        pair.server.close().await;
        assert_eq!(held.strong_count(), 0);
        let late = Arc::new(());
        let held = Arc::downgrade(&late);
        pair.server.service("s").unwrap().register("x", move |_: Request| {
            let _held = Arc::clone(&late);
            async { Ok(Reply::ok("", "")) }
        });
        assert_eq!(held.strong_count(), 0, "a channel that is over takes no handlers");
    });
}
