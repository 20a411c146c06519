//! One call from its first attempt to its last: what to do when an attempt ends.
//!
//! ```text
//!        start                begin, not connected               sent
//!  New ─────────→ Choose ──────────────────────────→ Connecting ──────→ InFlight
//!    │ late        ↑ ↑ │ │                             │                  │ │ │
//!    │             │ │ │ └─ begin, connected ──────────┼────────────────→─┘ │ │ ok, or nobody asks
//!    │             │ │ │ no peer                       │ failed             │ └──────────┐
//!    │             │ │ └────────────────┐              ↓                    │ failed     │
//!    │             │ └──── again ───────┼─────────── decide ←───────────────┤            │
//!    │             │                    │              │ enough             │ not ok     │
//!    │             └──── again ─────────┼───────── AppDecide ←──────────────┘            │
//!    ↓                                  ↓              ↓ enough                          ↓
//!  Done ←───────────────────────────────┴──────────────┴─────────────────────────────────┘
//! ```

mod decide;
mod rules;
#[cfg(test)]
mod testing;

pub use rules::{Attempt, Rules, Step, Verdict};

use alloc::format;
use alloc::string::String;

use smallvec::SmallVec;
use tchannel_proto::{CallError, Origin, Timestamp};
use tchannel_wire::ErrorCode;

use super::budget::Budget;
use crate::NotSent;
use crate::peers::PeerKey;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    New,
    Choose(Next),
    Connecting,
    InFlight,
    AppDecide,
    Done,
}

/// What the attempt that comes is to the budget.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Next {
    /// No retry, or one that was counted when it was begun before.
    NoRetry,
    /// A retry that was counted when it was allowed: others are asked for before this one begins.
    Counted,
    /// A retry that is counted when it begins.
    Uncounted,
}

/// How the last attempt ended.
#[derive(Clone, Debug)]
enum Ending<R> {
    Error(CallError),
    NotOk(R),
}

/// The attempts of one call. `R` is a response, whatever the owner keeps of it.
///
/// It knows no peers, connections or timers: the owner does what each [`Step`] says and reports what happened. An input
/// that does not fit the state (a late answer, a second end) is `None` and changes nothing.
#[derive(Clone, Debug)]
pub struct Attempts<R> {
    rules: Rules,
    state: State,
    started: Timestamp,
    /// When the caller's patience ends: over all attempts, connects and waiting.
    ends: Timestamp,
    made: u32,
    /// Of the running attempt.
    deadline: Timestamp,
    tried: SmallVec<[PeerKey; 8]>,
    /// Those that have taken nothing since an attempt was made.
    full: SmallVec<[PeerKey; 2]>,
    /// The running attempt is at a peer that was tried before.
    again: bool,
    last: Option<Ending<R>>,
    /// A peer turned out not to take the call, and nothing was sent.
    not_sent: Option<CallError>,
}

impl<R> Attempts<R> {
    /// A call that is valid, and has not begun. `ends` is when its caller's patience does.
    pub fn new(now: Timestamp, ends: Timestamp, rules: Rules) -> Self {
        Attempts {
            state: State::New,
            started: now,
            ends,
            made: 0,
            deadline: ends,
            tried: SmallVec::new(),
            full: SmallVec::new(),
            again: false,
            last: None,
            not_sent: None,
            rules,
        }
    }

    /// Begins, after admission: `Choose`, or the end if the parent has no time left.
    pub fn start(&mut self, now: Timestamp, budget: &mut Budget) -> Option<Step<R>> {
        if self.state != State::New {
            return None;
        }
        if now >= self.ends {
            return Some(self.give(Err(NotSent::DeadlinePassed.into())));
        }
        budget.called(now);
        self.state = State::Choose(Next::NoRetry);
        Some(Step::Choose)
    }

    /// An untried peer was chosen: the attempt begins. Without a connection its owner waits for one; then comes
    /// [`sent`](Self::sent).
    pub fn begin(
        &mut self,
        now: Timestamp,
        peer: PeerKey,
        connected: bool,
        budget: &mut Budget,
    ) -> Option<Attempt> {
        let State::Choose(next) = self.state else { return None };
        if next == Next::Uncounted {
            budget.retried(now);
        }
        self.made = self.made.saturating_add(1);
        self.again = self.has_tried(peer);
        if !self.again {
            self.tried.push(peer);
        }
        self.deadline = match self.rules.timeout_per_attempt {
            Some(bound) => self.ends.min(now + bound),
            None => self.ends,
        };
        self.state = if connected { State::InFlight } else { State::Connecting };
        let retry = next != Next::NoRetry;
        Some(Attempt { retry, retry_count: self.retry_count(), deadline: self.deadline })
    }

