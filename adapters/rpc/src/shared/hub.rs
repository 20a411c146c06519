//! What all clones of a channel share.

use std::collections::{BTreeMap, HashMap};
use std::future::poll_fn;
use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use tchannel_proto::{CloseReason, Config, Connection};

use super::clock::Clock;
use super::drive::Driver;
use super::error::{Drained, ListenError};
use super::hash::seed;
use super::host::{Form, Host};
use super::link::Link;
use super::lock;
use super::notice::{Hook, Notice};
use super::pool::Pool;
use super::serve::Services;
use super::target::Targets;
use super::timers::Timers;

pub(crate) struct Hub {
    pub(crate) name: Arc<str>,
    pub(crate) driver: Box<dyn Driver>,
    pub(crate) clock: Clock,
    pub(crate) timers: Arc<Timers>,
    pub(crate) pool: Arc<Pool>,
    pub(crate) services: Services,
    pub(crate) targets: Targets,
    pub(crate) options: Options,
    links: Mutex<Links>,
}

/// What does not change once a channel is made.
pub(crate) struct Options {
    pub(crate) config: Arc<Config>,
    pub(crate) timeout: Duration,
    pub(crate) advertise: Option<String>,
    pub(crate) max_accepted: usize,
    pub(crate) hook: Option<Hook>,
}

#[derive(Default)]
struct Links {
    /// Connections that take calls to a host.
    dialled: HashMap<Host, Arc<Link>>,
    /// Every connection that is not over.
    open: BTreeMap<u64, Arc<Link>>,
    next: u64,
    /// Accepted connections whose socket is not closed yet.
    accepted: usize,
    listening: Listening,
    draining: bool,
    cut: usize,
    waiting: Vec<Waker>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Listening {
    #[default]
    No,
    /// A listener is being opened.
    Opening,
    At(SocketAddr),
}

impl Hub {
    pub(crate) fn new(name: Arc<str>, driver: Box<dyn Driver>, options: Options) -> Arc<Self> {
        let clock = Clock::new();
        let timers = Arc::<Timers>::default();
        let hub = Hub {
            name,
            driver,
            clock,
            pool: Arc::new(Pool::new(clock, timers.clone())),
            timers,
            services: Services::default(),
            targets: Targets::default(),
            options,
            links: Mutex::default(),
        };
        hub.driver.watch(hub.timers.clone(), hub.clock);
        Arc::new(hub)
    }

    /// The connection that takes calls to `host`; dials if there is none. `None` once the channel is closed.
    pub(crate) fn link_to(self: &Arc<Self>, host: &Host) -> Option<Arc<Link>> {
        let mut links = lock(&self.links);
        if links.draining {
            return None;
        }
        if let Some(link) = links.dialled.get(host) {
            return Some(link.clone());
        }
        let name = self.options.advertise.clone().unwrap_or_else(|| links.announced());
        let core = Connection::connect(self.clock.now(), self.options.config.clone(), &name, seed());
        let link = links.add(self, host.clone(), core, false);
        links.dialled.insert(host.clone(), link.clone());
        drop(links);
        self.driver.dial(link.clone());
        Some(link)
    }

    /// A connection takes no more calls; the next call to its host dials.
    pub(crate) fn retire(&self, link: &Arc<Link>) {
        let mut links = lock(&self.links);
        if links.dialled.get(&link.peer).is_some_and(|current| Arc::ptr_eq(current, link)) {
            links.dialled.remove(&link.peer);
        }
    }

    /// Takes in a connection, if there is room for it.
    pub(crate) fn accepted(self: &Arc<Self>, from: SocketAddr, to: SocketAddr) -> Option<Arc<Link>> {
        let mut links = lock(&self.links);
        if links.draining || links.accepted >= self.options.max_accepted {
            return None;
        }
        links.accepted += 1;
        let (from, to) = (plain(from), plain(to));
        let name = self.options.advertise.clone().unwrap_or_else(|| to.to_string());
        let core = Connection::accept(self.clock.now(), self.options.config.clone(), &name, seed());
        Some(links.add(self, from.into(), core, true))
    }

    /// A connection is over: all that could be written is written.
    pub(crate) fn forget(&self, link: &Arc<Link>) {
        self.retire(link);
        let mut links = lock(&self.links);
        links.open.remove(&link.key);
        self.changed(links);
    }

    /// Both halves of a connection are closed.
    pub(crate) fn vacate(&self, link: &Link) {
        if link.accepted {
            lock(&self.links).accepted -= 1;
        }
    }

    /// A connection's state machine has come to its end.
    pub(crate) fn closed(&self, link: &Arc<Link>, reason: &CloseReason) {
        self.retire(link);
        if *reason == CloseReason::DrainTimeout {
            lock(&self.links).cut += 1;
        }
        if self.options.hook.is_some() {
            self.notice(&Notice::Closed { peer: &link.peer.to_string(), reason });
        }
    }

