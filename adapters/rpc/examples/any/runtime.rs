//! The runtime that an example is asked to run on.

use std::error::Error;
use std::future::Future;

use tchannel_rpc::{BuildError, Channel, Wait};

/// One of four. Whichever it is, a channel is used in the same way.
pub(crate) enum On {
    Tokio(tokio::runtime::Runtime),
    AsyncStd,
    Smol,
    Blocking,
}

impl On {
    pub(crate) fn named(name: &str) -> Result<Self, Box<dyn Error>> {
        match name {
            "tokio" => Ok(On::Tokio(tokio::runtime::Runtime::new()?)),
            "async-std" => Ok(On::AsyncStd),
            "smol" => Ok(On::Smol),
            "blocking" => Ok(On::Blocking),
            _ => Err(format!("no runtime {name:?}: tokio, async-std, smol or blocking").into()),
        }
    }

    pub(crate) fn channel(&self, name: &str) -> Result<Channel, BuildError> {
        match self {
            On::Tokio(runtime) => {
                let _inside = runtime.enter();
                tchannel_rpc::tokio::channel(name)
            }
            On::AsyncStd => tchannel_rpc::async_std::channel(name),
            On::Smol => tchannel_rpc::smol::channel(name),
            On::Blocking => tchannel_rpc::blocking::channel(name),
        }
    }

    /// Waits for the end of a task. On plain threads any future waits for itself.
    pub(crate) fn block_on<T>(&self, task: impl Future<Output = T>) -> T {
        match self {
            On::Tokio(runtime) => runtime.block_on(task),
            On::AsyncStd => async_std::task::block_on(task),
            On::Smol => smol::block_on(task),
            On::Blocking => task.wait(),
        }
    }
}
