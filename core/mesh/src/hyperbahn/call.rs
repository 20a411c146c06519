//! Calls to routers, and calls through them.

use tchannel_proto::Args;

use super::HYPERBAHN;
use crate::options::{CallOptions, Setting, Text};
use crate::peers::Direction;
use crate::{ServiceError, check_name};

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
