//! An answer that was read.

use std::convert::Infallible;
use std::fmt;

use tchannel_schemes::thrift::{Error, Headers, Method, decode_reply};

use super::CallError;
use crate::shared::call::Response;
use crate::shared::schemes::Place;

/// What a method answered: a value or one of its exceptions, and what came with it.
pub struct Answer<M: Method> {
    /// The value, or the exception.
    pub result: Result<M::Success, M::Exceptions>,
    /// Application headers.
    pub headers: Headers,
    response: Response,
}

impl<M: Method> Answer<M> {
    pub(super) fn read(response: Response, place: &Place) -> Result<Self, CallError<Infallible>> {
        let headers = Headers::decode(response.arg2())
            .map_err(|error| place.unreadable(&response, unreadable(M::ENDPOINT, &error)))?;
        match decode_reply::<M>(&response.body()) {
            Ok(result) => Ok(Answer { result, headers, response }),
            Err(error) => Err(not_read(error, &response, place)),
        }
    }

    /// The response as it came: who answered, its code byte, transport headers, bytes.
    pub fn response(&self) -> &Response {
        &self.response
    }
}

impl<M: Method<Success: fmt::Debug, Exceptions: fmt::Debug>> fmt::Debug for Answer<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answer")
            .field("result", &self.result)
            .field("headers", &self.headers)
            .finish_non_exhaustive()
    }
}

/// Bytes that cannot be read are a failure of the call; all else is the answer's own.
pub(crate) fn not_read(error: Error, response: &Response, place: &Place) -> CallError<Infallible> {
    match error {
        Error::Unreadable { .. } => CallError::Failed(place.unreadable(response, error.to_string())),
        Error::OneWayNotSupported { .. }
        | Error::ValueExpected { .. }
        | Error::UnknownException { .. }
        | Error::Unwritable { .. } => CallError::Thrift(error),
    }
}

pub(crate) fn unreadable(endpoint: &str, error: &dyn fmt::Display) -> String {
    format!("cannot read the answer of {endpoint}: {error}")
}
