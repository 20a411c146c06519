//! What each call may end as, given what was done to it: the reference that runs are judged by.

use std::time::Duration;

use tchannel_proto::wire::ErrorCode;
use tchannel_proto::{Arg, Args, CallError, OpenError, Origin, Outgoing, Timestamp};

use crate::pattern;
use crate::scenario::{Serve, Take};

/// One direction of a call's arguments: what was written, or what was read.
#[derive(Clone, Debug, Default)]
pub struct Flow {
    /// Stands for arg2 and arg3 in [`pattern`].
    pub salts: [usize; 2],
    /// Bytes so far.
    pub lens: [usize; 2],
    /// Arguments finished so far.
    pub finished: usize,
}

impl Flow {
    /// Nothing so far, of the arguments that `salt` and the next number stand for.
    pub fn new(salt: usize) -> Self {
        Flow { salts: [salt, salt + 1], ..Flow::default() }
    }

    /// Compares bytes that were read with what belongs there.
    pub fn read(&mut self, arg: Arg, bytes: &[u8]) -> Result<(), String> {
        let at = match arg {
            Arg::Two => 0,
            Arg::Three => 1,
        };
        if at < self.finished {
            return Err(format!("{} bytes of arg2 after arg3 began", bytes.len()));
        }
        self.finished = at;
        if !pattern::matches(self.salts[at], self.lens[at], bytes) {
            return Err(format!("{arg:?}: {} bytes at {} are not what was sent", bytes.len(), self.lens[at]));
        }
        self.lens[at] += bytes.len();
        Ok(())
    }

    /// The same for whole arguments, or the rest of them.
    pub fn read_whole(&mut self, args: &Args) -> Result<(), String> {
        // What was read in parts before does not come again.
        if !args.arg2.is_empty() {
            self.read(Arg::Two, &args.arg2)?;
        }
        for piece in &args.arg3 {
            self.read(Arg::Three, piece)?;
        }
        self.finished = 2;
        Ok(())
    }
}

/// How a call ended for its caller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// The whole response was read.
    Answered,
    /// It never began.
    Refused(OpenError),
    /// It failed.
    Failed(CallError),
}

/// What went on around a call that can keep it from ending as its handler decided.
#[derive(Clone, Copy, Debug, Default)]
pub struct Trouble {
    /// Bytes were injected on its link: anything may happen.
    pub hostile: bool,
    /// Its link was cut or half-closed, or one end closed, drained or gave up.
    pub lost: bool,
    /// Its link is slow or stalls, or somebody on it does not read.
    pub slow: bool,
    /// An end of its link has limits that are meant to be met.
    pub tight: bool,
    /// An end of its link drains.
    pub draining: bool,
    /// Frames are counted in: an end pings or limits silence.
    pub watchful: bool,
}

/// One call from its making to its end.
#[derive(Clone, Debug)]
#[allow(missing_docs, reason = "each field is named after what it holds")]
pub struct Call {
    pub number: usize,
    pub node: usize,
    pub handle: Option<Outgoing>,
    pub serve: Serve,
    pub take: Take,
    /// Written by steps: it may stay unfinished.
    pub by_hand: bool,
    pub opened: Timestamp,
    pub deadline: Timestamp,
    /// What the caller wrote, what the handler read of it, what it wrote, what the caller read of that.
    pub request: Flow,
    pub request_read: Flow,
    pub reply: Flow,
    pub reply_read: Flow,
    /// The code byte of the response.
    pub code: Option<u8>,
    /// When the response's head came.
    pub began: Option<Timestamp>,
    pub cancelled: bool,
    /// A step rejected it.
    pub rejected: Vec<ErrorCode>,
    pub end: Option<(Timestamp, End)>,
}

impl Call {
    /// A call that is being made.
    pub fn new(
        number: usize,
        node: usize,
        serve: Serve,
        take: Take,
        opened: Timestamp,
        timeout: Duration,
    ) -> Self {
        let (salt, reply_salt) = (4 * number, 4 * number + 2);
        let reply_salt = match serve {
            Serve::Echo { .. } | Serve::Relay => salt,
            Serve::Answer { .. }
            | Serve::Stream { .. }
            | Serve::Refuse { .. }
            | Serve::Regret { .. }
            | Serve::Sink
            | Serve::Ignore => reply_salt,
        };
        Call {
            number,
            node,
            handle: None,
            serve,
            take,
            by_hand: false,
            opened,
            deadline: opened + timeout,
            request: Flow::new(salt),
            request_read: Flow::new(salt),
            reply: Flow::new(reply_salt),
            reply_read: Flow::new(reply_salt),
            code: None,
            began: None,
            cancelled: false,
            rejected: Vec::new(),
            end: None,
        }
    }

    /// How long the handler takes, if it answers at all.
    fn work(&self) -> Option<Duration> {
        match self.serve {
            Serve::Echo { after }
            | Serve::Answer { after, .. }
            | Serve::Stream { after, .. }
            | Serve::Refuse { after, .. }
            | Serve::Regret { after, .. } => Some(after),
            Serve::Relay => Some(Duration::ZERO),
            Serve::Sink | Serve::Ignore => None,
        }
    }

