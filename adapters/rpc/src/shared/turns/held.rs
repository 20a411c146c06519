//! Handlers that run on the thread that reads their connection: one that waits there passes the reading on.

use std::cell::RefCell;

use super::go_on;
use crate::shared::drive::End;
use crate::shared::hub::{After, Theirs};
use crate::shared::link::Inlet;
use crate::shared::serve::{Arrived, Batch, Outcome, Pace, serve_apart};

/// What a thread has in its hands while a handler runs on it.
pub(super) struct Held {
    pub(super) end: End,
    pub(super) inlet: Box<Inlet>,
    pub(super) batch: Batch,
}

thread_local! {
    static HELD: RefCell<Option<Held>> = const { RefCell::new(None) };
}

impl Held {
    /// Serves all that arrived in one read. `None`: a handler waited, and another thread reads on.
    pub(super) fn serve(mut self, after: &mut After) -> Option<(End, Box<Inlet>)> {
        let (hub, is_calling) = (self.end.0.hub.clone(), self.batch.is_calling);
        let mut pace = Pace::new(&hub);
        self.batch.arrived.reverse();
        let _emptied = Emptied;
        HELD.set(Some(self));
        while let Some(arrived) = next() {
            let id = arrived.id;
            let Some(outcome) = pace.serve(&hub, arrived, is_calling) else { continue };
            let mut finished = keep(id, outcome, pace.is_long());
            if !finished.is_empty() {
                hub.answer_some(&mut finished);
                pace = Pace::new(&hub);
            }
        }
        let Held { end, inlet, batch } = HELD.take()?;
        hub.answer_all(batch, after);
        Some((end, inlet))
    }

    /// As the task of another thread.
    async fn go_on(self) {
        let Held { end, inlet, mut batch } = self;
        batch.arrived.reverse();
        serve_apart(&end.0.hub.clone(), batch, &mut After::default());
        go_on(end, inlet).await;
    }
}

/// The next request of the read, in the order in which they came.
fn next() -> Option<Arrived> {
    HELD.with_borrow_mut(|held| held.as_mut()?.batch.arrived.pop())
}

/// Keeps an answer for the end of the read. Gives back what cannot wait for that.
fn keep(id: Theirs, outcome: Outcome, is_long: bool) -> Vec<(Theirs, Outcome)> {
    HELD.with_borrow_mut(|held| match held {
        None => vec![(id, outcome)],
        Some(Held { batch, .. }) => {
            batch.outcomes.push((id, outcome));
            if is_long { std::mem::take(&mut batch.outcomes) } else { Vec::new() }
        }
    })
}

/// This thread waits, or looks again and again. If it reads a connection, what it waits for may come there: another one
/// reads on.
pub(crate) fn pass_on() {
    if let Some(held) = HELD.take() {
        let hub = held.end.0.hub.clone();
        hub.driver.spawn(Box::pin(held.go_on()));
    }
}

/// Whatever ends the handlers' thread, nothing stays behind on it.
struct Emptied;

impl Drop for Emptied {
    fn drop(&mut self) {
        drop(HELD.take());
    }
}
