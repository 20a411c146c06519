//! Laws 2 and 8 for calls of peers: each is announced once, answered or abandoned once.

use std::collections::BTreeMap;

use tchannel_mesh::{Event, Inbound};
use tchannel_proto::Gone;

use crate::laws::law;

/// Requests that the owner knows of and that are not over.
#[derive(Debug, Default)]
pub(in crate::mesh) struct Served {
    live: BTreeMap<Inbound, Entry>,
}

#[derive(Debug, Default)]
struct Entry {
    replying: bool,
    finished: u8,
    /// An answer was refused as `Gone`, so `Abandoned` has to follow.
    refused: bool,
}

impl Served {
    pub(in crate::mesh) fn event(&mut self, event: &Event) {
        match event {
            Event::Request { call, .. } => {
                let before = self.live.insert(*call, Entry::default());
                law!(8, before.is_none(), "two requests are {call:?}");
            }
            Event::Abandoned { call, code } => {
                let known = self.live.remove(call).is_some();
                law!(2, known, "{call:?} is abandoned ({code}), and was answered or never announced");
            }
            _ => {}
        }
    }

    /// `respond` or `reject`.
    pub(in crate::mesh) fn answered(&mut self, call: Inbound, result: Result<(), Gone>, how: &str) {
        match (self.live.get_mut(&call), result) {
            (Some(entry), Ok(())) => {
                law!(2, how == "reject" || !entry.replying, "{how} was taken for {call:?} after a reply");
                self.live.remove(&call);
            }
            (None, Ok(())) => law!(2, false, "{how} was taken for {call:?}, which is answered or over"),
            (Some(entry), Err(Gone)) => entry.refused |= how == "reject" || !entry.replying,
            (None, Err(Gone)) => {}
        }
    }

    pub(in crate::mesh) fn replied(&mut self, call: Inbound, result: Result<(), Gone>) {
        match (self.live.get_mut(&call), result) {
            (Some(entry), Ok(())) => {
                law!(2, !entry.replying, "reply was taken twice for {call:?}");
                entry.replying = true;
            }
            (None, Ok(())) => law!(2, false, "reply was taken for {call:?}, which is answered or over"),
            (Some(entry), Err(Gone)) => entry.refused |= !entry.replying,
            (None, Err(Gone)) => {}
        }
    }

    pub(in crate::mesh) fn finished_arg(&mut self, call: Inbound) {
        let Some(entry) = self.live.get_mut(&call) else {
            law!(2, false, "an argument was finished for {call:?}, which is answered or over");
            return;
        };
        law!(2, entry.replying, "an argument was finished for {call:?} before its reply");
        entry.finished += 1;
        if entry.finished == 2 {
            self.live.remove(&call);
        }
    }

    /// When nothing is left to poll. `theirs` counts requests that are still being collected, too.
    pub(in crate::mesh) fn settled(&self, theirs: usize) {
        let waiting = self.live.len();
        law!(4, waiting <= theirs, "{waiting} requests wait for an answer, the channel has {theirs}");
        let refused = self.live.iter().find(|(_, entry)| entry.refused).map(|(call, _)| call);
        law!(2, refused.is_none(), "an answer to {refused:?} was Gone, and nothing said why");
    }
}
