//! A streamed call as one of its halves holds it.

use std::sync::Arc;

use tchannel_proto::wire::ResponseCode;
use tchannel_proto::{CallId, Incoming};

use super::BodyError;
use crate::shared::call::Sent;
use crate::shared::link::{Ended, Link};
use crate::shared::serve::{Endpoint, Outcome};

/// Which call, on which connection.
#[derive(Clone)]
pub(crate) struct Line {
    pub(super) link: Arc<Link>,
    pub(super) call: CallId,
    party: Party,
}

/// Which side of the call this is.
#[derive(Clone)]
enum Party {
    Caller(Sent),
    Callee(Arc<Endpoint>),
}

impl Line {
    pub(crate) fn asking(sent: Sent) -> Self {
        Line { link: sent.link.clone(), call: sent.call.into(), party: Party::Caller(sent) }
    }

    pub(crate) fn answering(link: Arc<Link>, call: Incoming, endpoint: Arc<Endpoint>) -> Self {
        Line { link, call: call.into(), party: Party::Callee(endpoint) }
    }

    /// Begins the answer to a call of the peer's.
    pub(crate) fn reply(&self, code: ResponseCode) -> Result<(), BodyError> {
        match self.call {
            CallId::Incoming(call) => self.link.reply(call, code).map_err(|ended| self.error(ended)),
            CallId::Outgoing(_) => Err(BodyError::Over),
        }
    }

    /// Answers a call of the peer's, whole.
    pub(crate) fn answer(&self, outcome: Outcome) {
        if let CallId::Incoming(call) = self.call {
            self.link.answer(call, outcome);
        }
    }

    pub(super) fn error(&self, ended: Ended) -> BodyError {
        match (ended, &self.party) {
            (Ended::Failed(failed), Party::Caller(sent)) => BodyError::Call(sent.failure(failed)),
            (Ended::Abandoned(code), _) => BodyError::Abandoned(code),
            // Only calls of ours fail.
            (Ended::Failed(_), Party::Callee(_)) | (Ended::Over, _) => BodyError::Over,
        }
    }
}

/// The right to read; dropping it gives up what was not read.
pub(crate) struct ReaderEnd(pub(super) Line);

impl ReaderEnd {
    pub(crate) fn new(line: Line) -> Self {
        ReaderEnd(line)
    }
}

impl Drop for ReaderEnd {
    fn drop(&mut self) {
        self.0.link.drop_reader(self.0.call);
    }
}

/// The right to write; dropping it before the end means that there will be none.
pub(crate) struct WriterEnd(pub(super) Line);

impl WriterEnd {
    pub(crate) fn new(line: Line) -> Self {
        WriterEnd(line)
    }

    pub(crate) fn line(&self) -> &Line {
        &self.0
    }
}

impl Drop for WriterEnd {
    fn drop(&mut self) {
        let Line { link, call, party } = &self.0;
        if link.drop_writer(*call)
            && let (Party::Callee(endpoint), CallId::Incoming(call)) = (party, *call)
        {
            let outcome = endpoint.failed(link, "dropped its answer before the end");
            link.answer(call, outcome);
        }
    }
}
