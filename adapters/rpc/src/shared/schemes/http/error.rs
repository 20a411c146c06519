//! Why there is no response.

use tchannel_schemes::http::Error;

use crate::shared::stream::BodyError;

/// Why a request has no response.
#[derive(Clone, Debug, thiserror::Error)]
pub enum CallError {
    /// There is no response that can be read.
    #[error(transparent)]
    Failed(#[from] crate::CallError),
    /// The request line or the headers cannot be written; nothing was sent.
    #[error("cannot write the request: {0}")]
    Head(#[from] Error),
}

/// Why a response was not begun.
#[derive(Clone, Debug, thiserror::Error)]
pub enum AnswerError {
    /// The response line or the headers cannot be written.
    #[error("cannot write the response: {0}")]
    Head(#[from] Error),
    /// The call is over.
    #[error(transparent)]
    Body(#[from] BodyError),
}
