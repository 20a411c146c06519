//! What one input sets off, one thing after the other: no part calls back into another that is at work.

use alloc::collections::VecDeque;

use tchannel_proto::{CallId, Event as Happened};

use super::{Action, Channel, ConnKey, Due, Event, Ticket};

/// What is left to do before an input has been dealt with. Empty between inputs.
#[derive(Debug, Default)]
pub(super) struct Work {
    /// Connections that were asked or told something.
    touched: VecDeque<ConnKey>,
    /// Calls that look for a peer.
    choosing: VecDeque<Ticket>,
}

impl Channel {
    /// A connection was asked or told something: what comes of it is looked at soon.
    pub(super) fn touch(&mut self, key: ConnKey) {
        if let Some(member) = self.members.get_mut(key.0)
            && !member.touched
        {
            member.touched = true;
            self.work.touched.push_back(key);
        }
    }

    /// A call needs a peer. It looks for one once no connection has news: such news name calls by places that a new
    /// call could take.
    pub(super) fn choose_soon(&mut self, ticket: Ticket) {
        self.work.choosing.push_back(ticket);
    }

    /// Does all that the last input set off.
    pub(super) fn settle(&mut self) {
        loop {
            if let Some(key) = self.work.touched.pop_front() {
                self.hear(key);
            } else if let Some(ticket) = self.work.choosing.pop_front() {
                self.attempt(ticket);
            } else {
                return;
            }
        }
    }

    /// Takes what happened on a connection to where it belongs.
    fn hear(&mut self, key: ConnKey) {
        let Some(member) = self.members.get_mut(key.0) else { return };
        member.touched = false;
        if member.connection.is_closed() {
            // Off its peers before its calls look for others.
            self.inactive(key);
        }
        while let Some(event) = self.members.get_mut(key.0).and_then(|member| member.connection.poll_event())
        {
            self.happened(key, event);
        }
        self.look_after(key);
    }

    fn happened(&mut self, key: ConnKey, event: Happened) {
        match event {
            Happened::Ready(remote) => {
                self.activate(key, remote.host_port.as_deref());
                self.events.push_back(Event::Ready { key, remote });
            }
            Happened::Request { call, head, args } => self.requested(key, call, head, args),
            Happened::Whole { call: CallId::Incoming(call), args } => self.collected(key, call, args),
            Happened::Abandoned { call, code } => self.abandoned(key, call, code),
            Happened::Response { call, head, args } => self.answered(key, call, head, args),
            Happened::Failed { call, error } => self.attempt_failed(key, call, error),
            Happened::Readable(call) => self.readable(key, call),
            Happened::Writable(call) => self.writable(key, call),
            Happened::Draining(_) => self.drained_by_peer(key),
            Happened::Closed(reason) => {
                self.dial_ended(key, &reason);
                self.count_closed(key, &reason);
                self.events.push_back(Event::Closed { key, reason });
            }
            // Calls of ours are never collected here: their connection is over.
            Happened::Whole { call: CallId::Outgoing(call), args } => self.left_unread(key, call, args),
            // Nobody asks for claims.
            Happened::Claim(_) => {}
        }
    }

    /// Notes when it is due, whether it has bytes, and whether it may be read again; forgets it once it is over.
    fn look_after(&mut self, key: ConnKey) {
        let Some(member) = self.members.get_mut(key.0) else { return };
        if member.is_dialled_for_nothing() {
            member.connection.close(self.now);
            return self.touch(key);
        }
        self.totals.add_up(member);
        member.life.observe(self.now, &member.connection);
        if let Some(meter) = &mut self.meter {
            meter.take_in(member);
        }
        let output = member.connection.has_output() && member.open && !member.broken;
        if output && !member.queued {
            member.queued = true;
            self.ready.push_back(key);
        }
        let wants = member.connection.wants_input() > 0;
        if wants && member.refused {
            self.actions.push_back(Action::Resume { key });
        }
        member.refused = !wants;
        let over = member.connection.is_closed() && !output;
        let next = member.poll_timeout();
        // An entry that is too early costs one look; moving it with every call would cost more.
        if let Some(next) = next
            && member.due.is_none_or(|due| next < due)
        {
            let before = member.due.replace(next);
            self.move_due(before, next, Due::Connection(key));
        }
        if over {
            self.forget(key);
        }
    }

    pub(super) fn move_due(&mut self, before: Option<super::Timestamp>, after: super::Timestamp, due: Due) {
        self.clear_due(before, due);
        self.due.insert((after, due));
    }

    pub(super) fn clear_due(&mut self, before: Option<super::Timestamp>, due: Due) {
        if let Some(at) = before {
            self.due.remove(&(at, due));
        }
    }
}
