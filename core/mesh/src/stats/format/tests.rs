use alloc::format;
use alloc::vec::Vec;
use core::time::Duration;

use tchannel_wire::ErrorCode;

use super::*;
use crate::stats::{Closed, ConnectionError};

fn labels() -> (Labels, LabelKey) {
    let mut labels = Labels::new();
    let key = labels.key("curly", "moe", Some("Stooge::poke"));
    (labels, key)
}

fn key(stat: &Stat, labels: &Labels) -> String {
    stat.statsd_key(PREFIX, labels)
}

fn tags(stat: &Stat, labels: &Labels) -> Vec<(&'static str, Option<String>)> {
    stat.tags(labels).into_iter().map(|tag| (tag.name, tag.value.map(Cow::into_owned))).collect()
}

#[test]
fn outbound_service_target_service_target_endpoint() {
    let (labels, at) = labels();
    let stat = Stat::Outbound { labels: at, what: Outbound::Sent };
    let expected = [("service", "curly"), ("target-service", "moe"), ("target-endpoint", "Stooge::poke")];
    assert_eq!(tags(&stat, &labels), expected.map(|(name, value)| (name, Some(value.into()))));
    assert_eq!(key(&stat, &labels), "tchannel.outbound.calls.sent.curly.moe.Stooge-poke");
}

#[test]
fn inbound_calling_service_service_endpoint() {
    let mut labels = Labels::new();
    let at = labels.key("moe", "curly", Some("poke"));
    let stat = Stat::Inbound { labels: at, what: Inbound::SystemError(ErrorCode::Busy) };
    let expected = [("calling-service", "curly"), ("service", "moe"), ("endpoint", "poke"), ("type", "busy")];
    assert_eq!(tags(&stat, &labels), expected.map(|(name, value)| (name, Some(value.into()))));
    assert_eq!(key(&stat, &labels), "tchannel.inbound.calls.system-errors.curly.moe.poke.busy");
}

#[test]
fn per_attempt_peer_and_retry_count_from_0() {
    let (labels, at) = labels();
    let attempt = |retry_count, what| Stat::Attempt {
        labels: at,
        peer: "10.0.0.1:4040".parse().expect("a peer"),
        retry_count,
        what,
    };
    let latency = attempt(0, PerAttempt::Latency(Duration::from_millis(3)));
    assert_eq!(
        key(&latency, &labels),
        "tchannel.outbound.calls.per-attempt.latency.curly.moe.Stooge-poke.10-0-0-1-4040.0"
    );
    let error = attempt(1, PerAttempt::OperationalError(ErrorCode::Network));
    assert_eq!(
        key(&error, &labels),
        "tchannel.outbound.calls.per-attempt.operational-errors.curly.moe.Stooge-poke.network-error.10-0-0-1-4040.1"
    );
}

#[test]
fn types_and_retry_counts_of_calls() {
    let (labels, at) = labels();
    let key = |what| key(&Stat::Outbound { labels: at, what }, &labels);
    let rest = "curly.moe.Stooge-poke";
    assert_eq!(
        key(Outbound::SystemError(ErrorCode::Fatal)),
        format!("tchannel.outbound.calls.system-errors.{rest}.protocol-error")
    );
    assert_eq!(key(Outbound::Retry { retry_count: 1 }), format!("tchannel.outbound.calls.retries.{rest}.1"));
}

#[test]
fn connections_type_and_reason() {
    let labels = Labels::new();
    let key = |what| key(&Stat::Connection(what), &labels);
    let error = Connection::Error(ConnectionError::PeerProtocolError);
    assert_eq!(key(error), "tchannel.connections.errors.peer-protocol-error");
    assert_eq!(key(Connection::Closed(Closed::PeerClosed)), "tchannel.connections.closed.peer-closed");
    assert_eq!(key(Connection::Active(1)), "tchannel.connections.active");
}

#[test]
fn rate_limiting_of_a_service_names_it() {
    let (labels, at) = labels();
    let key = |what| key(&Stat::RateLimit(what), &labels);
    assert_eq!(key(RateLimit::ServiceBusy(at)), "tchannel.rate-limiting.service-busy.moe");
    assert_eq!(key(RateLimit::TotalRps(3)), "tchannel.rate-limiting.total-rps");
}

#[test]
fn absent_part_is_no_and_the_tag() {
    let mut labels = Labels::new();
    let at = labels.key("curly", "", None);
    let stat = Stat::Outbound { labels: at, what: Outbound::Sent };
    let expected = "tchannel.outbound.calls.sent.curly.no-target-service.no-target-endpoint";
    assert_eq!(key(&stat, &labels), expected);
    let stat = Stat::Inbound { labels: LabelKey::NONE, what: Inbound::ProtocolError };
    let expected = "tchannel.inbound.protocol-errors.no-calling-service.no-service.no-endpoint";
    assert_eq!(key(&stat, &labels), expected);
}

#[test]
fn runs_of_special_characters_become_one_hyphen() {
    let clean = |part| {
        let mut out = String::new();
        put_clean(&mut out, part);
        out
    };
    assert_eq!(clean("a::b"), "a-b");
    assert_eq!(clean("{a}/b\\c: .d"), "-a-b-c-d");
    assert_eq!(clean("a \t\n\u{a0}b"), "a-b");
    assert_eq!(clean("a--b_c"), "a--b_c");
    assert_eq!(clean("..."), "-");
    assert_eq!(clean(""), "");
}

#[test]
fn labels_that_are_not_kept_are_other() {
    let stat = Stat::Outbound { labels: LabelKey::OTHER, what: Outbound::Success };
    assert_eq!(key(&stat, &Labels::new()), "tchannel.outbound.calls.success.other.other.other");
}
