//! Reading where reads block their thread: a thread of the connection's own, and callers that wait alone.
//!
//! The reading thread lends the inlet once a caller has waited for it, and has it back when it lay idle for a while, when
//! several calls are in flight, or when the connection ends. A peer that calls us has the reading thread always.

mod held;

use std::future::{Future, poll_fn};
use std::io;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::Poll;
use std::time::{Duration, Instant};

use tchannel_proto::Lost;

use super::dial::lost;
use super::drive::End;
use super::hub::{After, Borrowed, Hub, LinkId, Ours, Received, Task};
use super::link::{Inlet, Link, Return};
use super::race::{is_over, race};
use super::runtime::ReadInTurns;
use super::serve;
use super::wait::{Waiting, is_past};

use held::Held;
pub(super) use held::pass_on;

/// Reads a connection, whenever no caller does.
pub(super) async fn read(end: End, reader: Box<dyn ReadInTurns>) {
    let inlet = Box::new(Inlet::new(reader, &end.0.hub.pool));
    go_on(end, inlet).await;
}

/// The same, from where another thread has come.
async fn go_on(mut end: End, mut inlet: Box<Inlet>) {
    let link = end.0.clone();
    let (hub, id) = (&link.hub, link.id());
    let mut grace = pin!(link.grace(Task::Reader));
    let mut after = After::default();
    loop {
        let Received { wants, ending, batch } = hub.received(id, inlet.input.bytes(), &mut after);
        if let Some(batch) = batch {
            hub.is_called(&link);
            match (Held { end, inlet, batch }).serve(&mut after) {
                Some(back) => (end, inlet) = back,
                None => return,
            }
        }
        // A peer that never stops sending does not keep what has ended.
        if ending && is_over(grace.as_mut()).await {
            break;
        }
        if wants == 0 {
            if race(hub.reopened(id), grace.as_mut()).await.is_none() {
                break;
            }
            continue;
        }
        inlet.input.want(wants);
        match hub.lend(&link, inlet) {
            Some(ours) => inlet = ours,
            None => match race(returned(hub, id), grace.as_mut()).await {
                Some(Some(back)) => {
                    inlet = back;
                    continue;
                }
                Some(None) => return,
                None => break,
            },
        }
        let read = poll_fn(|cx| {
            let read = inlet.read(LONG);
            if read.is_none() {
                cx.waker().wake_by_ref();
            }
            read.map_or(Poll::Pending, Poll::Ready)
        });
        match race(read, grace.as_mut()).await {
            Some(Ok(0)) => return link.lost(Lost::Eof, None),
            Some(Ok(_)) => {}
            Some(Err(error)) => return link.lost(lost(&error), Some(error.to_string())),
            None => break,
        }
    }
    // Only a broken writer gets here with the connection still open: nothing can be answered any more.
    link.lost(Lost::Reset, None);
}

/// The inlet, once nobody else uses it. `None`: the stream has ended.
async fn returned(hub: &Hub, id: LinkId) -> Option<Box<Inlet>> {
    let mut pause = None;
    poll_fn(|cx| {
        loop {
            let at = match hub.take_back(id, cx) {
                Return::Back(inlet) => return Poll::Ready(Some(inlet)),
                Return::Over => return Poll::Ready(None),
                Return::Lent => return Poll::Pending,
                Return::At(at) => at,
            };
            let pause = pause.insert(hub.driver.sleep_until(hub.clock.instant(at)));
            if pause.as_mut().poll(cx).is_pending() {
                return Poll::Pending;
            }
        }
    })
    .await
}

/// A future that is one call, whatever is made of its answer.
pub(crate) trait OneCall: Future + Unpin {
    /// The turn to read, if the caller is to have it.
    fn reading(&self) -> Option<Reading>;
}

