use tchannel_rpc::{BuildError, Channel, ListenError};
use thiserror::Error;

use super::{Plain, Runtime, SERVICE, typed};

/// Why there is no server.
#[derive(Debug, Error)]
#[error(transparent)]
pub enum ServerError {
    /// The channel could not be made.
    Build(#[from] BuildError),
    /// It could not listen.
    Listen(#[from] ListenError),
}

/// A server with all endpoints of `tests/peers/README.md`. It runs until the channel is closed or dropped. For Tokio, it
/// is the runtime that this is called from.
pub async fn serve(listen: &str, runtime: Runtime) -> Result<Channel, ServerError> {
    let channel = runtime.channel(SERVICE, Plain)?;
    runtime.echo(&channel, SERVICE)?;
    typed::serve(&channel.service(SERVICE).expect("a name"));
    channel.listen(listen).await?;
    Ok(channel)
}
