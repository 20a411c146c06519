//! Channels on smol.

use std::future::Future;

use crate::futures_io::{FuturesIo, Spawn};
use crate::{BuildError, Builder, Channel};

/// A channel called `name`, whose tasks run on smol's own threads.
pub fn channel(name: impl Into<String>) -> Result<Channel, BuildError> {
    builder(name).build()
}

/// The same, with options.
pub fn builder(name: impl Into<String>) -> Builder<Smol> {
    Builder::new(Smol::new(Tasks), name)
}

/// smol's global executor.
pub type Smol = FuturesIo<Tasks>;

/// smol's global executor, as the one who runs tasks.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tasks;

impl Spawn for Tasks {
    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        smol::spawn(task).detach();
    }
}
