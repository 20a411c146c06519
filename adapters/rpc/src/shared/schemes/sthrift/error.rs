//! Why a stream of structs does not go on.

use std::error::Error;

use tchannel_proto::wire::ErrorCode;
use tchannel_schemes::sthrift::Error as ChunkError;
use tchannel_schemes::thrift::{DecodeError, HeadersError};

use crate::shared::schemes::rejection;
use crate::shared::serve::Reject;
use crate::shared::stream::BodyError;

/// Why a struct of a stream was not read or not written.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StreamError {
    /// The call is over, or has failed.
    #[error(transparent)]
    Body(#[from] BodyError),
    /// The stream is none: a chunk is too long, or its end is missing. Or a struct cannot be written; the stream stands
    /// where it stood.
    #[error(transparent)]
    Chunk(#[from] ChunkError),
    /// A chunk that is not the struct. The next one can still be read.
    #[error(transparent)]
    Item(#[from] DecodeError),
    /// The application headers cannot be written; nothing was sent.
    #[error(transparent)]
    Headers(#[from] HeadersError),
}

impl StreamError {
    /// Whether it is the sender of the stream who made it unreadable.
    pub(super) fn is_unreadable(&self) -> bool {
        match self {
            Self::Chunk(ChunkError::TooLong { .. } | ChunkError::Truncated { .. }) | Self::Item(_) => true,
            Self::Chunk(ChunkError::Encode(_)) | Self::Body(_) | Self::Headers(_) => false,
        }
    }
}

/// An exception came when results had left already.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("an exception has to come before the first result")]
pub(super) struct LateException;

/// What a caller is told of a failure that is no answer. A stream that cannot be read is the caller's own fault if it is
/// the caller's: the handler may have read others.
pub(super) fn rejected(failure: Box<dyn Error + Send + Sync>, unreadable: bool) -> Reject {
    match failure.downcast::<StreamError>() {
        Ok(error) if unreadable && error.is_unreadable() => {
            Reject::new(ErrorCode::BadRequest, error.to_string())
        }
        Ok(error) => Reject::failed(error),
        Err(failure) => rejection(failure),
    }
}
