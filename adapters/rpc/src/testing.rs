//! For tests: a network in memory, a service that behaves as it is asked to, peers that answer by script, and a mesh.

mod loopback;
mod network;

#[cfg(feature = "testing")]
mod echo;
#[cfg(feature = "testing")]
mod mesh;
#[cfg(feature = "testing")]
mod mock;
#[cfg(feature = "testing")]
mod streams;
#[cfg(feature = "testing")]
mod thrift;

#[cfg(feature = "testing")]
pub use echo::{echo, pattern};
pub use loopback::{Loopback, Receiver, Sender, Shape, Tally, loopback};
#[cfg(feature = "testing")]
pub use mesh::MockMesh;
#[cfg(feature = "testing")]
pub use mock::{Answer, Mock, MockPeer, Received};
pub use network::{Listener, Network};
