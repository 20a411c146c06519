//! What a handler answers.

use std::borrow::Cow;
use std::error::Error;

use bytes::Bytes;
use tchannel_proto::Args;
use tchannel_proto::wire::{ErrorCode, ResponseCode};

use super::endpoint::UNEXPECTED;

/// An answer. An application error is an answer, too.
///
/// Where its bytes have an owner ([`Bytes::from_owner`]), the owner's `Drop` must not call back into the channel: a
/// connection may let go of them under its lock.
#[derive(Clone, Debug)]
pub struct Reply {
    code: ResponseCode,
    args: Args,
}

impl Reply {
    /// Success.
    pub fn ok(arg2: impl Into<Bytes>, arg3: impl Into<Bytes>) -> Self {
        Reply { code: ResponseCode::OK, args: Args::new(arg2, arg3) }
    }

    /// An application error: the arguments say which.
    pub fn not_ok(arg2: impl Into<Bytes>, arg3: impl Into<Bytes>) -> Self {
        Reply { code: ResponseCode::NOT_OK, args: Args::new(arg2, arg3) }
    }

    /// Success with a body in pieces, which are sent without joining them.
    pub fn pieces(arg2: impl Into<Bytes>, arg3: impl IntoIterator<Item = Bytes>) -> Self {
        let args = Args { arg2: arg2.into(), arg3: arg3.into_iter().collect() };
        Reply { code: ResponseCode::OK, args }
    }

    /// Replaces the code byte: 0 is success, all others are application errors, and leave as 1, which every peer knows.
    #[must_use = "this changes nothing in place"]
    pub fn with_code(mut self, code: ResponseCode) -> Self {
        self.code = code;
        self
    }

    pub(crate) fn into_parts(self) -> (ResponseCode, Args) {
        (self.code, self.args)
    }
}

/// A refusal: the caller gets an error frame instead of an answer.
///
/// Any error turns into one by `?`. Its text stays here and goes to the notices; the caller is told
/// `unexpected error`, unless [`expose_errors`](crate::Builder::expose_errors) is on.
#[derive(Debug)]
pub struct Reject {
    code: ErrorCode,
    message: Cow<'static, str>,
    detail: Option<Box<dyn Error + Send + Sync>>,
}

impl Reject {
    /// An error frame with this code and text.
    pub fn new(code: ErrorCode, message: impl Into<Cow<'static, str>>) -> Self {
        Reject { code, message: message.into(), detail: None }
    }

    /// A handler that failed, for this reason.
    #[cfg(any(feature = "json", feature = "thrift"))]
    pub(crate) fn failed(reason: Box<dyn Error + Send + Sync>) -> Self {
        Reject { code: ErrorCode::Unexpected, message: Cow::Borrowed(UNEXPECTED), detail: Some(reason) }
    }

    pub(super) fn into_parts(self) -> (ErrorCode, Cow<'static, str>, Option<Box<dyn Error + Send + Sync>>) {
        (self.code, self.message, self.detail)
    }
}

impl<E: Error + Send + Sync + 'static> From<E> for Reject {
    fn from(error: E) -> Self {
        Reject {
            code: ErrorCode::Unexpected,
            message: Cow::Borrowed(UNEXPECTED),
            detail: Some(Box::new(error)),
        }
    }
}
