//! Laws 2, 8 and 10 at the API: what each handle may still do, and what each event may still say.

use std::collections::{BTreeMap, BTreeSet};

use tchannel_proto::{CallId, Event, Gone, Incoming, Outgoing, Read, Timestamp};

/// Every call between its beginning and its one end.
#[derive(Debug, Default)]
pub(super) struct Ends {
    own: BTreeMap<Outgoing, Own>,
    /// Deadlines that still count.
    due: BTreeSet<(Timestamp, Outgoing)>,
    ids: BTreeMap<u32, Outgoing>,
    theirs: BTreeMap<Incoming, Theirs>,
    abandoned: BTreeSet<Incoming>,
    /// Ids of own calls that ended with a response.
    answered: BTreeSet<u32>,
    ready: bool,
    over: bool,
    /// The connection has ended; what happens to its calls is told.
    ending: bool,
}

#[derive(Debug)]
struct Own {
    whole: bool,
    deadline: Timestamp,
    begun: bool,
    collecting: bool,
    cancelled: bool,
}

#[derive(Debug, Default)]
struct Theirs {
    replying: bool,
    collecting: bool,
    /// An answer was refused as `Gone`, so `Abandoned` has to follow.
    refused: bool,
}

impl Ends {
    pub(super) fn is_over(&self) -> bool {
        self.over
    }

    /// The deadline of the live call with this id.
    pub(super) fn deadline(&self, id: u32) -> Option<Timestamp> {
        self.ids.get(&id).and_then(|call| self.own.get(call)).map(|own| own.deadline)
    }

    /// Whether a call with this id ended with a response.
    pub(super) fn was_answered(&self, id: u32) -> bool {
        self.answered.contains(&id)
    }

    /// Whether the live call with this id was made whole.
    pub(super) fn is_whole(&self, id: u32) -> bool {
        self.ids.get(&id).and_then(|call| self.own.get(call)).is_some_and(|own| own.whole)
    }

    pub(super) fn opened(&mut self, call: Outgoing, whole: bool, deadline: Timestamp) {
        law!(10, !self.over, "{call:?} opened after Closed");
        law!(8, (1..u32::MAX).contains(&call.id()), "{call:?} has an id out of range");
        let before = self.ids.insert(call.id(), call);
        law!(8, before.is_none(), "{call:?} has the id of {before:?}, which is live");
        self.due.insert((deadline, call));
        self.own.insert(call, Own { whole, deadline, begun: false, collecting: false, cancelled: false });
    }

    pub(super) fn cancelled(&mut self, call: Outgoing) {
        if let Some(own) = self.own.get_mut(&call) {
            own.cancelled = true;
        }
    }

    pub(super) fn answered(&mut self, call: Incoming, result: Result<(), Gone>, how: &str) {
        match (self.theirs.get_mut(&call), result) {
            (Some(theirs), Ok(())) if !theirs.replying => {
                if how == "reply" {
                    theirs.replying = true;
                } else {
                    self.theirs.remove(&call);
                }
            }
            (_, Ok(())) => law!(2, false, "{how} was taken for {call:?}, which is answered or over"),
            (Some(theirs), Err(Gone)) => theirs.refused |= !theirs.replying,
            (None, Err(Gone)) => {}
        }
    }

    pub(super) fn rejected(&mut self, call: Incoming, result: Result<(), Gone>) {
        match (self.theirs.get_mut(&call), result) {
            (Some(_), Ok(())) => {
                self.theirs.remove(&call);
            }
            (None, Ok(())) => law!(2, false, "reject was taken for {call:?}, which is answered or over"),
            (Some(theirs), Err(Gone)) => theirs.refused |= !theirs.replying,
            (None, Err(Gone)) => {}
        }
    }

    pub(super) fn read(&mut self, call: CallId, read: Option<&Read>) {
        if let CallId::Outgoing(call) = call {
            match (self.own.get(&call), read) {
                (Some(own), Some(Read::Part { .. } | Read::Done)) => {
                    law!(2, own.begun, "{call:?} is read before its response");
                    law!(2, !own.whole, "{call:?} is read though it was made whole");
                }
                (None, Some(read)) => law!(2, false, "{call:?} is over and can be read: {read:?}"),
                (_, None | Some(Read::Blocked)) => {}
            }
            if matches!(read, Some(Read::Done)) {
                self.answered.insert(call.id());
                self.end(call);
            }
        }
    }

    pub(super) fn collected(&mut self, call: CallId, result: Result<(), Gone>) {
        if result.is_ok() {
            match call {
                CallId::Outgoing(call) => {
                    let own = self.own.get_mut(&call);
                    law!(2, own.is_some(), "{call:?} is over and can be collected");
                    if let Some(own) = own {
                        own.collecting = true;
                    }
                }
                CallId::Incoming(call) => {
                    let theirs = self.theirs.get_mut(&call);
                    law!(2, theirs.is_some(), "{call:?} is over and can be collected");
                    if let Some(theirs) = theirs {
                        theirs.collecting = true;
                    }
                }
            }
        }
    }

