//! Spans, notices and requests for the `tracing` crate, and whatever subscriber the program has installed.

use tchannel_mesh::Role;
use tracing::{Level, Span, event, span};

use crate::wire::Tracing;
use crate::{Notice, TraceSpan};

/// Tells a finished span as an event of level `INFO`, target `tchannel::trace`, ids as 16 hexadecimal digits.
pub fn span(span: &TraceSpan) {
    let Tracing { trace_id, span_id, parent_id, .. } = span.tracing();
    let role = match span.role() {
        Role::Client => "client",
        Role::Server => "server",
    };
    let took = span.took.map(|took| took.as_micros());
    event!(
        target: "tchannel::trace",
        Level::INFO,
        role,
        service = &*span.report.service,
        endpoint = &*span.report.endpoint,
        caller = &*span.report.caller,
        trace_id = format_args!("{trace_id:016x}"),
        span_id = format_args!("{span_id:016x}"),
        parent_id = format_args!("{parent_id:016x}"),
        took_us = took.map(|took| u64::try_from(took).unwrap_or(u64::MAX)),
        "span"
    );
}

/// Tells a notice as an event, target `tchannel`: what needs an operator as `WARN`, what comes and goes as `DEBUG`.
pub fn notice(notice: &Notice<'_>) {
    match notice {
        Notice::HandlerFailed { .. }
        | Notice::AcceptFailed { .. }
        | Notice::Refused { .. }
        | Notice::AdvertiseFailed { .. }
        | Notice::NearLimit { .. }
        | Notice::Circuit { .. }
        | Notice::PeerFile { .. } => event!(target: "tchannel", Level::WARN, "{notice}"),
        #[cfg(feature = "cassette")]
        Notice::CassetteNotSaved { .. } => event!(target: "tchannel", Level::WARN, "{notice}"),
        Notice::Advertised { .. } | Notice::SpanLost { .. } | Notice::Closed { .. } | Notice::Peer { .. } => {
            event!(target: "tchannel", Level::DEBUG, "{notice}");
        }
    }
}

/// What surrounds a handler at work: its own events lie in the request's span.
pub(crate) fn request(service: &str, endpoint: &str, caller: &str, tracing: Tracing) -> Span {
    span!(
        target: "tchannel",
        Level::INFO,
        "request",
        service,
        endpoint,
        caller,
        trace_id = format_args!("{:016x}", tracing.trace_id),
        span_id = format_args!("{:016x}", tracing.span_id),
    )
}
