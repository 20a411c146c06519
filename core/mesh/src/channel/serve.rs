//! Requests of peers: to whom they go, and what is answered.

use alloc::string::ToString;

use tchannel_proto::wire::ErrorCode;
use tchannel_proto::{Args, Connection, Gone, Incoming, RequestHead, Response, Timestamp};

use super::guard::Refusal;
use super::meter::Said;
use super::tab::Tab;
use super::{Channel, ConnKey, Event, Inbound};
use crate::circuit::Pass;
use crate::dispatch::{BUILT_IN, Endpoint, NotServed};
use crate::services::{EndpointKey, Handling, Services};

/// A request that is not answered yet.
#[derive(Debug)]
pub(super) struct Served {
    pub(super) connection: ConnKey,
    pub(super) call: Incoming,
    endpoint: EndpointKey,
    pub(super) tab: Tab,
    /// Set while the rest of the request is being collected: its owner has not heard of it.
    head: Option<RequestHead>,
    /// Arguments of the answer that are still being written: 2, then 1, then 0.
    pub(super) unwritten: u8,
    /// Nobody reads what is still to come of the request.
    pub(super) unread: bool,
    /// Its owner never hears of it, nor its caller.
    dropped: bool,
    /// What its circuit wants back.
    pass: Option<Pass>,
}

impl Channel {
    /// Answers a request of a peer's. `Gone`: it was answered or abandoned before; nothing was done.
    pub fn respond(&mut self, now: Timestamp, call: Inbound, response: Response) -> Result<(), Gone> {
        self.step(now);
        let (len, too_long) = (response.args.len(), self.config.connection.max_message.get());
        self.answer(call, len, |connection, now, call| {
            let (code, before) = (response.code, connection.unsent());
            connection.respond(now, call, response)?;
            // An answer that the connection does not take becomes an error.
            Ok(if connection.unsent() == before + len {
                Said::Answer(code)
            } else if len > too_long {
                Said::Error(ErrorCode::Unexpected)
            } else {
                Said::Error(ErrorCode::Busy)
            })
        })
    }

    /// Answers a request of a peer's with an error frame, also when a streamed answer has begun. `Gone`: it was answered
    /// or abandoned before; nothing was done.
    pub fn reject(
        &mut self,
        now: Timestamp,
        call: Inbound,
        code: ErrorCode,
        message: &str,
    ) -> Result<(), Gone> {
        self.step(now);
        self.answer(call, 0, |connection, now, call| {
            connection.reject(now, call, code, message)?;
            Ok(Said::Error(code))
        })
    }

    /// `len`: of the answer, if its connection takes it.
    fn answer(
        &mut self,
        call: Inbound,
        len: usize,
        say: impl FnOnce(&mut Connection, Timestamp, Incoming) -> Result<Said, Gone>,
    ) -> Result<(), Gone> {
        let now = self.now;
        let served = self.served.get(call.0).ok_or(Gone)?;
        let (key, incoming) = (served.connection, served.call);
        self.share(key);
        let member = self.members.get_mut(key.0).ok_or(Gone)?;
        let said = say(&mut member.connection, now, incoming)?;
        if let (Said::Answer(_), Some(served)) = (said, self.served.get_mut(call.0)) {
            served.tab.volume.written += len;
        }
        self.served_with(call, said);
        self.touch(key);
        self.settle();
        Ok(())
    }

