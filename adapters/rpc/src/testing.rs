//! For tests: a network in memory, and a service that behaves as it is asked to.

mod loopback;
mod network;

#[cfg(feature = "testing")]
mod echo;
#[cfg(feature = "testing")]
mod streams;
#[cfg(feature = "testing")]
mod thrift;

#[cfg(feature = "testing")]
pub use echo::{echo, pattern};
pub use loopback::{Loopback, Receiver, Sender, Shape, Tally, loopback};
pub use network::{Listener, Network};
