//! A stream that arrives.

use std::fmt;
use std::future::poll_fn;
use std::marker::PhantomData;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use tchannel_proto::Arg;
use tchannel_schemes::sthrift::Chunks;
use tchannel_schemes::thrift::{Struct, decode};

use super::StreamError;
use crate::shared::stream::BodyReader;

/// Structs as they arrive: arguments at the server, results at the client.
///
/// Nothing is read ahead of what is asked for. As the caller, dropping it before the end cancels the call; as the server,
/// it skips the rest.
#[must_use = "results that are not read are cancelled"]
pub struct Incoming<T> {
    body: BodyReader,
    chunks: Chunks,
    /// What came and is not taken yet.
    part: Bytes,
    /// Set once it cannot be read, for who has to tell its sender.
    unreadable: Option<Arc<AtomicBool>>,
    item: PhantomData<fn() -> T>,
}

impl<T: Struct> Incoming<T> {
    pub(super) fn new(body: BodyReader) -> Self {
        Incoming { body, chunks: Chunks::new(), part: Bytes::new(), unreadable: None, item: PhantomData }
    }

    /// The arguments of a call that is served.
    pub(super) fn asked(body: BodyReader, unreadable: &Arc<AtomicBool>) -> Self {
        Incoming { unreadable: Some(unreadable.clone()), ..Incoming::new(body) }
    }

    /// The next struct; `None` at the end. An end within a chunk is an error.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses nothing: asked again, it gives the next struct.
    pub async fn next(&mut self) -> Result<Option<T>, StreamError> {
        poll_fn(|cx| self.poll_next(cx)).await
    }

    /// As [`next`](Self::next), for those who write futures by hand.
    pub fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<T>, StreamError>> {
        let next = self.poll_item(cx);
        if let (Poll::Ready(Err(error)), Some(unreadable)) = (&next, &self.unreadable)
            && error.is_unreadable()
        {
            unreadable.store(true, Ordering::Relaxed);
        }
        next
    }

    fn poll_item(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<T>, StreamError>> {
        loop {
            if let Some(chunk) = self.chunks.take(&mut self.part)? {
                return Poll::Ready(Ok(Some(decode(&chunk)?)));
            }
            match ready!(self.body.poll_next(cx))? {
                Some((Arg::Three, part)) => self.part = part,
                Some((Arg::Two, _)) => {}
                None => {
                    self.chunks.end()?;
                    return Poll::Ready(Ok(None));
                }
            }
        }
    }
}

impl<T> fmt::Debug for Incoming<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Incoming").field(&self.body).finish()
    }
}
