//! Calls of ours, as wholes and by attempts.

use tchannel_proto::wire::{ErrorCode, ResponseCode, Scheme};
use tchannel_proto::{CallError, Origin, endpoint_text};

use crate::channel::calls::Running;
use crate::channel::{Channel, Ticket};
use crate::options::CallPlan;
use crate::retry::{Attempt, Cause};
use crate::stats::{LabelKey, Outbound, PerAttempt, Stat};

/// How a call of ours ended, or one attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::channel) enum Ended {
    Answered(ResponseCode),
    Failed(ErrorCode, Origin),
}

impl Ended {
    /// Its connection gave it back: nothing was sent, and the attempt does not count.
    pub(in crate::channel) fn is_given_back(self) -> bool {
        match self {
            Ended::Failed(code, origin) => Cause::Attempt { code, origin } == Cause::DRAINED,
            Ended::Answered(_) => false,
        }
    }

    fn of_call(self) -> Outbound {
        match self {
            Ended::Answered(code) if code.is_ok() => Outbound::Success,
            Ended::Answered(_) => Outbound::AppError,
            Ended::Failed(code, Origin::Remote) => Outbound::SystemError(code),
            Ended::Failed(code, Origin::Local) => Outbound::OperationalError(code),
        }
    }

    /// An attempt's success is not counted: it is its call's.
    fn of_attempt(self) -> Option<PerAttempt> {
        match self {
            Ended::Answered(code) => (!code.is_ok()).then_some(PerAttempt::AppError),
            Ended::Failed(code, Origin::Remote) => Some(PerAttempt::SystemError(code)),
            Ended::Failed(code, Origin::Local) => Some(PerAttempt::OperationalError(code)),
        }
    }
}

impl From<&CallError> for Ended {
    fn from(error: &CallError) -> Self {
        Ended::Failed(error.code, error.origin)
    }
}

impl Channel {
    /// A valid call begins; admission comes later.
    pub(in crate::channel) fn count_call(&mut self, plan: &CallPlan, endpoint: &[u8]) -> LabelKey {
        let Some(meter) = &mut self.meter else { return LabelKey::NONE };
        let (headers, endpoint) = (plan.route.headers(), endpoint_text(endpoint));
        // A path names what is asked for, not who serves it.
        let endpoint = (headers.scheme() != Some(Scheme::Http)).then_some(&*endpoint);
        let caller = headers.caller().unwrap_or_default();
        let labels = meter.labels.key(caller, plan.route.service(), endpoint);
        meter.push(Stat::Outbound { labels, what: Outbound::Sent });
        labels
    }

    pub(in crate::channel) fn count_attempt(&mut self, labels: LabelKey, attempt: &Attempt) {
        if let Some(meter) = &mut self.meter
            && attempt.retry
        {
            let what = Outbound::Retry { retry_count: attempt.retry_count };
            meter.push(Stat::Outbound { labels, what });
        }
    }

    pub(in crate::channel) fn count_attempt_end(&mut self, ticket: Ticket, running: &Running, ended: Ended) {
        let Some(meter) = &mut self.meter else { return };
        let (Some(call), Some(peer)) = (self.calls.get(ticket.0), self.peers.get(running.peer)) else {
            return;
        };
        if ended.is_given_back() {
            return;
        }
        let (labels, retry_count) = (call.labels, call.attempts.retry_count());
        let latency = PerAttempt::Latency(self.now.since(running.began));
        for what in ended.of_attempt().into_iter().chain([latency]) {
            meter.push(Stat::Attempt { labels, peer: peer.host_port.clone(), retry_count, what });
        }
    }

    /// `denied`: retries that the budget had denied before.
    pub(in crate::channel) fn count_denied(&mut self, labels: LabelKey, denied: u64) {
        if let Some(meter) = &mut self.meter
            && self.budget.denied() > denied
        {
            meter.push(Stat::Outbound { labels, what: Outbound::RetryRejected });
        }
    }

    pub(in crate::channel) fn count_call_end(&mut self, ticket: Ticket, ended: Ended) {
        let Some(meter) = &mut self.meter else { return };
        let Some(call) = self.calls.get(ticket.0) else { return };
        let (labels, volume, (started, _)) = (call.labels, call.volume, call.attempts.span());
        meter.push(Stat::Outbound { labels, what: ended.of_call() });
        let latency = Outbound::Latency(self.now.since(started));
        for what in volume.outbound().chain([latency]) {
            meter.push(Stat::Outbound { labels, what });
        }
    }
}
