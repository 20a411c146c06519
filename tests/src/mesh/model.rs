//! What each call may end as, given what was done to it and what its peers did: the reference that runs are judged by.

use std::time::Duration;

use tchannel_mesh::{Failure, Ticket};
use tchannel_proto::wire::{ErrorCode, ResponseCode, Tracing};
use tchannel_proto::{CallError, Origin, Timestamp};

use super::laws::Attempt;
use super::scenario::{Ask, Serve, Service, Way, Word};
use crate::model::Flow;

/// The call that a handler was serving when it made another.
#[derive(Clone, Copy, Debug)]
pub struct Parent {
    /// Its number.
    pub number: usize,
    /// What it carried.
    pub tracing: Tracing,
}

/// What a handler said to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Said {
    /// A whole answer, or the head of one in parts.
    Answer(ResponseCode),
    /// An error frame.
    Error(ErrorCode),
}

/// A request that reached a handler.
#[derive(Clone, Copy, Debug)]
pub struct Handled {
    /// By whom.
    pub node: usize,
    /// What was said to it, last.
    pub said: Option<Said>,
}

/// How a call ended for its caller.
#[derive(Clone, Debug)]
pub enum End {
    /// The whole response was read.
    Answered,
    /// It never began.
    Refused(String),
    /// It failed.
    Failed(Box<Failure>),
    /// Its caller died.
    Lost,
}

/// What went on in a mesh that can keep calls from ending as their handlers decided.
#[derive(Clone, Copy, Debug, Default)]
pub struct Trouble {
    /// Bytes were injected: anything may happen.
    pub hostile: bool,
    /// A stream, a node or a door was made to fail, or a channel to end.
    pub lossy: bool,
    /// Some node has limits that are meant to be met.
    pub tight: bool,
    /// Some link is slow or stalls, some handler or reader takes its time.
    pub slow: bool,
    /// Peers came or went.
    pub lists: bool,
    /// Some node pings or limits silence.
    pub watchful: bool,
}

/// One call from its making to its end.
#[derive(Clone, Debug)]
#[allow(missing_docs, reason = "each field is named after what it holds")]
pub struct Call {
    pub number: usize,
    /// The caller, and which life of it.
    pub node: usize,
    pub life: u32,
    pub ask: Ask,
    pub parent: Option<Parent>,
    pub started: Timestamp,
    pub deadline: Timestamp,
    pub ticket: Option<Ticket>,
    pub attempts: Vec<Attempt>,
    pub handled: Vec<Handled>,
    /// What the caller wrote, and what it read.
    pub request: Flow,
    pub response: Flow,
    /// The code of the response, when its head came.
    pub code: Option<ResponseCode>,
    pub began: Option<Timestamp>,
    /// Attempts made when the application last asked for one more.
    pub asked: usize,
    /// Its caller gave it up.
    pub cancelled: bool,
    pub end: Option<(Timestamp, End)>,
}

impl Call {
    /// Whether it has one attempt, whatever else is said.
    pub fn is_once(&self) -> bool {
        self.is_streamed() || self.ask.direct.is_some() || self.ask.over.is_some()
    }

    /// Whether it is written and read in parts.
    pub fn is_streamed(&self) -> bool {
        matches!(self.ask.way, Way::Parts { .. })
    }

    /// Whether the end is one that the steps allow.
    pub fn judge(&self, trouble: Trouble) -> Result<(), String> {
        let Some((at, end)) = &self.end else { return Err("it never ended".into()) };
        match end {
            _ if trouble.hostile => Ok(()),
            End::Answered => self.judge_answer(),
            End::Failed(failure) => self
                .may_fail(*at, failure, trouble)
                .map_err(|why| format!("failed at {at} with {failure}: {why}; {trouble:?}")),
            End::Refused(_) if trouble.lossy || trouble.tight => Ok(()),
            End::Refused(why) => Err(format!("refused: {why}")),
            End::Lost => Ok(()),
        }
    }

