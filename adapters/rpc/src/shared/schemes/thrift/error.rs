//! Why calls have no value, and how handlers refuse requests.

use std::borrow::Cow;
use std::convert::Infallible;

use tchannel_proto::wire::ErrorCode;
use tchannel_schemes::thrift::{Error, Failure, HeadersError};

use crate::shared::schemes::Rejected;

/// Why a call of a method has no value.
#[derive(Clone, Debug, thiserror::Error)]
pub enum CallError<E> {
    /// An exception that the method declares.
    #[error(transparent)]
    Exception(E),
    /// There is no answer that can be read. An exception that is not declared arrives as `unexpected`.
    #[error(transparent)]
    Failed(#[from] crate::CallError),
    /// The method cannot be called, its arguments cannot be written, or its answer is neither value nor known exception.
    #[error(transparent)]
    Thrift(#[from] Error),
    /// The application headers cannot be written; nothing was sent.
    #[error(transparent)]
    Headers(#[from] HeadersError),
}

impl CallError<Infallible> {
    /// The same failure as one of a method with exceptions.
    pub fn of_any_method<E>(self) -> CallError<E> {
        match self {
            Self::Exception(never) => match never {},
            Self::Failed(error) => CallError::Failed(error),
            Self::Thrift(error) => CallError::Thrift(error),
            Self::Headers(error) => CallError::Headers(error),
        }
    }
}

impl<E> CallError<E> {
    /// The failure of the call itself, if it is that: code, peer, how long it took.
    pub fn failed(&self) -> Option<&crate::CallError> {
        match self {
            Self::Failed(error) => Some(error),
            Self::Exception(_) | Self::Thrift(_) | Self::Headers(_) => None,
        }
    }
}

/// Rejects a request: the caller gets an error frame with this code and text, instead of `unexpected error`.
///
/// ```
/// use tchannel_rpc::ErrorCode;
/// use tchannel_rpc::thrift::{Failure, reject};
///
/// fn checked<E>(limit: i32) -> Result<i32, Failure<E>> {
///     if limit < 0 { Err(reject(ErrorCode::BadRequest, "the limit is below 0")) } else { Ok(limit) }
/// }
/// # assert!(checked::<()>(1).is_ok() && checked::<()>(-1).is_err());
/// ```
pub fn reject<E>(code: ErrorCode, message: impl Into<Cow<'static, str>>) -> Failure<E> {
    Failure::unexpected(Rejected::new(code, message))
}
