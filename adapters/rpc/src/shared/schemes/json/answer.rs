//! An answer that was read.

use std::fmt;

use serde::de::DeserializeOwned;
use tchannel_schemes::json::{Headers, NotOk, decode};

use super::CallError;
use crate::shared::call::Response;
use crate::shared::schemes::Place;

/// What an endpoint answered, and what came with it.
#[derive(Clone, Debug)]
pub struct Answer<T> {
    /// The body.
    pub body: T,
    /// Application headers.
    pub headers: Headers,
    response: Response,
}

impl<T> Answer<T> {
    /// The response as it came: who answered, its code byte, transport headers, bytes.
    pub fn response(&self) -> &Response {
        &self.response
    }
}

impl<T: DeserializeOwned> Answer<T> {
    pub(super) fn read(response: Response, place: &Place) -> Result<Self, CallError> {
        let unreadable = |error: &dyn fmt::Display| {
            let words = format!("cannot read the answer of {}: {error}", place.target.endpoint_text());
            CallError::Failed(place.unreadable(&response, words))
        };
        let headers = Headers::decode(response.arg2()).map_err(|error| unreadable(&error))?;
        if !response.ok() {
            let body = NotOk::decode(&response.body()).map_err(|error| unreadable(&error))?;
            return Err(CallError::NotOk(Box::new(Answer { body, headers, response })));
        }
        let body = decode(&response.body()).map_err(|error| unreadable(&error))?;
        Ok(Answer { body, headers, response })
    }
}
