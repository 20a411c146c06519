//! What a channel is made with.

use alloc::string::String;
use alloc::sync::Arc;

use tchannel_proto::Config;

use crate::CallOptions;
use crate::limits::Limits;
use crate::peers::{Direction, MIN_CONNECTIONS, Strategy};
use crate::ratio::Ratio;
use crate::retry::RETRY_RATIO;
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
            defaults: CallOptions::new(),
            strategy: Strategy::default(),
            direction: Direction::default(),
            trust_announced: false,
            accept_while_draining: false,
            min_connections: MIN_CONNECTIONS,
            retry_ratio: Some(RETRY_RATIO),
            trace_sample: TRACE_SAMPLE,
            stats: false,
            trace_reports: false,
        }
    }
}
