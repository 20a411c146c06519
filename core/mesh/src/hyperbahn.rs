//! A client of Hyperbahn, a mesh of relays that calls services by name: discover.
//!
//! Outputs are calls, inputs are their answers. Routers are ordinary peers: they join the root peer list, so that every
//! call without a host goes through them, and the calls made here find them there.
//!
//! | call | as | arg1 | arg2 | arg3 | answer |
//! |---|---|---|---|---|---|
//! | discover | thrift | `Hyperbahn::discover` | `0000` | `DiscoveryQuery` in field 1 | `DiscoveryResult` in field 0 |
//! | discover, affine | thrift | `Hyperbahn::discoverAffine` | same | same | same |

mod call;
mod discover;
mod thrift;

pub use call::{Call, Client};
pub use discover::{Discover, DiscoverError};
pub use thrift::{ThriftError, ThriftProblem};

/// The service that routers answer.
pub const HYPERBAHN: &str = "hyperbahn";
