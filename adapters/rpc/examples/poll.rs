//! A server in somebody else's event loop: one thread, many connections, `mio` says which socket is ready.
//!
//! ```text
//! cargo run --example poll -- HOST:PORT
//! ```
//!
//! Serves `greeter::greet`, for example for the examples `client` and `bare_core`. No adapter: a machine for each
//! connection.
#![allow(clippy::print_stderr, reason = "an example talks to people")]
#![allow(clippy::wildcard_enum_match_arm, reason = "a server without streams has few events")]

use std::collections::BTreeMap;
use std::error::Error;
use std::io::{self, Read, Write};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use bytes::{Buf, BytesMut};
use mio::net::{TcpListener, TcpStream};
use mio::{Events, Interest, Poll, Token};
use tchannel_proto::wire::{ErrorCode, ResponseCode};
use tchannel_proto::{Args, Config, Connection, Event, Lost, Response, Timestamp, Transmit};

const LISTENER: Token = Token(0);

struct Peer {
    socket: TcpStream,
    machine: Connection,
    input: BytesMut,
    /// What the socket has not taken yet.
    output: Transmit,
}

fn main() -> Result<(), Box<dyn Error>> {
    let at = std::env::args().nth(1).ok_or("listen where?")?.parse()?;
    let began = Instant::now();
    let now = || Timestamp::ZERO + began.elapsed();
    let mut poll = Poll::new()?;
    let mut listener = TcpListener::bind(at)?;
    poll.registry().register(&mut listener, LISTENER, Interest::READABLE)?;
    writeln!(io::stdout(), "listens at {}", listener.local_addr()?)?;

    let mut peers: BTreeMap<usize, Peer> = BTreeMap::new();
    let mut events = Events::with_capacity(64);
    let mut tokens = 1..;
    loop {
        let next = peers.values().filter_map(|peer| peer.machine.poll_timeout()).min();
        poll.poll(&mut events, next.map(|next| next.since(now())))?;
        // Readiness is told once: take all that there is.
        while let Some((mut socket, from)) = accept(&listener) {
            let token = tokens.next().ok_or("out of tokens")?;
            poll.registry().register(&mut socket, Token(token), Interest::READABLE | Interest::WRITABLE)?;
            let (config, here) = (Arc::new(Config::default()), socket.local_addr()?.to_string());
            // A real server draws it from the system's randomness.
            let machine = Connection::accept(now(), config, &here, from.port().into());
            let (input, output) = (BytesMut::new(), Transmit::default());
            peers.insert(token, Peer { socket, machine, input, output });
        }
        for peer in peers.values_mut() {
            peer.turn(now());
        }
        peers.retain(|_, peer| !peer.machine.is_closed() || peer.output.has_remaining());
    }
}

fn accept(listener: &TcpListener) -> Option<(TcpStream, SocketAddr)> {
    let refused = |error: &io::Error| {
        if error.kind() != io::ErrorKind::WouldBlock {
            eprintln!("accept: {error}");
        }
    };
    listener.accept().inspect_err(refused).ok()
}

impl Peer {
    /// All that can be done without waiting.
    fn turn(&mut self, now: Timestamp) {
        self.machine.handle_timeout(now);
        if let Err(error) = self.receive(now).and_then(|()| self.send(now))
            && error.kind() != io::ErrorKind::WouldBlock
        {
            self.machine.handle_lost(now, Lost::Other);
            self.output = Transmit::default();
        }
    }

    fn receive(&mut self, now: Timestamp) -> io::Result<()> {
        let mut chunk = [0; 4_096];
        while self.machine.wants_input() > 0 {
            match self.socket.read(&mut chunk) {
                Ok(0) => self.machine.handle_lost(now, Lost::Eof),
                Ok(count) => self.input.extend_from_slice(&chunk[..count]),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(error) => return Err(error),
            }
            self.machine.handle_input(now, &mut self.input);
            self.answer(now);
        }
        Ok(())
    }

    fn answer(&mut self, now: Timestamp) {
        while let Some(event) = self.machine.poll_event() {
            match event {
                Event::Request { call, head, args: Some(args) } if &head.arg1[..] == b"greet" => {
                    let mut text = b"hello, ".to_vec();
                    args.arg3.iter().for_each(|piece| text.extend_from_slice(piece));
                    let response = Response { code: ResponseCode::OK, args: Args::new("", text) };
                    // Gone: its time was over before it was read.
                    let _ = self.machine.respond(now, call, response);
                }
                Event::Request { call, .. } => {
                    let _ = self.machine.reject(now, call, ErrorCode::BadRequest, "only short greetings");
                }
                _ => {}
            }
        }
    }

    fn send(&mut self, now: Timestamp) -> io::Result<()> {
        loop {
            while self.output.has_remaining() {
                let count = self.socket.write(self.output.chunk())?;
                self.output.advance(count);
            }
            match self.machine.poll_transmit(now) {
                Some(transmit) => self.output = transmit,
                None => return Ok(()),
            }
        }
    }
}
