//! One service of a channel: calls to it, its peers, its handlers.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use tchannel_mesh::hyperbahn::Routers;
use tchannel_mesh::peers::{Direction, Strategy};
use tchannel_mesh::{
    CallOptions, EndpointKey, Handling, HostPort, HostPortError, ServiceError, ServiceKey, Services, Style,
};

use super::channel::Handle;
use super::error::SubChannelError;
use super::hub::Hub;
use super::outbound::Outbound;
use super::peers::Peers;
use super::serve::{Endpoint, Handler, StreamedHandler};
use super::target::Origin;

/// One service of a channel: calls are made to it, or answered by its handlers. All sub-channels share the channel's
/// connections, and keep it open as a clone of it would.
///
/// The handlers of the service `*` take the calls to all services that have none.
#[derive(Clone)]
pub struct SubChannel {
    channel: Arc<Handle>,
    made: Arc<Made>,
}

/// What a sub-channel was made with.
#[derive(Debug)]
pub(crate) struct Made {
    name: Arc<str>,
    key: ServiceKey,
    /// It has peers of its own.
    isolated: bool,
    calls: Arc<Origin>,
    requests: Arc<Origin>,
}

impl Made {
    fn new(hub: &Arc<Hub>, name: &str, key: ServiceKey, defaults: CallOptions, isolated: bool) -> Self {
        let name: Arc<str> = name.into();
        let defaults = Arc::new(defaults);
        let origin = |style| Origin::new(&hub.config, style, Some((name.clone(), defaults.clone())));
        let (calls, requests) = (origin(Style::Python), origin(Style::Document));
        Made { name, key, isolated, calls, requests }
    }
}

impl SubChannel {
    /// The sub-channel of this name, as it was made; a new one if there is none.
    pub(crate) fn find_or_make(channel: &Arc<Handle>, name: &str) -> Result<Self, ServiceError> {
        let hub = &channel.hub;
        let (key, _) = hub.with_mesh(|mesh, _| mesh.services_mut().get_or_create(name))?;
        let made = hub.subchannel(key, || Made::new(hub, name, key, CallOptions::new(), false));
        Ok(SubChannel { channel: channel.clone(), made })
    }

    /// One whose peers are these routers, and whose calls prefer connections of this direction. One that was made so
    /// before gets these routers, too.
    pub(crate) fn through(
        handle: &Arc<Handle>,
        name: &str,
        defaults: CallOptions,
        direction: Direction,
        routers: &Routers,
    ) -> Result<Self, SubChannelError> {
        let hub = &handle.hub;
        let made = hub.change(|mesh, now| {
            let services = mesh.services_mut();
            let (key, is_new) = services.get_or_create(name)?;
            if is_new {
                mesh.isolate(name, hub.config.strategy.clone());
                mesh.prefer(name, direction);
            }
            let made = hub.subchannel(key, || Made::new(hub, name, key, defaults, is_new));
            if !made.isolated {
                return Err(ServiceError::DuplicateSubChannel { name: name.to_owned() });
            }
            for router in routers.iter() {
                mesh.add_peer(now, Some(name), router);
            }
            Ok(made)
        })?;
        Ok(SubChannel { channel: handle.clone(), made })
    }

    /// A call to it in the style of the Python documents: 30 s, a parent only if there is one.
    pub fn call(&self, endpoint: impl AsRef<[u8]>) -> Outbound {
        let calls = &self.made.calls;
        Outbound::new(&self.channel.hub, calls, calls.service(), endpoint.as_ref())
    }

    /// A call to it in the style of the request documents: 100 ms, and [`parent`](Outbound::parent) or
    /// [`no_parent`](Outbound::no_parent) must be said.
    pub fn request(&self, endpoint: impl AsRef<[u8]>) -> Outbound {
        let requests = &self.made.requests;
        Outbound::new(&self.channel.hub, requests, requests.service(), endpoint.as_ref())
    }

    #[cfg(any(feature = "http", feature = "thrift"))]
    pub(crate) fn channel(&self) -> &Arc<Handle> {
        &self.channel
    }

    /// Who may be called: peers of its own if it was made with some, else those of the channel.
    pub fn peers(&self) -> Peers {
        Peers::new(&self.channel.hub, self.made.isolated.then(|| self.made.name.clone()))
    }

    /// Its name, which is the service's.
    pub fn name(&self) -> &str {
        &self.made.name
    }

    /// Serves an endpoint, whatever the arg scheme. Registering one again replaces its handler.
    ///
    /// A handler runs in a task of its own. One that has answered at once many times in a row, within
    /// microseconds, runs where requests are read, until it once takes longer. So a handler must not block its thread
    /// to wait for its own connection, not even in a way that its runtime allows: nobody would read the answer.
    pub fn register(&self, endpoint: impl AsRef<[u8]>, handler: impl Handler) -> &Self {
        let name = endpoint.as_ref();
        self.insert(name, None, Endpoint::new(&self.made.name, name, handler))
    }

    /// Serves an endpoint for one arg scheme; calls with another are refused as bad requests.
    pub fn register_as(&self, scheme: &str, endpoint: impl AsRef<[u8]>, handler: impl Handler) -> &Self {
        let name = endpoint.as_ref();
        self.insert(name, Some(scheme), Endpoint::new(&self.made.name, name, handler))
    }

