//! What all clones of a channel share: one state machine behind one lock, and what surrounds it.

mod after;
mod calls;
mod ends;
mod events;
mod links;
mod readers;
mod requests;
mod rest;
mod state;
mod streams;
mod turn;
mod writers;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex};

use tchannel_mesh::{
    Channel as Mesh, ChannelConfig, ConfigError, Direct, EndpointKey, ServiceError, ServiceKey, Services,
    Style,
};
use tchannel_proto::Timestamp;

pub(crate) use after::After;
pub(crate) use calls::{Answer, Failed, Found, Ours};
pub(crate) use ends::{GRACE, Task};
pub(crate) use links::LinkId;
pub(crate) use readers::Borrowed;
pub(crate) use requests::{Received, Theirs};
pub(crate) use state::Side;
pub(crate) use streams::{Ended, Wanted};

use self::state::State;
use self::turn::{Flush, Turn};
use super::clock::Clock;
use super::drive::Driver;
use super::error::ListenError;
use super::hash::seed;
use super::host::{Form, Host};
use super::hyperbahn::{Collector, Keeper};
use super::lock;
use super::notice::{Hook, Notice};
use super::observe::{Measurement, Meter, Reporter, TraceSpan};
use super::pool::Pool;
#[cfg(feature = "thrift")]
use super::schemes::thrift::meta::Idls;
use super::serve::Endpoint;
use super::subchannel::Made;
use super::target::Origin;
use super::timers::Timers;

/// Whom a channel tells what.
#[derive(Clone, Default)]
pub(crate) struct Hooks {
    pub(crate) notice: Option<Hook>,
    pub(crate) meter: Option<Meter>,
    pub(crate) reporter: Option<Reporter>,
    pub(crate) collector: Option<Arc<Collector>>,
    /// Callers learn why a handler failed.
    pub(crate) expose_errors: bool,
    /// Every handler is taken for quick.
    pub(crate) trust_handlers: bool,
    #[cfg(feature = "tracing")]
    pub(crate) requests: bool,
}

/// A channel. Its lock is never held over a system call, the user's code, or a wake; but for a user's own
/// [`Score`](tchannel_mesh::peers::Score), which says so.
pub(crate) struct Hub {
    pub(crate) config: Arc<ChannelConfig>,
    pub(crate) driver: Box<dyn Driver>,
    pub(crate) clock: Clock,
    pub(crate) timers: Arc<Timers>,
    pub(crate) pool: Arc<Pool>,
    pub(crate) root: Arc<Origin>,
    pub(crate) keeper: Keeper,
    #[cfg(feature = "cassette")]
    pub(crate) cassette: super::cassette::Slot,
    hooks: Hooks,
    subchannels: Mutex<BTreeMap<ServiceKey, Arc<Made>>>,
    /// Thrift files by the service that they are of.
    #[cfg(feature = "thrift")]
    pub(crate) idls: Idls,
    state: Mutex<State>,
}

impl Hub {
    pub(crate) fn new(
        driver: Box<dyn Driver>,
        config: ChannelConfig,
        hooks: Hooks,
    ) -> Result<Arc<Self>, ConfigError> {
        let clock = Clock::new();
        let timers = Arc::<Timers>::default();
        let mesh = Mesh::new(clock.now(), config, seed())?;
        let config = mesh.config().clone();
        #[cfg(feature = "thrift")]
        let built_in = Some(super::schemes::thrift::meta::endpoint());
        #[cfg(not(feature = "thrift"))]
        let built_in = None;
        let hub = Hub {
            root: Origin::new(&config, Style::Python, None),
            config,
            driver,
            clock,
            pool: Arc::new(Pool::new(clock, timers.clone())),
            timers,
            keeper: Keeper::default(),
            #[cfg(feature = "cassette")]
            cassette: super::cassette::Slot::default(),
            hooks,
            subchannels: Mutex::default(),
            #[cfg(feature = "thrift")]
            idls: Idls::default(),
            state: Mutex::new(State::new(mesh, built_in)),
        };
        hub.driver.watch(hub.timers.clone(), hub.clock);
        let hub = Arc::new(hub);
        if let Some(collector) = &hub.hooks.collector {
            collector.attach(&hub);
        }
        Ok(hub)
    }

