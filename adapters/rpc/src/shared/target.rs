//! What is called, encoded once and kept for the next call.

use std::borrow::Cow;
use std::hash::Hasher;
use std::sync::{Arc, Mutex, OnceLock};

use bytes::Bytes;
use tchannel_proto::wire::{HeaderError, RetryFlags, Route, Scheme};

use super::hash::Fnv;
use super::lock;

/// A service and an endpoint, with the routes that calls without extra headers use.
#[derive(Debug)]
pub(crate) struct Target {
    service: Box<str>,
    endpoint: Bytes,
    plain: [OnceLock<Route>; SCHEMES],
}

const SCHEMES: usize = 5;

impl Target {
    fn new(service: &str, endpoint: &[u8]) -> Self {
        Target {
            service: service.into(),
            endpoint: Bytes::copy_from_slice(endpoint),
            plain: Default::default(),
        }
    }

    pub(crate) fn service(&self) -> &str {
        &self.service
    }

    pub(crate) fn endpoint(&self) -> &Bytes {
        &self.endpoint
    }

    pub(crate) fn endpoint_text(&self) -> Cow<'_, str> {
        let shown = &self.endpoint[..self.endpoint.len().min(SHOWN)];
        String::from_utf8_lossy(shown)
    }

    /// The route of a call with nothing but the usual three headers.
    pub(crate) fn plain_route(&self, caller: &str, scheme: &str) -> Result<Route, HeaderError> {
        let encode = || self.route(caller, scheme, RetryFlags::default().as_str(), &[]);
        let kept = match Scheme::from(scheme) {
            Scheme::Raw => &self.plain[0],
            Scheme::Json => &self.plain[1],
            Scheme::Thrift => &self.plain[2],
            Scheme::Sthrift => &self.plain[3],
            Scheme::Http => &self.plain[4],
            Scheme::Other(_) => return encode(),
        };
        if let Some(route) = kept.get() {
            return Ok(route.clone());
        }
        let route = encode()?;
        Ok(kept.get_or_init(|| route).clone())
    }

    /// The route of any call: `cn`, `as`, `re`, then the others in their order.
    pub(crate) fn route(
        &self,
        caller: &str,
        scheme: &str,
        retry: &str,
        headers: &[(Cow<'static, str>, String)],
    ) -> Result<Route, HeaderError> {
        let usual = [("cn", caller), ("as", scheme), ("re", retry)];
        let others = headers.iter().map(|(key, value)| (key.as_ref(), value.as_str()));
        Route::encode(&self.service, usual.into_iter().chain(others))
    }
}

/// Bytes of an endpoint shown in a message.
const SHOWN: usize = 100;

/// The targets called last: a call to one of them encodes and allocates nothing.
#[derive(Debug, Default)]
pub(crate) struct Targets {
    kept: Mutex<Vec<Option<Arc<Target>>>>,
}

impl Targets {
    pub(crate) fn find(&self, service: &str, endpoint: &[u8]) -> Arc<Target> {
        let mut hash = Fnv::default();
        hash.write(service.as_bytes());
        hash.write(&[0]);
        hash.write(endpoint);
        let mut kept = lock(&self.kept);
        if kept.is_empty() {
            kept.resize(KEPT, None);
        }
        let at = usize::try_from(hash.finish() % KEPT as u64).unwrap_or_default();
        match &kept[at] {
            Some(target) if *target.service == *service && target.endpoint == endpoint => target.clone(),
            _ => {
                let target = Arc::new(Target::new(service, endpoint));
                kept[at] = Some(target.clone());
                target
            }
        }
    }
}

/// How many. A program with more endpoints than this encodes some of their routes again.
const KEPT: usize = 256;

#[cfg(test)]
mod tests;
