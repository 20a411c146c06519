//! What the tasks of a connection do to it.

use std::future::poll_fn;
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;

use tchannel_proto::{Lost, Transmit};

use super::outlet::{Outlet, Turn};
use super::{Link, ended};
use crate::shared::hub::{GRACE, Task};
use crate::shared::race::race;

impl Link {
    /// Gives the connection its stream; what was queued leaves.
    pub(crate) fn attach(&self, outlet: Box<dyn Outlet>) {
        self.hub.attach(self.id, outlet);
    }

    /// The stream is over, or could not be made.
    pub(crate) fn lost(&self, why: Lost, detail: Option<String>) {
        self.hub.lost(self.id, why, detail);
    }

    /// Waits until the write task is asked to write, and once more so that other callers can add to it. `None` at
    /// the end.
    pub(crate) async fn asked(&self) -> Option<Box<dyn Outlet>> {
        let mut yielded = false;
        poll_fn(|cx| match self.hub.writers_turn(self.id, cx, &mut yielded) {
            Turn::Over => Poll::Ready(None),
            Turn::Write(outlet) => Poll::Ready(Some(outlet)),
            Turn::Wait => Poll::Pending,
            Turn::Yield => {
                cx.waker().wake_by_ref();
                Poll::Pending
            }
        })
        .await
    }

    /// The next piece to write; or puts the outlet back.
    pub(crate) fn next_piece(&self, outlet: Box<dyn Outlet>) -> Option<(Box<dyn Outlet>, Transmit)> {
        self.hub.next_piece(self.id, outlet)
    }

    /// The stream took bytes.
    pub(crate) fn written(&self) {
        self.hub.written(self.id);
    }

    /// There is no write task any more.
    pub(crate) fn writer_gone(&self) {
        self.hub.writer_gone(self.id, ended());
    }

    /// The write task cannot go on.
    pub(crate) fn broken(&self, outlet: Box<dyn Outlet>, error: Option<&io::Error>) {
        self.hub.broken(self.id, outlet, error.map(ToString::to_string));
    }

    /// Ends a while after the connection has: time for last bytes to cross.
    pub(crate) async fn grace(self: &Arc<Self>, task: Task) {
        poll_fn(|cx| self.hub.poll_over(self.id, cx, task)).await;
        let hub = &self.hub;
        let least = hub.clock.now() + GRACE;
        let mut until = hub.lingers(self.id, least);
        while hub.clock.now() < until {
            let sleep = pin!(hub.driver.sleep_until(hub.clock.instant(until)));
            race(poll_fn(|cx| hub.poll_hurried(self.id, cx, task, (least, until))), sleep).await;
            until = hub.lingers(self.id, least);
        }
    }

    /// Ends it now; calls in flight fail. Answers leave before, as far as the stream takes them without waiting.
    pub(crate) fn close(&self) {
        self.hub.close_link(self.id);
    }
}
