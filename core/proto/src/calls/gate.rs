//! When to stop reading: counts of what is held for owners who have not asked yet.

use crate::config::Config;
use crate::time::Timestamp;

use super::assembly::Inbox;

/// Counts held and unread bytes, and shuts when too much is unread. It looks at nothing that depends on writing, so two
/// peers that both write before they read cannot block each other.
#[derive(Debug, Default)]
pub(crate) struct Gate {
    held: usize,
    unread: usize,
    total_high: bool,
    calls_high: usize,
    events_high: bool,
    /// Since when it has been shut by unread bytes with nothing read.
    pub(crate) shut_since: Option<Timestamp>,
}

impl Gate {
    pub(crate) fn is_shut(&self) -> bool {
        self.is_shut_by_unread() || self.events_high
    }

    /// Shut by bytes that nobody reads; failing calls opens it. Undelivered events are the owner's to poll.
    pub(crate) fn is_shut_by_unread(&self) -> bool {
        self.total_high || self.calls_high > 0
    }

    pub(crate) fn held(&self) -> usize {
        self.held
    }

    /// Counts bytes that moved into or out of an undelivered event.
    pub(crate) fn hold(&mut self, bytes: usize) {
        self.held += bytes;
    }

    pub(crate) fn release(&mut self, bytes: usize) {
        self.held -= bytes;
    }

    /// Takes in that an inbox changed from `cost` and `unread` to what it says now.
    pub(crate) fn moved(
        &mut self,
        now: Timestamp,
        config: &Config,
        before: (usize, usize),
        inbox: &mut Inbox,
    ) {
        self.held = self.held + inbox.cost() - before.0;
        self.unread = self.unread + inbox.unread() - before.1;
        let high = config.unread_high.get();
        if !inbox.high && inbox.unread() > high {
            inbox.high = true;
            self.calls_high += 1;
        } else if inbox.high && inbox.unread() <= high / 2 {
            inbox.high = false;
            self.calls_high -= 1;
        }
        let high = config.unread_high_total.get();
        if self.unread > high {
            self.total_high = true;
        } else if self.unread <= high / 2 {
            self.total_high = false;
        }
        if !self.is_shut_by_unread() {
            self.shut_since = None;
        } else if self.shut_since.is_none() {
            self.shut_since = Some(now);
        }
    }

    pub(crate) fn events(&mut self, config: &Config, waiting: usize) {
        let high = config.max_events.get();
        if waiting > high {
            self.events_high = true;
        } else if waiting <= high / 2 {
            self.events_high = false;
        }
    }

    /// Somebody read: the stall timer starts again.
    pub(crate) fn read(&mut self, now: Timestamp) {
        if self.shut_since.is_some() {
            self.shut_since = Some(now);
        }
    }
}
