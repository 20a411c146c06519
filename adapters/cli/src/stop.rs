//! Being told to stop.

use crate::exit::Failure;

/// SIGTERM or Ctrl-C, once it comes. They are caught from the call of this function on.
pub(crate) fn told() -> Result<impl Future<Output = ()>, Failure> {
    let deaf = |error| Failure::local(format!("cannot be told to stop: {error}"));
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut terminated = signal(SignalKind::terminate()).map_err(deaf)?;
        let mut interrupted = signal(SignalKind::interrupt()).map_err(deaf)?;
        Ok(async move {
            tokio::select! {
                _ = terminated.recv() => {}
                _ = interrupted.recv() => {}
            }
        })
    }
    #[cfg(not(unix))]
    {
        let mut interrupted = tokio::signal::windows::ctrl_c().map_err(deaf)?;
        Ok(async move {
            interrupted.recv().await;
        })
    }
}