    pub(super) fn event(&mut self, event: &Event) {
        law!(10, !self.over, "an event after Closed: {event:?}");
        let last = matches!(
            event,
            Event::Whole { .. } | Event::Failed { .. } | Event::Abandoned { .. } | Event::Closed(_)
        );
        law!(2, last || !self.ending, "the connection was over before {event:?}");
        match event {
            Event::Ready(_) => {
                law!(2, !self.ready, "Ready twice");
                self.ready = true;
            }
            Event::Request { call, .. } => {
                law!(2, self.ready, "a Request before Ready");
                let before = self.theirs.insert(*call, Theirs::default());
                law!(8, before.is_none(), "two requests are {call:?}");
            }
            Event::Response { call, args, .. } => self.response(*call, args.is_some()),
            Event::Whole { call: CallId::Outgoing(call), .. } => {
                let own = self.own.get(call);
                let collecting = own.is_some_and(|own| own.collecting);
                law!(2, own.is_some_and(|own| own.collecting || own.begun), "Whole for {call:?}: {own:?}");
                // Nobody asked for it: the connection ended behind it, and nothing else comes of it.
                self.ending |= !collecting;
                self.answered.insert(call.id());
                self.end(*call);
            }
            Event::Whole { call: CallId::Incoming(call), .. } => {
                let theirs = self.theirs.get_mut(call);
                law!(
                    2,
                    theirs.as_ref().is_some_and(|one| one.collecting),
                    "Whole for {call:?}, which is {theirs:?}"
                );
                if let Some(theirs) = theirs {
                    theirs.collecting = false;
                }
            }
            Event::Readable(CallId::Outgoing(call)) => {
                let own = self.own.get(call);
                law!(2, own.is_some_and(|own| own.begun), "Readable for {call:?}, which is {own:?}");
            }
            Event::Readable(CallId::Incoming(_))
            | Event::Writable(_)
            | Event::Draining(_)
            | Event::Claim(_) => {}
            Event::Abandoned { call, .. } => {
                law!(2, self.abandoned.insert(*call), "{call:?} is abandoned twice");
                self.theirs.remove(call);
            }
            Event::Failed { call, error } => {
                law!(2, self.own.contains_key(call), "{call:?} failed after its end: {error}");
                self.end(*call);
            }
            Event::Closed(reason) => self.closed(&reason.to_string()),
        }
    }

    fn response(&mut self, call: Outgoing, complete: bool) {
        let Some(own) = self.own.get_mut(&call) else {
            law!(2, false, "a response for {call:?}, which is over");
            return;
        };
        law!(2, !own.begun, "two responses for {call:?}");
        law!(2, complete || !own.whole, "half a response for {call:?}, which was made whole");
        own.begun = true;
        self.due.remove(&(own.deadline, call));
        if complete {
            self.answered.insert(call.id());
            self.end(call);
        }
    }

    fn closed(&mut self, reason: &str) {
        self.over = true;
        let left = self.own.keys().next();
        law!(2, left.is_none(), "{left:?} has no end, and the connection is closed: {reason}");
        let left = self.theirs.iter().find(|(_, theirs)| !theirs.replying);
        law!(2, left.is_none(), "{left:?} is not abandoned, and the connection is closed: {reason}");
        self.theirs.clear();
    }

    fn end(&mut self, call: Outgoing) {
        if let Some(own) = self.own.remove(&call) {
            self.due.remove(&(own.deadline, call));
            self.ids.remove(&call.id());
        }
    }

    pub(super) fn settled(&self, now: Timestamp, live: (usize, usize)) {
        if let Some((deadline, call)) = self.due.first() {
            law!(2, *deadline > now, "{call:?} lives at {now}, its deadline was {deadline}");
        }
        let cancelled = self.own.iter().find(|(_, own)| own.cancelled).map(|(call, _)| call);
        law!(2, cancelled.is_none(), "{cancelled:?} was cancelled and has no end");
        law!(
            2,
            live.0 >= self.own.len(),
            "{} own calls wait for an end, {} are live",
            self.own.len(),
            live.0
        );
        let waiting = self.theirs.values().filter(|theirs| !theirs.replying).count();
        law!(2, live.1 >= waiting, "{waiting} requests wait for an answer, {} are live", live.1);
        let refused = self.theirs.iter().find(|(_, theirs)| theirs.refused).map(|(call, _)| call);
        law!(2, refused.is_none(), "an answer to {refused:?} was Gone, and nothing said why");
    }
}
