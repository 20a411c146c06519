//! In the words of the futures crates.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes};
use futures_core::Stream;
use futures_io::{AsyncBufRead, AsyncRead, AsyncWrite};
use futures_sink::Sink;

use super::{Arg3Reader, Arg3Writer};
use crate::shared::stream::BodyError;

impl AsyncRead for Arg3Reader {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, into: &mut [u8]) -> Poll<io::Result<usize>> {
        let piece = ready!(self.poll_piece(cx))?;
        let count = piece.len().min(into.len());
        piece.copy_to_slice(&mut into[..count]);
        Poll::Ready(Ok(count))
    }
}

impl AsyncBufRead for Arg3Reader {
    fn poll_fill_buf(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<&[u8]>> {
        let piece = ready!(self.get_mut().poll_piece(cx))?;
        Poll::Ready(Ok(piece))
    }

    fn consume(mut self: Pin<&mut Self>, count: usize) {
        self.piece.advance(count);
    }
}

/// Its pieces as they came, none of them empty.
impl Stream for Arg3Reader {
    type Item = Result<Bytes, BodyError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let piece = std::mem::take(ready!(self.poll_piece(cx))?);
        Poll::Ready((!piece.is_empty()).then_some(Ok(piece)))
    }
}

impl AsyncWrite for Arg3Writer {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Arg3Writer::poll_write(&mut self, cx, bytes).map_err(Into::into)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Arg3Writer::poll_flush(&mut self, cx).map_err(Into::into)
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll_finish(cx).map_err(Into::into)
    }
}

/// Pieces are sent without copying them. One that does not fit yet is kept here until it does.
impl Sink<Bytes> for Arg3Writer {
    type Error = BodyError;

    fn poll_ready(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), BodyError>> {
        self.poll_held(cx)
    }

    fn start_send(mut self: Pin<&mut Self>, piece: Bytes) -> Result<(), BodyError> {
        self.held = piece;
        Ok(())
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), BodyError>> {
        Arg3Writer::poll_flush(&mut self, cx)
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), BodyError>> {
        self.poll_finish(cx)
    }
}
