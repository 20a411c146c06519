//! Sockets and time of `async-io`, which async-std and smol share; tasks are each one's own.

use std::future::{Future, poll_fn};
use std::io;
use std::net::{SocketAddr, TcpListener, TcpStream, ToSocketAddrs};
use std::sync::Arc;
use std::task::{Poll, ready};
use std::time::Instant;

use async_io::{Async, Timer};
use tchannel_proto::Transmit;

use crate::runtime::{Accepted, Input, Io, Runtime, write_once, write_to};

/// Whoever runs tasks.
pub trait Spawn: Clone + Send + Sync + 'static {
    /// Runs a task until it is done, or its executor ends.
    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static);
}

/// A runtime made of the tasks of `S` and the sockets of `async-io`.
#[derive(Clone, Copy, Debug, Default)]
pub struct FuturesIo<S>(S);

impl<S: Spawn> FuturesIo<S> {
    /// On the executor that `tasks` speaks for.
    pub fn new(tasks: S) -> Self {
        FuturesIo(tasks)
    }
}

impl<S: Spawn> Runtime for FuturesIo<S> {
    type Stream = Arc<Async<TcpStream>>;
    type Listener = Async<TcpListener>;

    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.0.spawn(task);
    }

    async fn sleep_until(&self, at: Instant) {
        Timer::at(at).await;
    }

    async fn resolve(&self, host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
        let place = (host.to_owned(), port);
        blocking::unblock(move || place.to_socket_addrs().map(Iterator::collect)).await
    }

    async fn connect(&self, to: SocketAddr, _host: &str) -> io::Result<Self::Stream> {
        let stream = Async::<TcpStream>::connect(to).await?;
        stream.get_ref().set_nodelay(true)?;
        Ok(Arc::new(stream))
    }

    async fn listen(&self, at: SocketAddr) -> io::Result<(Self::Listener, SocketAddr)> {
        let listener = Async::<TcpListener>::bind(at)?;
        let at = listener.get_ref().local_addr()?;
        Ok((listener, at))
    }

    async fn accept(listener: &mut Self::Listener) -> io::Result<Accepted<Self::Stream>> {
        let (stream, from) = listener.accept().await?;
        // A stream that was reset already says so when it is read: that is no fault of the listener's.
        let _ = stream.get_ref().set_nodelay(true);
        let to = stream.get_ref().local_addr()?;
        Ok(Accepted { stream: Arc::new(stream), from, to })
    }
}

impl Io for Arc<Async<TcpStream>> {
    type Reader = Self;
    type Writer = Self;

    fn split(self) -> (Self, Self) {
        (self.clone(), self)
    }

    async fn read(reader: &mut Self, into: &mut Input) -> io::Result<usize> {
        poll_fn(|cx| {
            loop {
                // Tried first: readiness is told once, and may have been told to the last wait.
                match into.read_from(reader.get_ref()) {
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => into.release(),
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                    done => return Poll::Ready(done),
                }
                ready!(reader.poll_readable(cx))?;
            }
        })
        .await
    }

    async fn write(writer: &mut Self, from: &mut Transmit) -> io::Result<usize> {
        poll_fn(|cx| {
            loop {
                match <Self as Io>::try_write(writer, from) {
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                    done => return Poll::Ready(done),
                }
                ready!(writer.poll_writable(cx))?;
            }
        })
        .await
    }

    fn try_write(writer: &mut Self, from: &mut Transmit) -> io::Result<usize> {
        write_once(from, |slices| write_to(writer.get_ref(), slices))
    }

    fn shutdown(writer: Self) {
        // The other half keeps the socket open. What cannot be ended has ended already.
        let _ = writer.get_ref().shutdown(std::net::Shutdown::Write);
    }
}
