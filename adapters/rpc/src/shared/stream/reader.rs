//! The half that reads.

use std::collections::VecDeque;
use std::fmt;
use std::future::poll_fn;
use std::task::{Context, Poll, ready};

use bytes::{Bytes, BytesMut};
use tchannel_proto::{Arg, Args};

use super::{BodyError, ReaderEnd};

/// arg2 and arg3 of a message, as they arrive.
///
/// Nothing is read ahead: bytes wait in the connection until they are asked for, and a connection with too many of
/// them stops reading for a while, then gives up the call that holds most. Read on, or drop the reader.
///
/// As the caller, dropping it before the end cancels the call. As the callee, dropping it skips the rest of the
/// request.
#[must_use = "a response that is not read is cancelled"]
pub struct BodyReader {
    /// `None` once all of it is here.
    end: Option<ReaderEnd>,
    /// What is here and was not handed out.
    kept: VecDeque<(Arg, Bytes)>,
}

impl BodyReader {
    pub(crate) fn new(end: ReaderEnd, args: Option<Args>) -> Self {
        let Some(args) = args else { return BodyReader { end: Some(end), kept: VecDeque::new() } };
        let arg2 = Some((Arg::Two, args.arg2));
        let arg3 = args.arg3.into_iter().map(|piece| (Arg::Three, piece));
        let kept = arg2.into_iter().chain(arg3).filter(|(_, bytes)| !bytes.is_empty()).collect();
        BodyReader { end: None, kept }
    }

    /// The next part, and the argument that it belongs to; `None` at the end.
    ///
    /// All of arg2 comes before arg3. An empty part of arg3 says no more than that arg2 is whole.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses nothing: asked again, it gives the next part.
    pub async fn next(&mut self) -> Result<Option<(Arg, Bytes)>, BodyError> {
        poll_fn(|cx| self.poll_next(cx)).await
    }

    /// As [`next`](BodyReader::next), for those who write futures by hand.
    pub fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<(Arg, Bytes)>, BodyError>> {
        match self.kept.pop_front() {
            Some(part) => Poll::Ready(Ok(Some(part))),
            None => self.poll_more(cx),
        }
    }

    /// What is left of arg2, whole; empty if arg3 was begun.
    ///
    /// Waits until arg3 begins. After [`Arg2TooLong`](BodyError::Arg2TooLong) the parts can still be read.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses nothing: asked again, it goes on with what has come.
    pub async fn arg2(&mut self) -> Result<Bytes, BodyError> {
        loop {
            let whole = self.kept.iter().any(|(arg, _)| *arg == Arg::Three);
            if !whole {
                if let Some(limit) = self.is_over_limit() {
                    return Err(BodyError::Arg2TooLong { limit });
                }
                if let Some(part) = poll_fn(|cx| self.poll_more(cx)).await? {
                    self.kept.push_back(part);
                    continue;
                }
            }
            return Ok(self.take(Arg::Two));
        }
    }

    /// What is left of arg3, whole. Skips what is left of arg2.
    ///
    /// Waits for the end. After [`Arg3TooLong`](BodyError::Arg3TooLong) the pieces can still be read.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses nothing of arg3: asked again, it goes on with what has come.
    pub async fn arg3(&mut self) -> Result<Bytes, BodyError> {
        loop {
            self.kept.retain(|(arg, bytes)| *arg == Arg::Three && !bytes.is_empty());
            if let Some(limit) = self.is_over_limit() {
                return Err(BodyError::Arg3TooLong { limit });
            }
            match poll_fn(|cx| self.poll_more(cx)).await? {
                Some(part) => self.kept.push_back(part),
                None => return Ok(self.take(Arg::Three)),
            }
        }
    }

    /// The next piece of arg3, never empty; `None` at its end. Skips what is left of arg2.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses nothing of arg3: asked again, it gives the next piece. Arg2 may be skipped by then.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, BodyError> {
        while let Some((arg, bytes)) = self.next().await? {
            if arg == Arg::Three && !bytes.is_empty() {
                return Ok(Some(bytes));
            }
        }
        Ok(None)
    }

    fn poll_more(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<(Arg, Bytes)>, BodyError>> {
        let Some(ReaderEnd(line)) = &self.end else { return Poll::Ready(Ok(None)) };
        let read = ready!(line.hub.poll_read(line.side, cx)).map_err(|ended| line.error(ended));
        if let Ok(None) = read {
            self.end = None;
        }
        Poll::Ready(read)
    }

    /// The most that is kept of an argument, if this is more.
    fn is_over_limit(&self) -> Option<usize> {
        let limit = self.end.as_ref()?.0.hub.config.connection.max_message.get();
        let kept: usize = self.kept.iter().map(|(_, bytes)| bytes.len()).sum();
        (kept > limit).then_some(limit)
    }

    /// What is kept of an argument, which comes first, in one piece.
    fn take(&mut self, wanted: Arg) -> Bytes {
        let parts = self.kept.iter().take_while(|(arg, _)| *arg == wanted).count();
        if parts == 1 {
            return self.kept.pop_front().map_or_else(Bytes::new, |(_, bytes)| bytes);
        }
        let mut joined = BytesMut::new();
        self.kept.drain(..parts).for_each(|(_, bytes)| joined.extend_from_slice(&bytes));
        joined.freeze()
    }
}

impl fmt::Debug for BodyReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BodyReader")
            .field("kept", &self.kept.len())
            .field("whole", &self.end.is_none())
            .finish_non_exhaustive()
    }
}
