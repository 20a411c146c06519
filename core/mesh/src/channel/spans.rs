//! Reports of sampled calls, for exporters.

use alloc::boxed::Box;
use alloc::string::ToString;

use tchannel_proto::wire::{Headers, Tracing};
use tchannel_proto::{Origin, RequestHead, Timestamp, endpoint_text};

use super::bounded::Bounded;
use super::calls::Running;
use super::meter::Ended;
use super::{Channel, ConnKey, Ticket};
use crate::trace::{Role, SpanReport};

/// Reports that nobody has asked for.
pub(super) type Spans = Bounded<SpanReport, MAX_SPANS>;

/// About a kilobyte each, at the longest names.
const MAX_SPANS: usize = 1_024;

impl Channel {
    /// The next report of a call whose trace is recorded, with
    /// [`ChannelConfig::trace_reports`](crate::ChannelConfig::trace_reports): one for each attempt that was sent, one for
    /// each request of a peer's, when it is over. Calls that are passed on as they came are not reported. Its answer may
    /// change after any `&mut` call.
    ///
    /// Beyond 1,024 reports that wait, new ones are dropped and counted in [`dropped_spans`](Self::dropped_spans).
    pub fn poll_span(&mut self) -> Option<SpanReport> {
        self.spans.as_mut()?.pop()
    }

    /// Reports that were dropped because too many waited.
    pub fn dropped_spans(&self) -> u64 {
        self.spans.as_ref().map_or(0, |spans| spans.dropped())
    }

    /// An attempt of a call of ours is over.
    pub(super) fn report_attempt(&mut self, ticket: Ticket, running: &Running, ended: Ended) {
        let Some(spans) = &mut self.spans else { return };
        let Some(call) = self.calls.get(ticket.0).filter(|call| call.span.is_reported()) else { return };
        let Some(ready) = self.members.get(running.connection.0).and_then(|member| member.ready_at) else {
            return;
        };
        let ended = match ended {
            _ if ended.is_given_back() => return,
            Ended::Answered(_) | Ended::Failed(_, Origin::Remote) => Some(self.now),
            Ended::Failed(_, Origin::Local) => None,
        };
        let texts = Texts {
            service: call.plan.route.service(),
            endpoint: &call.endpoint,
            headers: call.plan.route.headers(),
            source: &self.host_port,
            target: &self.peers.get(running.peer).map(|peer| peer.host_port.to_string()).unwrap_or_default(),
        };
        let began = running.began.max(ready);
        spans.push(SpanReport { ended, ..texts.report(Role::Client, call.span.tracing(), began) });
    }

    /// The beginning of a report about a request, if there will be one.
    pub(super) fn begin_report(&self, key: ConnKey, head: &RequestHead) -> Option<Box<SpanReport>> {
        self.spans.as_ref().filter(|_| head.tracing.is_sampled())?;
        let member = self.members.get(key.0)?;
        let announced = member.connection.remote().and_then(|remote| remote.host_port.as_deref());
        let texts = Texts {
            service: head.service(),
            endpoint: &head.arg1,
            headers: head.headers(),
            source: announced.unwrap_or_default(),
            target: &self.host_port,
        };
        let mut report = Box::new(texts.report(Role::Server, head.tracing, self.now));
        if let (None, Some(from)) = (announced, &member.from) {
            report.source = from.to_string().into();
        }
        Some(report)
    }

    /// The request is over, answered or not.
    pub(super) fn end_report(&mut self, report: Option<Box<SpanReport>>, ended: Option<Timestamp>) {
        if let (Some(spans), Some(report)) = (&mut self.spans, report) {
            spans.push(SpanReport { ended, ..*report });
        }
    }
}

/// Where a report's texts are.
struct Texts<'a> {
    service: &'a str,
    endpoint: &'a [u8],
    headers: Headers<'a>,
    source: &'a str,
    target: &'a str,
}

impl Texts<'_> {
    fn report(&self, role: Role, tracing: Tracing, began: Timestamp) -> SpanReport {
        SpanReport {
            role,
            tracing,
            service: self.service.into(),
            endpoint: endpoint_text(self.endpoint).into(),
            caller: self.headers.caller().unwrap_or_default().into(),
            scheme: self.headers.scheme().map_or("raw", |scheme| scheme.as_str()).into(),
            source: self.source.into(),
            target: self.target.into(),
            began,
            ended: None,
        }
    }
}
