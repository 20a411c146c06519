//! What users hold.

use std::fmt;
use std::future::Future;
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use tchannel_mesh::circuit::CircuitConfig;
use tchannel_mesh::rate::RateLimits;
use tchannel_mesh::{BUILT_IN, CallOptions, ChannelConfig, HostPort, Refused, ServiceError, Snapshot};
use tchannel_proto::Config;

use super::drive::{Driven, End, run};
use super::error::{BuildError, Drained, ListenError};
use super::host::Host;
use super::hub::{Hooks, Hub};
use super::notice::{Hook, Notice};
use super::observe::{Measurement, TraceSpan};
use super::outbound::Outbound;
use super::peers::Peers;
use super::runtime::{Io, Runtime};
use super::serve::{Connection, Endpoint, Handler};
use super::subchannel::{SubChannel, SubChannelBuilder, put};

/// A client and a server under one name: it makes calls, and answers those to its services.
///
/// Clones are one channel, and its [sub-channels](SubChannel) are as good as a clone. Dropping the last of them drains
/// it: it stops listening, and running calls may still end. A handler that captures one keeps the channel alive until [`close`](Channel::close) or
/// [`drain`](Channel::drain), at whose end the handlers are dropped.
#[derive(Clone)]
pub struct Channel {
    pub(super) handle: Arc<Handle>,
}

/// Keeps a channel open.
pub(crate) struct Handle {
    pub(crate) hub: Arc<Hub>,
}

impl Channel {
    /// A call, not sent yet: to a peer of the list, unless it names a [`host`](Outbound::host).
    pub fn call(&self, service: &str, endpoint: impl AsRef<[u8]>) -> Outbound {
        let hub = &self.handle.hub;
        Outbound::new(hub, &hub.root, service, endpoint.as_ref())
    }

    /// The service of this name, to call it or to register its handlers. One that was made before keeps its options.
    pub fn service(&self, name: &str) -> Result<SubChannel, ServiceError> {
        SubChannel::find_or_make(&self.handle, name)
    }

    /// Makes a service with options: peers of its own, defaults for its calls.
    pub fn subchannel(&self, name: &str) -> SubChannelBuilder {
        SubChannelBuilder::new(&self.handle, name)
    }

    /// Who may be called when a call names no host.
    pub fn peers(&self) -> Peers {
        Peers::new(&self.handle.hub, None)
    }

    /// Serves every call that no handler of its service serves.
    pub fn fallback(&self, handler: impl Handler) -> &Self {
        let endpoint = Endpoint::new("*", b"(fallback)", handler);
        put(&self.handle.hub, endpoint, |services, handling| services.set_fallback(None, handling));
        self
    }

    /// What it looks like inside at this moment: peers, connections, calls. Takes time and memory for each of them.
    pub fn snapshot(&self) -> Snapshot {
        self.handle.hub.with_mesh(tchannel_mesh::Channel::snapshot)
    }

    /// Listens on an address, or `host:port`, and serves who connects. With port 0 the system picks one: the answer
    /// says which. A channel listens once; to listen at several addresses, [`listen_all`](Channel::listen_all).
    ///
    /// Connections over a limit are closed as they come, without a byte; [`Notice::Refused`] says so. Errors of the
    /// listening socket end nothing: it is tried again after a pause of 5 ms, and twice as long each time up to 1 s.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future before its end leaves the channel as it was: it does not listen, and may be asked again.
    pub async fn listen(&self, at: impl Into<Host>) -> Result<SocketAddr, ListenError> {
        let addresses = self.handle.hub.listen(vec![at.into()]).await?;
        Ok(*addresses.first().expect("it listens where it was asked to"))
    }

    /// Listens at all of these places, or at none: an error leaves it as it was. The answer has an address for each
    /// place, in their order. The first is the one that peers are told, unless [`Builder::announce`] says otherwise.
    ///
    /// # Cancel safety
    ///
    /// As [`listen`](Channel::listen): dropped before its end, it listens nowhere.
    pub async fn listen_all<H: Into<Host>>(
        &self,
        at: impl IntoIterator<Item = H>,
    ) -> Result<Vec<SocketAddr>, ListenError> {
        let at = at.into_iter().map(Into::into).collect();
        self.handle.hub.listen(at).await
    }

    /// Goes on until `end` does, then closes gracefully as [`drain`](Channel::drain) does: with the future of a signal,
    /// the last line of a server.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future before `end` has come leaves the channel as it was; afterwards it goes on to drain, unseen.
    pub async fn serve_until(&self, end: impl Future, within: Duration) -> Drained {
        end.await;
        self.drain(within).await
    }

