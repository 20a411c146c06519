//! How peers are found and spoken to: the options that verbs share.

mod tls;

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use tchannel_rpc::runtime::Runtime;
use tchannel_rpc::tokio::Tokio;
use tchannel_rpc::tokio::tls::Tls;
use tchannel_rpc::{BuildError, Builder, Channel, ChannelConfig, HostPort, HostPortError, Notice};

use crate::exit::Failure;
use tls::TlsOptions;

pub(crate) use tls::{Trust, certificates, private_key};

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
    #[arg(long, value_name = "MS", default_value_t = 1_000, value_parser = clap::value_parser!(u64).range(1..))]
    timeout: u64,
    /// Milliseconds that a connection may take until the peer has said who it is [default: 5000].
    #[arg(long, value_name = "MS", value_parser = clap::value_parser!(u64).range(1..))]
    connect_timeout: Option<u64>,
    /// Name of this caller.
    #[arg(long = "caller", visible_alias = "cn", value_name = "NAME", default_value = "tcurl")]
    caller: String,
    #[command(flatten)]
    tls: TlsOptions,
}

impl Reach {
    /// All peers that were named, each once, in the order in which they were.
    pub(crate) fn peers(&self) -> Result<Vec<String>, Failure> {
        let mut once: Vec<String> = Vec::new();
        let mut add = |peer: &str| {
            let peer = peer.parse::<HostPort>()?.to_string();
            if !once.contains(&peer) {
                once.push(peer);
            }
            Ok::<_, HostPortError>(())
        };
        for peer in &self.peers {
            add(peer).map_err(|error| Failure::local(error.to_string()))?;
        }
        for file in &self.peer_files {
            let read = std::fs::read_to_string(file)
                .map_err(|error| Failure::local(format!("cannot read {}: {error}", file.display())))?;
            let wrong = |error: &dyn std::error::Error| {
                Failure::local(format!("{} is no list of peers: {error}", file.display()))
            };
            let listed: Vec<String> = serde_json::from_str(&read).map_err(|error| wrong(&error))?;
            listed.iter().try_for_each(|peer| add(peer)).map_err(|error| wrong(&error))?;
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

    /// Time of a connection, until both sides know each other.
    pub(crate) fn connect_timeout(&self) -> Duration {
        self.connect_timeout.map_or(CONNECT_TIMEOUT, Duration::from_millis)
    }

    /// Whether peers are spoken to over TLS.
    pub(crate) fn speaks_tls(&self) -> bool {
        self.tls.is_on()
    }

    /// Whom to trust over TLS; `None` without it.
    pub(crate) fn trust(&self) -> Result<Option<Trust>, Failure> {
        self.tls.read()
    }

    /// A channel that speaks as these options say, over TLS if they say so.
    pub(crate) fn channel(&self) -> Result<Channel, Failure> {
        self.channel_with(|_| (), |_| ())
    }

    /// The same, with other habits, and told of what an operator may want to know.
    pub(crate) fn channel_with(
        &self,
        change: impl FnOnce(&mut ChannelConfig),
        on_notice: impl Fn(&Notice<'_>) + Send + Sync + 'static,
    ) -> Result<Channel, Failure> {
        let failed = |error: BuildError| Failure::local(error.to_string());
        if let Some((client, server_name)) = self.trust()? {
            let tls = Tls::current(client, None).map_err(failed)?;
            let tls = server_name.into_iter().fold(tls, Tls::server_name);
            self.build(Builder::new(tls, &self.caller), change, on_notice).map_err(failed)
        } else {
            let tokio = Tokio::current().map_err(failed)?;
            self.build(Builder::new(tokio, &self.caller), change, on_notice).map_err(failed)
        }
    }

    fn build<R: Runtime>(
        &self,
        builder: Builder<R>,
        change: impl FnOnce(&mut ChannelConfig),
        on_notice: impl Fn(&Notice<'_>) + Send + Sync + 'static,
    ) -> Result<Channel, BuildError> {
        let connect = self.connect_timeout();
        let builder = builder.timeout(self.timeout()).config(|config| config.handshake_timeout = connect);
        builder.channel_config(change).on_notice(on_notice).build()
    }
}

/// Closes channels. All that is wanted of them is here: a peer that takes none of the last bytes is not waited for.
pub(crate) async fn part(channels: &[Channel]) {
    let closing: Vec<_> = channels.iter().map(|channel| tokio::spawn(channel.close())).collect();
    let closed = async {
        for one in closing {
            let _ended = one.await;
        }
    };
    let _left_alone = tokio::time::timeout(PARTING, closed).await;
}

/// For the last bytes of connections that end well.
const PARTING: Duration = Duration::from_millis(100);

/// As that of channels.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
