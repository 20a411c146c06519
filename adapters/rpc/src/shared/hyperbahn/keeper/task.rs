//! The task: makes the machine's calls, and tells it of time.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Poll, Waker};

use tchannel_mesh::hyperbahn::{AdvertiseEvent, Call as RouterCall, CallKey};
use tchannel_proto::Timestamp;

use crate::shared::call::Call;
use crate::shared::hub::Hub;
use crate::shared::hyperbahn::{Answered, router_call};
use crate::shared::lock;
use crate::shared::notice::Notice;

/// Whatever ends the task, nobody waits for it any more.
pub(super) struct End {
    hub: Arc<Hub>,
    /// There was nothing left to do, and there may be another task by now.
    done: bool,
}

impl End {
    pub(super) fn new(hub: &Arc<Hub>) -> Self {
        End { hub: hub.clone(), done: false }
    }
}

impl Drop for End {
    fn drop(&mut self) {
        if !self.done {
            tell(&self.hub, |kept| {
                kept.machine.handle_closed(self.hub.clock.now());
                kept.over = true;
                kept.tended = false;
            });
        }
    }
}

/// What the machine wants.
struct Wanted {
    seen: u64,
    cancelled: Vec<CallKey>,
    call: Option<(CallKey, RouterCall)>,
    until: Option<Timestamp>,
}

/// What the task was woken by.
enum Woken {
    Answer(CallKey, Answered),
    Wish,
    Time,
    Closed,
}

pub(super) async fn run(mut end: End) {
    let hub = &end.hub.clone();
    let mut closed = pin!(hub.stopped_listening());
    let mut flying: Option<(CallKey, Call)> = None;
    while let Some(wanted) = look(hub, flying.is_some()) {
        let is_cancelled = |key: &CallKey| wanted.cancelled.contains(key);
        if flying.as_ref().is_some_and(|(key, _)| is_cancelled(key)) {
            flying = None;
        }
        if let Some((key, call)) = wanted.call {
            flying = Some((key, router_call(hub, call).send()));
        }
        let mut sleep = wanted.until.map(|until| hub.driver.sleep_until(hub.clock.instant(until)));
        let woken = poll_fn(|cx| {
            if closed.as_mut().poll(cx).is_ready() {
                return Poll::Ready(Woken::Closed);
            }
            if let Some((key, call)) = &mut flying
                && let Poll::Ready(answered) = Pin::new(call).poll(cx)
            {
                return Poll::Ready(Woken::Answer(*key, answered));
            }
            if sleep.as_mut().is_some_and(|sleep| sleep.as_mut().poll(cx).is_ready()) {
                return Poll::Ready(Woken::Time);
            }
            hub.keeper.poll_wishes(wanted.seen, cx).map(|()| Woken::Wish)
        })
        .await;
        match woken {
            Woken::Answer(key, answered) => {
                flying = None;
                answer(hub, key, answered);
            }
            Woken::Wish => {}
            Woken::Time => tell(hub, |kept| kept.machine.handle_timeout(hub.clock.now())),
            Woken::Closed => return,
        }
    }
    end.done = true;
}

/// What is to be done; `None` if that is nothing, and the task ends.
fn look(hub: &Arc<Hub>, is_flying: bool) -> Option<Wanted> {
    tell(hub, |_| ());
    let mut place = lock(&hub.keeper.0);
    let kept = place.as_mut()?;
    let cancelled: Vec<CallKey> = std::iter::from_fn(|| kept.machine.poll_cancel()).collect();
    let call = kept.machine.poll_call();
    let until = kept.machine.poll_timeout();
    let idle = call.is_none() && until.is_none() && (!is_flying || !cancelled.is_empty());
    if idle {
        // Under the lock of the look: a later wish makes a new task.
        kept.tended = false;
        return None;
    }
    Some(Wanted { seen: kept.wishes, cancelled, call, until })
}

fn answer(hub: &Arc<Hub>, key: CallKey, answered: Answered) {
    let now = hub.clock.now();
    tell(hub, |kept| match answered {
        Ok(response) => {
            kept.machine.handle_response(now, key, response.ok(), &response.body(), &mut kept.rng);
        }
        Err(error) => kept.machine.handle_failed(now, key, error.into_core(), &mut kept.rng),
    });
}

/// Tells the machine something, and everybody what comes of it.
fn tell(hub: &Arc<Hub>, what: impl FnOnce(&mut super::Kept)) {
    let mut events = Vec::new();
    let mut waiting = Vec::new();
    if let Some(kept) = &mut *lock(&hub.keeper.0) {
        what(kept);
        events.extend(std::iter::from_fn(|| kept.machine.poll_event()));
        for event in &events {
            kept.heard(event);
        }
        if !events.is_empty() {
            waiting = std::mem::take(&mut kept.waiting);
        }
    }
    for event in &events {
        if let AdvertiseEvent::Advertised { connection_count, .. } = event {
            hub.notice(&Notice::Advertised { connection_count: *connection_count });
        } else if let AdvertiseEvent::AdvertiseFailed { error, will_retry } = event {
            hub.notice(&Notice::AdvertiseFailed { error, will_retry: *will_retry });
        }
    }
    waiting.into_iter().for_each(Waker::wake);
}
