//! What users hold.

use std::fmt;
use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tchannel_proto::Config;

use super::drive::Driven;
use super::error::{BuildError, Drained, ListenError};
use super::host::Host;
use super::hub::{Hub, Options};
use super::notice::{Hook, Notice};
use super::outbound::Outbound;
use super::runtime::Runtime;
use super::serve::Service;

/// A client and a server under one name: it makes calls, and answers those to its services.
///
/// Clones are one channel. Dropping the last one drains it: it stops listening, and running calls may still end.
/// A handler that captures a clone keeps the channel alive until [`close`](Channel::close) or
/// [`drain`](Channel::drain), at whose end the handlers are dropped.
#[derive(Clone)]
pub struct Channel {
    handle: Arc<Handle>,
}

struct Handle {
    hub: Arc<Hub>,
}

impl Channel {
    /// A call, not sent yet. It needs a [`host`](Outbound::host).
    pub fn call(&self, service: &str, endpoint: impl AsRef<[u8]>) -> Outbound {
        Outbound::through(self, service, endpoint.as_ref())
    }

    /// Where handlers of a service are registered.
    pub fn service(&self, name: &str) -> Service {
        Service::new(&self.handle.hub, name)
    }

    /// Listens on an address, or `host:port`, and serves who connects. With port 0 the system picks one: the answer
    /// says which. A channel listens once.
    pub async fn listen(&self, at: impl Into<Host>) -> Result<SocketAddr, ListenError> {
        self.handle.hub.listen(at.into()).await
    }

    /// Where it listens.
    pub fn listens_at(&self) -> Option<SocketAddr> {
        self.handle.hub.listens_at()
    }

    /// Its name, which callees learn.
    pub fn name(&self) -> &str {
        &self.handle.hub.name
    }

    /// Closes gracefully: refuses new calls at once, lets running ones end for as long as `within`.
    ///
    /// Begins now, waited for or not. The future ends when the last byte of the last answer has been handed to the
    /// operating system, or the time is over. A second drain keeps the earlier deadline.
    pub fn drain(&self, within: Duration) -> impl Future<Output = Drained> + Send + use<> {
        let hub = self.handle.hub.clone();
        hub.drain("the channel closes", within);
        async move { hub.drained().await }
    }

    /// Closes at once: calls in flight fail on both sides. Answers already given are written as far as the peer takes
    /// them without delay; to be sure of them, [`drain`](Channel::drain).
    ///
    /// Begins now, waited for or not. The future ends when nothing more will be written.
    pub fn close(&self) -> impl Future<Output = Drained> + Send + use<> {
        self.drain(Duration::ZERO)
    }

    pub(crate) fn hub(&self) -> &Arc<Hub> {
        &self.handle.hub
    }
}

impl fmt::Debug for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Channel").field("name", &self.name()).finish_non_exhaustive()
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.hub.drain("the channel is gone", LEFT_ALONE);
    }
}

/// How long calls of a dropped channel may go on.
const LEFT_ALONE: Duration = Duration::from_secs(30);

/// Makes a [`Channel`] on a runtime.
#[must_use = "a builder does nothing until `build`"]
pub struct Builder<R> {
    runtime: R,
    name: String,
    options: Options,
}

impl<R: Runtime> Builder<R> {
    /// A channel called `name`.
    pub fn new(runtime: R, name: impl Into<String>) -> Self {
        let mut config = Config::default();
        config.process_name = process_name();
        let options = Options {
            config: Arc::new(config),
            timeout: TIMEOUT,
            advertise: None,
            max_accepted: MAX_ACCEPTED,
            hook: None,
        };
        Builder { runtime, name: name.into(), options }
    }

    /// Limits and habits of its connections. Default: those of [`Config`], with the process called `EXE[PID]`.
    pub fn config(mut self, change: impl FnOnce(&mut Config)) -> Self {
        change(Arc::make_mut(&mut self.options.config));
        self
    }

    /// Longest time for calls that do not say. Default 30 s.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.options.timeout = timeout;
        self
    }

    /// The `host:port` told to peers, instead of the address it listens on.
    pub fn advertise(mut self, host_port: impl Into<String>) -> Self {
        self.options.advertise = Some(host_port.into());
        self
    }

    /// Accepted connections that may be open at once; more are closed as they come. Default 10,000.
    pub fn max_accepted(mut self, connections: usize) -> Self {
        self.options.max_accepted = connections;
        self
    }

    /// Called for what an operator may want in a log. It must not wait.
    pub fn on_notice(mut self, hook: impl Fn(&Notice<'_>) + Send + Sync + 'static) -> Self {
        let hook: Hook = Arc::new(hook);
        self.options.hook = Some(hook);
        self
    }

    /// Makes the channel. From here on the runtime's type is forgotten.
    pub fn build(self) -> Result<Channel, BuildError> {
        match self.name.len() {
            0 => Err(BuildError::ServiceNameRequired),
            1..=255 => {
                let hub = Hub::new(self.name.into(), Box::new(Driven(self.runtime)), self.options);
                Ok(Channel { handle: Arc::new(Handle { hub }) })
            }
            len => Err(BuildError::NameTooLong { len }),
        }
    }
}

impl<R> fmt::Debug for Builder<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder").field("name", &self.name).finish_non_exhaustive()
    }
}

/// What the user's documents promise for calls in this style.
const TIMEOUT: Duration = Duration::from_secs(30);

/// The specification's default.
const MAX_ACCEPTED: usize = 10_000;

fn process_name() -> String {
    let exe = std::env::current_exe().ok();
    let name = exe.as_deref().and_then(|path| path.file_name()).map(|name| name.to_string_lossy());
    format!("{}[{}]", name.as_deref().unwrap_or("tchannel"), std::process::id())
}
