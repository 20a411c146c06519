//! What is said of answers that cannot be read.

use std::sync::Arc;

use tchannel_mesh::HostPort;
use tchannel_proto::wire::Tracing;

#[cfg(any(feature = "json", feature = "thrift"))]
use crate::shared::call::Response;
use crate::shared::error::CallError;
use crate::shared::host::Host;
#[cfg(any(feature = "http", feature = "sthrift"))]
use crate::shared::stream::{BodyError, StreamedResponse};
use crate::shared::target::Target;

/// What an answer that cannot be read is said to be the answer of.
#[derive(Clone)]
pub(crate) struct Place {
    pub(crate) host: Option<Host>,
    pub(crate) target: Arc<Target>,
}

impl Place {
    /// The failure that an unreadable answer is.
    pub(crate) fn unreadable(&self, source: impl Into<Source>, words: String) -> CallError {
        CallError::unreadable(words, source.into(), self)
    }
}

/// Where an answer came from.
#[derive(Clone)]
pub(crate) struct Source {
    pub(crate) peer: Option<HostPort>,
    pub(crate) attempts: u32,
    pub(crate) tracing: Tracing,
}

#[cfg(any(feature = "json", feature = "thrift"))]
impl From<&Response> for Source {
    fn from(response: &Response) -> Self {
        let (peer, tracing) = (response.peer().cloned(), response.tracing());
        Source { peer, attempts: response.attempts(), tracing }
    }
}

#[cfg(any(feature = "http", feature = "sthrift"))]
impl From<&StreamedResponse> for Source {
    fn from(response: &StreamedResponse) -> Self {
        Source { peer: response.peer().cloned(), attempts: 1, tracing: response.tracing() }
    }
}

#[cfg(any(feature = "http", feature = "sthrift"))]
impl Place {
    /// Why a part of an answer did not come.
    pub(crate) fn unread(&self, source: Source, error: BodyError) -> CallError {
        match error {
            BodyError::Call(error) => error,
            BodyError::Abandoned(_)
            | BodyError::Over
            | BodyError::LastArg
            | BodyError::Arg2TooLong { .. }
            | BodyError::Arg3TooLong { .. } => {
                let endpoint = self.target.endpoint_text();
                self.unreadable(source, format!("cannot read the answer of {endpoint}: {error}"))
            }
        }
    }
}
