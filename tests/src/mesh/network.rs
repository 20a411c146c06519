//! Streams between nodes, and the addresses that they are dialled by.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use bytes::BytesMut;
use tchannel_mesh::{ConnKey, HostPort};
use tchannel_proto::{Timestamp, Transmit};

use crate::link::{Pipe, Shape};

/// One stream, by number; numbers are never used again.
pub(super) type StreamId = u64;

/// Two ends and the bytes on their way. End 0 dialled.
pub(super) struct Stream {
    pub(super) ends: [End; 2],
    /// Bytes from the end of the same number.
    pub(super) pipes: [Pipe; 2],
}

/// One end: its driver's state.
pub(super) struct End {
    pub(super) node: usize,
    /// The process's; a later one has nothing to do with this stream.
    pub(super) life: u32,
    pub(super) key: Option<ConnKey>,
    /// What the channel has not taken.
    pub(super) inbox: BytesMut,
    /// What the pipe has not taken.
    pub(super) outbox: Option<Transmit>,
    /// The channel wants no input before `Resume`.
    pub(super) refused: bool,
    /// The channel was told of the end.
    pub(super) lost: bool,
    /// The channel is done with it; what was given is still written.
    pub(super) closing: Option<Timestamp>,
    /// Nothing is written or read here any more.
    pub(super) shut: bool,
    /// When bytes are expected next, as far as that is on the agenda.
    pub(super) awaited: Option<Timestamp>,
}

impl End {
    pub(super) fn new(node: usize, life: u32, key: Option<ConnKey>) -> Self {
        End {
            node,
            life,
            key,
            inbox: BytesMut::new(),
            outbox: None,
            refused: false,
            lost: false,
            closing: None,
            shut: false,
            awaited: None,
        }
    }
}

impl Stream {
    pub(super) fn new(ends: [End; 2], shape: Shape) -> Self {
        Stream { ends, pipes: [Pipe::new(shape), Pipe::new(shape)] }
    }

    /// Whether nobody has anything to do with it any more.
    pub(super) fn is_over(&self) -> bool {
        self.ends.iter().all(|end| end.shut)
    }

    /// Whether these two nodes are its ends.
    pub(super) fn joins(&self, node: usize, peer: usize) -> bool {
        let [one, other] = &self.ends;
        (one.node, other.node) == (node, peer) || (other.node, one.node) == (node, peer)
    }
}

/// All streams, in the order of their making.
#[derive(Default)]
pub(super) struct Network {
    pub(super) streams: BTreeMap<StreamId, Stream>,
    made: StreamId,
}

impl Network {
    pub(super) fn add(&mut self, stream: Stream) -> StreamId {
        self.made += 1;
        self.streams.insert(self.made, stream);
        self.made
    }

    pub(super) fn get(&mut self, id: StreamId) -> Option<&mut Stream> {
        self.streams.get_mut(&id)
    }

    /// The streams for which something holds.
    pub(super) fn which(&self, holds: impl Fn(&Stream) -> bool) -> Vec<StreamId> {
        self.streams.iter().filter(|(_, stream)| holds(stream)).map(|(id, _)| *id).collect()
    }
}

/// Where a node listens.
pub(super) fn address(node: usize) -> SocketAddr {
    let low = u8::try_from(node % 250).unwrap_or(0);
    let high = u8::try_from(node / 250).unwrap_or(0);
    SocketAddr::from(([10, 0, high, low + 1], 4040))
}

/// What others dial to reach a node.
pub(super) fn host_port(node: usize, by_name: bool) -> HostPort {
    let text = if by_name { format!("node-{node}:4040") } else { address(node).to_string() };
    text.parse().expect("it is an address or a name with a port")
}

/// The node that an address or a name leads to.
pub(super) fn resolve(host_port: &HostPort, nodes: usize) -> Option<usize> {
    (0..nodes).find(|node| [false, true].iter().any(|by_name| self::host_port(*node, *by_name) == *host_port))
}
