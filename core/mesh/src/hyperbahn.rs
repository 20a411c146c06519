//! A client of Hyperbahn, a mesh of relays that calls services by name: advertise, unadvertise, discover.
//!
//! Outputs are calls, inputs are their answers and time. Routers are ordinary peers: they join the root peer list, so
//! that every call without a host goes through them, and the list of the service [`HYPERBAHN`], so that the calls made
//! here go to nobody else.
//!
//! | call | as | arg1 | arg2 | arg3 | answer |
//! |---|---|---|---|---|---|
//! | advertise | json | `ad` | `{}` | `{"services":[{"cost":0,"serviceName":"X"}]}` | `{"connectionCount":N}` |
//! | unadvertise | json | `unad` | `{}` | as advertise | `{"connectionCount":N}` |
//! | discover | thrift | `Hyperbahn::discover` | `0000` | `DiscoveryQuery` in field 1 | `DiscoveryResult` in field 0 |
//! | discover, affine | thrift | `Hyperbahn::discoverAffine` | same | same | same |

mod advertise;
mod call;
mod collector;
mod discover;
mod json;
mod routers;
mod thrift;

pub use advertise::{
    Advertise, AdvertiseError, AdvertiseEvent, AdvertiseOptions, CallKey, NotStarted, StartError, Started,
    announceable,
};
pub use call::{Call, Client, RouterError};
pub use collector::{TCOLLECTOR, submit};
pub use discover::{Discover, DiscoverError};
pub use json::JsonError;
pub use routers::{Routers, RoutersError};
pub use thrift::{ThriftError, ThriftProblem};

/// The service that routers answer.
pub const HYPERBAHN: &str = "hyperbahn";

#[cfg(test)]
mod captured;
