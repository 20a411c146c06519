//! Two machines that speak to each other, and nothing else that would cost anything.

use std::sync::Arc;
use std::time::Duration;

use bytes::{Buf, BytesMut};
use tchannel_proto::{Args, Config, Connection, Event, Incoming, Outgoing, Request, Timestamp};

/// A client, a server and the buffers that their drivers read into.
pub(crate) struct Link {
    pub(crate) now: Timestamp,
    pub(crate) client: Connection,
    pub(crate) server: Connection,
    to_client: BytesMut,
    to_server: BytesMut,
}

/// What a driver reads at a time.
const READ: usize = 256 << 10;

impl Link {
    /// A pair that has shaken hands.
    pub(crate) fn new(config: Config) -> Self {
        let (now, config) = (Timestamp::from_millis(1_000), Arc::new(config));
        let mut link = Link {
            now,
            client: Connection::connect(now, Arc::clone(&config), "0.0.0.0:0", 1),
            server: Connection::accept(now, config, "10.0.0.1:4040", 2),
            to_client: BytesMut::with_capacity(READ),
            to_server: BytesMut::with_capacity(READ),
        };
        link.there();
        link.back();
        for machine in [&mut link.client, &mut link.server] {
            assert!(matches!(machine.poll_event(), Some(Event::Ready(_))));
        }
        link
    }

    pub(crate) fn call(&mut self, request: Request) -> Outgoing {
        self.client.call(self.now, request).expect("there is room")
    }

    /// Carries what the client has to say to the server.
    pub(crate) fn there(&mut self) {
        self.now = self.now + Duration::from_micros(5);
        carry(self.now, &mut self.client, &mut self.server, &mut self.to_server);
    }

    /// Carries what the server has to say to the client.
    pub(crate) fn back(&mut self) {
        self.now = self.now + Duration::from_micros(5);
        carry(self.now, &mut self.server, &mut self.client, &mut self.to_client);
    }

    /// The next request that the server has to answer, and its arguments; `collect`s those that are long.
    pub(crate) fn request(&mut self) -> Option<(Incoming, Args)> {
        let mut long = None;
        loop {
            match self.server.poll_event() {
                None => return None,
                Some(Event::Request { call, args: Some(args), .. }) => return Some((call, args)),
                Some(Event::Request { call, args: None, .. }) => {
                    self.server.collect(call).expect("it has just arrived");
                    long = Some(call);
                }
                Some(Event::Whole { args, .. }) => return long.map(|call| (call, args)),
                other => panic!("no request but {other:?}"),
            }
        }
    }

    /// The next whole response.
    pub(crate) fn response(&mut self) -> Option<(Outgoing, Args)> {
        match self.client.poll_event() {
            None => None,
            Some(Event::Response { call, args: Some(args), .. }) => Some((call, args)),
            other => panic!("no whole response but {other:?}"),
        }
    }
}

/// A driver's work: writes, reads, and asks when to wake up.
fn carry(now: Timestamp, from: &mut Connection, to: &mut Connection, socket: &mut BytesMut) {
    while let Some(mut transmit) = from.poll_transmit(now) {
        while transmit.has_remaining() {
            let room = READ - socket.len();
            let len = transmit.chunk().len().min(room);
            if socket.capacity() - socket.len() < len {
                socket.reserve(room);
            }
            socket.extend_from_slice(&transmit.chunk()[..len]);
            transmit.advance(len);
            if len == room {
                to.handle_input(now, socket);
            }
        }
    }
    to.handle_input(now, socket);
    assert!(from.poll_timeout().is_none_or(|at| at > now));
    assert!(to.poll_timeout().is_none_or(|at| at > now));
}

/// The compiler that built what is measured: a machine tells its peer.
pub(crate) fn compiler() -> String {
    let link = Link::new(Config::default());
    link.client.remote().expect("it has shaken hands").language_version.clone()
}
