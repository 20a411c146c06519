//! Requests of peers: to whom they go.

use tchannel_proto::wire::ErrorCode;
use tchannel_proto::{Args, CallId, Connection, Gone, Incoming, RequestHead, Timestamp};

use super::{Channel, ConnKey, Event, Reply};
use crate::dispatch::Endpoint;
use crate::services::{EndpointKey, Handling};

/// A request that is served, and whose arguments are still coming.
#[derive(Debug)]
pub(super) struct Waiting {
    head: RequestHead,
    endpoint: EndpointKey,
    handling: Handling,
}

impl Channel {
    pub(super) fn requested(&mut self, key: ConnKey, call: Incoming, head: RequestHead, args: Option<Args>) {
        let found = self.services.dispatch(&head, false);
        let now = self.now;
        let Some(member) = self.members.get_mut(&key) else { return };
        let (endpoint, handling) = match found {
            Ok(Endpoint::Registered { key, handling }) => (key, handling),
            // Nothing is registered there, and no argument scheme is known here.
            Ok(Endpoint::BuiltIn) => {
                let _ = member.connection.reject(now, call, ErrorCode::BadRequest, "no such endpoint");
                return;
            }
            Err(not_served) => {
                let message = alloc::string::ToString::to_string(&not_served);
                let _ = member.connection.reject(now, call, not_served.code(), &message);
                return;
            }
        };
        if let Some(args) = args {
            let to = Reply { connection: key, call };
            self.events.push_back(Event::Request { to, endpoint, handling, head, args });
        } else {
            member.heads.insert(call, Waiting { head, endpoint, handling });
            let _ = member.connection.collect(call);
        }
    }

    pub(super) fn collected(&mut self, key: ConnKey, call: CallId, args: Args) {
        let CallId::Incoming(call) = call else { return };
        let waiting = self.members.get_mut(&key).and_then(|member| member.heads.remove(&call));
        if let Some(Waiting { head, endpoint, handling }) = waiting {
            let to = Reply { connection: key, call };
            self.events.push_back(Event::Request { to, endpoint, handling, head, args });
        }
    }

    pub(super) fn abandoned(&mut self, key: ConnKey, call: Incoming, code: ErrorCode) {
        let waiting = self.members.get_mut(&key).and_then(|member| member.heads.remove(&call));
        if waiting.is_none() {
            self.events.push_back(Event::Abandoned { to: Reply { connection: key, call }, code });
        }
    }

    pub(super) fn answer(
        &mut self,
        to: Reply,
        say: impl FnOnce(&mut Connection, Timestamp, Incoming) -> Result<(), Gone>,
    ) -> Result<(), Gone> {
        let now = self.now;
        let member = self.members.get_mut(&to.connection).ok_or(Gone)?;
        let said = say(&mut member.connection, now, to.call);
        self.touched(to.connection);
        said
    }
}
