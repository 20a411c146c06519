//! Calls in flight: their names, their tables, and the two halves of each.

pub(crate) mod assembly;
pub(crate) mod call;
pub(crate) mod fragments;
pub(crate) mod gate;
pub(crate) mod incoming;
pub(crate) mod outgoing;
pub(crate) mod slab;

use call::Call;
use incoming::IncomingTable;
use outgoing::OutgoingTable;

/// A call that this side made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Outgoing {
    pub(crate) id: u32,
    pub(crate) epoch: u32,
    pub(crate) at: u32,
}

/// A call that the peer made. The epoch keeps it from meaning a later call with the same wire id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Incoming {
    pub(crate) id: u32,
    pub(crate) epoch: u32,
    pub(crate) at: u32,
}

/// A call, whoever made it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CallId {
    /// Made by this side.
    Outgoing(Outgoing),
    /// Made by the peer.
    Incoming(Incoming),
}

impl Outgoing {
    /// Its id on the wire.
    pub fn id(self) -> u32 {
        self.id
    }

    /// Its place among our live calls of the connection: a small number, used again by later calls. For an
    /// owner's table of what belongs to calls.
    pub fn index(self) -> usize {
        self.at as usize
    }
}

impl Incoming {
    /// Its id on the wire.
    pub fn id(self) -> u32 {
        self.id
    }

    /// Its place among the peer's live calls of the connection: a small number, used again by later calls. For an
    /// owner's table of what belongs to calls.
    pub fn index(self) -> usize {
        self.at as usize
    }
}

impl From<Outgoing> for CallId {
    fn from(call: Outgoing) -> Self {
        CallId::Outgoing(call)
    }
}

impl From<Incoming> for CallId {
    fn from(call: Incoming) -> Self {
        CallId::Incoming(call)
    }
}

/// Which table a call is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Side {
    Ours,
    Theirs,
}

/// Where a call is kept. Survives in queues after the call is gone: the epoch tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key {
    pub(crate) side: Side,
    pub(crate) at: u32,
    pub(crate) epoch: u32,
}

/// Both tables.
#[derive(Debug)]
pub(crate) struct Calls {
    pub(crate) ours: OutgoingTable,
    pub(crate) theirs: IncomingTable,
}

impl Calls {
    pub(crate) fn new(first_id: u32, seed: u64) -> Self {
        Calls { ours: OutgoingTable::new(first_id), theirs: IncomingTable::new(seed) }
    }

    /// Gives up memory that nothing is in. No call may be in flight.
    pub(crate) fn rest(&mut self) {
        self.ours.rest();
        self.theirs.rest();
    }

    /// The entry behind a handle that is not `Gone`.
    pub(crate) fn find(&self, call: CallId) -> Option<Key> {
        let (slab, side, id, epoch, at) = match call {
            CallId::Outgoing(Outgoing { id, epoch, at }) => (&self.ours.slab, Side::Ours, id, epoch, at),
            CallId::Incoming(Incoming { id, epoch, at }) => (&self.theirs.slab, Side::Theirs, id, epoch, at),
        };
        // A handle of another connection may point anywhere.
        let call = slab.find(at)?;
        let same = call.used && !call.over && call.epoch == epoch && call.id == id;
        same.then_some(Key { side, at, epoch })
    }

    /// The entry of a key from a queue, if the call is still there.
    pub(crate) fn get(&self, key: Key) -> Option<&Call> {
        let call = match key.side {
            Side::Ours => self.ours.slab.get(key.at),
            Side::Theirs => self.theirs.slab.get(key.at),
        };
        (call.used && call.epoch == key.epoch).then_some(call)
    }

    /// As `get`, to change it.
    pub(crate) fn get_mut(&mut self, key: Key) -> Option<&mut Call> {
        let call = self.entry(key);
        (call.used && call.epoch == key.epoch).then_some(call)
    }

    /// The entry of a key known to be current.
    pub(crate) fn entry(&mut self, key: Key) -> &mut Call {
        match key.side {
            Side::Ours => self.ours.slab.get_mut(key.at),
            Side::Theirs => self.theirs.slab.get_mut(key.at),
        }
    }

    /// Every call of one side, in the order of their places.
    pub(crate) fn keys(&self, side: Side) -> impl Iterator<Item = Key> {
        let slab = match side {
            Side::Ours => &self.ours.slab,
            Side::Theirs => &self.theirs.slab,
        };
        slab.indices().map(move |at| Key { side, at, epoch: slab.get(at).epoch })
    }

    pub(crate) fn handle(&self, key: Key) -> CallId {
        match key.side {
            Side::Ours => CallId::Outgoing(self.outgoing(key)),
            Side::Theirs => CallId::Incoming(self.incoming(key)),
        }
    }

    pub(crate) fn outgoing(&self, key: Key) -> Outgoing {
        Outgoing { id: self.ours.slab.get(key.at).id, epoch: key.epoch, at: key.at }
    }

    pub(crate) fn incoming(&self, key: Key) -> Incoming {
        Incoming { id: self.theirs.slab.get(key.at).id, epoch: key.epoch, at: key.at }
    }
}
