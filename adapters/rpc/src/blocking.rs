//! Channels on plain threads and `std::net`: no async runtime.
//!
//! ```no_run
//! use std::time::Duration;
//! use tchannel_rpc::blocking::{self, Wait};
//!
//! # fn run() -> Result<(), Box<dyn std::error::Error>> {
//! let client = blocking::channel("visitor")?;
//! let answer = client.call("greeter", "greet").host("127.0.0.1:4040").arg3("world").send().wait()?;
//! println!("{:?}", answer.body());
//!
//! let mut pending = client.call("greeter", "greet").host("127.0.0.1:4040").send();
//! if pending.wait_timeout(Duration::from_millis(10)).is_none() {
//!     println!("still waiting");
//! }
//! # Ok(())
//! # }
//! ```
//!
//! A connection takes two threads, and each request that is not answered at once takes one while it runs; threads are
//! kept for a while and used again. None of them keeps the process alive.
//!
//! A handler that has answered at once many times in a row runs on the thread that reads its connection, until it once
//! takes longer. When it waits there with [`Wait`], another thread reads on. What it waits for in other ways, a lock or a
//! channel of the standard library, must not need that connection.
//!
//! A caller that waits alone on its connection writes its request itself; with [`Call::wait`](crate::Call::wait), or the
//! `wait` of a typed call, it also reads its answer itself, without waking another thread. What else ends its call, a
//! `close` by another thread for example, it may then learn up to 50 ms late. Other futures, such as those of streamed
//! calls, leave reading to the connection's thread.

mod threads;

use std::future::{Future, poll_fn};
use std::io::{self, Read};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, Shutdown, SocketAddr, TcpListener, TcpStream, ToSocketAddrs};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use tchannel_proto::Transmit;

use crate::runtime::{Accepted, Input, Io, ReadInTurns, Runtime, write_once, write_to};
use crate::shared::wait::wake_at;
use crate::{BuildError, Builder, Channel};

pub use crate::shared::wait::Wait;
pub use threads::Threads;

/// A channel called `name`, with threads of its own.
pub fn channel(name: impl Into<String>) -> Result<Channel, BuildError> {
    builder(name).build()
}

/// The same, with options.
pub fn builder(name: impl Into<String>) -> Builder<Blocking> {
    Builder::new(Blocking::default(), name)
}

/// Threads and sockets that block them.
#[derive(Clone, Debug, Default)]
pub struct Blocking(Threads);

impl Blocking {
    /// On these threads, which several channels may share.
    pub fn new(threads: Threads) -> Self {
        Blocking(threads)
    }
}

impl Runtime for Blocking {
    type Stream = Socket;
    type Listener = TcpListener;

    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.0.run(Box::pin(task));
    }

    async fn sleep_until(&self, at: Instant) {
        poll_fn(|_| {
            if Instant::now() >= at {
                return Poll::Ready(());
            }
            wake_at(at);
            Poll::Pending
        })
        .await;
    }

    async fn resolve(&self, host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
        (host, port).to_socket_addrs().map(Iterator::collect)
    }

    async fn connect(&self, to: SocketAddr, _host: &str) -> io::Result<Socket> {
        Socket::new(TcpStream::connect_timeout(&to, CONNECT)?)
    }

    async fn listen(&self, at: SocketAddr) -> io::Result<(TcpListener, SocketAddr)> {
        let listener = TcpListener::bind(at)?;
        let at = listener.local_addr()?;
        Ok((listener, at))
    }

    async fn accept(listener: &mut TcpListener) -> io::Result<Accepted<Socket>> {
        let (stream, from) = listener.accept()?;
        let to = stream.local_addr()?;
        Ok(Accepted { stream: Socket::new(stream)?, from, to })
    }

    fn unblock(&self, listening: SocketAddr) {
        let here = match listening.ip() {
            IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
            IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
            IpAddr::V4(_) | IpAddr::V6(_) => listening.ip(),
        };
        // Whoever cannot be reached accepts nobody else either; it stops with its next connection.
        drop(TcpStream::connect_timeout(&SocketAddr::new(here, listening.port()), PAUSE));
    }
}

