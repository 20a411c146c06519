//! `tchannel ping`: who is there, and how far away.

mod line;
mod report;

use std::time::{Duration, Instant};

use clap::Args;
use tchannel_rpc::CloseReason;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;

use crate::exit::{Exit, Failure};
use crate::print;
use crate::reach::{Reach, Trust};

use self::line::{Line, Pong};
use self::report::Report;

/// Connects to each peer, tells what it says about itself, and pings it.
///
/// A peer that takes no pings, as those of tchannel-python, is not pinged; that is no failure.
#[derive(Args)]
pub(crate) struct Options {
    /// How many pings each peer gets.
    #[arg(short = 'n', long, value_name = "N", default_value_t = 3)]
    count: u32,
    /// Time from an answer to the next ping.
    #[arg(long, value_name = "DURATION", default_value = "1s", value_parser = humantime::parse_duration)]
    interval: Duration,
    #[command(flatten)]
    reach: Reach,
    /// Tells each peer's result as one line of JSON.
    #[arg(long)]
    json: bool,
}

pub(crate) async fn ping(options: Options) -> Result<Exit, Failure> {
    let trust = options.reach.trust()?;
    let mut exit = Exit::Ok;
    for peer in options.reach.peers()? {
        let report = match greet(&options, trust.as_ref(), &peer).await {
            Ok(report) => report,
            Err(words) => {
                print::complain(&format!("{peer}: {words}"));
                exit = exit.and(Exit::Local);
                continue;
            }
        };
        if options.json {
            print::value(&report.json());
        } else {
            report.lines().iter().for_each(|line| print::line(line));
        }
        if let Some(words) = report.complaint() {
            print::complain(&format!("{peer}: {words}"));
            exit = exit.and(Exit::Local);
        }
    }
    Ok(exit)
}

async fn greet(options: &Options, trust: Option<&Trust>, peer: &str) -> Result<Report, String> {
    let begun = Instant::now();
    let limit = options.reach.connect_timeout();
    let stream = within(limit, "connecting", async { TcpStream::connect(peer).await }).await?;
    stream.set_nodelay(true).map_err(|error| error.to_string())?;
    let left = limit.saturating_sub(begun.elapsed());
    match trust {
        None => converse(options, peer, begun, stream).await,
        Some((config, name)) => {
            let host = peer.rsplit_once(':').map_or(peer, |(host, _)| host);
            let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
            let name = match name {
                Some(name) => name.clone(),
                None => ServerName::try_from(host).map_err(|_| "no certificate can be for this host")?,
            };
            let connector = TlsConnector::from(config.clone());
            let stream =
                within(left, "the TLS handshake", async { connector.connect(name, stream).await }).await?;
            converse(options, peer, begun, stream).await
        }
    }
}

/// Why a peer has not said who it is, and which limit it was if it was one.
fn failed_handshake(options: &Options, words: &str) -> String {
    let limit = options.reach.connect_timeout();
    if words == CloseReason::HandshakeTimeout.to_string() {
        return format!("the handshake took longer than {limit:?} (--connect-timeout)");
    }
    format!("the handshake failed: {words}")
}

async fn within<T>(
    limit: Duration,
    what: &str,
    work: impl Future<Output = std::io::Result<T>>,
) -> Result<T, String> {
    match timeout(limit, work).await {
        Ok(done) => done.map_err(|error| format!("{what} failed: {error}")),
        Err(_) => Err(format!("{what} took longer than {limit:?} (--connect-timeout)")),
    }
}

async fn converse<S: AsyncRead + AsyncWrite>(
    options: &Options,
    peer: &str,
    begun: Instant,
    stream: S,
) -> Result<Report, String> {
    let connected = begun.elapsed();
    let left = options.reach.connect_timeout().saturating_sub(connected);
    let mut line = Line::new(stream, left, options.interval, options.reach.timeout());
    let remote = line.ready().await.map_err(|words| failed_handshake(options, &words))?;
    let mut report = Report {
        peer: peer.to_owned(),
        connected,
        handshake: begun.elapsed().saturating_sub(connected),
        remote,
        takes_pings: line.takes_pings(),
        pings: Vec::new(),
    };
    while report.takes_pings && report.pings.len() < usize::try_from(options.count).unwrap_or(usize::MAX) {
        match line.ping().await? {
            Pong::Took(took) => report.pings.push(Some(took)),
            Pong::Missing => report.pings.push(None),
        }
    }
    line.close().await;
    Ok(report)
}
