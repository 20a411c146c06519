//! One node: a process, its channel, and what its owner knows.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use bytes::Bytes;
use tchannel_mesh::{ConnKey, HostPort, Inbound, Party, Ticket};
use tchannel_proto::wire::Tracing;
use tchannel_proto::{Arg, Args, Timestamp};

use super::laws::Retries;
use super::machine::Machine;
use super::network::StreamId;
use super::scenario::{Door, Mood, Serve, Setup};
use crate::model::Flow;
use crate::upload::Upload;

/// A node. What belongs to the process is gone with it.
pub(super) struct Node {
    pub(super) setup: Setup,
    pub(super) mood: Mood,
    pub(super) door: Door,
    /// Counts processes.
    pub(super) life: u32,
    /// Its host does not answer at all, until the next process.
    pub(super) dark: bool,
    /// Something was done to it that can make attempts at it fail.
    pub(super) troubled: bool,
    /// How often it dialled.
    pub(super) dials: usize,
    pub(super) process: Option<Process>,
}

/// A process.
pub(super) struct Process {
    pub(super) machine: Machine,
    pub(super) draining: bool,
    pub(super) sockets: BTreeMap<ConnKey, (StreamId, usize)>,
    /// Dials that nothing is known of yet.
    pub(super) dials: BTreeMap<ConnKey, HostPort>,
    /// Nodes that were dialled by a name: what they announce about their addresses is all that is known of these.
    pub(super) named: BTreeSet<usize>,
    /// Names of connections that are over.
    pub(super) past: Vec<ConnKey>,
    pub(super) waiting: BTreeMap<Ticket, usize>,
    pub(super) serving: BTreeMap<Inbound, Serving>,
    pub(super) uploads: BTreeMap<Party, Upload>,
    /// All that were ever put on a list of it.
    pub(super) peers: BTreeSet<HostPort>,
    pub(super) isolated: bool,
    pub(super) retries: Retries,
}

impl Process {
    pub(super) fn new(machine: Machine) -> Self {
        Process {
            machine,
            draining: false,
            sockets: BTreeMap::new(),
            dials: BTreeMap::new(),
            named: BTreeSet::new(),
            past: Vec::new(),
            waiting: BTreeMap::new(),
            serving: BTreeMap::new(),
            uploads: BTreeMap::new(),
            peers: BTreeSet::new(),
            isolated: false,
            retries: Retries::default(),
        }
    }
}

/// A request that a handler works on.
#[derive(Debug)]
pub(super) struct Serving {
    /// The call's number, and the place in what is noted of it; a stranger's has none.
    pub(super) of: Option<(usize, usize)>,
    pub(super) serve: Serve,
    pub(super) tracing: Tracing,
    pub(super) deadline: Timestamp,
    /// What was read of the request.
    pub(super) flow: Flow,
    /// It came whole, and is to be sent back.
    pub(super) args: Option<Args>,
    /// It is read as it comes.
    pub(super) reading: bool,
    pub(super) read: bool,
    /// What was read and not written.
    pub(super) queue: VecDeque<(Arg, Bytes)>,
    pub(super) finished: usize,
    /// The call that the handler makes before it answers.
    pub(super) child: Option<usize>,
}
