//! A server that answers by script.

use std::net::SocketAddr;
use std::sync::Arc;

use super::{Mock, Received, Script};
use crate::{Channel, ErrorCode, ListenError, Reject, Request};

/// A server for tests, whose answers are [`Mock`]s: the first that takes a call answers it. Calls that none takes are
/// refused as bad requests that say so.
///
/// When it is dropped, and the test has not failed yet, it panics if a mock was not asked as often as it [has to
/// be](Mock::expect).
///
/// ```
/// use tchannel_rpc::testing::{Answer, Mock, MockPeer};
/// use tchannel_rpc::tokio;
///
/// # ::tokio::runtime::Runtime::new()?.block_on(async {
/// let peer = MockPeer::start(tokio::channel("moe")?).await?;
/// peer.mount(Mock::of("moe", "ask").expect(1..).answers(Answer::ok("", "curly")));
///
/// let client = tokio::channel("larry")?;
/// let answer = client.call("moe", "ask").host(peer.address()).arg3("who?").send().await?;
/// assert_eq!(answer.body(), "curly");
/// assert_eq!(peer.received()[0].body, "who?");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct MockPeer {
    channel: Channel,
    address: SocketAddr,
    script: Arc<Script>,
}

impl MockPeer {
    /// Has a channel listen on a free port of this machine, and serve by mocks whatever it has no handlers for. The
    /// channel may be on any runtime, and on a [`Network`](crate::testing::Network) in memory.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future before its end drops the channel.
    pub async fn start(channel: Channel) -> Result<Self, ListenError> {
        let script = Arc::<Script>::default();
        let (pages, hub) = (script.clone(), channel.hub().clone());
        let answer = move |request: Request| {
            let (answer, hub) = (pages.find(&request), hub.clone());
            async move {
                match answer {
                    Some(answer) => answer.give(&hub, &request).await,
                    None => Err(nobody(&request)),
                }
            }
        };
        channel.service("*").expect("it is a name").fallback(answer);
        let address = channel.listen("127.0.0.1:0").await?;
        Ok(MockPeer { channel, address, script })
    }

    /// Adds a mock behind those that are there.
    pub fn mount(&self, mock: Mock) -> &Self {
        self.script.mount(mock);
        self
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its channel: to advertise it to a mesh, drain it or close it.
    pub fn channel(&self) -> &Channel {
        &self.channel
    }

    /// Every call that it got, in their order.
    pub fn received(&self) -> Vec<Received> {
        self.script.received()
    }

    /// Panics if a mock was not asked as often as it has to be.
    pub fn verify(&self) {
        self.script.verify();
    }
}

impl Drop for MockPeer {
    fn drop(&mut self) {
        drop(self.channel.close());
        self.script.verify_at_end();
    }
}

fn nobody(request: &Request) -> Reject {
    let (service, endpoint) = (request.service(), request.endpoint());
    Reject::new(ErrorCode::BadRequest, format!("no mock takes service={service:?} endpoint={endpoint:?}"))
}
