//! Frames that leave before calls do.

use alloc::borrow::Cow;
use alloc::collections::VecDeque;
use alloc::string::String;

use bytes::BytesMut;
use smallvec::SmallVec;
use tchannel_wire::{self as wire, ErrorCode, NO_MESSAGE, Tracing};

use crate::calls::Key;
use crate::transmit::Builder;

/// Distinct ping ids whose answers may wait.
pub(super) const PONGS: usize = 16;

/// An error frame that waits for its turn.
#[derive(Debug)]
pub(super) enum PendingError {
    /// The code and text are in the call's entry, which stays until they are out.
    Call(Key),
    /// A request that never got an entry. Each one cost patience, which bounds them.
    Refusal(Refusal),
}

/// The answer to a request that was not taken.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) id: u32,
    pub(super) code: ErrorCode,
    pub(super) tracing: Tracing,
    pub(super) message: Cow<'static, str>,
}

/// A cancel frame that waits for its turn.
#[derive(Debug)]
pub(super) struct PendingCancel {
    pub(super) id: u32,
    pub(super) ttl: u32,
    pub(super) tracing: Tracing,
    pub(super) why: String,
}

/// Control frames by kind: slots where one is enough, bounded queues elsewhere.
#[derive(Debug, Default)]
pub(super) struct Control {
    pub(super) init: Option<BytesMut>,
    pub(super) fatal: Option<String>,
    pub(super) notice: Option<String>,
    pub(super) ping: Option<u32>,
    pub(super) pongs: SmallVec<[u32; PONGS]>,
    pub(super) errors: VecDeque<PendingError>,
    pub(super) cancels: VecDeque<PendingCancel>,
}

impl Control {
    pub(super) fn is_empty(&self) -> bool {
        self.init.is_none()
            && self.fatal.is_none()
            && self.notice.is_none()
            && self.ping.is_none()
            && self.pongs.is_empty()
            && self.errors.is_empty()
            && self.cancels.is_empty()
    }

    pub(super) fn put_init(&mut self, out: &mut Builder) {
        if let Some(init) = self.init.take() {
            out.head.extend_from_slice(&init);
        }
    }

    /// Once the connection is closed this is all that leaves.
    pub(super) fn put_fatal(&mut self, out: &mut Builder) {
        if let Some(text) = self.fatal.take() {
            wire::put_error(&mut out.head, NO_MESSAGE, ErrorCode::Fatal, &Tracing::default(), &text);
        }
    }

    /// Everything that is bounded by a slot.
    pub(super) fn put_slots(&mut self, out: &mut Builder) {
        for id in self.pongs.drain(..) {
            wire::put_ping_res(&mut out.head, id);
        }
        if let Some(id) = self.ping.take() {
            wire::put_ping_req(&mut out.head, id);
        }
        if let Some(text) = self.notice.take() {
            wire::put_error(&mut out.head, NO_MESSAGE, ErrorCode::Declined, &Tracing::default(), &text);
        }
    }

    pub(super) fn put_cancels(&mut self, out: &mut Builder, limit: usize) {
        while out.len() < limit
            && let Some(cancel) = self.cancels.pop_front()
        {
            wire::put_cancel(&mut out.head, cancel.id, cancel.ttl, &cancel.tracing, &cancel.why);
        }
    }

    /// Drops everything but the fatal frame.
    pub(super) fn clear(&mut self) {
        *self = Control { fatal: self.fatal.take(), ..Control::default() };
    }
}