    pub(super) fn requested(&mut self, key: ConnKey, call: Incoming, head: RequestHead, args: Option<Args>) {
        let mut tab = self.open_tab(key, &head);
        let (endpoint, handling) = match self.services.dispatch(&head, false) {
            Ok(Endpoint::Registered { key, handling }) => (key, handling),
            Ok(Endpoint::BuiltIn) if self.config.serve_built_in => (Services::BUILT_IN_KEY, Handling::Whole),
            Ok(Endpoint::BuiltIn) => {
                let nothing = NotServed::no_such_endpoint(BUILT_IN, &head);
                return self.turn_away(key, call, tab, nothing.code(), &nothing.to_string());
            }
            Err(not_served) => {
                return self.turn_away(key, call, tab, not_served.code(), &not_served.to_string());
            }
        };
        if self.served.len() >= self.config.limits.max_incoming_total.get() {
            return self.turn_away(key, call, tab, ErrorCode::Busy, "too many calls");
        }
        let (pass, dropped) = match self.guard_request(&head) {
            Ok(pass) => (pass, false),
            Err(Refusal::Silence) => (None, true),
            Err(Refusal::Limited(limited, code)) => {
                return self.turn_away(key, call, tab, code, &limited.to_string());
            }
            Err(Refusal::NotHealthy(code, text)) => return self.turn_away(key, call, tab, code, &text),
        };
        let collects = args.is_none() && (handling == Handling::Whole || dropped);
        tab.handed = (!collects && !dropped).then_some(self.now);
        tab.volume.read += args.as_ref().map_or(0, Args::len);
        let mut served = Served {
            connection: key,
            call,
            endpoint,
            tab,
            head: None,
            unwritten: 2,
            unread: args.is_some(),
            dropped,
            pass,
        };
        let Some(member) = self.members.get_mut(key.0) else { return };
        if collects || dropped {
            served.head = Some(head);
            let name = Inbound(self.served.insert(served));
            member.theirs.put(call.index(), call, name);
            if collects {
                let _ = member.connection.collect(call);
            }
        } else {
            let name = Inbound(self.served.insert(served));
            member.theirs.put(call.index(), call, name);
            let id = call.id();
            self.tell(Event::Request { call: name, id, connection: key, endpoint, head, args });
        }
    }

    fn guard_request(&mut self, head: &RequestHead) -> Result<Option<Pass>, Refusal> {
        let checked = self.guard.check(self.now, head);
        self.watch_rates();
        if let Err(Refusal::Limited(limited, _)) = &checked {
            self.count_limited(limited);
        }
        self.guard_events();
        checked
    }

    fn guard_ended(&mut self, pass: Option<Pass>, failed: Option<ErrorCode>) {
        self.guard.ended(self.now, pass, failed);
        self.guard_events();
    }

    fn guard_events(&mut self) {
        self.events.extend(core::iter::from_fn(|| self.guard.poll_event()));
    }

    /// Answers a request that nobody serves.
    fn turn_away(&mut self, key: ConnKey, call: Incoming, tab: Tab, code: ErrorCode, message: &str) {
        self.settle_tab(tab, Said::Error(code));
        let now = self.now;
        if let Some(member) = self.members.get_mut(key.0) {
            // Gone means that nobody waits for it any more.
            let _ = member.connection.reject(now, call, code, message);
        }
    }

    pub(super) fn collected(&mut self, key: ConnKey, call: Incoming, args: Args) {
        let Some(name) = self.inbound(key, call) else { return };
        let Some(served) = self.served.get_mut(name.0) else { return };
        served.unread = true;
        if served.dropped {
            return;
        }
        served.tab.handed = Some(self.now);
        served.tab.volume.read += args.len();
        if let Some(head) = served.head.take() {
            let (endpoint, args) = (served.endpoint, Some(args));
            let id = call.id();
            self.tell(Event::Request { call: name, id, connection: key, endpoint, head, args });
        }
    }

    pub(super) fn abandoned(&mut self, key: ConnKey, call: Incoming, code: ErrorCode) {
        let Some(name) = self.inbound(key, call) else { return };
        let Some(served) = self.forget_served(name) else { return };
        // A caller that is gone says nothing about the endpoint.
        let failed = if code == ErrorCode::Network { ErrorCode::Cancelled } else { code };
        self.guard_ended(served.pass, Some(failed));
        self.drop_tab(served.tab, code);
        if served.head.is_none() {
            self.events.push_back(Event::Abandoned { call: name, code });
        }
    }

    pub(super) fn inbound(&self, key: ConnKey, call: Incoming) -> Option<Inbound> {
        self.members.get(key.0)?.theirs.find(call.index(), call)
    }

    /// A request is answered, and has no name any more.
    pub(super) fn served_with(&mut self, name: Inbound, said: Said) {
        if let Some(served) = self.forget_served(name) {
            self.guard_ended(
                served.pass,
                match said {
                    Said::Answer(_) => None,
                    Said::Error(code) => Some(code),
                },
            );
            self.settle_tab(served.tab, said);
        }
    }

    fn forget_served(&mut self, name: Inbound) -> Option<Served> {
        let served = self.served.remove(name.0)?;
        if let Some(member) = self.members.get_mut(served.connection.0) {
            member.theirs.take(served.call.index(), served.call);
        }
        Some(served)
    }
}