    /// A hook that panics, on a closed stdout for example, harms nobody else.
    pub(crate) fn notice(&self, notice: &Notice<'_>) {
        if let Some(hook) = &self.options.hook {
            let _ = catch_unwind(AssertUnwindSafe(|| hook(notice)));
        }
    }

    /// Listens, once.
    pub(crate) async fn listen(self: &Arc<Self>, at: Host) -> Result<SocketAddr, ListenError> {
        if let Form::Unusable(text) = at.form() {
            return Err(ListenError::Address { at: text.to_string() });
        }
        {
            let mut links = lock(&self.links);
            if links.draining {
                return Err(ListenError::Closed);
            }
            if links.listening != Listening::No {
                return Err(ListenError::AlreadyListening);
            }
            links.listening = Listening::Opening;
        }
        let opening = Opening(self);
        let at_text = at.to_string();
        let result = self.driver.listen(self.clone(), at).await;
        drop(opening);
        result.map_err(|error| ListenError::Io { at: at_text, error })
    }

    /// A listener is open.
    pub(crate) fn listening(&self, at: SocketAddr) {
        lock(&self.links).listening = Listening::At(at);
    }

    pub(crate) fn listens_at(&self) -> Option<SocketAddr> {
        match lock(&self.links).listening {
            Listening::At(at) => Some(at),
            Listening::No | Listening::Opening => None,
        }
    }

    /// The listening socket is closed.
    pub(crate) fn listener_closed(&self) {
        let mut links = lock(&self.links);
        links.listening = Listening::No;
        self.changed(links);
    }

    /// Tells those who wait. With the last connection of a channel that takes in no more, its handlers go: one that
    /// holds the channel would hold itself for ever.
    fn changed(&self, mut links: MutexGuard<'_, Links>) {
        let over = links.draining && links.is_quiet();
        let waiting = std::mem::take(&mut links.waiting);
        drop(links);
        if over {
            self.services.close();
        }
        waiting.into_iter().for_each(Waker::wake);
    }

    /// Ends when the channel stops to listen.
    pub(crate) async fn stopped_listening(&self) {
        poll_fn(|cx| self.wait(cx, |links| links.draining)).await;
    }

    /// Stops taking in calls and connections; what runs may go on for a while.
    pub(crate) fn drain(&self, reason: &str, within: Duration) {
        let mut links = lock(&self.links);
        links.draining = true;
        let _dropped_unlocked = std::mem::take(&mut links.dialled);
        let open: Vec<_> = links.open.values().cloned().collect();
        self.changed(links);
        let deadline = self.clock.now() + within;
        for link in open {
            if within.is_zero() {
                link.close();
            } else {
                link.drain(reason, deadline);
            }
        }
    }

    /// Ends when the last connection is over and the listener is closed.
    pub(crate) async fn drained(&self) -> Drained {
        poll_fn(|cx| self.wait(cx, Links::is_quiet)).await;
        Drained { cut: lock(&self.links).cut }
    }

    fn wait(&self, cx: &Context<'_>, until: impl Fn(&Links) -> bool) -> Poll<()> {
        let waker = cx.waker().clone();
        let mut links = lock(&self.links);
        if until(&links) {
            return Poll::Ready(());
        }
        if links.waiting.iter().any(|known| known.will_wake(&waker)) {
            drop(links);
            return Poll::Pending;
        }
        links.waiting.push(waker);
        Poll::Pending
    }
}

impl Links {
    fn add(&mut self, hub: &Arc<Hub>, peer: Host, core: Connection, accepted: bool) -> Arc<Link> {
        let key = self.next;
        self.next += 1;
        let link = Arc::new(Link::new(key, peer, hub.clone(), core, accepted));
        self.open.insert(key, link.clone());
        link
    }

    /// No connection, and no place where one could come from.
    fn is_quiet(&self) -> bool {
        self.open.is_empty() && self.listening == Listening::No
    }

    /// What an init req says about us. All interfaces are no address that a peer could dial.
    fn announced(&self) -> String {
        match self.listening {
            Listening::At(at) if !at.ip().is_unspecified() => plain(at).to_string(),
            Listening::At(_) | Listening::No | Listening::Opening => "0.0.0.0:0".into(),
        }
    }
}

/// IPv4 as IPv4, also where a socket for both kinds shows it as IPv6: node knows no other.
fn plain(at: SocketAddr) -> SocketAddr {
    SocketAddr::new(at.ip().to_canonical(), at.port())
}

/// Takes the word back if no listener came of it.
struct Opening<'a>(&'a Hub);

impl Drop for Opening<'_> {
    fn drop(&mut self) {
        if lock(&self.0.links).listening == Listening::Opening {
            self.0.listener_closed();
        }
    }
}

impl Drop for Hub {
    fn drop(&mut self) {
        self.timers.stop();
    }
}
