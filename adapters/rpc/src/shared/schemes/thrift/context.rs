//! Application headers of requests and answers.

use bytes::Bytes;
use tchannel_schemes::thrift::Headers;

use crate::shared::schemes::{self, AppHeaders};

/// What a handler is told of a call beside its request. Generated handlers are written for any; this is the server's.
pub type Context = schemes::Context<Headers>;

impl AppHeaders for Headers {
    fn decoded(arg2: &Bytes) -> Result<Self, String> {
        Headers::decode(arg2).map_err(|error| error.to_string())
    }

    fn put(&mut self, name: String, value: String) {
        self.set(name, value);
    }
}
