//! What follows when an attempt ends.

use tchannel_proto::{CallError, Timestamp};

use super::{Attempts, Ending, Next, State, Step, Verdict};
use crate::NotSent;
use crate::peers::PeerKey;
use crate::retry::Cause;
use crate::retry::budget::Budget;

impl<R> Attempts<R> {
    /// The attempt failed: its connection could not be made, or its connection says so.
    pub fn failed(&mut self, now: Timestamp, error: CallError, budget: &mut Budget) -> Option<Step<R>> {
        match self.state {
            State::Connecting | State::InFlight => {}
            State::New | State::Choose(_) | State::AppDecide | State::Done => return None,
        }
        if Cause::from(&error) == Cause::DRAINED {
            return Some(self.drained(now, error));
        }
        self.full.clear();
        if self.may_go_on(now) && self.rules.allow(&error) && budget.allows(now) {
            budget.retried(now);
            self.last = Some(Ending::Error(error));
            self.state = State::Choose(Next::Counted);
            return Some(Step::TryAgain);
        }
        Some(self.give(Err(error)))
    }

    /// The peer did not take the attempt, and would not take it now: until another attempt is made it is not chosen again.
    pub fn not_taken(
        &mut self,
        now: Timestamp,
        peer: PeerKey,
        why: NotSent,
        budget: &mut Budget,
    ) -> Option<Step<R>> {
        self.full.push(peer);
        self.failed(now, why.into(), budget)
    }

    /// The response is here, whole or its head. Not ok: the application is asked, if it wants to be.
    pub fn answered(&mut self, ok: bool, response: R) -> Option<Step<R>> {
        if self.state != State::InFlight {
            return None;
        }
        self.full.clear();
        if ok || !self.rules.application_retry {
            return Some(self.give(Ok(response)));
        }
        self.last = Some(Ending::NotOk(response));
        self.state = State::AppDecide;
        Some(Step::Ask)
    }

    /// The response that the application is asked about.
    pub fn asking(&self) -> Option<&R> {
        match (&self.last, self.state) {
            (Some(Ending::NotOk(response)), State::AppDecide) => Some(response),
            (Some(Ending::NotOk(_) | Ending::Error(_)) | None, _) => None,
        }
    }

    /// What the application says. Without attempts or time left it gets the response that it was asked about.
    pub fn decided(&mut self, now: Timestamp, verdict: Verdict) -> Option<Step<R>> {
        if self.state != State::AppDecide {
            return None;
        }
        match verdict {
            Verdict::Fail(error) => Some(self.give(Err(error))),
            Verdict::Retry if self.may_go_on(now) => {
                self.state = State::Choose(Next::Uncounted);
                Some(Step::TryAgain)
            }
            Verdict::Retry | Verdict::Accept => {
                let ending = self.ending()?;
                Some(self.give(ending))
            }
        }
    }

    /// Nothing was sent: the peer counts as tried, the attempt is not counted. So what the attempt before it brought is
    /// still the last. Going back to a peer is counted: it could be done for ever.
    fn drained(&mut self, now: Timestamp, error: CallError) -> Step<R> {
        let uncounted = u32::from(!self.again);
        let enough = self.made.saturating_sub(uncounted) >= self.rules.max_attempts.get();
        if self.rules.once || enough || now >= self.ends || !self.rules.allow(&error) {
            let ending = self.ending().unwrap_or(Err(error));
            return self.give(ending);
        }
        self.made = self.made.saturating_sub(uncounted);
        self.not_sent = Some(error);
        self.state = State::Choose(Next::NoRetry);
        Step::Choose
    }

    fn may_go_on(&self, now: Timestamp) -> bool {
        !self.rules.once && self.made < self.rules.max_attempts.get() && now < self.ends
    }
}

#[cfg(test)]
mod tests;
