use std::fmt;
use std::str::FromStr;

use tchannel_rpc::tokio::Tokio;
use tchannel_rpc::{BuildError, Builder, Channel, async_std, blocking, runtime, smol, testing};

/// What drives the connections.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Runtime {
    /// The Tokio runtime that a channel is made on.
    #[default]
    Tokio,
    /// async-std's threads.
    AsyncStd,
    /// smol's threads.
    Smol,
    /// Threads that block.
    Blocking,
}

/// What a channel gets beside its name.
pub trait Setup {
    /// Adds to a channel's builder, whatever it runs on.
    fn set_up<R: runtime::Runtime>(self, builder: Builder<R>) -> Builder<R>;
}

/// Nothing.
#[derive(Clone, Copy, Debug)]
pub struct Plain;

impl Setup for Plain {
    fn set_up<R: runtime::Runtime>(self, builder: Builder<R>) -> Builder<R> {
        builder
    }
}

impl Runtime {
    /// All there are.
    pub const ALL: [Runtime; 4] = [Runtime::Tokio, Runtime::AsyncStd, Runtime::Smol, Runtime::Blocking];

    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Runtime::Tokio => "tokio",
            Runtime::AsyncStd => "async-std",
            Runtime::Smol => "smol",
            Runtime::Blocking => "blocking",
        }
    }

    /// A channel that it drives. For Tokio, on the runtime that this is called from.
    pub fn channel(self, name: &str, setup: impl Setup) -> Result<Channel, BuildError> {
        match self {
            Runtime::Tokio => setup.set_up(tchannel_rpc::tokio::builder(name)?).build(),
            Runtime::AsyncStd => setup.set_up(async_std::builder(name)).build(),
            Runtime::Smol => setup.set_up(smol::builder(name)).build(),
            Runtime::Blocking => setup.set_up(blocking::builder(name)).build(),
        }
    }

    /// Serves the endpoints of the reference peers.
    pub fn echo(self, channel: &Channel, service: &str) -> Result<(), BuildError> {
        match self {
            Runtime::Tokio => testing::echo(channel, service, Tokio::current()?),
            Runtime::AsyncStd => testing::echo(channel, service, async_std::AsyncStd::default()),
            Runtime::Smol => testing::echo(channel, service, smol::Smol::default()),
            Runtime::Blocking => testing::echo(channel, service, blocking::Blocking::default()),
        }
        Ok(())
    }
}

impl fmt::Display for Runtime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Runtime {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let known = || Runtime::ALL.map(Runtime::name).join(", ");
        let found = Runtime::ALL.into_iter().find(|runtime| runtime.name() == name);
        found.ok_or_else(|| format!("no runtime `{name}`; there are {}", known()))
    }
}
