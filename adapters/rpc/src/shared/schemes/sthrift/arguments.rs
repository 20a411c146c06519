//! A request that is a stream.

use std::fmt;
use std::marker::PhantomData;

use tchannel_schemes::sthrift::encode;
use tchannel_schemes::thrift::{HeadersError, Struct};

use super::StreamError;
use super::chunked::Chunked;

/// The stream of arguments of a call of ours.
///
/// Dropping it before [`finish`](Self::finish) cancels the call.
#[must_use = "a call whose arguments have no end is cancelled"]
pub struct Arguments<T> {
    chunked: Result<Chunked, HeadersError>,
    item: PhantomData<fn(T)>,
}

impl<T: Struct> Arguments<T> {
    pub(super) fn new(chunked: Result<Chunked, HeadersError>) -> Self {
        Arguments { chunked, item: PhantomData }
    }

    /// Sends one more. Waits while too much of the stream has not left yet.
    ///
    /// A struct that cannot be written is an error, and the stream stands where it stood. `BodyError::Over`: the server
    /// has answered without reading on; the call knows what.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future before its end sends nothing.
    pub async fn send(&mut self, item: &T) -> Result<(), StreamError> {
        let chunk = encode(item)?;
        let chunked = self.chunked.as_mut().map_err(|error| error.clone())?;
        Ok(chunked.write(chunk).await?)
    }

    /// Ends the stream. Does not wait until all of it has left.
    pub async fn finish(self) -> Result<(), StreamError> {
        Ok(self.chunked?.finish().await?)
    }
}

impl<T> fmt::Debug for Arguments<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Arguments").field(&self.chunked).finish()
    }
}
