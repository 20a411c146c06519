//! Which recordings a call is compared with, and in what.

mod headers;
mod nearest;

pub(crate) use nearest::nearest;
pub use nearest::{Difference, Nearest};

use alloc::string::String;
use core::fmt;
use core::str::FromStr;

use thiserror::Error;

use crate::{Blob, Request, TransportHeader};

/// One thing that a call and a recording have to have in common. What is cheap to compare comes first, as does what
/// makes two calls least alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Matcher {
    /// The service's name.
    ServiceName,
    /// The endpoint.
    Endpoint,
    /// The arg scheme.
    ArgScheme,
    /// The body, byte for byte.
    Body,
    /// The application headers: as values if the arg scheme is json, as pairs if it is thrift, else byte for byte. Keys
    /// that begin with `$tracing$` are left out of json and thrift.
    Headers,
    /// The address that the call names itself.
    HostPort,
    /// The transport headers, in any order.
    TransportHeaders,
}

impl Matcher {
    const ALL: [Self; 7] = [
        Self::ServiceName,
        Self::Endpoint,
        Self::ArgScheme,
        Self::Body,
        Self::Headers,
        Self::HostPort,
        Self::TransportHeaders,
    ];

    /// Its name, as tchannel-python and the file have it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ServiceName => "serviceName",
            Self::Endpoint => "endpoint",
            Self::ArgScheme => "argScheme",
            Self::Body => "body",
            Self::Headers => "headers",
            Self::HostPort => "hostPort",
            Self::TransportHeaders => "transportHeaders",
        }
    }

    fn accepts(self, recorded: &Request, asked: &Request) -> bool {
        match self {
            Self::ServiceName => recorded.service == asked.service,
            Self::Endpoint => recorded.endpoint == asked.endpoint,
            Self::ArgScheme => recorded.scheme == asked.scheme,
            Self::Body => recorded.body == asked.body,
            Self::Headers => headers::same(recorded, asked),
            Self::HostPort => recorded.host_port == asked.host_port,
            Self::TransportHeaders => {
                holds(&recorded.transport_headers, &asked.transport_headers)
                    && holds(&asked.transport_headers, &recorded.transport_headers)
            }
        }
    }
}

/// Whether each header of one side is on the other. The first of a key counts.
fn holds(these: &[TransportHeader], those: &[TransportHeader]) -> bool {
    these.iter().all(|header| first(those, &header.key) == first(these, &header.key))
}

fn first<'a>(headers: &'a [TransportHeader], key: &Blob) -> Option<&'a Blob> {
    headers.iter().find(|header| header.key == *key).map(|header| &header.value)
}

impl fmt::Display for Matcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Matcher {
    type Err = UnknownMatcher;

    fn from_str(name: &str) -> Result<Self, UnknownMatcher> {
        let found = Self::ALL.into_iter().find(|matcher| matcher.as_str() == name);
        found.ok_or_else(|| UnknownMatcher { name: name.chars().take(32).collect() })
    }
}

/// A name that no matcher has.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error(
    "{name:?} is no matcher; choose from serviceName, endpoint, argScheme, body, headers, hostPort, transportHeaders"
)]
pub struct UnknownMatcher {
    /// Its beginning.
    name: String,
}

/// All that a call and a recording have to have in common: service, endpoint, headers, body and arg scheme unless chosen
/// otherwise. Peers that the channel knows are never compared.
///
/// Collects from [`Matcher`]s. With none, any recording answers any call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Matchers([bool; Matcher::ALL.len()]);

impl Matchers {
    /// These and one more.
    #[must_use = "the choice is returned, not changed in place"]
    pub fn with(self, matcher: Matcher) -> Self {
        self.set(matcher, true)
    }

    /// These but one.
    #[must_use = "the choice is returned, not changed in place"]
    pub fn without(self, matcher: Matcher) -> Self {
        self.set(matcher, false)
    }

    /// Whether it is one of these.
    pub fn contains(self, matcher: Matcher) -> bool {
        self.chosen().any(|chosen| chosen == matcher)
    }

    fn set(mut self, matcher: Matcher, is_chosen: bool) -> Self {
        for (slot, each) in self.0.iter_mut().zip(Matcher::ALL) {
            if each == matcher {
                *slot = is_chosen;
            }
        }
        self
    }

    fn chosen(self) -> impl Iterator<Item = Matcher> {
        Matcher::ALL.into_iter().zip(self.0).filter_map(|(matcher, is_chosen)| is_chosen.then_some(matcher))
    }

    pub(crate) fn accept(self, recorded: &Request, asked: &Request) -> bool {
        self.chosen().all(|matcher| matcher.accepts(recorded, asked))
    }
}

impl Default for Matchers {
    fn default() -> Self {
        let chosen =
            [Matcher::ServiceName, Matcher::Endpoint, Matcher::ArgScheme, Matcher::Body, Matcher::Headers];
        chosen.into_iter().collect()
    }
}

impl FromIterator<Matcher> for Matchers {
    fn from_iter<T: IntoIterator<Item = Matcher>>(matchers: T) -> Self {
        matchers.into_iter().fold(Matchers([false; Matcher::ALL.len()]), Matchers::with)
    }
}

#[cfg(test)]
mod tests;
