//! Any stream in Tokio's words.

use std::future::{Future, poll_fn};
use std::io;
use std::pin::{Pin, pin};

use ::tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadHalf, WriteHalf, split};
use bytes::Buf;
use tchannel_proto::Transmit;

use crate::runtime::{Input, Io};

/// Carries a channel over whatever Tokio can read and write: Unix sockets, pipes in memory, TLS. For
/// [`Channel::serve_connection`](crate::Channel::serve_connection) and
/// [`Channel::connect_with`](crate::Channel::connect_with).
///
/// All is written by the connection's writing task, and flushed by it: a stream may hold bytes back until then.
#[derive(Debug)]
pub struct Stream<S>(pub S);

impl<S: AsyncRead + AsyncWrite + Send + 'static> Io for Stream<S> {
    type Reader = ReadHalf<S>;
    type Writer = WriteHalf<S>;

    fn split(self) -> (ReadHalf<S>, WriteHalf<S>) {
        split(self.0)
    }

    async fn read(reader: &mut ReadHalf<S>, into: &mut Input) -> io::Result<usize> {
        poll_fn(|cx| {
            let read = pin!(reader.read_buf(into.space())).poll(cx);
            if read.is_pending() {
                into.release();
            }
            read
        })
        .await
    }

    async fn write(writer: &mut WriteHalf<S>, from: &mut Transmit) -> io::Result<usize> {
        let piece = from.chunk();
        let count = poll_fn(|cx| Pin::new(&mut *writer).poll_write(cx, piece)).await?;
        if count == 0 && !piece.is_empty() {
            return Err(io::ErrorKind::WriteZero.into());
        }
        from.advance(count);
        if !from.has_remaining() {
            writer.flush().await?;
        }
        Ok(count)
    }

    fn try_write(_: &mut WriteHalf<S>, _: &mut Transmit) -> io::Result<usize> {
        // What the stream holds back would have nobody to flush it.
        Err(io::ErrorKind::WouldBlock.into())
    }

    fn shutdown(mut writer: WriteHalf<S>) {
        // Said once, without waiting: the stream is dropped with its reader, which says the rest.
        let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
        let _ = Pin::new(&mut writer).poll_shutdown(&mut cx);
    }
}
