//! Advertising, before and after its start.

use std::fmt;
use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use tchannel_mesh::HostPort;
use tchannel_mesh::hyperbahn::{AdvertiseOptions, Routers, StartError};

use super::{AdvertiseError, Hyperbahn, Keeper, route};
use crate::shared::error::ListenError;
use crate::shared::host::Host;
use crate::shared::hub::Hub;

/// Advertising with its options. Does nothing until [`start`](Advertise::start).
#[must_use = "nothing is advertised until `start`"]
pub struct Advertise {
    mesh: Hyperbahn,
    services: Vec<String>,
    listen_at: Option<Host>,
    options: AdvertiseOptions,
}

/// A service that routers know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Advertised {
    /// To how many routers the last advertisement was passed on.
    pub connection_count: u64,
}

impl Advertise {
    pub(super) fn new(mesh: Hyperbahn) -> Self {
        Advertise { mesh, services: Vec::new(), listen_at: None, options: AdvertiseOptions::default() }
    }

    /// Advertises this service, too. Default: the one that the channel is named after, if none is named.
    pub fn service(mut self, name: impl Into<String>) -> Self {
        self.services.push(name.into());
        self
    }

    /// How long the first answer of a router may take. Default 30 s; 0 is refused.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.options.timeout = timeout;
        self
    }

    /// Time between advertisements, on average. Default 60 s. Each is up to half of it earlier or later; routers forget
    /// after minutes, so no pause is longer than 120 s.
    pub fn interval(mut self, interval: Duration) -> Self {
        self.options.interval = interval;
        self
    }

    /// Goes on after the first answer did not come in time. Default off.
    pub fn keep_trying(mut self, keep_trying: bool) -> Self {
        self.options.keep_trying = keep_trying;
        self
    }

    /// Gives up after this many failures in a row, once a router had taken it. Default: never.
    pub fn fail_after(mut self, failures: NonZeroU32) -> Self {
        self.options.fail_after = Some(failures);
        self
    }

    /// Where to listen, if the channel does not yet. Default: an ephemeral port of the address that this machine has
    /// towards the routers, or towards the world.
    pub fn listen_at(mut self, at: impl Into<Host>) -> Self {
        self.listen_at = Some(at.into());
        self
    }

    /// Listens if the channel does not yet, and advertises until [`unadvertise`](super::Hyperbahn::unadvertise), or
    /// the end of the channel. Gives the first answer of a router.
    ///
    /// An address that no router could connect to is refused before anything is sent: all interfaces (`0.0.0.0`), unless
    /// another address is [announced](crate::Builder::announce).
    ///
    /// While the same services are advertised already this joins, and gives what comes of it; the options are those of
    /// the first start then.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future while the channel begins to listen leaves it as it was. Afterwards it stops nothing: the
    /// services are advertised, and only the answer is lost.
    pub async fn start(self) -> Result<Advertised, AdvertiseError> {
        let Advertise { mesh, mut services, listen_at, options } = self;
        let (hub, routers) = (mesh.hub(), mesh.routers());
        if services.is_empty() {
            services.push(hub.config.name.clone());
        }
        let listens_at = match hub.listens_at().first() {
            Some(at) => *at,
            None => listen(hub, routers, listen_at).await?,
        };
        let address = announced(hub, listens_at);
        // What is announced may be news to connections that were there before.
        hub.change(|mesh, now| routers.iter().for_each(|router| mesh.announce_anew(now, router)));
        let run = Keeper::start(hub, address, &services, options)?;
        let connection_count = Keeper::advertised(hub, run).await?;
        Ok(Advertised { connection_count })
    }
}

/// Opens the listener that routers connect to.
async fn listen(hub: &Arc<Hub>, routers: &Routers, at: Option<Host>) -> Result<SocketAddr, AdvertiseError> {
    let at = if let Some(at) = at {
        at
    } else {
        let own = route::own_address(routers).ok_or(StartError::NotListening)?;
        SocketAddr::new(own, 0).into()
    };
    match hub.listen(vec![at]).await {
        Ok(at) => Ok(*at.first().expect("it listens where it was asked to")),
        // Somebody else does so at this moment.
        Err(ListenError::AlreadyListening) => hub.listening_at().await.ok_or(AdvertiseError::Stopped),
        Err(error) => Err(AdvertiseError::NotListening(Arc::new(error))),
    }
}

/// Where routers are told that this process listens.
fn announced(hub: &Hub, listens_at: SocketAddr) -> SocketAddr {
    let Some(announced) = &hub.config.announce else { return listens_at };
    if let Ok(address) = announced.parse() {
        return address;
    }
    // A name is as good as any address, if it is one.
    let port = announced.parse::<HostPort>().ok().and_then(|name| name.port()).unwrap_or_default();
    SocketAddr::new(std::net::Ipv4Addr::LOCALHOST.into(), port)
}

impl fmt::Debug for Advertise {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Advertise")
            .field("services", &self.services)
            .field("routers", &self.mesh.routers())
            .field("listen_at", &self.listen_at)
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}
