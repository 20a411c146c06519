//! A Hyperbahn stand-in.

mod book;
mod discovery;
mod router;

use std::net::SocketAddr;
use std::num::NonZeroU64;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tchannel_mesh::hyperbahn::Routers;

use self::book::Book;
use self::router::Router;
use super::mock::{Mock, Received, Script};
use crate::shared::lock;
use crate::{Channel, HostPort, ListenError};

/// Hyperbahn for tests: routers that services advertise to, and that pass calls on to who advertised, as the real ones
/// do, error texts included. All of them know the same services.
///
/// [`Mock`]s come first: they make routers misbehave, and answer for services that nobody serves.
///
/// ```
/// use tchannel_rpc::testing::{Answer, MockMesh, MockPeer, Mock};
/// use tchannel_rpc::tokio;
///
/// # ::tokio::runtime::Runtime::new()?.block_on(async {
/// let mesh = MockMesh::start([tokio::channel("router")?]).await?;
/// let server = MockPeer::start(tokio::channel("moe")?).await?;
/// server.mount(Mock::of("moe", "ask").answers(Answer::ok("", "curly")));
/// server.channel().advertise(&mesh.routers()).start().await?;
///
/// let client = tokio::channel("larry")?;
/// let answer = client.hyperbahn(&mesh.routers()).client("moe")?.call("ask").send().await?;
/// assert_eq!(answer.body(), "curly");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct MockMesh {
    routers: Vec<Router>,
    book: Arc<Mutex<Book>>,
    script: Arc<Script>,
}

impl MockMesh {
    /// A router on each of these channels, which listen on free ports of this machine.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future before its end drops the channels.
    ///
    /// # Panics
    ///
    /// Without a channel: a mesh has at least one router.
    pub async fn start(channels: impl IntoIterator<Item = Channel>) -> Result<Self, ListenError> {
        let book = Arc::<Mutex<Book>>::default();
        let script = Arc::<Script>::default();
        let mut routers = Vec::new();
        for channel in channels {
            routers.push(Router::start(channel, &book, &script).await?);
        }
        lock(&book).routers = routers.len();
        assert!(!routers.is_empty(), "a mesh has at least one router");
        Ok(MockMesh { routers, book, script })
    }

    /// Its routers, those that were stopped included.
    pub fn routers(&self) -> Routers {
        let addresses = self.addresses().into_iter().map(|at| at.to_string());
        Routers::from_texts(addresses).expect("each listens somewhere")
    }

    /// Where its routers listen.
    pub fn addresses(&self) -> Vec<SocketAddr> {
        self.routers.iter().map(Router::address).collect()
    }

    /// Adds a mock behind those that are there: a call that it takes goes nowhere else.
    pub fn mount(&self, mock: Mock) -> &Self {
        self.script.mount(mock);
        self
    }

    /// Every call that its routers got, in their order.
    pub fn received(&self) -> Vec<Received> {
        self.script.received()
    }

    /// Who advertises a service, in the order of their coming.
    pub fn advertised(&self, service: &str) -> Vec<HostPort> {
        lock(&self.book).workers(service)
    }

    /// Passes on this many calls of a service in a second, and one more, and refuses the others as busy. Default: all.
    pub fn limit(&self, service: &str, rps: NonZeroU64) {
        lock(&self.book).limit(service, rps);
    }

    /// Forgets every service, as routers do that are started again.
    pub fn forget(&self) {
        lock(&self.book).forget();
    }

    /// Ends a router, counted from 0, without a word.
    pub fn kill(&self, router: usize) {
        drop(self.routers[router].channel().close());
    }

    /// Ends a router, counted from 0, as an operator does: it takes no new calls, and passes back the answers of those
    /// that it has.
    pub fn drain(&self, router: usize) {
        drop(self.routers[router].channel().drain(DRAINS));
    }

    /// Panics if a mock was not asked as often as it has to be.
    pub fn verify(&self) {
        self.script.verify();
    }
}

impl Drop for MockMesh {
    fn drop(&mut self) {
        self.routers.clear();
        self.script.verify_at_end();
    }
}

/// How long calls may go on through a router that drains: as long as through a real one.
const DRAINS: Duration = Duration::from_secs(30);
