use tchannel_rpc::tokio::Tokio;
use tchannel_rpc::{BuildError, Channel, ListenError, testing};
use thiserror::Error;

use super::SERVICE;

/// Why there is no server.
#[derive(Debug, Error)]
#[error(transparent)]
pub enum ServerError {
    /// The channel could not be made.
    Build(#[from] BuildError),
    /// It could not listen.
    Listen(#[from] ListenError),
}

/// A server with all endpoints of `tests/peers/README.md`, on the Tokio runtime that this is called from. It runs until
/// the channel is closed or dropped.
pub async fn serve(listen: &str) -> Result<Channel, ServerError> {
    let channel = tchannel_rpc::tokio::channel(SERVICE)?;
    testing::echo(&channel, SERVICE, Tokio::current()?);
    channel.listen(listen).await?;
    Ok(channel)
}
