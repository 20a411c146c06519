//! A connection, driven by hand: a channel does not tell how long its pings take.

use std::hash::{BuildHasher, RandomState};
use std::io;
use std::num::NonZeroU32;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::BytesMut;
use tchannel_proto::{Config, Connection, Event, Health, Lost, Remote, TimeoutCause};
use tchannel_rpc::Clock;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::sleep_until;

pub(super) struct Line<S> {
    stream: Pin<Box<S>>,
    connection: Connection,
    input: BytesMut,
    clock: Clock,
}

/// What came of a ping.
pub(super) enum Pong {
    Took(Duration),
    /// No answer in time.
    Missing,
}

impl<S: AsyncRead + AsyncWrite> Line<S> {
    /// `handshake` is the time that the peer has to say who it is; `interval` that from an answer to the next ping;
    /// `patience` that of a ping.
    pub(super) fn new(stream: S, handshake: Duration, interval: Duration, patience: Duration) -> Self {
        let mut config = Config::default();
        config.process_name = format!("tchannel[{}]", std::process::id());
        config.handshake_timeout = handshake;
        config.health = Some(Health { interval, timeout: patience, failures: NonZeroU32::MAX });
        let seed = RandomState::new().hash_one(());
        let clock = Clock::new();
        let connection = Connection::connect(clock.now(), Arc::new(config), NOWHERE, seed);
        Line { stream: Box::pin(stream), connection, input: BytesMut::new(), clock }
    }

    /// Who the peer is, once it has said so.
    pub(super) async fn ready(&mut self) -> Result<Arc<Remote>, String> {
        loop {
            self.turn().await?;
            if let Some(remote) = self.connection.remote() {
                return Ok(remote.clone());
            }
        }
    }

    /// Whether the peer is one to be pinged.
    pub(super) fn takes_pings(&self) -> bool {
        self.connection.timeout_cause() == Some(TimeoutCause::Ping)
    }

    /// Waits for the time of the next ping, and for its answer.
    pub(super) async fn ping(&mut self) -> Result<Pong, String> {
        let missed = |history: &Connection| history.ping_history().last() == Some(false);
        while self.connection.timeout_cause() != Some(TimeoutCause::Pong) {
            if !self.takes_pings() {
                return Err("the peer is about to close, and takes no pings any more".into());
            }
            self.turn().await?;
        }
        let sent = Instant::now();
        while self.connection.timeout_cause() == Some(TimeoutCause::Pong) {
            self.turn().await?;
        }
        Ok(if missed(&self.connection) { Pong::Missing } else { Pong::Took(sent.elapsed()) })
    }

    pub(super) async fn close(mut self) {
        self.connection.close(self.clock.now());
        let _gone_already = self.write().await;
    }

    /// Writes what is to be written; then waits for bytes, or until something is due.
    async fn turn(&mut self) -> Result<(), String> {
        let broken = |error: io::Error| format!("the connection broke: {error}");
        self.write().await.map_err(broken)?;
        let due = self.connection.poll_timeout().map(|at| self.clock.instant(at));
        let idle = async {
            match due {
                Some(due) => sleep_until(due.into()).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            read = self.stream.read_buf(&mut self.input) => {
                let now = self.clock.now();
                match read.map_err(broken)? {
                    0 => self.connection.handle_lost(now, Lost::Eof),
                    _ => self.connection.handle_input(now, &mut self.input),
                }
            }
            () = idle => self.connection.handle_timeout(self.clock.now()),
        }
        while let Some(event) = self.connection.poll_event() {
            if let Event::Closed(reason) = event {
                return Err(reason.to_string());
            }
        }
        Ok(())
    }

    async fn write(&mut self) -> io::Result<()> {
        while let Some(mut transmit) = self.connection.poll_transmit(self.clock.now()) {
            self.stream.write_all_buf(&mut transmit).await?;
            self.connection.handle_written(self.clock.now());
        }
        self.stream.flush().await
    }
}

/// What one says who does not listen.
const NOWHERE: &str = "0.0.0.0:0";
