//! Channels on Tokio.

mod stream;
#[cfg(feature = "tls")]
pub mod tls;

use std::future::{Future, poll_fn};
use std::io;
use std::net::{SocketAddr, ToSocketAddrs};
use std::pin::pin;
use std::task::Poll;
use std::time::Instant;

use tchannel_proto::Transmit;
use tokio::io::AsyncReadExt;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::runtime::Handle;

use crate::runtime::{Accepted, Input, Io, Runtime, write_once};
use crate::{BuildError, Builder, Channel};

pub use stream::Stream;

/// A channel called `name` on the Tokio runtime that this is called from.
pub fn channel(name: impl Into<String>) -> Result<Channel, BuildError> {
    builder(name)?.build()
}

/// The same, with options.
pub fn builder(name: impl Into<String>) -> Result<Builder<Tokio>, BuildError> {
    Ok(Builder::new(Tokio::current()?, name))
}

/// A Tokio runtime. It must have I/O and time enabled.
#[derive(Clone, Debug)]
pub struct Tokio(Handle);

impl Tokio {
    /// The runtime that this is called from.
    pub fn current() -> Result<Self, BuildError> {
        Handle::try_current().map(Tokio).map_err(|error| BuildError::NoRuntime(error.to_string()))
    }
}

impl From<Handle> for Tokio {
    fn from(handle: Handle) -> Self {
        Tokio(handle)
    }
}

impl Runtime for Tokio {
    type Stream = TcpStream;
    type Listener = TcpListener;

    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        drop(self.0.spawn(task));
    }

    async fn sleep_until(&self, at: Instant) {
        tokio::time::sleep_until(at.into()).await;
    }

    async fn resolve(&self, host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
        // The caller may be on no runtime, or on another one.
        let place = (host.to_owned(), port);
        let look_up = self.0.spawn_blocking(move || place.to_socket_addrs().map(Iterator::collect));
        look_up.await.map_err(|_| io::Error::other("the runtime has ended"))?
    }

    async fn connect(&self, to: SocketAddr, _host: &str) -> io::Result<TcpStream> {
        let stream = TcpStream::connect(to).await?;
        stream.set_nodelay(true)?;
        Ok(stream)
    }

    async fn listen(&self, at: SocketAddr) -> io::Result<(TcpListener, SocketAddr)> {
        // The caller may be on no runtime, or on another one.
        let _inside = self.0.enter();
        let socket = if at.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
        #[cfg(not(windows))]
        socket.set_reuseaddr(true)?;
        socket.bind(at)?;
        let listener = socket.listen(BACKLOG)?;
        let at = listener.local_addr()?;
        Ok((listener, at))
    }

    async fn accept(listener: &mut TcpListener) -> io::Result<Accepted<TcpStream>> {
        let (stream, from) = listener.accept().await?;
        // A stream that was reset already says so when it is read: that is no fault of the listener's.
        let _ = stream.set_nodelay(true);
        let to = stream.local_addr()?;
        Ok(Accepted { stream, from, to })
    }
}

/// Connections that may wait to be accepted; the system may allow fewer.
const BACKLOG: u32 = 1_024;

impl Io for TcpStream {
    type Reader = OwnedReadHalf;
    type Writer = OwnedWriteHalf;

    fn split(self) -> (OwnedReadHalf, OwnedWriteHalf) {
        self.into_split()
    }

    async fn read(reader: &mut OwnedReadHalf, into: &mut Input) -> io::Result<usize> {
        poll_fn(|cx| {
            if reader.as_ref().poll_read_ready(cx)?.is_ready() {
                // Unlike `try_read_buf` it knows that the socket is empty after a short read: one system call less.
                if let Poll::Ready(count) = pin!(reader.read_buf(into.space())).poll(cx) {
                    return Poll::Ready(count);
                }
            }
            into.release();
            Poll::Pending
        })
        .await
    }

    async fn write(writer: &mut OwnedWriteHalf, from: &mut Transmit) -> io::Result<usize> {
        loop {
            writer.writable().await?;
            match <Self as Io>::try_write(writer, from) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                done => return done,
            }
        }
    }

    fn try_write(writer: &mut OwnedWriteHalf, from: &mut Transmit) -> io::Result<usize> {
        write_once(from, |slices| match slices {
            [slice] => writer.try_write(slice),
            slices => writer.try_write_vectored(slices),
        })
    }

    fn shutdown(writer: OwnedWriteHalf) {
        // Dropping it ends the direction.
        drop(writer);
    }
}
