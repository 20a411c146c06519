//! How peers are found and spoken to: the options that verbs share.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use tchannel_rpc::Channel;
use tchannel_rpc::hyperbahn::Routers;

use crate::exit::Failure;

/// Whom to speak to, and how.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Peers")]
pub(crate) struct Reach {
    /// A peer, `HOST:PORT`; give it again for more.
    #[arg(short, long = "peer", value_name = "HOST:PORT")]
    peers: Vec<String>,
    /// A file with peers: a JSON array of `HOST:PORT`.
    #[arg(short = 'P', long = "peerlist", visible_short_alias = 'H', visible_alias = "hostlist")]
    #[arg(value_name = "FILE")]
    peer_files: Vec<PathBuf>,
    /// Milliseconds that a call may take in all.
    #[arg(long, value_name = "MS", default_value_t = 1_000)]
    timeout: u64,
    /// Name of this caller.
    #[arg(long = "caller", visible_alias = "cn", value_name = "NAME", default_value = "tcurl")]
    caller: String,
}

impl Reach {
    /// All peers that were named, each once, in the order in which they were.
    pub(crate) fn peers(&self) -> Result<Vec<String>, Failure> {
        let mut all = self.peers.clone();
        for file in &self.peer_files {
            let read = std::fs::read_to_string(file)
                .map_err(|error| Failure::local(format!("cannot read {}: {error}", file.display())))?;
            let listed = Routers::from_json(&read).map_err(|error| {
                Failure::local(format!("{} is no list of peers: {error}", file.display()))
            })?;
            all.extend(listed.iter().map(ToString::to_string));
        }
        let mut once: Vec<String> = Vec::new();
        for peer in all {
            if !once.contains(&peer) {
                once.push(peer);
            }
        }
        if once.is_empty() {
            return Err(Failure::local(
                "no peer: name one with -p HOST:PORT, or a file of them with -P FILE",
            ));
        }
        Ok(once)
    }

    /// Time of a call, all attempts together.
    pub(crate) fn timeout(&self) -> Duration {
        Duration::from_millis(self.timeout)
    }

    /// A channel that speaks as these options say.
    pub(crate) fn channel(&self) -> Result<Channel, Failure> {
        let failed = |error: tchannel_rpc::BuildError| Failure::local(error.to_string());
        let builder = tchannel_rpc::tokio::builder(&self.caller).map_err(failed)?;
        builder.timeout(self.timeout()).build().map_err(failed)
    }
}
