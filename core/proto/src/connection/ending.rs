//! How calls and the connection end.

use alloc::borrow::Cow;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::time::Duration;

use tchannel_wire::ErrorCode;

use super::control::PendingError;
use super::{Connection, State, Waiting};
use crate::calls::{Calls, Key, Side};
use crate::error::{CallError, CloseReason, Lost, Origin};
use crate::event::{Event, endpoint_text};
use crate::remote::Profile;

/// A peer may answer this much after its ttl: it measures from a later moment.
const LATE: Duration = Duration::from_millis(500);
/// Longest time that the id of an abandoned call is remembered, either side.
pub(super) const REMEMBERED: Duration = Duration::from_secs(5);

impl Connection {
    /// Ends one call of ours without its response.
    pub(super) fn fail(&mut self, key: Key, error: CallError) {
        let call = self.calls.outgoing(key);
        self.push(Event::Failed { call, error });
        let entry = self.calls.entry(key);
        let until = entry.outbox.is_started().then_some((entry.budget() + LATE).min(REMEMBERED));
        self.remove_ours(key, until);
    }

    /// Ends one call of ours whose response is complete. The peer's entry would leak if the request did not end too.
    pub(super) fn complete(&mut self, key: Key) {
        if self.calls.entry(key).outbox.is_sent() {
            self.remove_ours(key, None);
        } else {
            self.discard(key);
            let entry = self.calls.entry(key);
            entry.over = true;
            entry.outbox.abandon();
            self.enqueue(key);
        }
    }

    pub(super) fn remove_ours(&mut self, key: Key, reserved: Option<Duration>) {
        self.discard(key);
        self.calls.ours.forget_old(self.now, REMEMBERED);
        let limit = usize::try_from(self.config.max_tombstones.get()).unwrap_or(usize::MAX);
        self.calls.ours.remove(key.at, reserved.map(|time| self.now + time), limit);
    }

    /// Ends a call of the peer's from this side: its handler stops, and an error frame waits for its turn.
    pub(super) fn abandon(&mut self, key: Key, code: ErrorCode, message: impl Into<Cow<'static, str>>) {
        if self.calls.entry(key).is_being_served() {
            let call = self.calls.incoming(key);
            self.push(Event::Abandoned { call, code });
        }
        self.answer_with_error(key, code, message.into());
    }

    /// The error frame's text is kept in the entry, which stays until the frame is out.
    pub(super) fn answer_with_error(&mut self, key: Key, code: ErrorCode, message: Cow<'static, str>) {
        self.discard(key);
        let kills = code == ErrorCode::Fatal && !self.profile.takes_fatal_on_call();
        let code = if kills { ErrorCode::Unexpected } else { code };
        let entry = self.calls.entry(key);
        entry.over = true;
        entry.outbox.stop();
        entry.error = Some((code, message));
        self.control.errors.push_back(PendingError::Call(key));
        self.note_waiting();
    }

    /// A call of the peer's was answered and the answer is out.
    pub(super) fn finish_theirs(&mut self, key: Key) {
        self.discard(key);
        let entry = self.calls.entry(key);
        let (id, request_ended) = (entry.id, entry.inbox.is_ended());
        self.calls.theirs.remove(key.at);
        if !request_ended {
            self.skip_rest(id);
        }
    }

    /// What still comes of this request is dropped without a word.
    pub(super) fn skip_rest(&mut self, id: u32) {
        self.calls.theirs.forget_old(self.now, REMEMBERED);
        let limit = usize::try_from(self.config.max_tombstones.get()).unwrap_or(usize::MAX);
        self.calls.theirs.skip(id, self.now + REMEMBERED, limit);
    }

    /// Lets go of a call's bytes and timer.
    #[inline]
    fn discard(&mut self, key: Key) {
        self.drop_unread(key);
        let call = self.calls.entry(key);
        self.unsent -= call.outbox.unsent();
        call.outbox.discard();
        if call.timer.take().is_some() {
            self.timers.disarmed();
            self.prune_timers();
        }
    }

    /// What a caller is told: which call, how long it took of how much, and why it failed.
    pub(super) fn about(&self, key: Key, why: &str) -> String {
        let Some(call) = self.calls.get(key) else { return why.into() };
        let (service, endpoint) = match &call.head {
            Some(head) => (head.service(), endpoint_text(&head.arg1)),
            None => ("", Cow::Borrowed("")),
        };
        format!(
            "{why} (service {service:?}, endpoint {endpoint:?}, after {}ms of {}ms)",
            call.elapsed(self.now).as_millis(),
            call.budget().as_millis(),
        )
    }

    /// The peer broke the protocol: it is told, unless that would kill it, and everything ends.
    pub(super) fn fatal(&mut self, reason: CloseReason) {
        if self.is_closed() {
            return;
        }
        let handshake = matches!(self.state, State::Handshake(_));
        let text = reason.to_string();
        let text = text.strip_prefix("protocol error: ").map(String::from).unwrap_or(text);
        let tell = handshake || self.profile.takes_fatal_frame();
        self.end(reason, ErrorCode::Fatal, Origin::Local, &text);
        if tell {
            self.control.fatal = Some(text);
        }
    }

    /// The peer ended the connection with an error frame.
    pub(super) fn refused_by_peer(&mut self, code: ErrorCode, message: String) {
        let text = message.clone();
        self.end(CloseReason::Remote { code, message }, code, Origin::Remote, &text);
    }

    pub(super) fn lose(&mut self, why: Lost) {
        self.close_because(CloseReason::Lost(why));
    }

    /// Ends everything without a word to the peer; calls of ours fail with `Network`.
    pub(super) fn close_because(&mut self, reason: CloseReason) {
        let never_open = matches!(reason, CloseReason::Lost(Lost::Refused | Lost::Unreachable));
        let text = match self.state {
            State::Handshake(_) if !never_open => format!("{reason} in the handshake"),
            State::Handshake(_) | State::Active | State::Closed => reason.to_string(),
        };
        self.end(reason, ErrorCode::Network, Origin::Local, &text);
    }

    fn end(&mut self, reason: CloseReason, code: ErrorCode, origin: Origin, text: &str) {
        if self.is_closed() {
            return;
        }
        self.control.clear();
        let ours: Vec<Key> = self.calls.keys(Side::Ours).collect();
        for key in ours {
            if self.calls.entry(key).over {
                self.remove_ours(key, None);
            } else if self.calls.entry(key).is_answered_to_the_end() {
                self.deliver_whole(key);
            } else {
                let message = match origin {
                    Origin::Local => self.about(key, text),
                    Origin::Remote => text.into(),
                };
                self.fail(key, CallError { code, origin, message });
            }
        }
        let theirs: Vec<Key> = self.calls.keys(Side::Theirs).collect();
        for key in theirs {
            let entry = self.calls.entry(key);
            if entry.is_being_served() {
                let call = self.calls.incoming(key);
                self.push(Event::Abandoned { call, code: ErrorCode::Network });
            }
            self.discard(key);
            self.calls.theirs.remove(key.at);
        }
        self.state = State::Closed;
        self.calls = Calls::new(1, 0);
        self.ready.clear();
        self.blocked.clear();
        self.timers.clear();
        self.waiting = Waiting::No;
        self.keep.release();
        self.push(Event::Closed(reason));
    }
}

impl Profile {
    /// How go says on a call that the connection takes no more of them.
    pub(super) fn is_closed_channel(self, code: ErrorCode, message: &str) -> bool {
        self == Profile::Go && code == ErrorCode::Declined && message == "closed channel"
    }
}
