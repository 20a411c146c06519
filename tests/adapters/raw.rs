//! A peer whose bytes a test sends and reads by itself, over a socket that blocks.

use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;

use bytes::{Buf, BytesMut};
use tchannel_proto::{
    Args, CallId, Config, Connection, Event, Incoming, LANGUAGE, Request, RequestHead, Response, Timestamp,
};
use tchannel_rpc::ResponseCode;
use tchannel_rpc::wire::Route;

use super::HANG;

/// It stands still, so that nothing of it ever times out.
const NOW: Timestamp = Timestamp::ZERO;

pub(crate) struct Raw {
    machine: Connection,
    pub(crate) socket: TcpStream,
    input: BytesMut,
    /// What it says it is written in.
    language: &'static str,
}

impl Raw {
    /// Dials and shakes hands.
    pub(crate) fn dials(at: SocketAddr) -> Self {
        let machine = Connection::connect(NOW, Arc::new(Config::default()), "0.0.0.0:0", 1);
        Self::shakes_hands(machine, TcpStream::connect(at).unwrap(), LANGUAGE)
    }

    /// Waits to be dialled and shakes hands.
    pub(crate) fn accepts(listener: &TcpListener) -> Self {
        Self::accepts_as(listener, LANGUAGE)
    }

    /// The same as a peer of another language.
    pub(crate) fn accepts_as(listener: &TcpListener, language: &'static str) -> Self {
        let machine = Connection::accept(NOW, Arc::new(Config::default()), "127.0.0.1:1", 2);
        Self::shakes_hands(machine, listener.accept().unwrap().0, language)
    }

    fn shakes_hands(machine: Connection, socket: TcpStream, language: &'static str) -> Self {
        socket.set_read_timeout(Some(HANG)).unwrap();
        let mut raw = Raw { machine, socket, input: BytesMut::new(), language };
        raw.say();
        while !matches!(raw.hears().unwrap(), Event::Ready(_)) {}
        raw
    }

    /// Calls, with a minute to go.
    pub(crate) fn asks(&mut self, service: &str, endpoint: &'static str, body: &'static str) {
        self.asks_at_once(service, &[(endpoint, body)]);
    }

    /// Calls several endpoints in one write, with a minute to go.
    pub(crate) fn asks_at_once(&mut self, service: &str, calls: &[(&'static str, &'static str)]) {
        let route = Route::encode(service, [("as", "raw"), ("cn", "raw")]).unwrap();
        for (endpoint, body) in calls {
            let head = RequestHead::new(route.clone(), *endpoint, Timestamp::from_millis(60_000));
            self.machine.call(NOW, Request { head, args: Args::new("", *body) }).unwrap();
        }
        self.say();
    }

    /// Answers a call.
    pub(crate) fn answers(&mut self, call: Incoming, body: &'static str) {
        self.answers_with(call, Args::new("", body));
    }

    /// Waits to be called, and for the whole request.
    pub(crate) fn is_asked(&mut self) -> (Incoming, Args) {
        loop {
            let event = self.hears().unwrap();
            if let Event::Request { call, args: None, .. } = event {
                self.machine.collect(call).unwrap();
            }
            if let Event::Request { call, args: Some(args), .. }
            | Event::Whole { call: CallId::Incoming(call), args } = event
            {
                return (call, args);
            }
        }
    }

    /// The same with arg2, too.
    pub(crate) fn answers_with(&mut self, call: Incoming, args: Args) {
        self.machine.respond(NOW, call, Response { code: ResponseCode::OK, args }).unwrap();
        self.say();
    }

    /// Waits for the next thing that happens. An error is the end of the stream.
    pub(crate) fn hears(&mut self) -> io::Result<Event> {
        loop {
            if let Some(event) = self.machine.poll_event() {
                return Ok(event);
            }
            let mut chunk = [0; 4_096];
            let count = self.socket.read(&mut chunk)?;
            if count == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            self.input.extend_from_slice(&chunk[..count]);
            self.machine.handle_input(NOW, &mut self.input);
            self.say();
        }
    }

    /// Ends its own direction, and goes on to read.
    pub(crate) fn says_no_more(&self) {
        self.socket.shutdown(Shutdown::Write).unwrap();
    }

    fn say(&mut self) {
        while let Some(mut transmit) = self.machine.poll_transmit(NOW) {
            let mut frames = vec![0; transmit.remaining()];
            transmit.copy_to_slice(&mut frames);
            self.socket.write_all(&translated(frames, self.language)).unwrap();
        }
    }
}

/// With another language in an init frame, which is alone.
fn translated(mut frames: Vec<u8>, language: &str) -> Vec<u8> {
    let ours = [&[0, 4], LANGUAGE.as_bytes()].concat();
    if language != LANGUAGE
        && let Some(at) = frames.windows(ours.len()).position(|part| part == ours)
    {
        let theirs = [&[0, u8::try_from(language.len()).unwrap()], language.as_bytes()].concat();
        frames.splice(at..at + ours.len(), theirs);
        let size = u16::try_from(frames.len()).unwrap();
        frames[..2].copy_from_slice(&size.to_be_bytes());
    }
    frames
}
