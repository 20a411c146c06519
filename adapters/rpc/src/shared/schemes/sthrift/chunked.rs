//! A body that is written chunk by chunk, behind its headers.

use std::pin::pin;
use std::task::{Context, Waker};

use bytes::Bytes;

use crate::shared::stream::{BodyError, BodyWriter};

#[derive(Debug)]
pub(super) struct Chunked {
    body: BodyWriter,
    /// The headers, until they are written.
    arg2: Option<Bytes>,
}

impl Chunked {
    pub(super) fn new(body: BodyWriter, arg2: Bytes) -> Self {
        Chunked { body, arg2: Some(arg2) }
    }

    /// Writes the headers if they need not wait.
    pub(super) fn hurry(&mut self) {
        // An error comes again with the first chunk.
        let _ = pin!(self.begin()).poll(&mut Context::from_waker(Waker::noop()));
    }

    /// Writes the headers, if that was not done.
    async fn begin(&mut self) -> Result<(), BodyError> {
        if let Some(arg2) = &self.arg2 {
            self.body.arg2(arg2.clone()).await?;
            self.arg2 = None;
        }
        Ok(())
    }

    /// Writes a chunk, or nothing if the future is dropped.
    pub(super) async fn write(&mut self, chunk: Bytes) -> Result<(), BodyError> {
        self.begin().await?;
        self.body.write(chunk).await
    }

    pub(super) async fn finish(mut self) -> Result<(), BodyError> {
        self.begin().await?;
        self.body.finish()
    }
}
