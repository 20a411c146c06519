//! Hyperbahn, a mesh of routers, as users see it.

mod advertise;
mod collector;
mod error;
mod keeper;
mod route;
mod routers;

use std::fmt;
use std::future::Future;
use std::sync::Arc;

use tchannel_mesh::HostPort;
use tchannel_mesh::hyperbahn::{Call as RouterCall, Client, Discover, HYPERBAHN, Routers};

use super::call::Response;
use super::channel::Channel;
use super::error::{CallError, SubChannelError};
use super::hub::Hub;
use super::outbound::Outbound;
use super::peers::Peers;
use super::subchannel::SubChannel;

pub use advertise::{Advertise, Advertised};
pub(crate) use collector::Collector;
pub use error::{AdvertiseError, DiscoverError, UnadvertiseError};
pub(crate) use keeper::Keeper;
pub use routers::read_routers;

/// A Hyperbahn mesh, as one channel uses it: services are advertised to its routers, and called through them.
///
/// The routers are peers of the channel: every call that names no host goes through them. What is asked of the routers
/// themselves goes to them alone, whatever other peers the channel has. It keeps the channel open, as a clone of it does.
#[derive(Clone)]
pub struct Hyperbahn {
    channel: Channel,
    routers: Routers,
}

impl Hyperbahn {
    fn new(channel: Channel, routers: &Routers) -> Self {
        let hub = channel.hub();
        hub.change(|mesh, now| {
            mesh.isolate(HYPERBAHN, hub.config.strategy.clone());
            for router in routers.iter() {
                mesh.add_peer(now, None, router);
                mesh.add_peer(now, Some(HYPERBAHN), router);
            }
        });
        Hyperbahn { channel, routers: routers.clone() }
    }

    /// Advertises the channel's own service, unless others are named: nothing happens until
    /// [`start`](Advertise::start).
    pub fn advertise(&self) -> Advertise {
        Advertise::new(self.clone())
    }

    /// Stops advertising without a word to the routers, which forget the services after minutes, or never.
    pub fn stop_advertising(&self) {
        self.hub().keeper.stop(self.hub());
    }

    /// Stops advertising, and asks a router to forget the services, once. Gives how many routers were told.
    ///
    /// Begins now, waited for or not. The routers close their connections to this process: other services that it
    /// advertised are forgotten, too, until each is advertised again.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future stops nothing: the router is asked all the same.
    pub fn unadvertise(&self) -> impl Future<Output = Result<u64, UnadvertiseError>> + Send + use<> {
        Keeper::unadvertise(self.hub())
    }

    /// Asks a router who serves a service. A service that nobody serves is an error.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future cancels the question.
    pub async fn discover(&self, service: &str) -> Result<Vec<HostPort>, DiscoverError> {
        self.ask(Discover::new(service)?).await
    }

    /// Asks a router which servers of a service it keeps connections to itself.
    ///
    /// # Cancel safety
    ///
    /// As [`discover`](Hyperbahn::discover): dropping the future cancels the question.
    pub async fn discover_affine(&self, service: &str) -> Result<Vec<HostPort>, DiscoverError> {
        self.ask(Discover::new(service)?.affine()).await
    }

    async fn ask(&self, question: Discover) -> Result<Vec<HostPort>, DiscoverError> {
        let answer = router_call(self.hub(), question.call()).send().await?;
        Ok(Discover::read(&answer.body())?)
    }

    /// A client for a service of the mesh: a sub-channel whose peers are the routers. Its calls prefer the connections
    /// that the routers opened to this process.
    ///
    /// One that was made before is given again, with these routers added. A sub-channel of this name without peers of
    /// its own is in the way.
    pub fn client(&self, service: &str) -> Result<SubChannel, SubChannelError> {
        let Client { defaults, direction } = Client::new(service.to_owned(), "raw", None)?;
        SubChannel::through(self.channel.handle(), service, defaults, direction, &self.routers)
    }

    fn hub(&self) -> &Arc<Hub> {
        self.channel.hub()
    }

    /// Its routers, each once.
    pub fn routers(&self) -> &Routers {
        &self.routers
    }

    /// The routers that the channel advertises to and asks: those of each mesh it was given. Changing this list, or
    /// having a [file](Peers::watch_file) change it, leaves [the channel's](Channel::peers) as it is.
    pub fn peers(&self) -> Peers {
        Peers::new(self.hub(), Some(HYPERBAHN.into()))
    }
}

impl fmt::Debug for Hyperbahn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hyperbahn").field("routers", &self.routers).finish_non_exhaustive()
    }
}

impl Channel {
    /// A mesh of routers, which join the channel's peers.
    pub fn hyperbahn(&self, routers: &Routers) -> Hyperbahn {
        Hyperbahn::new(self.clone(), routers)
    }

    /// Advertises the channel's own service to a mesh, unless others are named: nothing is sent until
    /// [`start`](Advertise::start). The routers join the channel's peers.
    pub fn advertise(&self, routers: &Routers) -> Advertise {
        self.hyperbahn(routers).advertise()
    }
}

/// A call to any router, or through any.
fn router_call(hub: &Arc<Hub>, call: RouterCall) -> Outbound {
    let RouterCall { endpoint, args, options } = call;
    let service = options.service.as_deref().unwrap_or(HYPERBAHN);
    let outbound = Outbound::new(hub, &hub.root, service, endpoint.as_bytes());
    outbound.arg2(args.arg2).arg3_pieces(args.arg3).with(|all| *all = options)
}

/// How a call to a router ended.
type Answered = Result<Response, CallError>;
