//! From a request's head to the endpoint that serves it.
//!
//! | step | rule |
//! |---|---|
//! | routing name | `rd` if there is one and the channel relays, else the service |
//! | built in | `tchannel` always answers |
//! | service | its own endpoints, else those of `*` |
//! | http | a handler for `as=http` as a whole comes before endpoints |
//! | endpoint | arg1 byte for byte, else the service's fallback, else the channel's |
//! | Meta | its methods, as=thrift, of a service that has Thrift endpoints but not these |
//! | scheme | an endpoint that wants one gets no other |

use alloc::borrow::ToOwned;
use alloc::string::String;

use tchannel_proto::RequestHead;
use tchannel_wire::{ErrorCode, Scheme};
use thiserror::Error;

use crate::services::{EndpointKey, Handling, Service, Services, WILDCARD};

/// Who serves a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Endpoint {
    /// The channel itself: the service is [`BUILT_IN`], or the endpoint one of [`META`].
    BuiltIn,
    /// A registered handler.
    Registered {
        /// Which one.
        key: EndpointKey,
        /// What it wants.
        handling: Handling,
    },
}

/// Why nobody serves a request: the text and the code of the error frame that answers it.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum NotServed {
    /// No sub-channel has this name.
    #[error("unknown service {service}")]
    UnknownService {
        /// The name called.
        service: String,
    },
    /// The service has no such endpoint and no fallback.
    #[error("no such endpoint service=\"{service}\" endpoint=\"{endpoint}\"")]
    NoSuchEndpoint {
        /// The name called.
        service: String,
        /// arg1 as text, at most 100 characters.
        endpoint: String,
    },
    /// The endpoint is for another arg scheme.
    #[error("expected arg scheme \"{expected}\", got \"{got}\"")]
    Scheme {
        /// The scheme that it was registered with.
        expected: String,
        /// The request's, `raw` if it has none.
        got: String,
    },
}

impl NotServed {
    pub(crate) fn no_such_endpoint(service: &str, head: &RequestHead) -> Self {
        NotServed::NoSuchEndpoint { service: service.to_owned(), endpoint: head.endpoint().into_owned() }
    }

    /// The code of the error frame.
    pub const fn code(&self) -> ErrorCode {
        ErrorCode::BadRequest
    }
}

impl Services {
    /// Finds who serves a request. Changes nothing, whatever is called.
    pub fn dispatch(&self, head: &RequestHead, relaying: bool) -> Result<Endpoint, NotServed> {
        let headers = head.headers();
        let delegate = headers.routing_delegate().filter(|name| relaying && !name.is_empty());
        let name = delegate.unwrap_or(head.service());
        if name == BUILT_IN {
            return Ok(Endpoint::BuiltIn);
        }
        let Some(service) = self.serving(name) else {
            return Err(NotServed::UnknownService { service: name.to_owned() });
        };
        let scheme = headers.scheme().unwrap_or(Scheme::Raw);
        let http = service.http.filter(|_| scheme == Scheme::Http);
        let exact = http.or_else(|| service.endpoints.get(&head.arg1).copied());
        let is_meta = || scheme == Scheme::Thrift && META.iter().any(|method| head.arg1 == method.as_bytes());
        if exact.is_none() && self.meta && service.thrift && is_meta() {
            return Ok(Endpoint::BuiltIn);
        }
        let Some(key) = exact.or(service.fallback).or(self.fallback) else {
            return Err(NotServed::no_such_endpoint(name, head));
        };
        let registered = self.endpoints.get(key.index());
        let expected = registered.and_then(|endpoint| endpoint.scheme.as_deref());
        if let Some(expected) = expected.filter(|expected| *expected != scheme.as_str()) {
            return Err(NotServed::Scheme { expected: expected.to_owned(), got: scheme.as_str().to_owned() });
        }
        let handling = registered.map(|endpoint| endpoint.handling).unwrap_or_default();
        Ok(Endpoint::Registered { key, handling })
    }

    /// The sub-channel that answers for a name. One without endpoints, made for calls of our own, does not stand before
    /// the wildcard.
    fn serving(&self, name: &str) -> Option<&Service> {
        let find = |name| self.list.get(self.find(name)?.index());
        let own = find(name);
        let registered = |service: Option<&'_ Service>| service.is_some_and(Service::is_registered);
        if registered(own) {
            return own;
        }
        let wildcard = find(WILDCARD);
        if registered(wildcard) { wildcard } else { own }
    }
}

/// The service that every channel answers itself: health, Thrift IDL, versions.
pub const BUILT_IN: &str = "tchannel";

/// Methods of the Meta service, which a channel answers itself for each service with Thrift endpoints.
pub const META: [&str; 3] = ["Meta::health", "Meta::thriftIDL", "Meta::versionInfo"];

#[cfg(test)]
mod tests;