    fn turn(self: &Arc<Self>) -> Turn<'_> {
        Turn::new(self, self.clock.now())
    }

    /// Looks at the machine, or changes what sets nothing off.
    pub(crate) fn with_mesh<T>(&self, look: impl FnOnce(&mut Mesh, Timestamp) -> T) -> T {
        let now = self.clock.now();
        look(&mut lock(&self.state).mesh, now)
    }

    /// Changes something in the machine, and does what comes of it.
    pub(crate) fn change<T>(self: &Arc<Self>, change: impl FnOnce(&mut Mesh, Timestamp) -> T) -> T {
        let mut turn = self.turn();
        let now = turn.now();
        let changed = change(&mut turn.mesh, now);
        turn.end(Flush::Later, &mut After::default());
        changed
    }

    /// Puts a handler into its place; the one that was there is dropped with no lock held.
    pub(crate) fn put_endpoint(
        &self,
        endpoint: Arc<Endpoint>,
        place: impl FnOnce(&mut Services) -> Result<EndpointKey, ServiceError>,
    ) -> Result<(), ServiceError> {
        let _dropped_unlocked;
        let mut state = lock(&self.state);
        let key = place(state.mesh.services_mut())?;
        _dropped_unlocked = state.put_endpoint(key, endpoint);
        drop(state);
        Ok(())
    }

    /// The sub-channel of this key, as it was made first.
    pub(crate) fn subchannel(&self, key: ServiceKey, make: impl FnOnce() -> Made) -> Arc<Made> {
        let made = Arc::new(make());
        lock(&self.subchannels).entry(key).or_insert(made).clone()
    }

    /// The way to a connection's peer over that very connection; `None` once it is over.
    pub(crate) fn direct(&self, id: LinkId) -> Option<Direct> {
        lock(&self.state).key_of(id).map(Direct::Connection)
    }

    /// It is later than the machine asked for.
    pub(crate) fn timeout(self: &Arc<Self>, now: Timestamp) {
        let mut turn = Turn::new(self, now);
        turn.armed = turn.armed.filter(|&armed| armed > now);
        turn.mesh.handle_timeout(now);
        turn.end(Flush::Later, &mut After::default());
    }

    /// A hook that panics, on a closed stdout for example, harms nobody else.
    pub(crate) fn notice(&self, notice: &Notice<'_>) {
        if let Some(hook) = &self.hooks.notice {
            let _ = catch_unwind(AssertUnwindSafe(|| hook(notice)));
        }
    }

    /// Whether anybody wants measurements or spans.
    fn is_observed(&self) -> bool {
        self.hooks.meter.is_some() || self.hooks.reporter.is_some() || self.hooks.collector.is_some()
    }

    fn observed(&self, measured: &mut Vec<Measurement>, spans: &mut Vec<TraceSpan>) {
        for measurement in measured.drain(..) {
            if let Some(hook) = &self.hooks.meter {
                let _ = catch_unwind(AssertUnwindSafe(|| hook(&measurement)));
            }
        }
        for span in spans.drain(..) {
            if let Some(hook) = &self.hooks.reporter {
                let _ = catch_unwind(AssertUnwindSafe(|| hook(&span)));
            }
            if let Some(collector) = &self.hooks.collector {
                collector.report(&span);
            }
        }
    }

    /// Whether callers learn why a handler failed.
    pub(crate) fn exposes_errors(&self) -> bool {
        self.hooks.expose_errors
    }

    /// Whether every handler is taken for quick.
    pub(crate) fn trusts_handlers(&self) -> bool {
        self.hooks.trust_handlers
    }

    /// Whether handlers work inside of a span of the `tracing` crate.
    #[cfg(feature = "tracing")]
    pub(crate) fn traces_requests(&self) -> bool {
        self.hooks.requests
    }

    /// Listens, once: at all of these places or at none.
    pub(crate) async fn listen(self: &Arc<Self>, at: Vec<Host>) -> Result<Vec<SocketAddr>, ListenError> {
        for host in &at {
            if let Form::Unusable(text) = host.form() {
                return Err(ListenError::Address { at: text.to_string() });
            }
        }
        if at.is_empty() {
            return Err(ListenError::Nowhere);
        }
        lock(&self.state).begin_to_listen()?;
        let _opening = Opening(self);
        self.driver.listen(self.clone(), at).await
    }

    /// Listeners are open.
    pub(crate) fn listening(self: &Arc<Self>, at: &[SocketAddr]) {
        let mut turn = self.turn();
        let now = turn.now();
        turn.listens_at(now, at);
        drop(turn);
        Hub::changed(lock(&self.state));
    }

    pub(crate) fn listens_at(&self) -> Vec<SocketAddr> {
        lock(&self.state).listening.addresses().to_vec()
    }
}

/// Takes the word back if no listener came of it.
struct Opening<'a>(&'a Arc<Hub>);

impl Drop for Opening<'_> {
    fn drop(&mut self) {
        self.0.stop_opening();
    }
}

impl Drop for Hub {
    fn drop(&mut self) {
        self.timers.stop();
    }
}
