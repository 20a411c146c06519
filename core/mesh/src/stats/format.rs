//! Tags and statsd keys.

use alloc::borrow::Cow;
use alloc::string::{String, ToString};

use smallvec::SmallVec;

use super::{
    Connection, Inbound, LabelKey, LabelSet, Labels, Outbound, PerAttempt, RateLimit, Stat, error_word,
};

/// One tag. An absent value is written as `no-` and the name in statsd keys, and left out elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tag<'a> {
    /// Its name.
    pub name: &'static str,
    /// Its value.
    pub value: Option<Cow<'a, str>>,
}

/// The tags of one measurement, in the order in which a statsd key has them.
pub type Tags<'a> = SmallVec<[Tag<'a>; 6]>;

impl Stat {
    /// Its tags, apart from `app`, which every measurement of a process has.
    pub fn tags<'a>(&'a self, labels: &'a Labels) -> Tags<'a> {
        let mut tags = Tags::new();
        match self {
            Stat::Outbound { labels: key, what } => {
                put_outbound(&mut tags, labels.labels(*key));
                tags.extend(outbound_tag(*what));
            }
            Stat::Attempt { labels: key, peer, retry_count, what } => {
                put_outbound(&mut tags, labels.labels(*key));
                tags.extend(attempt_tag(*what));
                tags.push(some("peer", peer.to_string().into()));
                tags.push(some("retry-count", retry_count.to_string().into()));
            }
            Stat::Inbound { labels: key, what } => {
                let set = labels.labels(*key);
                tags.push(tag("calling-service", set.other.as_deref()));
                tags.push(tag("service", set.service.as_deref()));
                tags.push(tag("endpoint", set.endpoint.as_deref()));
                tags.extend(inbound_tag(*what));
            }
            Stat::Connection(what) => tags.extend(connection_tag(*what)),
            Stat::RateLimit(what) => tags.extend(rate_tag(*what, labels)),
        }
        tags
    }

    /// The key under which statsd knows it: prefix, name and tags, joined by dots. `prefix` ends without a dot; usually
    /// it is [`PREFIX`].
    pub fn statsd_key(&self, prefix: &str, labels: &Labels) -> String {
        let mut key = String::from(prefix);
        key.push('.');
        key.push_str(self.name());
        for tag in self.tags(labels) {
            key.push('.');
            match tag.value.as_deref() {
                None | Some("") => {
                    key.push_str("no-");
                    key.push_str(tag.name);
                }
                Some(part) => put_clean(&mut key, part),
            }
        }
        key
    }
}

fn put_outbound<'a>(tags: &mut Tags<'a>, set: &'a LabelSet) {
    tags.push(tag("service", set.service.as_deref()));
    tags.push(tag("target-service", set.other.as_deref()));
    tags.push(tag("target-endpoint", set.endpoint.as_deref()));
}

fn outbound_tag(what: Outbound) -> Option<Tag<'static>> {
    match what {
        Outbound::SystemError(code) | Outbound::OperationalError(code) => {
            Some(tag("type", Some(error_word(code))))
        }
        Outbound::Retry { retry_count } => Some(some("retry-count", retry_count.to_string().into())),
        Outbound::Sent
        | Outbound::Success
        | Outbound::AppError
        | Outbound::RetryRejected
        | Outbound::RequestSize(_)
        | Outbound::ResponseSize(_)
        | Outbound::Latency(_) => None,
    }
}

fn attempt_tag(what: PerAttempt) -> Option<Tag<'static>> {
    match what {
        PerAttempt::SystemError(code) | PerAttempt::OperationalError(code) => {
            Some(tag("type", Some(error_word(code))))
        }
        PerAttempt::AppError | PerAttempt::Latency(_) => None,
    }
}

fn inbound_tag(what: Inbound) -> Option<Tag<'static>> {
    match what {
        Inbound::SystemError(code) => Some(tag("type", Some(error_word(code)))),
        Inbound::Received
        | Inbound::Success
        | Inbound::AppError
        | Inbound::CancelRequested
        | Inbound::CancelHonored
        | Inbound::ProtocolError
        | Inbound::RequestSize(_)
        | Inbound::ResponseSize(_)
        | Inbound::Latency(_) => None,
    }
}

fn connection_tag(what: Connection) -> Option<Tag<'static>> {
    match what {
        Connection::Error(error) => Some(tag("type", Some(error.as_str()))),
        Connection::Closed(reason) => Some(tag("reason", Some(reason.as_str()))),
        Connection::Active(_)
        | Connection::Initiated
        | Connection::ConnectError
        | Connection::Accepted
        | Connection::AcceptError
        | Connection::BytesSent(_)
        | Connection::BytesReceived(_) => None,
    }
}

fn rate_tag(what: RateLimit, labels: &Labels) -> Option<Tag<'_>> {
    let target = |key: LabelKey| Some(tag("target-service", labels.labels(key).other.as_deref()));
    match what {
        RateLimit::ServiceBusy(key) | RateLimit::ServiceRps(key, _) | RateLimit::ServiceRpsLimit(key, _) => {
            target(key)
        }
        RateLimit::TotalBusy | RateLimit::TotalRps(_) | RateLimit::TotalRpsLimit(_) => None,
    }
}

fn tag<'a>(name: &'static str, value: Option<&'a str>) -> Tag<'a> {
    Tag { name, value: value.map(Cow::Borrowed) }
}

fn some<'a>(name: &'static str, value: Cow<'a, str>) -> Tag<'a> {
    Tag { name, value: Some(value) }
}

/// Every run of what statsd and graphite give a meaning becomes one `-`.
pub(crate) fn put_clean(out: &mut String, part: &str) {
    let mut in_run = false;
    for c in part.chars() {
        let special = matches!(c, '{' | '}' | '/' | '\\' | ':' | '.') || c.is_whitespace();
        if !special {
            out.push(c);
        } else if !in_run {
            out.push('-');
        }
        in_run = special;
    }
}

/// The usual beginning of every name.
pub const PREFIX: &str = "tchannel";

#[cfg(test)]
mod tests;
