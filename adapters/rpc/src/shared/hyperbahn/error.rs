//! Why a mesh does not do what it is asked for.

use std::sync::Arc;

use tchannel_mesh::ServiceError;
use tchannel_mesh::hyperbahn::{self, RouterError, StartError};
use thiserror::Error;

use crate::shared::error::{CallError, ListenError};

/// Why a service is not advertised.
#[derive(Clone, Debug, Error)]
#[non_exhaustive]
pub enum AdvertiseError {
    /// No router took it in time. Nothing more is tried, unless [`keep_trying`](super::Advertise::keep_trying) was said.
    #[error(transparent)]
    NoRouter(hyperbahn::AdvertiseError),
    /// It was not even tried.
    #[error("cannot advertise: {0}")]
    NotStarted(#[from] StartError),
    /// This process has to listen, so that routers can connect to it, and cannot.
    #[error("cannot advertise without listening: {0}")]
    NotListening(Arc<ListenError>),
    /// It was stopped, or the channel was closed, before a router had taken it.
    #[error("stopped before a router took the advertisement")]
    Stopped,
}

impl AdvertiseError {
    /// Why the last attempt failed, if there was one.
    pub fn last(&self) -> Option<&RouterError> {
        match self {
            AdvertiseError::NoRouter(error) => Some(&error.last),
            AdvertiseError::NotStarted(_) | AdvertiseError::NotListening(_) | AdvertiseError::Stopped => None,
        }
    }
}

/// Why no router was asked to forget the services, or none did. There is no other attempt: services are not advertised
/// any more in either case.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum UnadvertiseError {
    /// Nothing was advertised.
    #[error("nothing was advertised")]
    NotAdvertised,
    /// The router did not do it.
    #[error("no router was told: {0}")]
    Router(#[source] RouterError),
}

/// Why a mesh does not say who serves a service.
#[derive(Clone, Debug, Error)]
#[non_exhaustive]
pub enum DiscoverError {
    /// No service can have this name.
    #[error(transparent)]
    Name(#[from] ServiceError),
    /// No router was reached.
    #[error(transparent)]
    Call(#[from] CallError),
    /// The router has no peers to name.
    #[error(transparent)]
    Router(#[from] hyperbahn::DiscoverError),
}
