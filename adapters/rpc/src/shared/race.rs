//! Two futures, whichever is first.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::Poll;

/// `Some` if `work` ends first, also when both have; `None` if `end` does. `end` is looked at only while `work` waits.
pub(crate) async fn race<T>(
    work: impl Future<Output = T>,
    mut end: Pin<&mut impl Future<Output = ()>>,
) -> Option<T> {
    let mut work = pin!(work);
    poll_fn(|cx| match work.as_mut().poll(cx) {
        Poll::Ready(done) => Poll::Ready(Some(done)),
        Poll::Pending => end.as_mut().poll(cx).map(|()| None),
    })
    .await
}

/// Whether `end` has come. If so, it is not to be looked at again.
pub(crate) async fn is_over(mut end: Pin<&mut impl Future<Output = ()>>) -> bool {
    poll_fn(|cx| Poll::Ready(end.as_mut().poll(cx).is_ready())).await
}

#[cfg(test)]
mod tests;