    /// The connection that the attempt waited for is there, and took it.
    pub fn sent(&mut self) {
        if self.state == State::Connecting {
            self.state = State::InFlight;
        }
    }

    /// There is no peer to choose: the end, with the last attempt's error or response, or with `why`, usually
    /// [`NotSent::NoPeer`].
    pub fn no_peer(&mut self, now: Timestamp, why: NotSent, budget: &mut Budget) -> Option<Step<R>> {
        let State::Choose(next) = self.state else { return None };
        if next == Next::Counted {
            budget.not_made(now);
        }
        let ending = self.ending().unwrap_or_else(|| Err(self.not_sent.take().unwrap_or_else(|| why.into())));
        Some(self.give(ending))
    }

    /// Acts on [`poll_timeout`](Self::poll_timeout). An attempt that waits for its connection fails; otherwise the call
    /// ends with what came last. `None` before the time, and while a connection watches over the attempt.
    pub fn expired(&mut self, now: Timestamp, budget: &mut Budget) -> Option<Step<R>> {
        if self.poll_timeout().is_none_or(|at| now < at) {
            return None;
        }
        if self.state == State::Connecting {
            let error = self.timeout(now, "while connecting");
            return self.failed(now, error, budget);
        }
        let ending = self.ending().unwrap_or_else(|| Err(self.timeout(now, "before an attempt was made")));
        Some(self.give(ending))
    }

    /// When to call [`expired`](Self::expired). Its answer may change after any `&mut` call.
    pub fn poll_timeout(&self) -> Option<Timestamp> {
        match self.state {
            State::Connecting => Some(self.deadline),
            State::New | State::Choose(_) | State::AppDecide => Some(self.ends),
            State::InFlight | State::Done => None,
        }
    }

    /// Ends the call from outside: it was cancelled, or the channel closes.
    pub fn end(&mut self, error: CallError) -> Option<Step<R>> {
        (self.state != State::Done).then(|| self.give(Err(error)))
    }

    /// Whether the call may not go to this peer: it was there already.
    pub fn has_tried(&self, peer: PeerKey) -> bool {
        self.tried.contains(&peer)
    }

    /// Whether this peer would not take the call at this moment, also if it may go where it was.
    pub fn is_full(&self, peer: PeerKey) -> bool {
        self.full.contains(&peer)
    }

    /// When the call began, and when its caller's patience ends.
    pub fn span(&self) -> (Timestamp, Timestamp) {
        (self.started, self.ends)
    }

    /// Attempts so far. One that was not sent because its peer drains is not counted, unless that peer was tried before.
    pub fn made(&self) -> u32 {
        self.made
    }

    /// Attempts before the one that runs, or that ran last.
    pub fn retry_count(&self) -> u32 {
        self.made.saturating_sub(1)
    }

    /// What the call allows.
    pub fn rules(&self) -> &Rules {
        &self.rules
    }

    /// Whether the caller has its answer.
    pub fn is_done(&self) -> bool {
        self.state == State::Done
    }

    fn ending(&mut self) -> Option<Result<R, CallError>> {
        Some(match self.last.take()? {
            Ending::Error(error) => Err(error),
            Ending::NotOk(response) => Ok(response),
        })
    }

    fn give(&mut self, ending: Result<R, CallError>) -> Step<R> {
        self.state = State::Done;
        self.last = None;
        Step::Give(ending)
    }

    fn timeout(&self, now: Timestamp, phase: &str) -> CallError {
        let before = match &self.last {
            Some(Ending::Error(error)) => format!("; before that: {error}"),
            Some(Ending::NotOk(_)) | None => String::new(),
        };
        let message = format!(
            "timed out {phase} (attempt {} of {}, after {}ms of {}ms){before}",
            self.made.max(1),
            self.rules.attempts(),
            now.since(self.started).as_millis(),
            self.ends.since(self.started).as_millis(),
        );
        CallError { code: ErrorCode::Timeout, origin: Origin::Local, message }
    }
}

#[cfg(test)]
mod tests;
