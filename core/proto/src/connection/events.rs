//! Events on their way to the owner.

use super::Connection;
use crate::calls::assembly::PART_COST;
use crate::event::{Args, Event};

/// An event that waits to be polled.
#[derive(Debug)]
pub(super) struct Undelivered {
    event: Event,
    /// Bytes that it keeps until then.
    held: usize,
}

/// A queue that grew beyond this is not kept.
const KEPT: usize = 64;

impl Connection {
    pub(super) fn push(&mut self, event: Event) {
        let held = held_by(&event);
        self.push_held(event, held);
    }

    /// For whoever knows how many bytes the event keeps.
    pub(super) fn push_held(&mut self, event: Event, held: usize) {
        self.gate.hold(held);
        self.events.push_back(Undelivered { event, held });
        self.gate.events(&self.config, self.events.len());
    }

    pub(super) fn take_event(&mut self) -> Option<Event> {
        let Undelivered { event, held } = self.events.front()?;
        self.gate.release(*held);
        self.gate.events(&self.config, self.events.len() - 1);
        match event {
            // A reader or writer is told; from here on it may be told again.
            Event::Readable(call) => {
                if let Some(key) = self.calls.find(*call) {
                    self.calls.entry(key).inbox.heard();
                }
            }
            Event::Writable(call) => {
                if let Some(key) = self.calls.find(*call) {
                    self.calls.entry(key).outbox.heard();
                }
            }
            Event::Ready(_)
            | Event::Request { .. }
            | Event::Response { .. }
            | Event::Whole { .. }
            | Event::Abandoned { .. }
            | Event::Failed { .. }
            | Event::Draining(_)
            | Event::Claim(_)
            | Event::Closed(_) => {}
        }
        if self.events.len() == 1 && self.events.capacity() > KEPT {
            return core::mem::take(&mut self.events).pop_front().map(|first| first.event);
        }
        self.events.pop_front().map(|first| first.event)
    }
}

/// Bytes that an event keeps until it is polled, its head included: a flood of heads alone is a flood, too.
fn held_by(event: &Event) -> usize {
    match event {
        Event::Request { head, args, .. } => {
            head.route.as_bytes().len() + head.arg1.len() + held_by_args(args.as_ref())
        }
        Event::Response { head, args, .. } => head.headers.as_bytes().len() + held_by_args(args.as_ref()),
        Event::Whole { args, .. } => held_by_args(Some(args)),
        Event::Ready(_)
        | Event::Readable(_)
        | Event::Writable(_)
        | Event::Abandoned { .. }
        | Event::Failed { .. }
        | Event::Draining(_)
        | Event::Claim(_)
        | Event::Closed(_) => 0,
    }
}

fn held_by_args(args: Option<&Args>) -> usize {
    args.map_or(0, |args| args.len() + args.arg3.len().saturating_sub(1) * PART_COST)
}
