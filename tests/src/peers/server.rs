use std::net::SocketAddr;
use std::time::Duration;

use serde_json::Value;

use super::process::Process;
use super::{Error, Peer};

/// Starting a script takes well under a second; this is for a busy machine.
const START: Duration = Duration::from_secs(60);

/// A server process of a peer on a port of its own, with service `echo`. Dropping it kills that process and waits for
/// its end.
#[derive(Debug)]
#[must_use = "dropping the server stops it"]
pub struct Server {
    address: SocketAddr,
    process: Process,
}

impl Server {
    /// Starts a server and waits until it listens. `args` are those of the script, for example `--lenient`.
    ///
    /// Installs the peer first where that has not been done, which takes a minute or two.
    pub fn start(peer: Peer, args: &[&str]) -> Result<Self, Error> {
        let mut process = Process::start(peer, script(peer), &[&["--until-eof"], args].concat())?;
        let Some(line) = process.line(START)? else {
            return Err(process.fail("ended without listening"));
        };
        match listening(&line) {
            Some(address) => Ok(Server { address, process }),
            None => Err(process.fail(format!("printed `{line}` instead of its address"))),
        }
    }

    /// Asks it to end, as an operator does (SIGTERM), and does not wait for that.
    pub fn terminate(&self) -> Result<(), Error> {
        self.process.terminate()
    }

    /// Where the server listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

fn script(peer: Peer) -> &'static str {
    match peer {
        Peer::Node | Peer::Python => "server",
        Peer::Hyperbahn => "start",
    }
}

/// Reads `{"listening":"127.0.0.1:PORT"}`.
fn listening(line: &str) -> Option<SocketAddr> {
    let line: Value = serde_json::from_str(line).ok()?;
    line.get("listening")?.as_str()?.parse().ok()
}
