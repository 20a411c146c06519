//! The reference implementations as other processes: installed on first use, started, asked and stopped.
//!
//! The scripts and what they need are in `tests/peers`; its README tells what the peers get wrong. Everything written
//! while installing and running them stays below `target/peers` of the workspace. A peer that cannot be installed or
//! started is an error that says why, never a reason to leave a test out.

mod cassette;
mod client;
mod error;
mod http;
mod install;
mod process;
mod server;

use std::fmt;
use std::path::{Path, PathBuf};

pub use self::cassette::run_cassette;
pub use self::client::{ScenarioOutcome, Scenarios, list_scenarios, run_client};
pub use self::error::Error;
pub use self::http::run_http;
pub use self::server::Server;

/// A reference implementation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Peer {
    /// tchannel-node 4.0.1.
    Node,
    /// tchannel-python 2.1.0.
    Python,
    /// The router of Hyperbahn 2.20.1, which runs on Node.
    Hyperbahn,
}

impl fmt::Display for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Peer::Node => "node",
            Peer::Python => "python",
            Peer::Hyperbahn => "hyperbahn",
        })
    }
}

/// The directory that holds the packages of a peer; installs them if need be.
pub fn packages(peer: Peer) -> Result<PathBuf, Error> {
    let installed = install::installed(peer)?;
    Ok(match peer {
        Peer::Node | Peer::Hyperbahn => installed.join("node_modules"),
        Peer::Python => installed.join("venv/lib"),
    })
}

/// The directory of the peers' scripts.
fn sources() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("peers")
}

/// The directory that holds installed peers; the same one whatever target directory cargo was given, as installing
/// takes about a minute.
fn installations() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).with_file_name("target").join("peers")
}
