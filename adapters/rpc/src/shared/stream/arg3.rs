//! arg3 as a stream of bytes, in the words of the standard library, of Tokio, and of the futures crates.

#[cfg(feature = "futures")]
mod futures;
mod std;
#[cfg(feature = "tokio")]
mod tokio;

use ::std::fmt;
use ::std::io;
use ::std::task::{Context, Poll, ready};

use bytes::Bytes;
use tchannel_proto::Arg;

use super::{BodyError, BodyReader, BodyWriter};

/// What is left of a message's arg3, to be read as a stream of bytes: by [`io::Read`] on a thread that may wait, or by the
/// `AsyncRead` of Tokio or futures. What is left of arg2 is skipped.
///
/// As with [`BodyReader`], dropping it before the end gives the rest up. Dropping a future that reads loses nothing.
#[must_use = "a response that is not read is cancelled"]
pub struct Arg3Reader {
    body: BodyReader,
    /// What was taken from the body and not from here.
    piece: Bytes,
}

/// A message's arg3, to be written as a stream of bytes: by [`io::Write`] on a thread that may wait, or by the
/// `AsyncWrite` of Tokio or futures. Closing it, or [`finish`](Arg3Writer::finish), ends the message.
///
/// As with [`BodyWriter`], dropping it before the end gives the message up. Each write is one piece: join small ones.
#[must_use = "a message without its end is given up"]
pub struct Arg3Writer {
    body: Option<BodyWriter>,
    /// A piece given to the sink that the body has not taken.
    held: Bytes,
}

impl BodyReader {
    /// Goes on reading as from a stream of bytes.
    pub fn into_arg3(self) -> Arg3Reader {
        Arg3Reader { body: self, piece: Bytes::new() }
    }
}

impl BodyWriter {
    /// Ends arg2, if that has not ended, and goes on writing as to a stream of bytes.
    pub fn into_arg3(mut self) -> Result<Arg3Writer, BodyError> {
        if !self.is_in_arg3() {
            self.next_arg()?;
        }
        Ok(Arg3Writer { body: Some(self), held: Bytes::new() })
    }
}

impl Arg3Reader {
    /// The next piece, empty at the end.
    fn poll_piece(&mut self, cx: &mut Context<'_>) -> Poll<Result<&mut Bytes, BodyError>> {
        while self.piece.is_empty() {
            match ready!(self.body.poll_next(cx))? {
                Some((Arg::Three, piece)) => self.piece = piece,
                Some((Arg::Two, _)) => {}
                None => break,
            }
        }
        Poll::Ready(Ok(&mut self.piece))
    }
}

impl Arg3Writer {
    /// Ends the message. Does not wait until all of it has left. A piece that a sink still holds is lost: close that.
    pub fn finish(mut self) -> Result<(), BodyError> {
        self.body.take().map_or(Err(BodyError::Over), BodyWriter::finish)
    }

    fn poll_write(&mut self, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<Result<usize, BodyError>> {
        if bytes.is_empty() {
            return Poll::Ready(Ok(0));
        }
        ready!(self.poll_held(cx))?;
        let Some(body) = &mut self.body else { return Poll::Ready(Err(BodyError::Over)) };
        let count = bytes.len().min(PIECE);
        let mut piece = Bytes::copy_from_slice(&bytes[..count]);
        ready!(body.poll_write(cx, &mut piece))?;
        Poll::Ready(Ok(count))
    }

    fn poll_held(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BodyError>> {
        match &mut self.body {
            Some(body) if !self.held.is_empty() => body.poll_write(cx, &mut self.held),
            Some(_) => Poll::Ready(Ok(())),
            None => Poll::Ready(Err(BodyError::Over)),
        }
    }

    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BodyError>> {
        ready!(self.poll_held(cx))?;
        Poll::Ready(self.body.as_mut().map_or(Err(BodyError::Over), BodyWriter::flush))
    }

    /// Ends the message, once.
    #[cfg(any(feature = "tokio", feature = "futures"))]
    fn poll_finish(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BodyError>> {
        if self.body.is_some() {
            ready!(self.poll_held(cx))?;
        }
        Poll::Ready(self.body.take().map_or(Ok(()), BodyWriter::finish))
    }
}

impl From<BodyError> for io::Error {
    fn from(error: BodyError) -> Self {
        let kind = match &error {
            BodyError::Call(error) if error.is_timeout() => io::ErrorKind::TimedOut,
            BodyError::Call(_) => io::ErrorKind::ConnectionAborted,
            BodyError::Abandoned(_) | BodyError::Over => io::ErrorKind::BrokenPipe,
            BodyError::LastArg | BodyError::Arg2TooLong { .. } | BodyError::Arg3TooLong { .. } => {
                io::ErrorKind::InvalidInput
            }
        };
        io::Error::new(kind, error)
    }
}

impl fmt::Debug for Arg3Reader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Arg3Reader").field("body", &self.body).finish_non_exhaustive()
    }
}

impl fmt::Debug for Arg3Writer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Arg3Writer").field("open", &self.body.is_some()).finish_non_exhaustive()
    }
}

/// Bytes of one write that are copied at most: what fits a frame.
const PIECE: usize = 60 << 10;
