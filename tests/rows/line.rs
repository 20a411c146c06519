//! The network in memory, with somebody who sees every frame, and changes some.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use tchannel_rpc::runtime::{Accepted, Input, Io, Runtime, Transmit};
use tchannel_rpc::testing::{Listener, Loopback, Network, Shape};
use tchannel_rpc::tokio::Tokio;
use tchannel_rpc::wire::{CallReq, CallRes, ErrorFrame, Frame, FrameHeader, Message};
use tchannel_rpc::{BytesMut, ErrorCode};

/// Which end of a connection sent a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum By {
    Dialler,
    Acceptor,
}

/// A frame as it was sent.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) by: By,
    /// The address that was dialled.
    pub(crate) server: SocketAddr,
    pub(crate) id: u32,
    pub(crate) message: Message,
}

/// Gives what arrives in place of a frame: the same, another one, several, or nothing.
type Tamper = Box<dyn FnMut(&Seen, BytesMut) -> BytesMut + Send>;

#[derive(Default)]
struct Watch {
    seen: Vec<Seen>,
    tamper: Option<Tamper>,
}

#[derive(Clone)]
pub(crate) struct Line {
    network: Network<Tokio>,
    watch: Arc<Mutex<Watch>>,
}

impl Line {
    pub(crate) fn new() -> Self {
        let runtime = Tokio::current().expect("tests run on Tokio");
        Line { network: Network::new(runtime, Shape::default()), watch: Arc::default() }
    }

    /// What is below.
    pub(crate) fn network(&self) -> &Network<Tokio> {
        &self.network
    }

    /// From now on frames arrive as `tamper` gives them.
    pub(crate) fn tamper(&self, tamper: impl FnMut(&Seen, BytesMut) -> BytesMut + Send + 'static) {
        lock(&self.watch).tamper = Some(Box::new(tamper));
    }

    /// From now on no error frame of this code arrives. Without `Timeout` a timeout is the caller's own: the server's
    /// clock ends a little earlier.
    pub(crate) fn mute(&self, code: ErrorCode) {
        let is_muted =
            move |seen: &Seen| matches!(&seen.message, Message::Error(error) if error.code == code);
        self.tamper(move |seen, bytes| if is_muted(seen) { BytesMut::new() } else { bytes });
    }

    /// From now on frames arrive as they are.
    pub(crate) fn leave_alone(&self) {
        lock(&self.watch).tamper = None;
    }

    /// All frames so far.
    pub(crate) fn frames(&self) -> Vec<Seen> {
        lock(&self.watch).seen.clone()
    }

    /// Forgets the frames so far.
    pub(crate) fn forget(&self) {
        lock(&self.watch).seen.clear();
    }

    /// First frames of requests, in their order.
    pub(crate) fn requests(&self) -> Vec<CallReq> {
        self.pick(|seen| if let Message::CallReq(call) = seen.message { Some(call) } else { None })
    }

    /// The same, of those that went to one server.
    pub(crate) fn requests_to(&self, server: SocketAddr) -> Vec<CallReq> {
        self.pick(|seen| match seen {
            Seen { message: Message::CallReq(call), server: to, .. } => (to == server).then_some(call),
            Seen { .. } => None,
        })
    }

    /// The last request's first frame.
    pub(crate) fn request(&self) -> CallReq {
        self.requests().pop().expect("a request was sent")
    }

    /// First frames of responses, in their order.
    pub(crate) fn responses(&self) -> Vec<CallRes> {
        self.pick(|seen| if let Message::CallRes(call) = seen.message { Some(call) } else { None })
    }

    /// Error frames, with their ids.
    pub(crate) fn errors(&self) -> Vec<(u32, ErrorFrame)> {
        self.pick(|seen| if let Message::Error(error) = seen.message { Some((seen.id, error)) } else { None })
    }

    fn pick<T>(&self, what: impl Fn(Seen) -> Option<T>) -> Vec<T> {
        self.frames().into_iter().filter_map(what).collect()
    }
}

