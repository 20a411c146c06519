//! What keeps a channel's services advertised: one machine, and a task that makes its calls.

mod task;

use std::future::Future;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use tchannel_mesh::Rng;
use tchannel_mesh::hyperbahn::{
    Advertise, AdvertiseEvent, AdvertiseOptions, RouterError, StartError, Started,
};

use super::{AdvertiseError, UnadvertiseError};
use crate::shared::hash::seed;
use crate::shared::hub::Hub;
use crate::shared::lock;

/// The advertising of one channel.
#[derive(Default)]
pub(crate) struct Keeper(Mutex<Option<Kept>>);

/// From the first start on.
struct Kept {
    machine: Advertise,
    rng: Rng,
    /// Which start this is, so that nobody waits for a later one.
    run: Run,
    /// The run is over, by whatever.
    over: bool,
    /// What came of the last wish to unadvertise.
    unadvertised: Option<Result<u64, RouterError>>,
    /// How often somebody wanted something; the task looks at each.
    wishes: u64,
    /// There is a task.
    tended: bool,
    task: Option<Waker>,
    waiting: Vec<Waker>,
}

/// Names one start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Run(u64);

impl Keeper {
    /// Begins to advertise, or joins.
    pub(super) fn start(
        hub: &Arc<Hub>,
        address: SocketAddr,
        services: &[String],
        options: AdvertiseOptions,
    ) -> Result<Run, StartError> {
        let now = hub.clock.now();
        let mut place = lock(&hub.keeper.0);
        let kept = place.get_or_insert_with(Kept::new);
        kept.machine.configure(options);
        if kept.machine.start(now, Some(address), services)? == Started::Began {
            kept.run = Run(kept.run.0 + 1);
            kept.over = false;
        }
        let run = kept.run;
        drop(place);
        Keeper::wish(hub);
        Ok(run)
    }

    /// Waits for the first answer of a run.
    pub(super) async fn advertised(hub: &Arc<Hub>, run: Run) -> Result<u64, AdvertiseError> {
        hub.keeper
            .wait(|kept| match kept.machine.result() {
                _ if kept.run != run => Some(Err(AdvertiseError::Stopped)),
                Some(result) => Some(result.clone().map_err(AdvertiseError::NoRouter)),
                None => kept.over.then_some(Err(AdvertiseError::Stopped)),
            })
            .await
            .unwrap_or(Err(AdvertiseError::Stopped))
    }

    pub(super) fn stop(&self, hub: &Arc<Hub>) {
        if let Some(kept) = &mut *lock(&self.0) {
            kept.machine.stop(hub.clock.now());
            kept.over = true;
        }
        Keeper::wish(hub);
    }

    /// Begins now; the future gives what comes of it.
    pub(super) fn unadvertise(
        hub: &Arc<Hub>,
    ) -> impl Future<Output = Result<u64, UnadvertiseError>> + Send + use<> {
        let begun = match &mut *lock(&hub.keeper.0) {
            Some(kept) => {
                kept.unadvertised = None;
                kept.over = true;
                kept.machine.unadvertise(hub.clock.now()).is_ok()
            }
            None => false,
        };
        Keeper::wish(hub);
        let hub = hub.clone();
        async move {
            if !begun {
                return Err(UnadvertiseError::NotAdvertised);
            }
            let ended = hub.keeper.wait(|kept| kept.unadvertised.clone()).await;
            ended.ok_or(UnadvertiseError::NotAdvertised)?.map_err(UnadvertiseError::Router)
        }
    }

    /// Has the task look again; there is one from now on.
    fn wish(hub: &Arc<Hub>) {
        let mut place = lock(&hub.keeper.0);
        let Some(kept) = &mut *place else { return };
        kept.wishes += 1;
        let task = kept.task.take();
        let tended = std::mem::replace(&mut kept.tended, true);
        drop(place);
        if let Some(task) = task {
            task.wake();
        }
        if !tended {
            hub.driver.spawn(Box::pin(task::run(task::End::new(hub))));
        }
    }

    /// Waits for something that the task will bring about; `None` if nothing was ever started.
    async fn wait<T>(&self, mut look: impl FnMut(&Kept) -> Option<T>) -> Option<T> {
        std::future::poll_fn(|cx| {
            let waker = cx.waker().clone();
            let mut place = lock(&self.0);
            let Some(kept) = &mut *place else { return Poll::Ready(None) };
            if let Some(found) = look(kept) {
                return Poll::Ready(Some(found));
            }
            if kept.waiting.iter().all(|known| !known.will_wake(&waker)) {
                kept.waiting.push(waker);
            }
            Poll::Pending
        })
        .await
    }

    /// Ready once there are wishes that the task has not seen.
    fn poll_wishes(&self, seen: u64, cx: &Context<'_>) -> Poll<()> {
        let mut parked = crate::shared::parked::Parked::new(cx);
        match &mut *lock(&self.0) {
            Some(kept) if kept.wishes == seen => {
                parked.store(&mut kept.task);
                Poll::Pending
            }
            Some(_) | None => Poll::Ready(()),
        }
    }
}

impl Kept {
    fn new() -> Self {
        Kept {
            machine: Advertise::new(AdvertiseOptions::default()),
            rng: Rng::new(seed()),
            run: Run(0),
            over: false,
            unadvertised: None,
            wishes: 0,
            tended: false,
            task: None,
            waiting: Vec::new(),
        }
    }

    /// Notes what the machine tells.
    fn heard(&mut self, event: &AdvertiseEvent) {
        if let AdvertiseEvent::Unadvertised { connection_count } = event {
            self.unadvertised = Some(Ok(*connection_count));
        } else if let AdvertiseEvent::UnadvertiseFailed { error } = event {
            self.unadvertised = Some(Err(error.clone()));
        } else if *event == AdvertiseEvent::Stopped {
            self.over = true;
        }
    }
}
