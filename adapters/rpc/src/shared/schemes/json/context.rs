//! Application headers of requests and answers.

use bytes::Bytes;
use tchannel_schemes::json::Headers;

use crate::shared::schemes::{self, AppHeaders};

/// What a handler is told of a call beside its body.
pub type Context = schemes::Context<Headers>;

impl AppHeaders for Headers {
    fn decoded(arg2: &Bytes) -> Result<Self, String> {
        Headers::decode(arg2).map_err(|error| error.answer().into())
    }

    fn put(&mut self, name: String, value: String) {
        self.set(name, value);
    }
}
