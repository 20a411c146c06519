//! Laws 2 and 8 for own calls: each ends once, no later than its deadline, and its name is its own.

use std::collections::{BTreeMap, BTreeSet};

use tchannel_mesh::{Event, Party, Ticket};
use tchannel_proto::{Gone, Read, Timestamp};

use crate::laws::law;

/// Calls between their start and their one end.
#[derive(Debug, Default)]
pub(in crate::mesh) struct Tickets {
    live: BTreeMap<Ticket, Entry>,
    /// Deadlines that still count.
    due: BTreeSet<(Timestamp, Ticket)>,
    /// Given up: they end at once.
    cancelled: BTreeSet<Ticket>,
}

#[derive(Debug)]
struct Entry {
    deadline: Timestamp,
    streamed: bool,
    /// The application may be asked.
    asks: bool,
    begun: bool,
}

impl Tickets {
    pub(in crate::mesh) fn started(
        &mut self,
        ticket: Ticket,
        deadline: Timestamp,
        streamed: bool,
        asks: bool,
    ) {
        let entry = Entry { deadline, streamed, asks, begun: false };
        let before = self.live.insert(ticket, entry);
        law!(8, before.is_none(), "{ticket:?} is the name of a call that lives: {before:?}");
        self.due.insert((deadline, ticket));
    }

    pub(in crate::mesh) fn event(&mut self, event: &Event) {
        match event {
            Event::Response { ticket, args, .. } => self.response(*ticket, args.is_some()),
            Event::Rest { ticket, .. } => {
                let begun = self.live.get(ticket).is_some_and(|entry| entry.streamed && entry.begun);
                law!(2, begun, "{ticket:?} has a rest, and no response before");
                self.end(*ticket);
            }
            Event::Failed { ticket, failure } => {
                law!(2, self.end(*ticket).is_some(), "{ticket:?} failed after its end: {failure}");
            }
            Event::Ask { ticket, .. } => {
                let entry = self.live.get(ticket);
                let fits = entry.is_some_and(|entry| entry.asks && !entry.begun);
                law!(2, fits, "{ticket:?} is asked about, and is {entry:?}");
            }
            Event::Readable(Party::Ours(ticket)) | Event::Writable(Party::Ours(ticket)) => {
                // It may have waited while the owner read to the end.
                let whole = self.live.get(ticket).is_some_and(|entry| !entry.streamed);
                law!(2, !whole, "{ticket:?} is whole, and is told to read or write");
            }
            _ => {}
        }
    }

    fn response(&mut self, ticket: Ticket, complete: bool) {
        let Some(entry) = self.live.get_mut(&ticket) else {
            law!(2, false, "a response for {ticket:?}, which is over");
            return;
        };
        law!(2, !entry.begun, "two responses for {ticket:?}");
        law!(2, complete || entry.streamed, "half a response for {ticket:?}, which was made whole");
        entry.begun = true;
        self.due.remove(&(entry.deadline, ticket));
        if complete {
            self.end(ticket);
        }
    }

    pub(in crate::mesh) fn read(&mut self, ticket: Ticket, read: &Result<Read, Gone>) {
        match (self.live.get(&ticket), read) {
            (Some(entry), Ok(Read::Part { .. } | Read::Done)) => {
                law!(2, entry.begun, "{ticket:?} is read before its response");
            }
            (Some(_), Ok(Read::Blocked) | Err(Gone)) | (None, Err(Gone)) => {}
            (None, Ok(read)) => law!(2, false, "{ticket:?} is over and can be read: {read:?}"),
        }
        if matches!(read, Ok(Read::Done)) {
            self.end(ticket);
        }
    }

    pub(in crate::mesh) fn cancelled(&mut self, ticket: Ticket) {
        if self.live.contains_key(&ticket) {
            self.cancelled.insert(ticket);
        }
    }

    fn end(&mut self, ticket: Ticket) -> Option<Entry> {
        let entry = self.live.remove(&ticket)?;
        self.due.remove(&(entry.deadline, ticket));
        Some(entry)
    }

    pub(in crate::mesh) fn in_time(&self, now: Timestamp) {
        if let Some((deadline, ticket)) = self.due.first() {
            law!(2, *deadline > now, "{ticket:?} lives at {now}, its deadline was {deadline}");
        }
    }

    /// When nothing is left to poll.
    pub(in crate::mesh) fn settled(&mut self, ours: usize) {
        for ticket in std::mem::take(&mut self.cancelled) {
            law!(2, !self.live.contains_key(&ticket), "{ticket:?} was given up, and has no end");
        }
        let waiting = self.live.len();
        law!(4, waiting == ours, "{waiting} calls wait for an end, the channel has {ours}: {:?}", self.live);
    }
}