    /// Serves a byte stream that somebody else opened and whose other end speaks first: TLS, a Unix socket, a pipe in
    /// memory. `name` is what messages call that other end.
    ///
    /// Tokio's streams are wrapped by [`tokio::Stream`](crate::tokio::Stream).
    pub fn serve_connection(&self, stream: impl Io, name: &str) -> Result<Connection, Refused> {
        self.given(stream, name, false)
    }

    /// The same for a stream on which this side speaks first. Calls over it are made by the connection that this gives.
    pub fn connect_with(&self, stream: impl Io, name: &str) -> Result<Connection, Refused> {
        self.given(stream, name, true)
    }

    fn given(&self, stream: impl Io, name: &str, first: bool) -> Result<Connection, Refused> {
        let hub = &self.handle.hub;
        let link = hub.given(&HostPort::stream(name), first)?;
        hub.driver.spawn(Box::pin(run(End(link.clone()), stream)));
        Ok(Connection::of(link))
    }

    pub(crate) fn hub(&self) -> &Arc<Hub> {
        &self.handle.hub
    }

    pub(crate) fn handle(&self) -> &Arc<Handle> {
        &self.handle
    }

    /// Where it listens; the first address if there are several.
    pub fn listens_at(&self) -> Option<SocketAddr> {
        self.handle.hub.listens_at().first().copied()
    }

    /// Everywhere that it listens.
    pub fn listens_at_all(&self) -> Vec<SocketAddr> {
        self.handle.hub.listens_at()
    }

    /// Its name, which callees learn.
    pub fn name(&self) -> &str {
        &self.handle.hub.config.name
    }

    /// Closes gracefully: refuses new calls at once, lets running ones end for as long as `within`.
    ///
    /// Begins now, waited for or not. The future ends when the last byte of the last answer has been handed to the
    /// operating system, or the time is over. A second drain keeps the earlier deadline.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future stops nothing: the channel drains, and a second `drain` waits for the same end.
    pub fn drain(&self, within: Duration) -> impl Future<Output = Drained> + Send + use<> {
        let hub = self.handle.hub.clone();
        hub.drain("the channel closes", within);
        async move { hub.drained().await }
    }

    /// Closes at once: calls in flight fail on both sides. Answers already given are written as far as the peer takes
    /// them without delay; to be sure of them, [`drain`](Channel::drain).
    ///
    /// Begins now, waited for or not. The future ends when nothing more will be written.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future stops nothing, as with [`drain`](Channel::drain).
    pub fn close(&self) -> impl Future<Output = Drained> + Send + use<> {
        self.drain(Duration::ZERO)
    }
}

impl fmt::Debug for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Channel").field("name", &self.name()).finish_non_exhaustive()
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        if !self.hub.is_draining() {
            self.hub.drain("the channel is gone", LEFT_ALONE);
        }
    }
}

/// How long calls of a dropped channel may go on.
const LEFT_ALONE: Duration = Duration::from_secs(30);

/// Makes a [`Channel`] on a runtime.
#[must_use = "a builder does nothing until `build`"]
pub struct Builder<R> {
    runtime: R,
    config: ChannelConfig,
    hooks: Hooks,
}

impl<R: Runtime> Builder<R> {
    /// A channel called `name`.
    pub fn new(runtime: R, name: impl Into<String>) -> Self {
        let mut config = ChannelConfig::new(name);
        let connection = Arc::make_mut(&mut config.connection);
        connection.process_name = process_name();
        if cfg!(feature = "thrift") {
            config.serve_built_in = true;
            // Who asks how it stands is told so also while it drains.
            connection.exempt_services.push(BUILT_IN.into());
        }
        Builder { runtime, config, hooks: Hooks::default() }
    }

    /// Limits and habits of its connections. Default: those of [`Config`], with the process called `EXE[PID]`.
    pub fn config(mut self, change: impl FnOnce(&mut Config)) -> Self {
        change(Arc::make_mut(&mut self.config.connection));
        self
    }

    /// Habits and limits of the channel: how peers are chosen, how much is retried, how much is taken on.
    pub fn channel_config(mut self, change: impl FnOnce(&mut ChannelConfig)) -> Self {
        change(&mut self.config);
        self
    }

    /// How many requests its services take in a second, each and together; others are answered `busy`. Default: all.
    pub fn rate_limits(mut self, limits: RateLimits) -> Self {
        self.config.rate_limits = Some(limits);
        self
    }

    /// When requests from one caller to an endpoint that keeps failing are refused for a while. Default: never.
    pub fn circuits(mut self, circuits: CircuitConfig) -> Self {
        self.config.circuits = Some(circuits);
        self
    }

