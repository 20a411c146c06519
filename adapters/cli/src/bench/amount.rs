//! How much load.

use std::num::{NonZeroU64, NonZeroUsize};
use std::time::Duration;

use clap::Args;
use tchannel_load::{Extent, Load};

use crate::exit::Failure;

#[derive(Args)]
#[command(next_help_heading = "Load")]
pub(super) struct Amount {
    /// Ends after so many calls.
    #[arg(short = 'n', long, value_name = "N")]
    requests: Option<NonZeroU64>,
    /// Ends after this time: `500ms`, `10s`, `1m30s`. Default 10s, unless -n is given.
    #[arg(short, long, value_name = "DURATION", value_parser = humantime::parse_duration)]
    duration: Option<Duration>,
    /// Calls due in a second, evenly spaced, whatever becomes of them.
    #[arg(long, value_name = "R", value_parser = rate)]
    rate: Option<f64>,
    /// Connections in all, spread over the peers. Default one to each.
    #[arg(long, value_name = "C")]
    connections: Option<NonZeroUsize>,
    /// Most calls at once, over all connections. Default 16; with --rate 1000.
    #[arg(long, value_name = "K", value_parser = callers)]
    concurrency: Option<NonZeroUsize>,
    /// Calls before anything is measured; they obey --rate.
    #[arg(long, value_name = "N", default_value_t = 0)]
    warmup: u64,
}

impl Amount {
    pub(super) fn load(&self) -> Load {
        let calls = self.requests.map(NonZeroU64::get);
        let time = self.duration.or(if calls.is_none() { Some(USUAL) } else { None });
        let callers = if self.rate.is_some() { CALLERS_OF_AN_OPEN_LOOP } else { CALLERS };
        Load {
            in_flight: self.concurrency.unwrap_or(callers),
            pace: self.rate,
            warm_up: Extent::calls(self.warmup),
            extent: Extent { calls, time },
            server: None,
        }
    }

    pub(super) fn connections(&self, peers: usize) -> Result<usize, Failure> {
        let connections = self.connections.map_or(peers, NonZeroUsize::get);
        if connections < peers {
            let words = format!("--connections {connections} is less than one to each of {peers} peers");
            return Err(Failure::local(words));
        }
        let callers = self.load().in_flight.get();
        if connections > callers {
            let words = format!(
                "{connections} connections need as many callers: --concurrency {callers} is too little"
            );
            return Err(Failure::local(words));
        }
        Ok(connections)
    }
}

fn rate(text: &str) -> Result<f64, String> {
    let good = text.parse().ok().filter(|rate: &f64| rate.is_finite() && *rate > 0.0);
    good.ok_or_else(|| "it takes a number of calls, more than 0".to_owned())
}

fn callers(text: &str) -> Result<NonZeroUsize, String> {
    let good = text.parse().ok().filter(|callers| *callers <= MOST_CALLERS);
    good.ok_or_else(|| format!("it takes a number of calls, from 1 to {MOST_CALLERS}"))
}

const USUAL: Duration = Duration::from_secs(10);

const CALLERS: NonZeroUsize = NonZeroUsize::new(16).expect("it is not 0");

/// Enough that a server that stands still for a second at a thousand calls in it is still asked in time.
const CALLERS_OF_AN_OPEN_LOOP: NonZeroUsize = NonZeroUsize::new(1_000).expect("it is not 0");

/// More than the ports of a machine; each takes some memory before its first call.
const MOST_CALLERS: NonZeroUsize = NonZeroUsize::new(100_000).expect("it is not 0");