fn lock(watch: &Mutex<Watch>) -> MutexGuard<'_, Watch> {
    watch.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Runtime for Line {
    type Stream = Stream;
    type Listener = (Listener, Line);

    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.network.spawn(task);
    }

    fn sleep_until(&self, at: Instant) -> impl Future<Output = ()> + Send {
        self.network.sleep_until(at)
    }

    async fn resolve(&self, host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
        self.network.resolve(host, port).await
    }

    async fn connect(&self, to: SocketAddr, host: &str) -> io::Result<Stream> {
        let loopback = self.network.connect(to, host).await?;
        Ok(Stream { loopback, other: By::Acceptor, server: to, line: self.clone() })
    }

    async fn listen(&self, at: SocketAddr) -> io::Result<((Listener, Line), SocketAddr)> {
        let (listener, at) = self.network.listen(at).await?;
        Ok(((listener, self.clone()), at))
    }

    async fn accept((listener, line): &mut (Listener, Line)) -> io::Result<Accepted<Stream>> {
        let Accepted { stream, from, to } = Network::<Tokio>::accept(listener).await?;
        let stream = Stream { loopback: stream, other: By::Dialler, server: to, line: line.clone() };
        Ok(Accepted { stream, from, to })
    }
}

/// One end of a connection.
pub(crate) struct Stream {
    loopback: Loopback,
    other: By,
    server: SocketAddr,
    line: Line,
}

/// The receiving half: all that arrives is looked at here.
pub(crate) struct Reader {
    inner: <Loopback as Io>::Reader,
    other: By,
    server: SocketAddr,
    line: Line,
    /// The beginning of a frame.
    frame: BytesMut,
    /// Looked at, and not read yet.
    passed: BytesMut,
}

impl Reader {
    fn look(&mut self) {
        while let Ok(Some(header)) = FrameHeader::peek(&self.frame) {
            let size = usize::from(header.size);
            if self.frame.len() < size {
                return;
            }
            let bytes = self.frame.split_to(size);
            let bytes = self.line.see(self.other, self.server, bytes);
            self.passed.unsplit(bytes);
        }
    }
}

impl Line {
    fn see(&self, by: By, server: SocketAddr, bytes: BytesMut) -> BytesMut {
        let frame = Frame::take(&mut bytes.clone()).expect("it was peeked at").expect("it is whole");
        let Ok(Some(message)) = Message::decode(&frame) else { return bytes };
        let seen = Seen { by, server, id: frame.id, message };
        let mut watch = lock(&self.watch);
        watch.seen.push(seen.clone());
        match &mut watch.tamper {
            Some(tamper) => tamper(&seen, bytes),
            None => bytes,
        }
    }
}

impl Io for Stream {
    type Reader = Reader;
    type Writer = <Loopback as Io>::Writer;

    fn split(self) -> (Reader, Self::Writer) {
        let (inner, writer) = self.loopback.split();
        let (frame, passed) = (BytesMut::new(), BytesMut::new());
        (Reader { inner, other: self.other, server: self.server, line: self.line, frame, passed }, writer)
    }

    async fn read(reader: &mut Reader, into: &mut Input) -> io::Result<usize> {
        while reader.passed.is_empty() {
            let count = Loopback::read(&mut reader.inner, into).await?;
            if count == 0 {
                return Ok(0);
            }
            let held = into.space();
            let new = held.split_off(held.len() - count);
            reader.frame.extend_from_slice(&new);
            reader.look();
        }
        let space = into.space();
        let count = reader.passed.len().min(space.capacity() - space.len());
        space.extend_from_slice(&reader.passed.split_to(count));
        Ok(count)
    }

    async fn write(writer: &mut Self::Writer, from: &mut Transmit) -> io::Result<usize> {
        Loopback::write(writer, from).await
    }

    fn try_write(writer: &mut Self::Writer, from: &mut Transmit) -> io::Result<usize> {
        Loopback::try_write(writer, from)
    }

    fn shutdown(writer: Self::Writer) {
        Loopback::shutdown(writer);
    }
}
