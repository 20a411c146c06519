//! What a runtime has to offer, and what a byte stream has to be.

use std::any::Any;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tchannel_proto::Transmit;

use super::input::Input;

/// Tasks, time and sockets. Everything else here is written once, on top of this.
///
/// # Cancel safety
///
/// Each of these futures may be dropped before its end. That must leave nothing behind: no stream of
/// [`connect`](Runtime::connect), no listening socket. What [`accept`](Runtime::accept) had not given waits for the next
/// one.
pub trait Runtime: Clone + Send + Sync + 'static {
    /// A connected byte stream.
    type Stream: Io;
    /// A listening socket.
    type Listener: Send + 'static;

    /// Runs a task until it is done or the runtime ends.
    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static);

    /// Waits until `at`. May end early by accident, never late by design.
    fn sleep_until(&self, at: Instant) -> impl Future<Output = ()> + Send;

    /// Finds the addresses of a host name.
    fn resolve(&self, host: &str, port: u16) -> impl Future<Output = io::Result<Vec<SocketAddr>>> + Send;

    /// Opens a stream. `host` is what was looked up to find the address, or the address itself: the name that a
    /// certificate has to be for.
    fn connect(&self, to: SocketAddr, host: &str) -> impl Future<Output = io::Result<Self::Stream>> + Send;

    /// Opens a listening socket and says where it listens: `at` may have port 0.
    fn listen(&self, at: SocketAddr)
    -> impl Future<Output = io::Result<(Self::Listener, SocketAddr)>> + Send;

    /// Makes a wait in [`accept`](Runtime::accept) end, once, after its listener has no use any more. Only for runtimes
    /// whose waits block their thread.
    fn unblock(&self, listening: SocketAddr) {
        let _ = listening;
    }

    /// Waits for the next stream.
    fn accept(
        listener: &mut Self::Listener,
    ) -> impl Future<Output = io::Result<Accepted<Self::Stream>>> + Send;
}

/// Who is at the other end of a stream, in whatever form its kind of stream has for it.
pub type Identity = Arc<dyn Any + Send + Sync>;

/// A stream that somebody else opened.
#[derive(Debug)]
pub struct Accepted<S> {
    /// The stream.
    pub stream: S,
    /// The address at its other end.
    pub from: SocketAddr,
    /// The address at this end.
    pub to: SocketAddr,
}

/// A receiving half whose reads block their thread, but not for ever.
pub trait ReadInTurns: Send {
    /// As [`Io::read`], but blocks the thread, for about `limit` at most: then [`io::ErrorKind::WouldBlock`], and no
    /// byte is lost.
    fn read(&mut self, into: &mut Input, limit: Duration) -> io::Result<usize>;
}

/// Whatever carries bytes both ways, in order: TCP, TLS, Unix sockets, memory.
///
/// # Cancel safety
///
/// Each of these futures may be dropped before its end. [`read`](Io::read) and [`write`](Io::write) then have taken
/// nothing that they did not give or advance past; a [`prepare`](Io::prepare) that is dropped drops its stream.
pub trait Io: Send + 'static {
    /// The receiving half.
    type Reader: Send + 'static;
    /// The sending half.
    type Writer: Send + 'static;

    /// Makes it ready to carry bytes, in the task of its own connection. For TLS: the handshake. Its time is that of the
    /// connection's handshake. Default: it is ready.
    fn prepare(self) -> impl Future<Output = io::Result<Self>> + Send
    where
        Self: Sized,
    {
        std::future::ready(Ok(self))
    }

    /// Who is at the other end, as far as the stream knows. For TLS: the peer's certificates. Asked once, when it is
    /// ready; handlers see it as [`Connection::identity`](crate::Connection::identity). Default: nobody knows.
    fn identity(&self) -> Option<Identity> {
        None
    }

    /// Parts the two directions: neither ever waits for the other.
    fn split(self) -> (Self::Reader, Self::Writer);

    /// Waits for bytes, and appends as many as fit into [`Input::space`]. Returns 0 only at the end of the stream.
    ///
    /// Ask for the space after the wait, and call [`Input::release`] while waiting: an idle connection then holds no
    /// buffer. Dropped, it leaves no bytes there that did not come from the stream.
    fn read(reader: &mut Self::Reader, into: &mut Input) -> impl Future<Output = io::Result<usize>> + Send;

    /// The receiving half as one that threads take turns to wait with: for streams whose reads block their thread. A
    /// caller that waits alone then reads its answer itself, and no thread has to wake another. Default: nobody takes
    /// turns.
    fn in_turns(reader: Self::Reader) -> Result<Box<dyn ReadInTurns>, Self::Reader> {
        Err(reader)
    }

    /// Waits until some bytes can leave, and advances `from` past them.
    fn write(
        writer: &mut Self::Writer,
        from: &mut Transmit,
    ) -> impl Future<Output = io::Result<usize>> + Send;

    /// As [`write`](Io::write), but never waits: [`io::ErrorKind::WouldBlock`] if nothing can leave now.
    fn try_write(writer: &mut Self::Writer, from: &mut Transmit) -> io::Result<usize>;

    /// Ends the sending direction behind the last written byte. The receiving half goes on.
    fn shutdown(writer: Self::Writer);
}
