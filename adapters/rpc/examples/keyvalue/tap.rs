//! Tokio, with somebody listening on the line.

use std::future::Future;
use std::io::{self, Write};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use tchannel_rpc::runtime::{Accepted, Input, Io, Runtime, Transmit};
use tchannel_rpc::tokio::Tokio;
use tchannel_rpc::wire::{Chunks, Frame, Headers, Message};
use tchannel_rpc::{Bytes, BytesMut};

/// What crossed the line, both ways, not printed yet.
#[derive(Clone, Default)]
pub(crate) struct Tap(Arc<Mutex<Lines>>);

#[derive(Default)]
struct Lines {
    sent: BytesMut,
    received: BytesMut,
    frames: Vec<String>,
}

impl Tap {
    pub(crate) fn print(&self) -> io::Result<()> {
        self.lines().frames.drain(..).try_for_each(|line| writeln!(io::stdout(), "{line}"))
    }

    fn lines(&self) -> MutexGuard<'_, Lines> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Lines {
    fn sent(&mut self, bytes: &[u8]) {
        self.sent.extend_from_slice(bytes);
        describe(&mut self.sent, '>', &mut self.frames);
    }

    fn received(&mut self, bytes: &[u8]) {
        self.received.extend_from_slice(bytes);
        describe(&mut self.received, '<', &mut self.frames);
    }
}

/// Takes the whole frames off the front of `bytes`, and puts each in words.
fn describe(bytes: &mut BytesMut, direction: char, lines: &mut Vec<String>) {
    while let Ok(Some(frame)) = Frame::take(bytes) {
        let size = frame.body.len() + tchannel_rpc::wire::FRAME_HEADER;
        let what = match Message::decode(&frame) {
            Ok(Some(message)) => format!("{:<9} {}", message.frame_type().to_string(), content(&message)),
            Ok(None) => format!("type {}", frame.kind),
            Err(malformed) => malformed.to_string(),
        };
        let id = if frame.id == tchannel_rpc::wire::NO_MESSAGE { "-".into() } else { frame.id.to_string() };
        lines.push(format!("  {direction} {size:>5} bytes  id {id:<3} {what}"));
    }
}

fn content(message: &Message) -> String {
    match message {
        Message::InitReq(init) | Message::InitRes(init) => {
            let headers = init.headers.iter().map(|(key, value)| format!("{key}={value}"));
            format!("version {}, {}", init.version, headers.collect::<Vec<_>>().join(" "))
        }
        Message::CallReq(call) => format!(
            "ttl {} ms, service {}, {}, {}",
            call.ttl,
            call.route.service(),
            headers(call.route.headers()),
            arguments(&call.chunks),
        ),
        Message::CallRes(call) => {
            format!("code {}, {}, {}", call.code.0, headers(call.headers.headers()), arguments(&call.chunks))
        }
        Message::CallReqContinue(more) | Message::CallResContinue(more) => arguments(&more.chunks),
        Message::Error(error) => format!("{}: {}", error.code, error.text()),
        Message::Cancel(_) | Message::Claim(_) | Message::PingReq | Message::PingRes => String::new(),
    }
}

fn headers(headers: Headers<'_>) -> String {
    headers.iter().map(|(key, value)| format!("{key}={value}")).collect::<Vec<_>>().join(" ")
}

fn arguments(chunks: &Chunks) -> String {
    let shown = chunks.iter().map(|chunk: Bytes| chunk.escape_ascii().to_string());
    format!("args {}", shown.collect::<Vec<_>>().join(" | "))
}

/// Tokio, as before, but for its streams.
#[derive(Clone)]
pub(crate) struct Tapped {
    runtime: Tokio,
    tap: Tap,
}

impl Tapped {
    pub(crate) fn new(runtime: Tokio, tap: Tap) -> Self {
        Tapped { runtime, tap }
    }
}

type Tcp = <Tokio as Runtime>::Stream;

/// A stream that tells what it carries.
pub(crate) struct Stream(Tcp, Tap);

impl Runtime for Tapped {
    type Stream = Stream;
    type Listener = (<Tokio as Runtime>::Listener, Tap);

    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.runtime.spawn(task);
    }

    fn sleep_until(&self, at: Instant) -> impl Future<Output = ()> + Send {
        self.runtime.sleep_until(at)
    }

    fn resolve(&self, host: &str, port: u16) -> impl Future<Output = io::Result<Vec<SocketAddr>>> + Send {
        self.runtime.resolve(host, port)
    }

    async fn connect(&self, to: SocketAddr, host: &str) -> io::Result<Stream> {
        Ok(Stream(self.runtime.connect(to, host).await?, self.tap.clone()))
    }

    async fn listen(&self, at: SocketAddr) -> io::Result<(Self::Listener, SocketAddr)> {
        let (listener, at) = self.runtime.listen(at).await?;
        Ok(((listener, self.tap.clone()), at))
    }

    async fn accept((listener, tap): &mut Self::Listener) -> io::Result<Accepted<Stream>> {
        let Accepted { stream, from, to } = Tokio::accept(listener).await?;
        Ok(Accepted { stream: Stream(stream, tap.clone()), from, to })
    }
}

impl Io for Stream {
    type Reader = (<Tcp as Io>::Reader, Tap);
    type Writer = (<Tcp as Io>::Writer, Tap);

    fn split(self) -> (Self::Reader, Self::Writer) {
        let (reader, writer) = self.0.split();
        ((reader, self.1.clone()), (writer, self.1))
    }

    async fn read((reader, tap): &mut Self::Reader, into: &mut Input) -> io::Result<usize> {
        let count = Tcp::read(reader, into).await?;
        let held = into.space();
        tap.lines().received(&held[held.len() - count..]);
        Ok(count)
    }

    async fn write((writer, tap): &mut Self::Writer, from: &mut Transmit) -> io::Result<usize> {
        let parts = parts(from);
        let count = Tcp::write(writer, from).await?;
        tap.lines().sent(&parts[..count]);
        Ok(count)
    }

    fn try_write((writer, tap): &mut Self::Writer, from: &mut Transmit) -> io::Result<usize> {
        let parts = parts(from);
        // Held meanwhile, or the answer could be noted first.
        let mut lines = tap.lines();
        let count = <Tcp as Io>::try_write(writer, from)?;
        lines.sent(&parts[..count]);
        Ok(count)
    }

    fn shutdown((writer, _): Self::Writer) {
        Tcp::shutdown(writer);
    }
}

fn parts(transmit: &Transmit) -> Vec<u8> {
    transmit.parts().flat_map(|part| part.iter().copied()).collect()
}
