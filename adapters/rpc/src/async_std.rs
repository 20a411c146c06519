//! Channels on async-std. It is discontinued in favour of smol; this is for programs that still use it.

use std::future::Future;

use crate::futures_io::{FuturesIo, Spawn};
use crate::{BuildError, Builder, Channel};

/// A channel called `name`, whose tasks run on async-std's threads.
pub fn channel(name: impl Into<String>) -> Result<Channel, BuildError> {
    builder(name).build()
}

/// The same, with options.
pub fn builder(name: impl Into<String>) -> Builder<AsyncStd> {
    Builder::new(AsyncStd::new(Tasks), name)
}

/// async-std's executor.
pub type AsyncStd = FuturesIo<Tasks>;

/// async-std's executor, as the one who runs tasks.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tasks;

impl Spawn for Tasks {
    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        async_std::task::spawn(task);
    }
}
