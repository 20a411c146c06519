//! The services of a channel: sub-channels by name, and the endpoints registered with them.

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use bytes::Bytes;
use tchannel_wire::MAX_SERVICE;
use thiserror::Error;

/// Names a sub-channel of one channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ServiceKey(usize);

impl ServiceKey {
    /// Its number, for a table of what belongs to sub-channels. Counts up from 0.
    pub const fn index(self) -> usize {
        self.0
    }
}

/// Names a registered endpoint of one channel: whoever runs handlers keeps one for each. Counts up from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EndpointKey(usize);

impl EndpointKey {
    /// Its number, for a table of handlers.
    pub const fn index(self) -> usize {
        self.0
    }
}

/// What a handler wants of a request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Handling {
    /// All arguments first.
    #[default]
    Whole,
    /// The head first; it reads the arguments as they come.
    Streamed,
}

/// Why services are not as asked for. Nothing changed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ServiceError {
    /// A channel or sub-channel without a name.
    #[error("a name is required: it is what other processes call")]
    ServiceNameRequired,
    /// A name that no frame can hold.
    #[error("the name has {len} bytes, at most {MAX_SERVICE} are allowed")]
    ServiceNameTooLong {
        /// Its length in bytes.
        len: usize,
    },
    /// The sub-channel exists.
    #[error("the sub-channel {name:?} exists: keep the first one, or use `get_or_create`")]
    DuplicateSubChannel {
        /// Its name.
        name: String,
    },
    /// An endpoint for no service in particular.
    #[error("an endpoint needs a service: make a sub-channel with `subchannel` and register there")]
    TopLevelRegister,
    /// A key that another channel gave out.
    #[error("no such sub-channel: its key is from another channel")]
    OtherChannel,
}

