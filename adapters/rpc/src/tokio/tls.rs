//! Channels over TLS, with rustls.
//!
//! Peers that are dialled need a certificate for the host that was asked for, or for a [name](Tls::server_name) of one's
//! own. With client certificates, handlers see who calls by [`Connection::identity`](crate::Connection::identity) as
//! [`PeerCertificates`].

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use ::tokio::io::{ReadHalf, WriteHalf};
use ::tokio::net::{TcpListener, TcpStream};
use tchannel_proto::Transmit;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, ServerConfig};
use tokio_rustls::{TlsAcceptor, TlsConnector, TlsStream};

use super::{Stream, Tokio};
use crate::runtime::{Accepted, Identity, Input, Io, Runtime};
use crate::{BuildError, Builder};

/// rustls, as this crate uses it.
pub use tokio_rustls::rustls;

/// A channel's builder, on the Tokio runtime that this is called from. `client` decides whom this side trusts when it
/// dials, `server` what it shows when it is dialled.
pub fn builder(
    name: impl Into<String>,
    client: Arc<ClientConfig>,
    server: Option<Arc<ServerConfig>>,
) -> Result<Builder<Tls>, BuildError> {
    Ok(Builder::new(Tls::current(client, server)?, name))
}

/// A Tokio runtime whose sockets speak TLS.
#[derive(Clone)]
pub struct Tls {
    tokio: Tokio,
    connector: TlsConnector,
    acceptor: Option<TlsAcceptor>,
    server_name: Option<ServerName<'static>>,
}

impl Tls {
    /// TLS on the Tokio runtime that this is called from, as by [`builder`].
    pub fn current(client: Arc<ClientConfig>, server: Option<Arc<ServerConfig>>) -> Result<Self, BuildError> {
        Ok(Tls {
            tokio: Tokio::current()?,
            connector: TlsConnector::from(client),
            acceptor: server.map(TlsAcceptor::from),
            server_name: None,
        })
    }

    /// Peers that are dialled need a certificate for this name, whatever host was asked for.
    #[must_use = "gives the runtime back, changes nothing in place"]
    pub fn server_name(mut self, name: ServerName<'static>) -> Self {
        self.server_name = Some(name);
        self
    }
}

impl std::fmt::Debug for Tls {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tls").field("serves", &self.acceptor.is_some()).finish_non_exhaustive()
    }
}

/// The certificates that the other end has shown, its own first. Never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeerCertificates(pub Vec<CertificateDer<'static>>);

/// A listening socket, and what to show to who connects.
#[derive(Debug)]
pub struct Listener {
    socket: TcpListener,
    acceptor: Shown,
}

/// What is shown to who connects.
#[derive(Clone)]
struct Shown(TlsAcceptor);

impl std::fmt::Debug for Shown {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Shown")
    }
}

/// A socket that speaks TLS, perhaps after its handshake.
#[derive(Debug)]
pub struct Socket(State);

#[derive(Debug)]
enum State {
    /// The other end is to begin the handshake.
    Accepted(TcpStream, Shown),
    Open(Box<TlsStream<TcpStream>>),
}

impl Runtime for Tls {
    type Stream = Socket;
    type Listener = Listener;

    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.tokio.spawn(task);
    }

    fn sleep_until(&self, at: Instant) -> impl Future<Output = ()> + Send {
        self.tokio.sleep_until(at)
    }

    fn resolve(&self, host: &str, port: u16) -> impl Future<Output = io::Result<Vec<SocketAddr>>> + Send {
        self.tokio.resolve(host, port)
    }

    async fn connect(&self, to: SocketAddr, host: &str) -> io::Result<Socket> {
        let name = match &self.server_name {
            Some(name) => name.clone(),
            None => name_of(host)?,
        };
        let stream = self.tokio.connect(to, host).await?;
        let stream = self.connector.connect(name, stream).await?;
        Ok(Socket(State::Open(Box::new(stream.into()))))
    }

    async fn listen(&self, at: SocketAddr) -> io::Result<(Listener, SocketAddr)> {
        let without =
            || io::Error::new(io::ErrorKind::InvalidInput, "no certificate to show: give a server's TLS");
        let acceptor = Shown(self.acceptor.clone().ok_or_else(without)?);
        let (socket, at) = self.tokio.listen(at).await?;
        Ok((Listener { socket, acceptor }, at))
    }

    async fn accept(listener: &mut Listener) -> io::Result<Accepted<Socket>> {
        let Accepted { stream, from, to } = Tokio::accept(&mut listener.socket).await?;
        Ok(Accepted { stream: Socket(State::Accepted(stream, listener.acceptor.clone())), from, to })
    }
}

fn name_of(host: &str) -> io::Result<ServerName<'static>> {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    ServerName::try_from(host.to_owned())
        .map_err(|_| io::Error::new(io::ErrorKind::InvalidInput, "no certificate can be for this host"))
}

impl Io for Socket {
    type Reader = ReadHalf<Box<TlsStream<TcpStream>>>;
    type Writer = WriteHalf<Box<TlsStream<TcpStream>>>;

    async fn prepare(self) -> io::Result<Self> {
        match self.0 {
            State::Accepted(stream, Shown(acceptor)) => {
                let stream = acceptor.accept(stream).await?;
                Ok(Socket(State::Open(Box::new(stream.into()))))
            }
            State::Open(_) => Ok(self),
        }
    }

    fn identity(&self) -> Option<Identity> {
        let State::Open(stream) = &self.0 else { return None };
        let certificates = stream.get_ref().1.peer_certificates()?.to_vec();
        Some(Arc::new(PeerCertificates(certificates)))
    }

    fn split(self) -> (Self::Reader, Self::Writer) {
        match self.0 {
            State::Open(stream) => Stream(stream).split(),
            State::Accepted(..) => unreachable!("a stream is prepared before it is split"),
        }
    }

    fn read(reader: &mut Self::Reader, into: &mut Input) -> impl Future<Output = io::Result<usize>> + Send {
        <Stream<_> as Io>::read(reader, into)
    }

    fn write(
        writer: &mut Self::Writer,
        from: &mut Transmit,
    ) -> impl Future<Output = io::Result<usize>> + Send {
        <Stream<_> as Io>::write(writer, from)
    }

    fn try_write(writer: &mut Self::Writer, from: &mut Transmit) -> io::Result<usize> {
        <Stream<_> as Io>::try_write(writer, from)
    }

    fn shutdown(writer: Self::Writer) {
        <Stream<_> as Io>::shutdown(writer);
    }
}
