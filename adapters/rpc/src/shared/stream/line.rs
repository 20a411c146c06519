//! A streamed call as one of its halves holds it.

use std::sync::Arc;

use tchannel_proto::wire::ResponseCode;

use super::BodyError;
use crate::shared::call::Sent;
use crate::shared::hub::{Ended, Hub, Side, Theirs};
use crate::shared::link::Link;
use crate::shared::serve::{Endpoint, Outcome};

/// Which call, and for whom.
#[derive(Clone)]
pub(crate) struct Line {
    pub(super) hub: Arc<Hub>,
    pub(super) side: Side,
    party: Party,
}

/// Which side of the call this is.
#[derive(Clone)]
enum Party {
    Caller(Sent),
    Callee(Arc<Link>, Arc<Endpoint>),
}

impl Line {
    pub(crate) fn asking(sent: Sent) -> Self {
        Line { hub: sent.hub.clone(), side: Side::Ours(sent.id), party: Party::Caller(sent) }
    }

    pub(crate) fn answering(link: Arc<Link>, id: Theirs, endpoint: Arc<Endpoint>) -> Self {
        Line { hub: link.hub.clone(), side: Side::Theirs(id), party: Party::Callee(link, endpoint) }
    }

    /// Begins the answer to a call of the peer's.
    pub(crate) fn reply(&self, code: ResponseCode) -> Result<(), BodyError> {
        match self.side {
            Side::Theirs(id) => self.hub.reply(id, code).map_err(|ended| self.error(ended)),
            Side::Ours(_) => Err(BodyError::Over),
        }
    }

    /// Answers a call of the peer's, whole.
    pub(crate) fn answer(&self, outcome: Outcome) {
        if let Side::Theirs(id) = self.side {
            self.hub.answer(id, outcome);
        }
    }

    pub(super) fn error(&self, ended: Ended) -> BodyError {
        match (ended, &self.party) {
            (Ended::Failed(failed), Party::Caller(sent)) => BodyError::Call(sent.failure(*failed)),
            (Ended::Abandoned(code), _) => BodyError::Abandoned(code),
            // Only calls of ours fail.
            (Ended::Failed(_), Party::Callee(..)) | (Ended::Over, _) => BodyError::Over,
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
        self.0.hub.drop_reader(self.0.side);
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
        let Line { hub, side, party } = &self.0;
        if hub.drop_writer(*side)
            && let (Party::Callee(link, endpoint), Side::Theirs(id)) = (party, *side)
        {
            let outcome = endpoint.failed(link, "dropped its answer before the end");
            hub.answer(id, outcome);
        }
    }
}
