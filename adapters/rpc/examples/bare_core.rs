//! One call with no adapter at all: the connection's machine, a socket of the standard library, and the loop between them.
//!
//! ```text
//! cargo run --example bare_core -- HOST:PORT NAME
//! ```
//!
//! Calls `greeter::greet`, for example of the examples `server` and `poll`.
#![allow(clippy::wildcard_enum_match_arm, reason = "a whole call without streams has few events")]

use std::error::Error;
use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::{Buf, BytesMut};
use tchannel_proto::wire::Route;
use tchannel_proto::{Args, Config, Connection, Event, Lost, Request, RequestHead, Timestamp};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let at = arguments.next().ok_or("where is the server?")?;
    let name = arguments.next().ok_or("whom to greet?")?;
    let began = Instant::now();
    let now = || Timestamp::ZERO + began.elapsed();

    let mut socket = TcpStream::connect(at)?;
    let mut machine = Connection::connect(now(), Arc::new(Config::default()), "0.0.0.0:0", 1);
    let route = Route::encode("greeter", [("as", "raw"), ("cn", "visitor")])?;
    let head = RequestHead::new(route, "greet", now() + Duration::from_secs(2));
    machine.call(now(), Request { head, args: Args::new("", name) })?;

    let mut input = BytesMut::new();
    loop {
        // What happened: everything, before waiting for more.
        while let Some(event) = machine.poll_event() {
            match event {
                Event::Response { args: Some(args), .. } => {
                    args.arg3.iter().try_for_each(|piece| io::stdout().write_all(piece))?;
                    return Ok(writeln!(io::stdout())?);
                }
                Event::Failed { error, .. } => return Err(error.into()),
                Event::Closed(reason) => return Err(reason.to_string().into()),
                _ => {}
            }
        }
        // Bytes out.
        while let Some(mut transmit) = machine.poll_transmit(now()) {
            while transmit.has_remaining() {
                let count = socket.write(transmit.chunk())?;
                transmit.advance(count);
            }
        }
        // Bytes in, or the next moment at which something is due.
        let wait = machine.poll_timeout().map(|at| at.since(now()).max(Duration::from_millis(1)));
        socket.set_read_timeout(wait)?;
        let mut chunk = [0; 4_096];
        match socket.read(&mut chunk) {
            Ok(0) => machine.handle_lost(now(), Lost::Eof),
            Ok(count) => {
                input.extend_from_slice(&chunk[..count]);
                machine.handle_input(now(), &mut input);
            }
            Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => {
                machine.handle_timeout(now());
            }
            Err(error) => return Err(error.into()),
        }
    }
}
