//! What a channel is made with.

use alloc::string::String;
use alloc::sync::Arc;
use core::time::Duration;

use tchannel_proto::Config;
use thiserror::Error;

use super::idle::IDLE_CHECK;
use crate::CallOptions;
use crate::circuit::CircuitConfig;
use crate::limits::Limits;
use crate::peers::{Direction, MIN_CONNECTIONS, Strategy};
use crate::rate::RateLimits;
use crate::ratio::Ratio;
use crate::retry::RETRY_RATIO;
use crate::services::{ServiceError, check_name};
use crate::trace::TRACE_SAMPLE;

/// Name, habits and limits of a channel.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ChannelConfig {
    /// The service's name; sent as `cn` unless a call says otherwise.
    pub name: String,
    /// The `host:port` told to peers, instead of where the channel listens. Default `None`.
    pub announce: Option<String>,
    /// Limits and habits of each connection.
    pub connection: Arc<Config>,
    /// Limits of the whole channel.
    pub limits: Limits,
    /// How many requests of each service, and of all, are taken in a second; others are answered `busy`. Default `None`:
    /// all.
    pub rate_limits: Option<RateLimits>,
    /// When requests from a caller to an endpoint that fails are refused for a while. Default `None`: never.
    pub circuits: Option<CircuitConfig>,
    /// Defaults for all calls.
    pub defaults: CallOptions,
    /// How peers are chosen. Default: the less loaded of two at random.
    pub strategy: Strategy,
    /// Which connections of a peer are preferred. Default: any.
    pub direction: Direction,
    /// Believe the `host:port` that a peer announces, also if it connects from another address. Calls to that address
    /// then go to it. Default off: anybody may announce anything.
    pub trust_announced: bool,
    /// Take in connections while draining, and decline their calls, instead of closing them. Default off.
    pub accept_while_draining: bool,
    /// Peers of a list to keep connected once calls are made. Default 2.
    pub min_connections: usize,
    /// Retries for each call, over all calls of the last 30 s; `None`: no limit. Default one tenth.
    pub retry_ratio: Option<Ratio>,
    /// Likelihood that a new trace is recorded. Default one in 100.
    pub trace_sample: Ratio,
    /// Hand requests to the service [`BUILT_IN`](crate::BUILT_IN), and to the Meta service of services with Thrift
    /// endpoints, to the owner, whole, for [`Services::BUILT_IN_KEY`](crate::Services::BUILT_IN_KEY): who sets it has to
    /// answer them. Default off: they are bad requests.
    pub serve_built_in: bool,
    /// Time between looks for idle connections; needs `max_idle`. Default `None`: 30 s if that is set.
    pub idle_check: Option<Duration>,
    /// Longest time that a connection may have no calls, either way, before it drains and closes; pings do not count. Three
    /// minutes are usual. Default `None`: for ever.
    pub max_idle: Option<Duration>,
    /// Age, give or take a tenth, at which a connection drains and closes: calls move on to servers that are new, and
    /// to where names point now. Default `None`: any.
    pub max_age: Option<Duration>,
    /// Measure calls and connections, for [`Channel::poll_stat`](crate::Channel::poll_stat). Default off: costs nothing.
    pub stats: bool,
    /// Report sampled calls, for [`Channel::poll_span`](crate::Channel::poll_span). Default off: costs nothing.
    pub trace_reports: bool,
}

impl ChannelConfig {
    /// The defaults, for a channel of this name.
    pub fn new(name: impl Into<String>) -> Self {
        ChannelConfig {
            name: name.into(),
            announce: None,
            connection: Arc::new(Config::default()),
            limits: Limits::default(),
            rate_limits: None,
            circuits: None,
            defaults: CallOptions::new(),
            strategy: Strategy::default(),
            direction: Direction::default(),
            trust_announced: false,
            accept_while_draining: false,
            min_connections: MIN_CONNECTIONS,
            retry_ratio: Some(RETRY_RATIO),
            trace_sample: TRACE_SAMPLE,
            serve_built_in: false,
            idle_check: None,
            max_idle: None,
            max_age: None,
            stats: false,
            trace_reports: false,
        }
    }
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        check_name(&self.name)?;
        if self.idle_check.is_some() && self.max_idle.is_none() {
            return Err(ConfigError::IdleCheckWithoutMaxIdle);
        }
        let times = [("idle_check", self.idle_check), ("max_idle", self.max_idle), ("max_age", self.max_age)];
        match times.into_iter().find(|(_, time)| *time == Some(Duration::ZERO)) {
            Some((option, _)) => Err(ConfigError::Zero { option }),
            None => Ok(()),
        }
    }

    /// The time between looks for idle connections, and how long these may be idle.
    pub(super) fn sweeps(&self) -> Option<(Duration, Duration)> {
        Some((self.idle_check.unwrap_or(IDLE_CHECK), self.max_idle?))
    }
}

/// Why no channel can be made of a configuration.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// The name is none that peers could call.
    #[error(transparent)]
    Name(#[from] ServiceError),
    /// Idle connections are to be looked for, but no time makes them idle.
    #[error(
        "`idle_check` is set and `max_idle` is not: say how long a connection may be idle, or set neither"
    )]
    IdleCheckWithoutMaxIdle,
    /// A time that has to pass is 0.
    #[error("`{option}` is 0: give it some time, or leave it out to turn it off")]
    Zero {
        /// Which option.
        option: &'static str,
    },
}
