//! Events of the core, written as lines.

use tchannel_proto::wire::{ChecksumKind, Headers, Tracing};
use tchannel_proto::{Args, CallError, CallId, Event, Timestamp};

use super::sent::{code, error_code, shown, tracing_text};

/// The event's line; moments are told from `now` on.
pub(crate) fn line(now: Timestamp, event: &Event) -> String {
    match event {
        Event::Ready(remote) => format!(
            "ready {} {} {}",
            remote.host_port.as_deref().unwrap_or("-"),
            remote.process_name,
            if remote.language.is_empty() { "-" } else { &remote.language },
        ),
        Event::Request { call, head, args } => {
            let flags = if head.flags.0 & 2 == 0 { "" } else { " streaming" };
            format!(
                "request {} {} {} {} {} {}ms{flags} {} {}",
                call.id(),
                head.service(),
                headers(head.headers()),
                tracing(&head.tracing),
                checksum(head.checksum),
                head.deadline.since(now).as_millis(),
                shown(&head.arg1),
                arguments(args.as_ref()),
            )
        }
        Event::Response { call, head, args } => format!(
            "response {} {} {} {} {} {}",
            call.id(),
            code(head.code.0),
            headers(head.headers.headers()),
            tracing(&head.tracing),
            checksum(head.checksum),
            arguments(args.as_ref()),
        ),
        Event::Whole { call, args } => format!("whole {} {}", name(*call), arguments(Some(args))),
        Event::Readable(call) => format!("readable {}", name(*call)),
        Event::Writable(call) => format!("writable {}", name(*call)),
        Event::Abandoned { call, code } => format!("abandoned {} {}", call.id(), error_code(code.byte())),
        Event::Failed { call, error } => format!("failed {} {}", call.id(), failure(error)),
        Event::Draining(reason) => format!("draining {reason:?}"),
        Event::Claim(trace) => format!("claim {}", tracing(trace)),
        Event::Closed(reason) => format!("closed {reason}"),
    }
}

/// `in 2` for a call of the peer's, `out 2` for one of ours.
fn name(call: CallId) -> String {
    match call {
        CallId::Incoming(call) => format!("in {}", call.id()),
        CallId::Outgoing(call) => format!("out {}", call.id()),
    }
}

fn failure(error: &CallError) -> String {
    format!("{} {} {:?}", error_code(error.code.byte()), error.origin, error.message)
}

fn arguments(args: Option<&Args>) -> String {
    args.map_or_else(|| "in parts".into(), |args| format!("{} {}", shown(&args.arg2), shown(&args.body())))
}

fn headers(headers: Headers<'_>) -> String {
    let pairs: Vec<_> = headers.iter().map(|(key, value)| format!("{key}={value}")).collect();
    format!("[{}]", pairs.join(" "))
}

fn tracing(tracing: &Tracing) -> String {
    tracing_text(&tracing.encode())
}

fn checksum(kind: ChecksumKind) -> &'static str {
    match kind {
        ChecksumKind::None => "none",
        ChecksumKind::Crc32 => "crc32",
        ChecksumKind::FarmHash => "farmhash",
        ChecksumKind::Crc32c => "crc32c",
    }
}
