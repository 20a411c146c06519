//! Servers that answer in one way each, and clients that know them.

use std::future::{Future, pending};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tchannel_rpc::peers::{Candidate, Score, Strategy, host_port_hash};
use tchannel_rpc::{Builder, Channel, ErrorCode, Handler, HostPort, Reject, Reply, Request};

use super::line::Line;

/// The service that all servers offer, and its one endpoint.
pub(crate) const SERVICE: &str = "moe";
pub(crate) const ENDPOINT: &str = "ask";

/// For calls that end by themselves.
pub(crate) const LONG: Duration = Duration::from_secs(20);

/// For calls and attempts that nothing but the clock ends; long enough for a busy machine to begin them.
pub(crate) const SHORT: Duration = Duration::from_millis(400);

/// Runs a test on one thread: what happens when is then the same each time.
pub(crate) fn block_on<T>(test: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let result = runtime.block_on(async { tokio::time::timeout(HANG, test).await });
    result.expect("the test hangs")
}

/// Far longer than any test takes.
const HANG: Duration = Duration::from_secs(60);

/// Lets every task that can go on do so.
pub(crate) async fn settle() {
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
}

pub(crate) struct Net {
    pub(crate) line: Line,
}

/// A channel that listens.
pub(crate) struct Server {
    pub(crate) channel: Channel,
    pub(crate) at: SocketAddr,
}

impl Net {
    pub(crate) fn new() -> Self {
        Net { line: Line::new() }
    }

    /// A server that answers [`ENDPOINT`] of [`SERVICE`].
    pub(crate) async fn server(&self, handler: impl Handler) -> Server {
        let channel = self.builder("server").build().unwrap();
        channel.service(SERVICE).unwrap().register(ENDPOINT, handler);
        Server::listening(channel).await
    }

    pub(crate) fn builder(&self, name: &str) -> Builder<Line> {
        Builder::new(self.line.clone(), name)
    }

    /// A client that chooses among these servers by load and chance.
    pub(crate) fn client(&self, servers: &[&Server]) -> Channel {
        knowing(self.builder("client"), servers)
    }

    /// A client that calls the first of these servers, then the second, and so on.
    pub(crate) fn ordered(&self, servers: &[&Server]) -> Channel {
        knowing(self.ordering(servers), servers)
    }

    pub(crate) fn ordering(&self, servers: &[&Server]) -> Builder<Line> {
        let order = InOrder::of(servers.iter().map(|server| server.at));
        self.builder("client").channel_config(|config| config.strategy = order)
    }

    /// How many requests a server got.
    pub(crate) fn asked(&self, server: &Server) -> usize {
        self.line.requests_to(server.at).len()
    }
}

/// A channel with these servers on its list.
pub(crate) fn knowing(builder: Builder<Line>, servers: &[&Server]) -> Channel {
    let channel = builder.build().unwrap();
    for server in servers {
        channel.peers().add(&server.at.to_string()).unwrap();
    }
    channel
}

impl Server {
    pub(crate) async fn listening(channel: Channel) -> Self {
        let at = channel.listen("127.0.0.1:0").await.unwrap();
        Server { channel, at }
    }

    pub(crate) fn host_port(&self) -> HostPort {
        self.at.try_into().expect("it listens somewhere")
    }
}

/// Ranks peers as they are listed here. A peer that no call wants is not dialled.
#[derive(Debug)]
pub(crate) struct InOrder(Vec<u32>);

impl InOrder {
    pub(crate) fn of(servers: impl IntoIterator<Item = SocketAddr>) -> Strategy {
        let hashes = servers.into_iter().map(|at| host_port_hash(&at.to_string())).collect();
        Strategy::Lowest(Arc::new(InOrder(hashes)))
    }
}

impl Score for InOrder {
    fn score(&self, peer: &Candidate, _: Option<&str>) -> u64 {
        let place = self.0.iter().position(|hash| *hash == peer.hash).unwrap_or(self.0.len());
        u64::try_from(place).expect("few peers")
    }

    fn spreads(&self) -> bool {
        false
    }
}

/// Answers with this text.
pub(crate) fn answers(text: &'static str) -> impl Handler {
    move |_: Request| async move { Ok(Reply::ok("", text)) }
}

/// Answers with what it got.
pub(crate) async fn echoes(request: Request) -> Result<Reply, Reject> {
    let args = request.into_args();
    Ok(Reply::pieces(args.arg2, args.arg3))
}

/// Answers that the application failed, with this text.
pub(crate) fn fails(text: &'static str) -> impl Handler {
    move |_: Request| async move { Ok(Reply::not_ok("why", text)) }
}

/// Refuses with this code.
pub(crate) fn refuses(code: ErrorCode) -> impl Handler {
    move |_: Request| async move { Err::<Reply, _>(Reject::new(code, "as asked")) }
}

/// Never answers.
pub(crate) async fn hangs(request: Request) -> Result<Reply, Reject> {
    let _kept = request;
    pending().await
}
