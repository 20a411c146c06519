//! Why calls have no value, and what handlers answer instead of one.

use std::error::Error;

use tchannel_proto::wire::ErrorCode;
use tchannel_schemes::json::{EncodeError, JsonError, NotOk};

use super::Answer;
use crate::shared::schemes::Rejected;

/// Why a call has no value.
#[derive(Clone, Debug, thiserror::Error)]
pub enum CallError {
    /// The endpoint answered that it is not ok.
    #[error("{}", told(&.0.body))]
    NotOk(Box<Answer<NotOk>>),
    /// There is no answer that can be read. A handler that failed arrives as `unexpected`.
    #[error(transparent)]
    Failed(#[from] crate::CallError),
    /// The body or the headers cannot be written; nothing was sent.
    #[error(transparent)]
    Unwritable(#[from] EncodeError),
}

fn told(body: &NotOk) -> String {
    match body {
        NotOk::Error(error) => error.to_string(),
        NotOk::Other(value) => format!("not ok: {value}"),
    }
}

/// Why a handler gives no value. Any error turns into one by `?`: a [`JsonError`] is told to the caller, a
/// [`Rejected`] is a rejection with its own code, and of all others the caller learns `unexpected error`.
#[derive(Debug)]
pub enum Failure {
    /// Something that the endpoint foresees: an answer with code 1.
    Error(JsonError),
    /// Anything else: an error frame.
    Unexpected(Box<dyn Error + Send + Sync>),
}

impl Failure {
    /// A rejection with a code and words of its own.
    pub fn reject(code: ErrorCode, message: impl Into<std::borrow::Cow<'static, str>>) -> Self {
        Rejected::new(code, message).into()
    }
}

impl<E: Error + Send + Sync + 'static> From<E> for Failure {
    fn from(error: E) -> Self {
        let error: Box<dyn Error + Send + Sync> = Box::new(error);
        match error.downcast::<JsonError>() {
            Ok(foreseen) => Self::Error(*foreseen),
            Err(error) => Self::Unexpected(error),
        }
    }
}
