//! Which handler serves which call.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::hash::BuildHasherDefault;
use std::sync::{Arc, PoisonError, RwLock};

use tchannel_proto::RequestHead;

use super::endpoint::Endpoint;
use super::handler::{Handler, StreamedHandler};
use crate::shared::hash::Fnv;
use crate::shared::hub::Hub;

type Table<K, V> = HashMap<Box<K>, V, BuildHasherDefault<Fnv>>;

/// What a channel serves.
pub(crate) struct Services {
    /// `None` once the channel is over.
    table: RwLock<Option<Table<str, Endpoints>>>,
}

impl Default for Services {
    fn default() -> Self {
        Services { table: RwLock::new(Some(Table::default())) }
    }
}

#[derive(Default)]
struct Endpoints {
    named: Table<[u8], Option<Arc<Endpoint>>>,
    fallback: Option<Arc<Endpoint>>,
}

/// Where an endpoint is, or will be.
type Place<'a> = &'a mut Option<Arc<Endpoint>>;

impl Services {
    pub(super) fn find(&self, head: &RequestHead) -> Result<Arc<Endpoint>, String> {
        let service = head.service();
        let endpoint = {
            let table = self.table.read().unwrap_or_else(PoisonError::into_inner);
            let found = table.as_ref().and_then(|table| table.get(service).or_else(|| table.get(ANY)));
            let Some(found) = found else {
                return Err(format!("unknown service {service}"));
            };
            found.named.get(&*head.arg1).unwrap_or(&found.fallback).clone()
        };
        let Some(endpoint) = endpoint else {
            return Err(format!("no such endpoint service=\"{service}\" endpoint=\"{}\"", head.endpoint()));
        };
        match &endpoint.scheme {
            Some(wanted) if head.headers().get("as").unwrap_or("raw") != &**wanted => {
                let got = head.headers().get("as").unwrap_or_default();
                Err(format!("expected arg scheme \"{wanted}\", got \"{got}\""))
            }
            Some(_) | None => Ok(endpoint),
        }
    }

    /// Puts an endpoint into its place. The one that was there is dropped with no lock held.
    fn put(&self, service: &str, endpoint: Arc<Endpoint>, place: impl FnOnce(&mut Endpoints) -> Place<'_>) {
        let mut endpoint = Some(endpoint);
        let mut table = self.table.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(table) = &mut *table {
            std::mem::swap(place(table.entry(service.into()).or_default()), &mut endpoint);
        }
    }

    /// The channel is over: nobody will call its handlers any more.
    pub(crate) fn close(&self) {
        let _dropped_unlocked = self.table.write().unwrap_or_else(PoisonError::into_inner).take();
    }
}

/// The service that takes calls to all unknown ones.
const ANY: &str = "*";

/// Where handlers of one service are registered.
///
/// The service `*` takes the calls to all services that have no handlers.
#[derive(Clone)]
pub struct Service {
    hub: Arc<Hub>,
    name: Arc<str>,
}

impl Service {
    pub(crate) fn new(hub: &Arc<Hub>, name: &str) -> Self {
        Service { hub: hub.clone(), name: name.into() }
    }

    /// Serves an endpoint, whatever the arg scheme. Registering one again replaces its handler.
    ///
    /// A handler runs in a task of its own. One that has answered at once many times in a row, within
    /// microseconds, runs where requests are read, until it once takes longer. So a handler must not block its thread
    /// to wait for its own connection, not even in a way that its runtime allows: nobody would read the answer.
    pub fn register(&self, endpoint: impl AsRef<[u8]>, handler: impl Handler) -> &Self {
        let name = endpoint.as_ref();
        self.insert(name, Endpoint::new(&self.name, name, None, handler))
    }

    /// Serves an endpoint for one arg scheme; calls with another are refused as bad requests.
    pub fn register_as(&self, scheme: &str, endpoint: impl AsRef<[u8]>, handler: impl Handler) -> &Self {
        let name = endpoint.as_ref();
        self.insert(name, Endpoint::new(&self.name, name, Some(scheme), handler))
    }

    /// Serves an endpoint by a handler that reads and writes bit by bit, whatever the arg scheme.
    ///
    /// Such a handler serves whole requests, too, as one that takes whole requests serves those that come in parts. It
    /// runs in a task of its own.
    pub fn register_streamed(&self, endpoint: impl AsRef<[u8]>, handler: impl StreamedHandler) -> &Self {
        let name = endpoint.as_ref();
        self.insert(name, Endpoint::streamed(&self.name, name, None, handler))
    }

    /// The same for one arg scheme; calls with another are refused as bad requests.
    pub fn register_streamed_as(
        &self,
        scheme: &str,
        endpoint: impl AsRef<[u8]>,
        handler: impl StreamedHandler,
    ) -> &Self {
        let name = endpoint.as_ref();
        self.insert(name, Endpoint::streamed(&self.name, name, Some(scheme), handler))
    }

    /// Serves all endpoints of this service that have no handler of their own.
    pub fn fallback(&self, handler: impl Handler) -> &Self {
        let endpoint = Arc::new(Endpoint::new(&self.name, b"(fallback)", None, handler));
        self.hub.services.put(&self.name, endpoint, |endpoints| &mut endpoints.fallback);
        self
    }

    /// The service's name.
    pub fn name(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.name)
    }

    fn insert(&self, name: &[u8], endpoint: Endpoint) -> &Self {
        let endpoint = Arc::new(endpoint);
        self.hub
            .services
            .put(&self.name, endpoint, |endpoints| endpoints.named.entry(name.into()).or_default());
        self
    }
}

impl fmt::Debug for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Service").field(&self.name).finish()
    }
}
