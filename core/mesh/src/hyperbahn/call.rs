//! Calls to routers, what can go wrong with them, and calls through them.

use alloc::string::String;
use core::num::NonZeroU32;
use core::time::Duration;

use tchannel_proto::{Args, CallError};
use tchannel_wire::RetryFlags;
use thiserror::Error;

use super::HYPERBAHN;
use super::json::JsonError;
use crate::options::{CallOptions, Setting, Text};
use crate::peers::Direction;
use crate::{OpenError, ServiceError, check_name};

/// A call to make, in the Python style, from the root channel: its name is the caller's.
#[derive(Clone, Debug)]
pub struct Call {
    /// arg1.
    pub endpoint: &'static str,
    /// arg2 and arg3.
    pub args: Args,
    /// Everything else. Whatever matters is said, so that no default of the channel changes it.
    pub options: CallOptions,
}

impl Call {
    /// A call without trace and parent.
    pub(super) fn new(endpoint: &'static str, scheme: &'static str, args: Args) -> Self {
        let options = CallOptions {
            service: Some(HYPERBAHN.into()),
            scheme: Some(scheme.into()),
            no_parent: Some(true),
            trace: Some(false),
            streamed: Some(false),
            application_retry: Some(false),
            direct: Setting::Off,
            routing_delegate: Setting::Off,
            ..CallOptions::new()
        };
        Call { endpoint, args, options }
    }

    /// The same, with one attempt that takes as long as this at most.
    pub(super) fn once(mut self, timeout: Duration) -> Self {
        self.options.timeout = Some(timeout);
        self.options.timeout_per_attempt = Setting::Off;
        self.options.max_attempts = Some(NonZeroU32::MIN);
        self.options.retry_flags = Some(RetryFlags::NEVER);
        self
    }
}

/// Why a router did not do what it was asked to.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum RouterError {
    /// The call failed.
    #[error(transparent)]
    Call(#[from] CallError),
    /// The call could not be made.
    #[error(transparent)]
    NotMade(#[from] OpenError),
    /// The router answered that it would not.
    #[error("the router refused: {body}")]
    Refused {
        /// The beginning of its answer.
        body: String,
    },
    /// The router answered something else than a count of connections.
    #[error("the router's answer cannot be read: {0}")]
    Unreadable(#[from] JsonError),
}

/// How a service is called through Hyperbahn: the sub-channel that a client for it uses.
///
/// Its peer list is of its own and holds the routers.
#[derive(Clone, Debug)]
pub struct Client {
    /// Defaults of the sub-channel: service, scheme, and the caller if it has another name than the channel.
    pub defaults: CallOptions,
    /// Which connections are preferred: those that the routers opened.
    pub direction: Direction,
}

impl Client {
    /// A client for `service`. `caller`: the channel's name if there is none.
    pub fn new(
        service: impl Into<Text>,
        scheme: impl Into<Text>,
        caller: Option<Text>,
    ) -> Result<Self, ServiceError> {
        let service = service.into();
        check_name(&service)?;
        let defaults =
            CallOptions { service: Some(service), scheme: Some(scheme.into()), caller, ..CallOptions::new() };
        Ok(Client { defaults, direction: Direction::In })
    }
}

#[cfg(test)]
mod tests;
