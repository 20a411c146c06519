//! Laws 4, 8 and 10 for connections: their names, their dials, and what is sent over them.

use std::collections::BTreeMap;

use bytes::BytesMut;
use tchannel_mesh::{Action, Channel, ConnKey, Event, HostPort};
use tchannel_proto::Transmit;
use tchannel_proto::wire::{CallReq, Frame, FrameType, Tracing};

use crate::laws::law;

/// What a driver knows about the connections of a channel.
#[derive(Debug, Default)]
pub(in crate::mesh) struct Sockets {
    known: BTreeMap<ConnKey, Socket>,
}

#[derive(Debug, Default)]
struct Socket {
    /// Whom it was dialled for; `None`: accepted.
    dialled: Option<HostPort>,
    open: bool,
    ready: bool,
    /// `Event::Closed` came.
    closed: bool,
    /// `Action::Close` came.
    gone: bool,
    sent: BytesMut,
}

/// A frame that was sent, as far as it is looked at.
#[derive(Clone, Debug)]
pub struct Sent {
    /// Its type.
    pub kind: FrameType,
    /// Its id.
    pub id: u32,
    /// Its length with the header.
    pub len: usize,
    /// Of a call req: the call's number, from its header, ttl and tracing.
    pub request: Option<(Option<usize>, u32, Tracing)>,
}

impl Sockets {
    pub(in crate::mesh) fn accepted(&mut self, key: ConnKey) {
        self.insert(key, Socket { open: true, ..Socket::default() });
    }

    fn insert(&mut self, key: ConnKey, socket: Socket) {
        let before = self.known.insert(key, socket);
        law!(8, before.is_none(), "{key:?} is the name of a connection that lives: {before:?}");
    }

    pub(in crate::mesh) fn connected(&mut self, key: ConnKey) {
        if let Some(socket) = self.known.get_mut(&key) {
            socket.open = true;
        }
    }

    pub(in crate::mesh) fn action(&mut self, action: &Action) {
        match action {
            Action::Connect { key, address } => {
                self.insert(*key, Socket { dialled: Some(address.clone()), ..Socket::default() });
            }
            Action::Resume { key } => {
                let lives = self.known.get(key).is_some_and(|socket| !socket.gone);
                law!(10, lives, "{key:?} is to be read again, and is closed or unknown");
            }
            Action::Close { key } => {
                let socket = self.known.get_mut(key).filter(|socket| !socket.gone);
                law!(10, socket.is_some(), "{key:?} is to be closed, and is closed or unknown");
                if let Some(socket) = socket {
                    socket.gone = true;
                }
                self.forget(*key);
            }
        }
    }

    pub(in crate::mesh) fn event(&mut self, event: &Event) {
        let (key, what) = match event {
            Event::Ready { key, .. } => (key, "ready"),
            Event::Draining { key } => (key, "draining"),
            Event::Closed { key, .. } => (key, "closed"),
            Event::Request { connection, .. } => (connection, "asked"),
            _ => return,
        };
        let socket = self.known.get_mut(key).filter(|socket| !socket.closed);
        law!(10, socket.is_some(), "{key:?} is {what}, and is closed or unknown");
        let Some(socket) = socket else { return };
        match event {
            Event::Ready { .. } => {
                law!(2, !socket.ready, "{key:?} is ready twice");
                socket.ready = true;
            }
            Event::Closed { .. } => {
                socket.closed = true;
                self.forget(*key);
            }
            _ => law!(2, socket.ready, "{key:?} is {what} before it is ready"),
        }
    }

    fn forget(&mut self, key: ConnKey) {
        if self.known.get(&key).is_some_and(|socket| socket.gone && socket.closed) {
            self.known.remove(&key);
        }
    }

    /// A connection that may have bytes to send.
    pub(in crate::mesh) fn ready(&self, key: ConnKey) {
        let socket = self.known.get(&key);
        let open = socket.is_some_and(|socket| socket.open && !socket.gone);
        law!(10, open, "{key:?} has bytes to send, and is {socket:?}");
    }

    pub(in crate::mesh) fn transmit(&mut self, key: ConnKey, transmit: &Transmit) -> Vec<Sent> {
        let socket = self.known.get_mut(&key).filter(|socket| socket.open && !socket.gone);
        law!(10, socket.is_some(), "bytes for {key:?}, which is not open");
        let Some(socket) = socket else { return Vec::new() };
        transmit.parts().for_each(|part| socket.sent.extend_from_slice(part));
        let mut frames = Vec::new();
        while let Ok(Some(frame)) = Frame::take(&mut socket.sent) {
            let kind = FrameType::from_byte(frame.kind);
            law!(11, kind.is_some(), "{key:?} sends a frame of type {}", frame.kind);
            let Some(kind) = kind else { continue };
            let request = (kind == FrameType::CallReq).then(|| request(&frame));
            frames.push(Sent { kind, id: frame.id, len: 16 + frame.body.len(), request });
        }
        law!(11, socket.sent.is_empty(), "a Transmit of {key:?} ends inside a frame");
        frames
    }

    /// When nothing is left to poll.
    pub(in crate::mesh) fn settled(&self, channel: &Channel) {
        let (live, most) = (channel.live().connections, channel.config().limits.max_connections_per_peer);
        let open = self.known.values().filter(|socket| !socket.gone).count();
        law!(4, open == live, "{open} connections are open, the channel has {live}: {:?}", self.known);
        let silent = self.known.iter().find(|(_, socket)| socket.gone && !socket.closed);
        law!(2, silent.is_none(), "{silent:?} is closed, and nothing said why");
        let mut useful: BTreeMap<&HostPort, u32> = BTreeMap::new();
        let mut dialled: BTreeMap<&HostPort, u32> = BTreeMap::new();
        for (key, socket) in &self.known {
            let Some(address) = socket.dialled.as_ref().filter(|_| !socket.gone) else { continue };
            *dialled.entry(address).or_default() += 1;
            let takes_calls = channel.connection(*key).is_some_and(|it| !it.is_draining() && !it.is_closed());
            *useful.entry(address).or_default() += u32::from(takes_calls);
        }
        let twice = useful.iter().find(|(_, count)| **count > 1);
        law!(4, twice.is_none(), "{twice:?} connections were dialled to one peer and take calls");
        let many = dialled.iter().find(|(_, count)| **count > most.get());
        law!(4, many.is_none(), "{many:?} connections are dialled to one peer, the limit is {most}");
    }
}

fn request(frame: &Frame) -> (Option<usize>, u32, Tracing) {
    let call = CallReq::decode(&frame.body);
    law!(11, call.is_ok(), "a call req that cannot be read: {call:?}");
    let Ok(call) = call else { return (None, 0, Tracing::ZERO) };
    let number = call.route.headers().get(NUMBER).and_then(|number| number.parse().ok());
    (number, call.ttl, call.tracing)
}

/// The transport header that names a call.
pub(in crate::mesh) const NUMBER: &str = "n";