/// A TCP socket whose waits are bounded: a thread that waits in it looks up now and then.
#[derive(Debug)]
pub struct Socket(Arc<TcpStream>);

impl Socket {
    fn new(stream: TcpStream) -> io::Result<Self> {
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PAUSE))?;
        stream.set_write_timeout(Some(TURN))?;
        Ok(Socket(Arc::new(stream)))
    }
}

/// The receiving half of a socket.
#[derive(Debug)]
pub struct Receiver {
    stream: Arc<TcpStream>,
    /// The last read took all that it had room for: more is likely to be there.
    full: bool,
    /// How long a read waits.
    pause: Duration,
}

impl Receiver {
    /// Waits with little memory, and makes room once there is much to read.
    fn read(&mut self, into: &mut Input) -> io::Result<usize> {
        if std::mem::take(&mut self.full) {
            let count = into.read_from(&*self.stream)?;
            self.full = count >= SMALL;
            return Ok(count);
        }
        into.release();
        let mut small = [0; SMALL];
        let count = (&*self.stream).read(&mut small)?;
        into.space().extend_from_slice(&small[..count]);
        self.full = count == SMALL;
        Ok(count)
    }
}

impl ReadInTurns for Receiver {
    /// A socket is told how long to wait by a call of its own: not for each read.
    fn read(&mut self, into: &mut Input, limit: Duration) -> io::Result<usize> {
        if self.pause > limit || self.pause < limit / 8 {
            self.pause = limit / 2;
            self.stream.set_read_timeout(Some(self.pause))?;
        }
        or_would_block(Receiver::read(self, into))
    }
}

impl Io for Socket {
    type Reader = Receiver;
    type Writer = Arc<TcpStream>;

    fn split(self) -> (Receiver, Arc<TcpStream>) {
        (Receiver { stream: self.0.clone(), full: false, pause: PAUSE }, self.0)
    }

    async fn read(reader: &mut Receiver, into: &mut Input) -> io::Result<usize> {
        poll_fn(|cx| bounded(cx, reader.read(into))).await
    }

    fn in_turns(reader: Receiver) -> Result<Box<dyn ReadInTurns>, Receiver> {
        Ok(Box::new(reader))
    }

    async fn write(writer: &mut Arc<TcpStream>, from: &mut Transmit) -> io::Result<usize> {
        poll_fn(|cx| bounded(cx, <Self as Io>::try_write(writer, from))).await
    }

    /// Waits for a moment at most.
    fn try_write(writer: &mut Arc<TcpStream>, from: &mut Transmit) -> io::Result<usize> {
        or_would_block(write_once(from, |slices| write_to(&**writer, slices)))
    }

    fn shutdown(writer: Arc<TcpStream>) {
        // The other half keeps the socket open. What cannot be ended has ended already.
        let _ = writer.shutdown(Shutdown::Write);
    }
}

/// After a pause others of the same task are looked at, then the wait goes on.
fn bounded(cx: &Context<'_>, result: io::Result<usize>) -> Poll<io::Result<usize>> {
    match result {
        Err(error) if is_pause(&error) => {
            cx.waker().wake_by_ref();
            Poll::Pending
        }
        done => Poll::Ready(done),
    }
}

/// One word for all waits that brought nothing.
fn or_would_block(result: io::Result<usize>) -> io::Result<usize> {
    match result {
        Err(error) if is_pause(&error) => Err(io::ErrorKind::WouldBlock.into()),
        done => done,
    }
}

/// A wait that was as long as it may be, or was interrupted by a signal.
fn is_pause(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut | io::ErrorKind::Interrupted)
}

/// Longest wait for one address; the handshake has a limit of its own.
const CONNECT: Duration = Duration::from_secs(10);

/// How long a thread waits for bytes before it looks whether its connection is over.
const PAUSE: Duration = Duration::from_secs(1);

/// How long a caller helps a slow socket before it leaves the rest to the writing thread.
const TURN: Duration = Duration::from_millis(10);

/// Bytes of a thread's stack to wait with.
const SMALL: usize = 4 << 10;
