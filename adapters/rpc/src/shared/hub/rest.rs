//! Connections that nobody uses give up what they keep for their next calls.

use std::sync::Arc;
use std::time::Duration;

use tchannel_proto::Timestamp;

use super::turn::{Flush, Turn};
use super::{After, Hub};
use crate::shared::timers::Due;

impl Turn<'_> {
    /// Something came over a connection: it will rest some time.
    pub(super) fn used(&mut self, after: &mut After) {
        if !self.restless {
            self.restless = true;
            let (hub, at) = (self.hub(), self.now() + IDLE);
            after.wake(hub.timers.arm(KEY, Due::Rest(Arc::downgrade(hub)), None, at));
        }
    }
}

impl Hub {
    /// It is time to look who rests.
    pub(crate) fn rest(self: &Arc<Self>, now: Timestamp) {
        let mut turn = Turn::new(self, now);
        let mut after = After::default();
        turn.restless = false;
        if turn.mesh.rest(now, IDLE) {
            turn.used(&mut after);
        }
        turn.end(Flush::None, &mut after);
    }
}

/// The channel's entry among its timers for this; no connection has it.
const KEY: u64 = u64::MAX - 1;

/// How long a connection keeps its buffers unused. Making them anew costs a call a few allocations.
const IDLE: Duration = Duration::from_secs(2);