    fn judge_answer(&self) -> Result<(), String> {
        let Some(code) = self.code else { return Err("answered without a code".into()) };
        let said = |handled: &Handled| handled.said == Some(Said::Answer(code));
        if !self.handled.iter().any(said) {
            return Err(format!("answered with {code:?}, and nobody said that: {:?}", self.handled));
        }
        let expected = self.request.lens;
        if self.response.lens != expected {
            return Err(format!("read {:?} bytes of {expected:?}", self.response.lens));
        }
        Ok(())
    }

    fn may_fail(&self, at: Timestamp, failure: &Failure, trouble: Trouble) -> Result<(), String> {
        let CallError { code, origin, message } = &failure.error;
        let (code, remote) = (*code, *origin == Origin::Remote);
        if remote && self.handled.iter().any(|handled| handled.said.is_some_and(|said| shows(said, code))) {
            return Ok(());
        }
        if message == FAILED_BY_APPLICATION && self.ask.word == Some(Word::Fail) {
            return Ok(());
        }
        let disturbed = trouble.lossy || trouble.slow || trouble.tight || trouble.watchful;
        let allowed = match code {
            // Silence in a stream is limited, where it is.
            ErrorCode::Timeout if trouble.watchful && self.is_streamed() => true,
            ErrorCode::Timeout => (remote || self.is_late(at)) && (disturbed || self.may_be_late()),
            ErrorCode::Busy => remote && (trouble.tight || trouble.slow),
            ErrorCode::Declined if remote => trouble.lossy || trouble.lists,
            ErrorCode::Declined => trouble.lossy || trouble.lists || trouble.tight || !self.has_peers(),
            ErrorCode::Network => !remote && (disturbed || trouble.lists),
            ErrorCode::BadRequest => self.ask.service == Service::Unknown || trouble.tight,
            // A gate was shut for too long, or too much was held.
            ErrorCode::Cancelled => !remote && (self.cancelled || trouble.slow || trouble.tight),
            // An answer that is too long to send is replaced.
            ErrorCode::Unexpected => remote && trouble.tight,
            // Frames of calls that were refused or forgotten were too many.
            ErrorCode::Fatal => trouble.tight,
            ErrorCode::Unhealthy | ErrorCode::Unknown(_) => false,
        };
        if allowed { Ok(()) } else { Err("nothing explains it".into()) }
    }

    /// Whether its time may be over though nothing is wrong: links delay far less than this.
    fn may_be_late(&self) -> bool {
        const MARGIN: Duration = Duration::from_secs(3);
        let work = match self.ask.serve {
            Serve::Echo { after }
            | Serve::NotOk { after }
            | Serve::Refuse { after, .. }
            | Serve::Regret { after, .. } => after,
            Serve::Ignore => Duration::MAX,
        };
        let given = self.ask.per_attempt.unwrap_or(Duration::MAX).min(self.ask.timeout);
        let by_hand = matches!(self.ask.way, Way::Parts { open: true, .. });
        self.ask.hops > 0 || self.parent.is_some() || by_hand || work.saturating_add(MARGIN) > given
    }

    /// Whether the call has anyone to go to, as far as its options say.
    fn has_peers(&self) -> bool {
        !self.attempts.is_empty() && self.ask.over.is_none()
    }

    /// The call's time is over, or that of its last attempt. A ttl below a millisecond cannot be sent: such an attempt
    /// fails at its turn.
    fn is_late(&self, at: Timestamp) -> bool {
        const TTL: Duration = Duration::from_millis(1);
        let attempt = self.ask.per_attempt.is_some_and(|most| at + TTL > self.started + most);
        at + TTL > self.deadline || attempt
    }
}

/// Whether what a handler said comes out as this code: an unnamed code, or 0xFF to those who would close, is sent as
/// `Unexpected`.
fn shows(said: Said, code: ErrorCode) -> bool {
    let Said::Error(said) = said else { return false };
    let replaced = matches!(said, ErrorCode::Unknown(_) | ErrorCode::Fatal);
    said == code || (replaced && code == ErrorCode::Unexpected)
}

/// The text of the error that an application gives its caller.
pub(super) const FAILED_BY_APPLICATION: &str = "the application says so";
