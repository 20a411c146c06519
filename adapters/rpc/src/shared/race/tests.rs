use std::future::{pending, ready};
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use super::race;

fn poll<T>(future: impl Future<Output = T>) -> Poll<T> {
    pin!(future).poll(&mut Context::from_waker(Waker::noop()))
}

#[test]
fn work_that_is_done_wins() {
    assert_eq!(poll(race(ready(1), pin!(ready(())))), Poll::Ready(Some(1)));
    assert_eq!(poll(race(ready(1), pin!(pending()))), Poll::Ready(Some(1)));
}

#[test]
fn work_that_waits_is_ended() {
    assert_eq!(poll(race(pending::<u8>(), pin!(ready(())))), Poll::Ready(None));
    assert_eq!(poll(race(pending::<u8>(), pin!(pending()))), Poll::Pending);
}
