//! One critical section of a channel, and what follows once its lock is free.

use std::io::ErrorKind;
use std::ops::{Deref, DerefMut};
use std::sync::{Arc, MutexGuard};

use bytes::Buf;
use tchannel_mesh::ConnKey;
use tchannel_proto::Timestamp;

use super::After;
use super::Hub;
use super::links::LinkId;
use super::state::State;
use crate::shared::lock;
use crate::shared::timers::Due;

/// What to do about bytes that are ready to leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flush {
    /// The caller comes back for it.
    None,
    /// Others will add to them: the write task sends all at once.
    Later,
    /// Send them from here if nothing else goes on there that will add to them.
    IfLone,
    /// Nobody will add to them: send them from here if the writer is idle and the stream takes them.
    Now,
}

/// The lock, held.
pub(crate) struct Turn<'a> {
    hub: &'a Arc<Hub>,
    state: MutexGuard<'a, State>,
    now: Timestamp,
}

impl Deref for Turn<'_> {
    type Target = State;

    fn deref(&self) -> &State {
        &self.state
    }
}

impl DerefMut for Turn<'_> {
    fn deref_mut(&mut self) -> &mut State {
        &mut self.state
    }
}

impl<'a> Turn<'a> {
    pub(super) fn new(hub: &'a Arc<Hub>, now: Timestamp) -> Self {
        Turn { hub, state: lock(&hub.state), now }
    }

    pub(super) fn now(&self) -> Timestamp {
        self.now
    }

    pub(super) fn hub(&self) -> &'a Arc<Hub> {
        self.hub
    }

    /// Ends the critical section: events to whom they concern, bytes out, lock free, wakes.
    pub(super) fn end(mut self, mut flush: Flush, after: &mut After) {
        self.settle(after);
        if !self.arrived.is_empty() {
            // They came with an input that was no reader's.
            let arrived = std::mem::take(&mut self.arrived);
            after.serve(arrived);
        }
        let hub = self.hub;
        while let Some(id) = self.ending.pop() {
            self = self.write(id, after);
            self.settle(after);
        }
        while flush != Flush::None
            && let Some(id) = self.hand_out(flush, after)
        {
            self = self.write(id, after);
            self.settle(after);
            // A call that expired before it was written may have gone to another connection.
            flush = Flush::Later;
        }
        drop(self);
        after.run(hub);
    }

    /// Gives every connection that has bytes to its write task, but for the one that is to be written from here.
    fn hand_out(&mut self, flush: Flush, after: &mut After) -> Option<LinkId> {
        let mut here = None;
        while let Some(key) = self.mesh.poll_ready() {
            let lone = flush == Flush::Now || flush == Flush::IfLone && self.is_lone(key);
            let Some(id) = self.connections.find(key.index(), key) else { continue };
            let Some(link) = self.links.get_mut(id.0) else { continue };
            if lone && here.is_none() && !link.out.is_asked() {
                here = Some(id);
            } else {
                after.wake(link.out.ask());
            }
        }
        here
    }

    /// One call, and nothing else going on: nobody else will have something to write soon.
    fn is_lone(&self, key: ConnKey) -> bool {
        let live = self.mesh.connection(key).map(tchannel_proto::Connection::live);
        live.is_some_and(|(ours, theirs)| ours + theirs <= 1)
    }

    /// Moves the machine's events to whom they concern, and its next moment to the timers.
    pub(super) fn settle(&mut self, after: &mut After) {
        self.hear(after);
        if self.hub.is_observed() {
            self.observe(after);
        }
        #[cfg(feature = "http")]
        self.wake_curious(after);
        let next = self.mesh.poll_timeout();
        if let Some(next) = next.filter(|&next| self.armed.is_none_or(|armed| next < armed)) {
            let due = Due::Hub(Arc::downgrade(self.hub));
            after.wake(self.hub.timers.arm(KEY, due, self.armed, next));
            self.armed = Some(next);
        }
    }

    /// Writes from here, a few times at most; what is left then is the write task's.
    pub(super) fn write(mut self, id: LinkId, after: &mut After) -> Self {
        let hub = self.hub;
        let outlet = self.links.get_mut(id.0).and_then(|link| link.out.take());
        let Some(mut outlet) = outlet else {
            self.give_up_if_closed(id, after);
            return self;
        };
        for _ in 0..ROUNDS {
            let Some(mut transmit) = self.next_transmit(id, after) else {
                self.give_back(id, outlet, after);
                return self;
            };
            drop(self);
            after.run(hub);
            let written = outlet.try_write(&mut transmit);
            // A piece that is written is dropped before the lock is taken again.
            let rest = transmit.has_remaining().then_some(transmit);
            self = hub.turn();
            match (written, rest) {
                (Err(error), rest) if error.kind() != ErrorKind::WouldBlock => {
                    after.spend_piece(rest);
                    self.break_off(id, Some(outlet), Some(error.to_string()), after);
                    return self;
                }
                (written, Some(rest)) => {
                    self.blocked(id, written.is_ok());
                    if let Some(link) = self.links.get_mut(id.0) {
                        link.out.rest = Some(rest);
                    }
                    break;
                }
                (_, None) => {}
            }
        }
        self.put_back(id, outlet, after);
        if let Some(link) = self.links.get_mut(id.0) {
            after.wake(link.out.ask());
        }
        self
    }
}

/// The channel's own entry among its timers.
const KEY: u64 = 0;

/// How often one critical section writes: more means that others keep adding, and the write task batches better.
const ROUNDS: usize = 3;
