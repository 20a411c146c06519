//! Rejections with words of the handler's own.

use std::borrow::Cow;
use std::error::Error;

use tchannel_proto::wire::ErrorCode;

use crate::shared::serve::Reject;

/// A typed handler's rejection: the caller gets an error frame with this code and text, instead of `unexpected error`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {message}")]
pub struct Rejected {
    code: ErrorCode,
    message: Cow<'static, str>,
}

impl Rejected {
    /// An error frame with this code and text.
    pub fn new(code: ErrorCode, message: impl Into<Cow<'static, str>>) -> Self {
        Rejected { code, message: message.into() }
    }
}

/// What a caller is told of a failure that is no answer.
pub(crate) fn rejection(failure: Box<dyn Error + Send + Sync>) -> Reject {
    match failure.downcast::<Rejected>() {
        Ok(refused) => Reject::new(refused.code, refused.message),
        Err(failure) => Reject::failed(failure),
    }
}