    /// Defaults for its calls.
    pub fn defaults(mut self, change: impl FnOnce(&mut CallOptions)) -> Self {
        change(&mut self.config.defaults);
        self
    }

    /// Longest time for calls that do not say. Default 30 s.
    pub fn timeout(self, timeout: Duration) -> Self {
        self.defaults(|defaults| defaults.timeout = Some(timeout))
    }

    /// The `host:port` told to peers, instead of the address it listens on.
    pub fn announce(mut self, host_port: impl Into<String>) -> Self {
        self.config.announce = Some(host_port.into());
        self
    }

    /// Accepted connections that may be open at once; more are closed as they come. Default 10,000.
    pub fn max_accepted(mut self, connections: NonZeroUsize) -> Self {
        self.config.limits.max_connections_accepted = connections;
        self
    }

    /// The same from one address; of IPv6, from one network of 64 bits. Default: no limit, for many clients may share an
    /// address behind a proxy.
    pub fn max_accepted_from_one(mut self, connections: NonZeroUsize) -> Self {
        self.config.limits.max_connections_per_address = Some(connections);
        self
    }

    /// Accepted connections at once that have not said yet who they are; more are closed as they come. Each has
    /// `handshake_timeout`, 5 s, to do so. Default 1,000.
    pub fn max_handshakes(mut self, connections: NonZeroUsize) -> Self {
        self.config.limits.max_handshakes = connections;
        self
    }

    /// Callers are told why a handler failed: the text of its error, or of its panic. Default off: such texts may say
    /// what is nobody else's business.
    pub fn expose_errors(mut self) -> Self {
        self.hooks.expose_errors = true;
        self
    }

    /// Takes every handler for quick, from its first request on and whatever happens: nothing depends on how fast the
    /// machine is. For tests and measurements whose handlers answer at once.
    #[cfg(feature = "testing")]
    pub fn trust_handlers(mut self) -> Self {
        self.hooks.trust_handlers = true;
        self
    }

    /// Called for what an operator may want in a log. It must not wait.
    pub fn on_notice(mut self, hook: impl Fn(&Notice<'_>) + Send + Sync + 'static) -> Self {
        let hook: Hook = Arc::new(hook);
        self.hooks.notice = Some(hook);
        self
    }

    /// Called with each measurement, under the names of the metrics document. It must not wait. Measuring costs some
    /// allocations for each call; without this nothing is measured.
    pub fn on_measurement(mut self, hook: impl Fn(&Measurement) + Send + Sync + 'static) -> Self {
        self.config.stats = true;
        self.hooks.meter = Some(Arc::new(hook));
        self
    }

    /// Called with each span of a trace that is recorded: calls made, and calls served. It must not wait.
    pub fn on_span(mut self, hook: impl Fn(&TraceSpan) + Send + Sync + 'static) -> Self {
        self.config.trace_reports = true;
        self.hooks.reporter = Some(Arc::new(hook));
        self
    }

    /// Hands each span of a trace that is recorded to the service `tcollector`, through the channel's peers: the routers
    /// of a mesh, once it [advertises](Channel::advertise) or [calls](Channel::hyperbahn) through one. A call for each,
    /// of 100 ms and one attempt; those that fail, or are too many, are lost, and a [`Notice::SpanLost`].
    pub fn report_to_tcollector(mut self) -> Self {
        self.config.trace_reports = true;
        self.hooks.collector = Some(Arc::default());
        self
    }

    /// Measurements go to the recorder of the `metrics` facade.
    #[cfg(feature = "metrics")]
    pub fn metrics(self) -> Self {
        self.on_measurement(crate::metrics::record)
    }

    /// Notices and spans go to the subscriber of the `tracing` crate, and each handler works inside of a span of its
    /// request.
    #[cfg(feature = "tracing")]
    pub fn tracing(mut self) -> Self {
        self.hooks.requests = true;
        self.on_notice(crate::trace_events::notice).on_span(crate::trace_events::span)
    }

    /// Makes the channel. From here on the runtime's type is forgotten.
    pub fn build(self) -> Result<Channel, BuildError> {
        let hub = Hub::new(Box::new(Driven(self.runtime)), self.config, self.hooks)?;
        Ok(Channel { handle: Arc::new(Handle { hub }) })
    }
}

impl<R> fmt::Debug for Builder<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder").field("name", &self.config.name).finish_non_exhaustive()
    }
}

fn process_name() -> String {
    let exe = std::env::current_exe().ok();
    let name = exe.as_deref().and_then(|path| path.file_name()).map(|name| name.to_string_lossy());
    format!("{}[{}]", name.as_deref().unwrap_or("tchannel"), std::process::id())
}
