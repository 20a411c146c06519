//! What advertising is started with, and why it is not started.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::net::SocketAddr;
use core::num::NonZeroU32;
use core::time::Duration;

use thiserror::Error;

use crate::hyperbahn::json;
use crate::rng::Rng;
use crate::{ServiceError, check_name};

/// Habits of an advertise loop.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AdvertiseOptions {
    /// How long the first answer may take. Later ones are waited for without end. Default 30 s; 0 is an error.
    pub timeout: Duration,
    /// Time between advertisements, on average; each is up to half of it earlier or later. Routers forget after 2 to 5
    /// minutes, and one that joins or returns knows nothing before the next advertisement: so it counts as 120 s if it
    /// is more, no pause is longer than that, and it counts as 1 s if it is less. Default 60 s.
    pub interval: Duration,
    /// Go on after the first answer did not come in time. Default off.
    pub keep_trying: bool,
    /// Failures in a row, after the first answer or its deadline, that end the loop. Default `None`: it goes on for
    /// ever.
    pub fail_after: Option<NonZeroU32>,
}

impl Default for AdvertiseOptions {
    fn default() -> Self {
        AdvertiseOptions {
            timeout: Duration::from_secs(30),
            interval: Duration::from_secs(60),
            keep_trying: false,
            fail_after: None,
        }
    }
}

impl AdvertiseOptions {
    /// The pause after an answer.
    pub(super) fn next_interval(&self, rng: &mut Rng) -> Duration {
        let interval = self.interval.clamp(SHORTEST_INTERVAL, LONGEST_INTERVAL);
        rng.between(interval / 2, (interval * 3 / 2).min(LONGEST_INTERVAL))
    }
}

/// What a start did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Started {
    /// Advertising began.
    Began,
    /// The same services are advertised already.
    Joined,
}

/// Why advertising was not started. Nothing was sent and nothing changed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum StartError {
    /// Routers could not connect back.
    #[error("this process does not listen: listen first, routers connect back")]
    NotListening,
    /// No router could connect to this.
    #[error(
        "{address} is no address that a router could connect to: listen on a concrete address and port, and announce it"
    )]
    EphemeralAddress {
        /// The address refused.
        address: SocketAddr,
    },
    /// No service is named.
    #[error("no service is named: say which ones to advertise")]
    NoServices,
    /// A service cannot have this name.
    #[error(transparent)]
    Service(#[from] ServiceError),
    /// [`AdvertiseOptions::timeout`] is 0.
    #[error("`timeout` is 0, no router can answer in it: give it some time, or use the default")]
    ZeroTimeout,
    /// Others are being advertised.
    #[error("other services are advertised already: stop first, or advertise these by another loop")]
    OtherServices,
    /// The last ones are being unadvertised.
    #[error("services are being unadvertised: wait for the end of that")]
    Unadvertising,
}

/// There is nothing to unadvertise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("nothing was advertised: start first")]
pub struct NotStarted;

/// Refuses an address that nobody could connect to: all interfaces (`0.0.0.0`, `[::]`), or port 0.
pub fn announceable(address: SocketAddr) -> Result<(), StartError> {
    if address.port() == 0 || address.ip().to_canonical().is_unspecified() {
        return Err(StartError::EphemeralAddress { address });
    }
    Ok(())
}

/// The names, each once, in the order given.
pub(super) fn distinct<S: AsRef<str>>(
    names: impl IntoIterator<Item = S>,
) -> Result<Vec<Box<str>>, StartError> {
    let mut services: Vec<Box<str>> = Vec::new();
    for name in names {
        let name = name.as_ref();
        check_name(name)?;
        if !services.iter().any(|service| **service == *name) {
            services.push(name.into());
        }
    }
    if services.is_empty() { Err(StartError::NoServices) } else { Ok(services) }
}

/// arg3 of `ad` and `unad`. It always holds a list: routers die without one.
pub(super) fn body(services: &[Box<str>]) -> String {
    let mut body = String::from("{\"services\":[");
    for (at, service) in services.iter().enumerate() {
        body.push_str(if at == 0 { "{\"cost\":0,\"serviceName\":" } else { ",{\"cost\":0,\"serviceName\":" });
        json::put_text(&mut body, service);
        body.push('}');
    }
    body.push_str("]}");
    body
}

const SHORTEST_INTERVAL: Duration = Duration::from_secs(1);
/// The most forgetful routers drop a service after two minutes.
const LONGEST_INTERVAL: Duration = Duration::from_secs(120);
