//! Spans of traces on their way to `TCollector`, a service that keeps them: one call for each.
//!
//! | call | as | arg1 | arg2 | arg3 |
//! |---|---|---|---|---|
//! | submit | thrift | `TCollector::submit` | `0000` | `Span` in field 1 |

use alloc::format;
use alloc::vec::Vec;
use core::net::{IpAddr, Ipv4Addr, SocketAddr};
use core::time::Duration;

use tchannel_proto::Args;

use super::call::Call;
use super::thrift::kind;
use crate::options::Setting;
use crate::trace::{Role, SpanReport};

/// The service that takes spans.
pub const TCOLLECTOR: &str = "tcollector";

/// The call that hands in a span: 100 ms, one attempt, no trace of its own. The times are since 1970, UTC: when the span
/// began, and when it ended if it did.
pub fn submit(span: &SpanReport, began: Duration, ended: Option<Duration>) -> Call {
    let args = Args::new(&b"\0\0"[..], arguments(span, began, ended));
    let mut call = Call::new("TCollector::submit", "thrift", args).once(PATIENCE);
    let trace = span.tracing.trace_id;
    // As tchannel-node writes it: both halves as decimal numbers.
    let key = format!("{},{}", trace >> 32, trace & u64::from(u32::MAX));
    call.options.service = Some(TCOLLECTOR.into());
    call.options.headers.push(("shardKey".into(), key.clone().into()));
    call.options.shard_key = Setting::Is(key.into());
    call
}

/// `Span` as the first argument.
fn arguments(span: &SpanReport, began: Duration, ended: Option<Duration>) -> Vec<u8> {
    let (first, last) = match span.role {
        Role::Client => ("cs", "cr"),
        Role::Server => ("sr", "ss"),
    };
    let times = [Some((began, first)), ended.map(|ended| (ended, last))];
    let times: Vec<_> = times.into_iter().flatten().collect();
    let texts: &[(&str, &str)] = match span.role {
        Role::Client => &[("as", &span.scheme), ("cn", &span.caller)],
        Role::Server => &[("cn", &span.caller), ("as", &span.scheme), ("src", &span.source)],
    };
    let mut out = Writer(Vec::with_capacity(256));
    out.field(kind::STRUCT, 1);
    out.bytes(1, &span.tracing.trace_id.to_be_bytes());
    out.field(kind::STRUCT, 2);
    out.host(span);
    out.bytes(3, span.endpoint.as_bytes());
    out.bytes(4, &span.tracing.span_id.to_be_bytes());
    out.bytes(5, &span.tracing.parent_id.to_be_bytes());
    out.list(6, times.len());
    for (at, name) in times {
        out.field(DOUBLE, 1);
        out.0.extend(millis(at).to_be_bytes());
        out.bytes(2, name.as_bytes());
        out.end();
    }
    out.list(7, texts.len());
    for (name, text) in texts {
        out.bytes(1, name.as_bytes());
        out.bytes(2, text.as_bytes());
        out.number(7, STRING_ANNOTATION);
        out.end();
    }
    out.end();
    out.end();
    out.0
}

/// Milliseconds; exact for whole ones.
fn millis(at: Duration) -> f64 {
    // The protocol's own time ends in 2106.
    let seconds = u32::try_from(at.as_secs()).unwrap_or(u32::MAX);
    f64::from(seconds) * 1_000.0 + f64::from(at.subsec_micros()) / 1_000.0
}

struct Writer(Vec<u8>);

impl Writer {
    fn field(&mut self, kind: u8, id: u8) {
        self.0.extend([kind, 0, id]);
    }

    fn number(&mut self, id: u8, value: u32) {
        self.field(kind::I32, id);
        self.0.extend(value.to_be_bytes());
    }

    fn bytes(&mut self, id: u8, bytes: &[u8]) {
        self.field(kind::STRING, id);
        // Names of services and endpoints are bounded, and all others are shorter.
        self.0.extend(u32::try_from(bytes.len()).unwrap_or_default().to_be_bytes());
        self.0.extend_from_slice(bytes);
    }

    fn list(&mut self, id: u8, count: usize) {
        self.field(kind::LIST, id);
        self.0.push(kind::STRUCT);
        self.0.extend(u32::try_from(count).unwrap_or_default().to_be_bytes());
    }

    /// `Endpoint`: who serves the call. The protocol has words for IPv4 only.
    fn host(&mut self, span: &SpanReport) {
        let (ip, port) = match span.target.parse() {
            Ok(SocketAddr::V4(at)) => (*at.ip(), at.port()),
            Ok(SocketAddr::V6(at)) => match at.ip().to_canonical() {
                IpAddr::V4(ip) => (ip, at.port()),
                IpAddr::V6(_) => (Ipv4Addr::UNSPECIFIED, at.port()),
            },
            Err(_) => (Ipv4Addr::UNSPECIFIED, 0),
        };
        self.number(1, ip.to_bits());
        self.number(2, port.into());
        self.bytes(3, span.service.as_bytes());
        self.end();
    }

    fn end(&mut self) {
        self.0.push(0);
    }
}

const DOUBLE: u8 = 4;
/// `AnnotationType::STRING`.
const STRING_ANNOTATION: u32 = 6;
/// Nobody waits longer for a collector.
const PATIENCE: Duration = Duration::from_millis(100);