    /// Serves an endpoint by a handler that reads and writes bit by bit, whatever the arg scheme.
    ///
    /// Such a handler serves whole requests, too, as one that takes whole requests serves those that come in parts. It
    /// runs in a task of its own.
    pub fn register_streamed(&self, endpoint: impl AsRef<[u8]>, handler: impl StreamedHandler) -> &Self {
        let name = endpoint.as_ref();
        self.insert(name, None, Endpoint::streamed(&self.made.name, name, handler))
    }

    /// The same for one arg scheme; calls with another are refused as bad requests.
    pub fn register_streamed_as(
        &self,
        scheme: &str,
        endpoint: impl AsRef<[u8]>,
        handler: impl StreamedHandler,
    ) -> &Self {
        let name = endpoint.as_ref();
        self.insert(name, Some(scheme), Endpoint::streamed(&self.made.name, name, handler))
    }

    /// Serves all calls with the scheme `http`, whatever their endpoint.
    pub fn register_http(&self, handler: impl Handler) -> &Self {
        self.put_http(Endpoint::new(&self.made.name, b"(http)", handler))
    }

    pub(crate) fn put_http(&self, endpoint: Endpoint) -> &Self {
        self.put(endpoint, |services, handling| services.register_http(self.made.key, handling))
    }

    /// Serves all endpoints of this service that have no handler of their own.
    pub fn fallback(&self, handler: impl Handler) -> &Self {
        let endpoint = Endpoint::new(&self.made.name, b"(fallback)", handler);
        self.put(endpoint, |services, handling| services.set_fallback(self.made.key, handling))
    }

    fn insert(&self, name: &[u8], scheme: Option<&str>, endpoint: Endpoint) -> &Self {
        let name = Bytes::copy_from_slice(name);
        self.put(endpoint, |services, handling| services.register(self.made.key, name, scheme, handling))
    }

    fn put(
        &self,
        endpoint: Endpoint,
        place: impl FnOnce(&mut Services, Handling) -> Result<EndpointKey, ServiceError>,
    ) -> &Self {
        put(&self.channel.hub, endpoint, place);
        self
    }
}

/// Puts a handler into its place. The one that was there is dropped with no lock held.
pub(crate) fn put(
    hub: &Arc<Hub>,
    endpoint: Endpoint,
    place: impl FnOnce(&mut Services, Handling) -> Result<EndpointKey, ServiceError>,
) {
    let handling = if endpoint.is_streamed() { Handling::Streamed } else { Handling::Whole };
    let placed = hub.put_endpoint(Arc::new(endpoint), |services| place(services, handling));
    placed.expect("the service's key is of this channel");
}

impl fmt::Debug for SubChannel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SubChannel").field(&self.made.name).finish()
    }
}

/// Makes a [`SubChannel`] with options.
#[must_use = "nothing is made until `build`"]
pub struct SubChannelBuilder {
    channel: Arc<Handle>,
    name: String,
    peers: Option<Result<Vec<HostPort>, HostPortError>>,
    strategy: Option<Strategy>,
    defaults: CallOptions,
}

impl SubChannelBuilder {
    pub(crate) fn new(channel: &Arc<Handle>, name: &str) -> Self {
        let defaults = CallOptions::new();
        SubChannelBuilder {
            channel: channel.clone(),
            name: name.into(),
            peers: None,
            strategy: None,
            defaults,
        }
    }

    /// Gives it peers of its own, `host:port` each; also none, to be added later. Without this it uses the channel's.
    pub fn peers<P: AsRef<str>>(mut self, peers: impl IntoIterator<Item = P>) -> Self {
        self.peers = Some(peers.into_iter().map(|peer| peer.as_ref().parse()).collect());
        self
    }

    /// How its own peers are chosen; an error without [`peers`](Self::peers). Default: as the channel's.
    pub fn strategy(mut self, strategy: Strategy) -> Self {
        self.strategy = Some(strategy);
        self
    }

    /// Defaults for its calls, over those of the channel.
    pub fn defaults(mut self, change: impl FnOnce(&mut CallOptions)) -> Self {
        change(&mut self.defaults);
        self
    }

    /// Makes it. Its name must not be taken.
    pub fn build(self) -> Result<SubChannel, SubChannelError> {
        let SubChannelBuilder { channel, name, peers, strategy, defaults } = self;
        let hub = &channel.hub;
        let peers = peers.transpose()?;
        if strategy.is_some() && peers.is_none() {
            return Err(SubChannelError::StrategyWithoutPeers);
        }
        let strategy = strategy.unwrap_or_else(|| hub.config.strategy.clone());
        let made = hub.change(|mesh, now| {
            let key = mesh.services_mut().create(&name)?;
            if let Some(peers) = &peers {
                mesh.isolate(&name, strategy);
                mesh.handle_peer_list(now, Some(&name), peers);
            }
            // Before anybody can find the name: who finds it first would decide how it is made.
            Ok::<_, ServiceError>(
                hub.subchannel(key, || Made::new(hub, &name, key, defaults, peers.is_some())),
            )
        })?;
        Ok(SubChannel { channel, made })
    }
}

impl fmt::Debug for SubChannelBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SubChannelBuilder").field("name", &self.name).finish_non_exhaustive()
    }
}
