//! What the write task of a connection does under the lock.

use std::sync::Arc;
use std::task::Context;

use tchannel_proto::Transmit;

use super::links::LinkId;
use super::turn::Flush;
use super::{After, Hub};
use crate::shared::link::{Outlet, WritersTurn};
use crate::shared::lock;
use crate::shared::parked::Parked;

impl Hub {
    /// Gives a connection its stream; what was queued leaves.
    pub(crate) fn attach(self: &Arc<Self>, id: LinkId, outlet: Box<dyn Outlet>) {
        let mut turn = self.turn();
        let now = turn.now();
        let Some(link) = turn.links.get_mut(id.0) else { return };
        let _too_late = link.out.open(outlet);
        if let Some(key) = link.key {
            turn.mesh.handle_connected(now, key);
        }
        turn.end(Flush::Now, &mut After::default());
    }

    /// What the write task is to do; its waker is kept if it is to wait.
    pub(crate) fn writers_turn(&self, id: LinkId, cx: &Context<'_>, yielded: &mut bool) -> WritersTurn {
        let mut parked = Parked::new(cx);
        let mut state = lock(&self.state);
        let Some(link) = state.links.get_mut(id.0) else { return WritersTurn::Over };
        let turn = link.out.turn(yielded);
        if matches!(turn, WritersTurn::Wait) {
            link.out.register(&mut parked);
        }
        turn
    }

    /// The next piece to write; or puts the outlet back.
    pub(crate) fn next_piece(
        self: &Arc<Self>,
        id: LinkId,
        outlet: Box<dyn Outlet>,
    ) -> Option<(Box<dyn Outlet>, Transmit)> {
        let mut after = After::default();
        let mut turn = self.turn();
        let piece = if let Some(transmit) = turn.next_transmit(id, &mut after) {
            turn.blocked(id, false);
            Some((outlet, transmit))
        } else {
            turn.give_back(id, outlet, &mut after);
            None
        };
        turn.end(Flush::Later, &mut after);
        piece
    }

    /// The stream took bytes.
    pub(crate) fn written(self: &Arc<Self>, id: LinkId) {
        let mut turn = self.turn();
        let now = turn.now();
        if let Some(key) = turn.links.get(id.0).and_then(|link| link.key) {
            turn.mesh.handle_written(now, key);
        }
        turn.end(Flush::Later, &mut After::default());
    }

    /// There is no write task any more.
    pub(crate) fn writer_gone(self: &Arc<Self>, id: LinkId, why: &str) {
        let mut after = After::default();
        let mut turn = self.turn();
        let Some(link) = turn.links.get_mut(id.0) else { return };
        let outlet = link.out.take();
        if link.out.is_over() {
            if link.closed {
                after.written(link.link.clone());
            }
        } else {
            turn.break_off(id, outlet, Some(why.into()), &mut after);
        }
        turn.end(Flush::Later, &mut after);
    }

    /// The write task cannot go on: `why`, or its time is up.
    pub(crate) fn broken(self: &Arc<Self>, id: LinkId, outlet: Box<dyn Outlet>, why: Option<String>) {
        let mut after = After::default();
        let mut turn = self.turn();
        let late = why.is_none() && turn.links.get(id.0).is_some_and(|link| link.drained);
        turn.cut += usize::from(late);
        turn.break_off(id, Some(outlet), why, &mut after);
        turn.end(Flush::Later, &mut after);
    }
}
