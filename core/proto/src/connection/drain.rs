//! Ending in order: no new calls, old ones finish, last bytes leave.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use tchannel_wire::ErrorCode;

use super::{Connection, State};
use crate::calls::{Key, Side};
use crate::error::{CallError, CloseReason};
use crate::event::Event;
use crate::time::Timestamp;

/// How a peer's notice begins, and ours.
const NOTICE: &str = "draining:";

#[derive(Debug, Default)]
pub(super) struct Drain {
    /// This side's reason.
    local: Option<String>,
    pub(super) deadline: Option<Timestamp>,
    remote: bool,
}

impl Drain {
    pub(super) fn is_draining(&self) -> bool {
        self.local.is_some() || self.remote
    }

    /// Why new calls of the peer's are declined.
    pub(super) fn reason(&self) -> Option<&str> {
        self.local.as_deref()
    }
}

impl Connection {
    pub(super) fn start_drain(&mut self, reason: &str, deadline: Timestamp) {
        if self.is_closed() {
            return;
        }
        let first = self.drain.local.is_none();
        let deadline = self.drain.deadline.map_or(deadline, |earlier| earlier.min(deadline));
        self.drain.deadline = Some(deadline);
        if first {
            self.drain.local = Some(reason.into());
            self.stop_pings();
            if matches!(self.state, State::Active) {
                self.announce_drain();
            }
        }
    }

    /// Queues the notice, when a drain began and the peer can hear of it.
    pub(super) fn announce_drain(&mut self) {
        if let Some(reason) = &self.drain.local {
            self.control.notice = Some(format!("{NOTICE} {reason}"));
            self.note_waiting();
        }
    }

    /// Whether a connection-level `declined` is the peer's notice.
    pub(super) fn is_notice(message: &str) -> bool {
        message.starts_with(NOTICE)
    }

    /// The peer takes no new calls: those that did not begin are given back.
    pub(super) fn drained_by_peer(&mut self, message: &str) {
        if self.drain.remote {
            return;
        }
        self.drain.remote = true;
        self.stop_pings();
        let reason = message.strip_prefix(NOTICE).unwrap_or(message).trim_start();
        self.push(Event::Draining(reason.into()));
        let ours: Vec<Key> = self.calls.keys(Side::Ours).collect();
        for key in ours {
            let call = self.calls.entry(key);
            if !call.over && !call.outbox.is_started() {
                let error = CallError::local(ErrorCode::Declined, self.about(key, "the peer is draining"));
                self.fail(key, error);
            }
        }
    }

    /// Closes once nothing is left to do and nothing to write.
    pub(super) fn close_if_drained(&mut self) {
        if self.drain.local.is_some()
            && matches!(self.state, State::Active)
            && self.calls.ours.len() == 0
            && self.calls.theirs.len() == 0
            && self.control.is_empty()
        {
            self.close_because(CloseReason::Drained);
        }
    }

    pub(super) fn close_locally(&mut self) {
        self.close_because(CloseReason::Local);
    }
}
