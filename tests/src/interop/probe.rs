use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytes::BytesMut;
use tchannel_proto::{CloseReason, Config, Connection, Event, Lost, Remote};
use tchannel_rpc::Clock;
use thiserror::Error;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// One connection without a channel around it: for what channels do not show.
#[derive(Debug)]
pub struct Probe {
    core: Connection,
    stream: TcpStream,
    clock: Clock,
    input: BytesMut,
    target: String,
}

/// Why there is nothing to look at.
#[derive(Debug, Error)]
pub enum ProbeError {
    /// There is no connection, or it broke.
    #[error("{target}: {error}; is a server running there?")]
    Io {
        /// The server.
        target: String,
        /// The system's reason.
        error: io::Error,
    },
    /// The connection ended, or there never was one that both sides understood.
    #[error("the connection with {target} is over: {reason}")]
    Closed {
        /// The server.
        target: String,
        /// Why.
        reason: CloseReason,
    },
}

impl Probe {
    /// Connects and shakes hands. Returns the server as it introduced itself, too.
    pub async fn connect(target: &str, config: Config) -> Result<(Self, Arc<Remote>), ProbeError> {
        let stream = TcpStream::connect(target).await;
        let stream = stream.map_err(|error| ProbeError::Io { target: target.into(), error })?;
        let clock = Clock::new();
        let core = Connection::connect(clock.now(), Arc::new(config), NOT_LISTENING, 0);
        let mut probe = Probe { core, stream, clock, input: BytesMut::new(), target: target.into() };
        loop {
            if let Some(remote) = probe.core.remote().cloned() {
                return Ok((probe, remote));
            }
            probe.step().await?;
        }
    }

    /// Whether the first ping is answered; nothing if this server is sent none. It takes
    /// [`Config::health`](tchannel_proto::Config::health).
    pub async fn ping(mut self) -> Result<Option<bool>, ProbeError> {
        loop {
            if let Some(answered) = self.core.ping_history().next() {
                return Ok(Some(answered));
            }
            if self.core.poll_timeout().is_none() {
                return Ok(None);
            }
            self.step().await?;
        }
    }

    /// Writes what is to be written, then waits for bytes or for the next timeout.
    async fn step(&mut self) -> Result<(), ProbeError> {
        if let Err(error) = self.exchange().await {
            return Err(ProbeError::Io { target: self.target.clone(), error });
        }
        while let Some(event) = self.core.poll_event() {
            if let Event::Closed(reason) = event {
                return Err(ProbeError::Closed { target: self.target.clone(), reason });
            }
        }
        Ok(())
    }

    async fn exchange(&mut self) -> io::Result<()> {
        let Probe { core, stream, clock, input, .. } = self;
        while let Some(mut transmit) = core.poll_transmit(clock.now()) {
            stream.write_all_buf(&mut transmit).await?;
        }
        let wait = core.poll_timeout().map_or(LONGEST, |at| at.since(clock.now()));
        match timeout(wait, stream.read_buf(input)).await {
            Ok(Ok(0)) => core.handle_lost(clock.now(), Lost::Eof),
            Ok(Ok(_)) => core.handle_input(clock.now(), input),
            Ok(Err(error)) => return Err(error),
            Err(_) => core.handle_timeout(clock.now()),
        }
        Ok(())
    }
}

/// What a client that does not listen announces.
const NOT_LISTENING: &str = "0.0.0.0:0";
/// Looking at a connection early changes nothing.
const LONGEST: Duration = Duration::from_secs(60);