/// Waits for an answer, on blocking sockets by reading it if nobody else does. `None`: the time is over.
pub(crate) fn wait_until<F: OneCall>(call: &mut F, until: Option<Instant>) -> Option<F::Output> {
    let mut waiting = Waiting::new();
    loop {
        if let Poll::Ready(done) = waiting.poll(Pin::new(call)) {
            return Some(done);
        }
        if is_past(until) {
            return None;
        }
        let Some(mut reading) = call.reading() else {
            waiting.sleep(until);
            continue;
        };
        while reading.step(until) {
            if let Poll::Ready(done) = waiting.poll(Pin::new(call)) {
                return Some(done);
            }
            if is_past(until) {
                return None;
            }
        }
    }
}

/// How threads wait for a [`OneCall`].
macro_rules! waits {
    () => {
        /// Waits for the answer from a thread that runs no tasks, as [`Wait::wait`] does. On blocking sockets, a caller
        /// that waits alone reads its answer itself; not if it is [asked](crate::Outbound::retry_if) about responses.
        ///
        /// [`Wait::wait`]: crate::Wait::wait
        pub fn wait(mut self) -> <Self as std::future::Future>::Output {
            loop {
                if let Some(done) = crate::shared::turns::wait_until(&mut self, None) {
                    return done;
                }
            }
        }

        /// Waits for the answer, but no longer than `timeout`; `None` if that came first. The call goes on and can be
        /// waited for again.
        pub fn wait_timeout(
            &mut self,
            timeout: std::time::Duration,
        ) -> Option<<Self as std::future::Future>::Output> {
            crate::shared::turns::wait_until(self, std::time::Instant::now().checked_add(timeout))
        }
    };
}
pub(crate) use waits;

/// A caller's turn to read.
pub(crate) struct Reading {
    call: Ours,
    link: Arc<Link>,
    inlet: Option<Box<Inlet>>,
    until: Instant,
    /// The reading thread is needed again.
    recall: bool,
    after: After,
}

impl Reading {
    /// If the caller waits alone on its connection, and nobody else reads there.
    pub(super) fn of(hub: &Hub, call: Ours) -> Option<Self> {
        let Borrowed { inlet, link, deadline } = hub.borrow_inlet(call)?;
        let until = hub.clock.instant(deadline);
        Some(Reading { call, link, inlet: Some(inlet), until, recall: false, after: After::default() })
    }

    /// Reads once, for a moment if nothing comes. Whether the answer may come by reading on.
    pub(super) fn step(&mut self, until: Option<Instant>) -> bool {
        let Some(inlet) = &mut self.inlet else { return false };
        let until = until.map_or(self.until, |until| until.min(self.until));
        let left = until.saturating_duration_since(Instant::now());
        match inlet.read(left.clamp(SHORT, LOOK)) {
            None => self.link.hub.is_on(self.call, self.link.id()),
            Some(Ok(0)) => self.end(Lost::Eof, None),
            Some(Ok(_)) => self.received(),
            Some(Err(error)) => self.end(lost(&error), Some(&error)),
        }
    }

    fn received(&mut self) -> bool {
        let (hub, id) = (&self.link.hub, self.link.id());
        let Some(inlet) = &mut self.inlet else { return false };
        let Received { wants, ending, batch } = hub.received(id, inlet.input.bytes(), &mut self.after);
        inlet.input.want(wants);
        self.recall = wants == 0 || ending || batch.is_some();
        if let Some(batch) = batch {
            hub.is_called(&self.link);
            serve::serve_apart(hub, batch, &mut self.after);
        }
        !self.recall
    }

    /// Told before the reading thread goes: it knows no reason.
    fn end(&mut self, why: Lost, error: Option<&io::Error>) -> bool {
        self.inlet = None;
        self.link.lost(why, error.map(ToString::to_string));
        self.link.hub.end_inlet(self.link.id());
        false
    }
}

impl Drop for Reading {
    fn drop(&mut self) {
        if let Some(inlet) = self.inlet.take() {
            self.link.hub.return_inlet(self.link.id(), inlet, self.recall);
        }
    }
}

/// How long the reading thread waits before it looks whether its connection is over: twice a read's second.
const LONG: Duration = Duration::from_secs(2);

/// How long a caller waits before it looks whether its call has ended without an answer.
const LOOK: Duration = Duration::from_millis(50);

/// Less is not worth a read; a socket takes no wait of nothing.
const SHORT: Duration = Duration::from_millis(2);