/// Sub-channels and registered endpoints.
///
/// Grows by what this process registers, never by what peers send. A sub-channel has no sub-channels: there is no call
/// for it.
#[derive(Clone, Debug, Default)]
pub struct Services {
    by_name: BTreeMap<Box<str>, ServiceKey>,
    pub(crate) list: Vec<Service>,
    /// By [`EndpointKey`].
    pub(crate) endpoints: Vec<Registered>,
    pub(crate) fallback: Option<EndpointKey>,
    /// Services with Thrift endpoints answer for the Meta service, too.
    pub(crate) meta: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct Service {
    pub(crate) name: Box<str>,
    pub(crate) endpoints: BTreeMap<Bytes, EndpointKey>,
    /// Takes every call with `as=http`.
    pub(crate) http: Option<EndpointKey>,
    /// Some endpoint wants `as=thrift` or `as=sthrift`.
    pub(crate) thrift: bool,
    pub(crate) fallback: Option<EndpointKey>,
}

impl Service {
    pub(crate) fn is_registered(&self) -> bool {
        !self.endpoints.is_empty() || self.http.is_some() || self.fallback.is_some()
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Registered {
    /// The scheme that a call must have; `None`: any.
    pub(crate) scheme: Option<Box<str>>,
    pub(crate) handling: Handling,
}

impl Services {
    /// Whom requests to the service [`BUILT_IN`](crate::BUILT_IN), and to the Meta service of others, go to, with
    /// [`ChannelConfig::serve_built_in`](crate::ChannelConfig::serve_built_in). Never the key of a registered endpoint.
    pub const BUILT_IN_KEY: EndpointKey = EndpointKey(usize::MAX);

    /// No services.
    pub fn new() -> Self {
        Services::default()
    }

    /// Makes a sub-channel. [`WILDCARD`] makes the one that answers for every service without its own.
    pub fn create(&mut self, name: &str) -> Result<ServiceKey, ServiceError> {
        check_name(name)?;
        if self.by_name.contains_key(name) {
            return Err(ServiceError::DuplicateSubChannel { name: name.into() });
        }
        let key = ServiceKey(self.list.len());
        let name: Box<str> = name.into();
        self.by_name.insert(name.clone(), key);
        self.list.push(Service {
            name,
            endpoints: BTreeMap::new(),
            http: None,
            thrift: false,
            fallback: None,
        });
        Ok(key)
    }

    /// The sub-channel of this name, and whether it is new. One that is there keeps the options that it was made with.
    pub fn get_or_create(&mut self, name: &str) -> Result<(ServiceKey, bool), ServiceError> {
        match self.find(name) {
            Some(key) => Ok((key, false)),
            None => self.create(name).map(|key| (key, true)),
        }
    }

    /// The sub-channel of this name.
    pub fn find(&self, name: &str) -> Option<ServiceKey> {
        self.by_name.get(name).copied()
    }

    /// A sub-channel's name; `None` for a key of another channel.
    pub fn name(&self, service: ServiceKey) -> Option<&str> {
        self.list.get(service.0).map(|service| &*service.name)
    }

    /// Registers an endpoint, byte for byte, also an empty one. What was registered for it is replaced, and keeps its
    /// key. With a scheme other than raw, calls must have that `as`.
    pub fn register(
        &mut self,
        service: impl Into<Option<ServiceKey>>,
        endpoint: impl Into<Bytes>,
        scheme: Option<&str>,
        handling: Handling,
    ) -> Result<EndpointKey, ServiceError> {
        let at = self.at(service)?;
        let (new, endpoint) = (self.next(), endpoint.into());
        let key = *self.list[at].endpoints.entry(endpoint).or_insert(new);
        let scheme = scheme.filter(|scheme| *scheme != "raw").map(Box::from);
        self.list[at].thrift |= matches!(scheme.as_deref(), Some("thrift" | "sthrift"));
        self.put(key, Registered { scheme, handling });
        Ok(key)
    }

    /// Registers a handler for all calls with `as=http`, whatever their endpoint. Again: replaces it.
    pub fn register_http(
        &mut self,
        service: impl Into<Option<ServiceKey>>,
        handling: Handling,
    ) -> Result<EndpointKey, ServiceError> {
        let (at, new) = (self.at(service)?, self.next());
        let key = *self.list[at].http.get_or_insert(new);
        self.put(key, Registered { scheme: None, handling });
        Ok(key)
    }

    /// Registers a handler for the endpoints that nobody registered: of one service, or with `None` of every service.
    /// It takes any scheme. Again: replaces it.
    pub fn set_fallback(
        &mut self,
        service: impl Into<Option<ServiceKey>>,
        handling: Handling,
    ) -> Result<EndpointKey, ServiceError> {
        let new = self.next();
        let key = match service.into() {
            None => *self.fallback.get_or_insert(new),
            Some(service) => {
                let at = self.at(service)?;
                *self.list[at].fallback.get_or_insert(new)
            }
        };
        self.put(key, Registered { scheme: None, handling });
        Ok(key)
    }

    /// Every sub-channel with its registered endpoints, in the order of their making and of their bytes.
    pub fn iter(&self) -> impl Iterator<Item = (ServiceKey, &str, impl Iterator<Item = &Bytes>)> {
        self.list
            .iter()
            .enumerate()
            .map(|(at, service)| (ServiceKey(at), &*service.name, service.endpoints.keys()))
    }

    fn at(&self, service: impl Into<Option<ServiceKey>>) -> Result<usize, ServiceError> {
        let key = service.into().ok_or(ServiceError::TopLevelRegister)?;
        if key.0 < self.list.len() { Ok(key.0) } else { Err(ServiceError::OtherChannel) }
    }

    /// The key of the next endpoint that is not there yet.
    fn next(&self) -> EndpointKey {
        EndpointKey(self.endpoints.len())
    }

    fn put(&mut self, key: EndpointKey, registered: Registered) {
        match self.endpoints.get_mut(key.0) {
            Some(before) => *before = registered,
            None => self.endpoints.push(registered),
        }
    }
}

/// Refuses a name that a channel or a sub-channel cannot have.
pub fn check_name(name: &str) -> Result<(), ServiceError> {
    match name.len() {
        0 => Err(ServiceError::ServiceNameRequired),
        1..=MAX_SERVICE => Ok(()),
        len => Err(ServiceError::ServiceNameTooLong { len }),
    }
}

/// The service that answers for every service without its own.
pub const WILDCARD: &str = "*";

#[cfg(test)]
mod tests;