    /// Whether the end is one that the steps allow.
    pub fn judge(&self, trouble: Trouble) -> Result<(), String> {
        let Some((at, end)) = &self.end else { return Err("it never ended".into()) };
        let fine = match end {
            _ if trouble.hostile => Ok(()),
            End::Answered => return self.judge_answer(),
            End::Refused(error) => may_be_refused(error, trouble),
            End::Failed(error) => self.may_fail(*at, error, trouble),
        };
        fine.map_err(|why| format!("ended at {at} as {end:?}: {why}"))
    }

    fn judge_answer(&self) -> Result<(), String> {
        let ok = !matches!(self.serve, Serve::Answer { ok: false, .. });
        if self.code != Some(u8::from(!ok)) {
            return Err(format!("answered with code {:?}", self.code));
        }
        match self.serve {
            Serve::Sink | Serve::Ignore => return Err("answered, and nobody did".into()),
            Serve::Refuse { .. } | Serve::Regret { .. } => return Err("answered, and was rejected".into()),
            Serve::Echo { .. } | Serve::Relay | Serve::Answer { .. } | Serve::Stream { .. } => {}
        }
        if self.reply_read.lens != self.reply.lens {
            return Err(format!("read {:?} bytes of {:?}", self.reply_read.lens, self.reply.lens));
        }
        Ok(())
    }

    fn may_fail(&self, at: Timestamp, error: &CallError, trouble: Trouble) -> Result<(), String> {
        // A ttl below a millisecond cannot be sent: such a call fails at its turn.
        let late = at + Duration::from_millis(1) > self.deadline;
        let remote = error.origin == Origin::Remote;
        if remote && self.is_chosen(error.code) {
            return Ok(());
        }
        let allowed = match error.code {
            ErrorCode::Timeout if remote => {
                // The ttl is rounded down to a millisecond, and a request may stay unfinished.
                at + Duration::from_millis(1) >= self.deadline
                    || self.by_hand
                    || trouble.slow
                    || trouble.tight
            }
            ErrorCode::Timeout if trouble.watchful && !late => self.began.is_some() || self.by_hand,
            ErrorCode::Timeout => late && self.may_be_late(trouble),
            ErrorCode::Cancelled if remote => false,
            ErrorCode::Cancelled => self.cancelled || self.reads_slowly() || trouble.tight,
            ErrorCode::Busy => remote && (trouble.tight || self.serves_slowly() || trouble.slow),
            ErrorCode::Declined => trouble.draining,
            ErrorCode::Network => !remote && (trouble.lost || trouble.slow || trouble.watchful),
            ErrorCode::BadRequest => trouble.tight,
            // An answer that is too long to send is replaced.
            ErrorCode::Unexpected => remote && trouble.tight,
            // Frames of forgotten calls were too many.
            ErrorCode::Fatal => trouble.lost && (trouble.tight || trouble.slow),
            ErrorCode::Unhealthy | ErrorCode::Unknown(_) => false,
        };
        if allowed { Ok(()) } else { Err(format!("{trouble:?} does not explain it")) }
    }

    /// Whether a handler or a step chose this code.
    fn is_chosen(&self, code: ErrorCode) -> bool {
        let shown = |chosen: ErrorCode| {
            // Sent as Unexpected: always for an unnamed code, for 0xFF to those who would close.
            let replaced = matches!(chosen, ErrorCode::Unknown(_) | ErrorCode::Fatal);
            code == chosen || (replaced && code == ErrorCode::Unexpected)
        };
        let planned = match self.serve {
            Serve::Refuse { code, .. } | Serve::Regret { code, .. } => Some(code),
            Serve::Echo { .. }
            | Serve::Relay
            | Serve::Answer { .. }
            | Serve::Stream { .. }
            | Serve::Sink
            | Serve::Ignore => None,
        };
        planned.iter().chain(&self.rejected).any(|code| shown(*code))
    }

    fn may_be_late(&self, trouble: Trouble) -> bool {
        let budget = self.deadline.since(self.opened);
        // A link's delays stay well below this; the rest of a long budget is enough for any exchange.
        let margin = Duration::from_secs(3);
        let slow = trouble.slow || trouble.tight || trouble.lost || self.by_hand || self.reads_slowly();
        self.work().is_none_or(|work| slow || work + margin >= budget)
    }

    fn reads_slowly(&self) -> bool {
        matches!(self.take, Take::Slow { .. } | Take::ByStep)
    }

    fn serves_slowly(&self) -> bool {
        match self.serve {
            Serve::Answer { .. } | Serve::Refuse { .. } | Serve::Regret { .. } | Serve::Ignore => true,
            Serve::Echo { .. } | Serve::Relay | Serve::Stream { .. } | Serve::Sink => false,
        }
    }
}

fn may_be_refused(error: &OpenError, trouble: Trouble) -> Result<(), String> {
    let lost = trouble.lost && *error == OpenError::Closed;
    let draining = (trouble.lost || trouble.draining) && *error == OpenError::Draining;
    let full = trouble.tight && matches!(error, OpenError::Full { .. } | OpenError::TooLarge { .. });
    if lost || draining || full { Ok(()) } else { Err("nothing kept it from beginning".into()) }
}
