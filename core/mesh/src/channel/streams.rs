//! Messages that are written and read in parts, in both directions.

use bytes::Bytes;
use tchannel_proto::wire::ResponseCode;
use tchannel_proto::{CallId, Connection, Gone, Read, Timestamp, WriteError};

use super::meter::{Said, Volume};
use super::{Channel, ConnKey, Event, Inbound, Party};

impl Channel {
    /// Begins a streamed answer; its first frame leaves at once, which stops the caller's clock.
    ///
    /// `Gone`: answered or abandoned before; nothing was done.
    pub fn reply(&mut self, now: Timestamp, call: Inbound, code: ResponseCode) -> Result<(), Gone> {
        self.step(now);
        let served = self.served.get(call.0).ok_or(Gone)?;
        let (key, incoming, now) = (served.connection, served.call, self.now);
        self.members.get_mut(key.0).ok_or(Gone)?.connection.reply(now, incoming, code)?;
        if let Some(served) = self.served.get_mut(call.0) {
            served.tab.code = code;
        }
        self.touch(key);
        self.settle();
        Ok(())
    }

    /// Writes to the current argument of a streamed message: arg2 until [`finish_arg`](Self::finish_arg), then arg3.
    ///
    /// `Blocked` gives the bytes back, and an [`Event::Writable`] will come. Errors leave the state as it was.
    pub fn write(&mut self, now: Timestamp, call: impl Into<Party>, bytes: Bytes) -> Result<(), WriteError> {
        self.step(now);
        let (call, len) = (call.into(), bytes.len());
        let (key, id) = self.place(call)?;
        self.share(key);
        self.on(key, |connection| connection.write(id, bytes))??;
        if let Some(volume) = self.volume(call) {
            volume.written += len;
        }
        Ok(())
    }

    /// Makes all that was written so far leave in frames that carry nothing written later.
    pub fn flush(&mut self, now: Timestamp, call: impl Into<Party>) -> Result<(), Gone> {
        self.step(now);
        let (key, id) = self.place(call.into())?;
        self.on(key, |connection| connection.flush(id))?
    }

    /// Ends the current argument; ending arg3 ends the message. An answer that is at its end needs its request no more:
    /// what is still to come of that is thrown away.
    pub fn finish_arg(&mut self, now: Timestamp, call: impl Into<Party>) -> Result<(), Gone> {
        self.step(now);
        let call = call.into();
        let (key, id) = self.place(call)?;
        self.on(key, |connection| connection.finish_arg(id))??;
        if let Party::Theirs(name) = call
            && let Some(served) = self.served.get_mut(name.0)
        {
            served.unwritten = served.unwritten.saturating_sub(1);
            if served.unwritten == 0 {
                let (incoming, said) = (served.call, Said::Answer(served.tab.code));
                self.served_with(name, said);
                self.discard_rest(key, incoming);
                self.settle();
            }
        }
        Ok(())
    }

    /// The next part of a message that did not come whole.
    ///
    /// After `Blocked` an [`Event::Readable`] will come, or one that ends the call. `Done` ends a call of ours, and
    /// frees its name. `Gone`: the call is over, or its arguments came whole.
    pub fn read(&mut self, now: Timestamp, call: impl Into<Party>) -> Result<Read, Gone> {
        self.step(now);
        let (now, call) = (self.now, call.into());
        let (key, id) = self.place(call)?;
        let read = self.on(key, |connection| connection.read(now, id))??;
        match (&read, call) {
            (Read::Part { bytes, .. }, _) => {
                if let Some(volume) = self.volume(call) {
                    volume.read += bytes.len();
                }
            }
            (Read::Done, Party::Ours(ticket)) => self.read_to_the_end(ticket),
            (Read::Done, Party::Theirs(_)) | (Read::Blocked, _) => {}
        }
        Ok(read)
    }

    /// Throws away what is still to come of a peer's request: nobody will read it.
    pub fn discard(&mut self, now: Timestamp, call: Inbound) {
        self.step(now);
        if let Some(served) = self.served.get_mut(call.0) {
            served.unread = true;
            let (key, incoming) = (served.connection, served.call);
            self.discard_rest(key, incoming);
            self.settle();
        }
    }

    pub(super) fn readable(&mut self, key: ConnKey, id: CallId) {
        match (self.party(key, id), id) {
            (Some(Party::Theirs(name)), CallId::Incoming(call))
                if self.served.get(name.0).is_none_or(|served| served.unread) =>
            {
                self.discard_rest(key, call);
            }
            (Some(party), _) => self.events.push_back(Event::Readable(party)),
            (None, CallId::Incoming(call)) => self.discard_rest(key, call),
            (None, CallId::Outgoing(_)) => {}
        }
    }

    pub(super) fn writable(&mut self, key: ConnKey, id: CallId) {
        self.events.extend(self.party(key, id).map(Event::Writable));
    }

    /// Reads what there is of a request that nobody reads any more.
    pub(super) fn discard_rest(&mut self, key: ConnKey, call: tchannel_proto::Incoming) {
        let now = self.now;
        if let Some(member) = self.members.get_mut(key.0) {
            while let Ok(Read::Part { .. }) = member.connection.read(now, call) {}
            self.touch(key);
        }
    }

    /// The owner's name for a connection's call.
    fn party(&self, key: ConnKey, id: CallId) -> Option<Party> {
        match id {
            CallId::Outgoing(call) => self.ticket(key, call).map(Party::Ours),
            CallId::Incoming(call) => self.inbound(key, call).map(Party::Theirs),
        }
    }

    fn volume(&mut self, call: Party) -> Option<&mut Volume> {
        match call {
            Party::Ours(ticket) => Some(&mut self.calls.get_mut(ticket.0)?.volume),
            Party::Theirs(name) => Some(&mut self.served.get_mut(name.0)?.tab.volume),
        }
    }

    /// Where a call is.
    fn place(&self, call: Party) -> Result<(ConnKey, CallId), Gone> {
        match call {
            Party::Ours(ticket) => {
                let running = self.calls.get(ticket.0).and_then(|call| call.running).ok_or(Gone)?;
                Ok((running.connection, running.call.into()))
            }
            Party::Theirs(name) => {
                let served = self.served.get(name.0).ok_or(Gone)?;
                Ok((served.connection, served.call.into()))
            }
        }
    }

    fn on<T>(&mut self, key: ConnKey, act: impl FnOnce(&mut Connection) -> T) -> Result<T, Gone> {
        let member = self.members.get_mut(key.0).ok_or(Gone)?;
        let done = act(&mut member.connection);
        self.touch(key);
        self.settle();
        Ok(done)
    }
}
