//! A run of a mesh written down: nodes, then typed steps, made by hand, from a seed or from a fuzzer's bytes.

use std::fmt;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tchannel_mesh::peers::{Direction, LeastPending, PreferIncoming, Rendezvous, ShardKey, Strategy};
use tchannel_mesh::{ChannelConfig, Ratio};
use tchannel_proto::wire::{ErrorCode, RetryFlags};

use crate::link::Shape;
use crate::scenario::Limits;

/// Nodes, and what happens to them in order. Numbers of nodes, calls and connections are taken modulo how many there are; a
/// step that finds nothing to act on does nothing, so any list of steps is a scenario.
#[derive(Clone, Debug, Default)]
pub struct Scenario {
    /// Seeds every channel.
    pub seed: u16,
    /// The nodes, listening from the start. None at all: three plain ones.
    pub nodes: Vec<Setup>,
    /// The steps.
    pub steps: Vec<Step>,
}

impl fmt::Display for Scenario {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "    seed {}", self.seed)?;
        self.nodes.iter().enumerate().try_for_each(|(node, setup)| writeln!(f, "    {node}: {setup:?},"))?;
        self.steps.iter().try_for_each(|step| writeln!(f, "    {step:?},"))
    }
}

/// What a node is made with.
#[derive(Clone, Copy, PartialEq)]
pub struct Setup {
    /// Of both directions of the streams that are dialled to it.
    pub shape: Shape,
    /// Of its connections and of the channel.
    pub limits: Limits,
    /// What its init frames say.
    pub announces: Announces,
    /// Its root list at the start.
    pub knows: Knows,
    /// How it chooses.
    pub chooses: Chooses,
    /// Which connections it prefers.
    pub prefers: Direction,
    /// Peers that it keeps connected.
    pub warm: usize,
    /// Retries are limited to one in ten calls.
    pub budget: bool,
    /// Takes connections in while it drains.
    pub accepts_while_draining: bool,
    /// Hardly any events may wait in a connection.
    pub few_events: bool,
}

impl Default for Setup {
    fn default() -> Self {
        Setup {
            shape: Shape::PLAIN,
            limits: Limits::Default,
            announces: Announces::Address,
            knows: Knows::All,
            chooses: Chooses::TwoRandom,
            prefers: Direction::Any,
            warm: 2,
            budget: true,
            accepts_while_draining: false,
            few_events: false,
        }
    }
}

/// What an init frame says about where its sender listens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Announces {
    /// The truth.
    Address,
    /// That it does not listen.
    Nothing,
    /// The address of another node.
    Other(usize),
}

/// Shows what is not plain: a scenario has many nodes and calls, and most of each is.
macro_rules! shown_as_differs {
    ($name:ident: $($field:ident)*) => {
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let (plain, mut shown) = ($name::default(), f.debug_struct(stringify!($name)));
                $(if self.$field != plain.$field {
                    shown.field(stringify!($field), &self.$field);
                })*
                shown.finish_non_exhaustive()
            }
        }
    };
}

shown_as_differs!(Setup: shape limits announces knows chooses prefers warm budget accepts_while_draining few_events);
shown_as_differs!(Ask: node service way parts sizes timeout per_attempt attempts flags strict word same_peer
    direct over shard tracked document serve hops takes);

/// Whom a node has on its list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Knows {
    /// Every other node.
    All,
    /// Every other node, by a name instead of an address.
    Names,
    /// So many nodes behind it.
    Next(usize),
    /// Nobody.
    Nobody,
}

/// A strategy by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the library has them under the same names")]
pub enum Chooses {
    TwoRandom,
    LeastPending,
    PreferIncoming,
    Rendezvous,
    ShardKey,
}

impl Chooses {
    /// Spells it out.
    pub fn strategy(self) -> Strategy {
        match self {
            Chooses::TwoRandom => Strategy::TwoRandom,
            Chooses::LeastPending => Strategy::Lowest(Arc::new(LeastPending)),
            Chooses::PreferIncoming => Strategy::Lowest(Arc::new(PreferIncoming)),
            Chooses::Rendezvous => Strategy::Lowest(Arc::new(Rendezvous { client: 7 })),
            Chooses::ShardKey => Strategy::Lowest(Arc::new(ShardKey)),
        }
    }
}

impl Setup {
    /// The configuration of the channel, apart from what it announces.
    pub fn config(&self) -> ChannelConfig {
        let mut config = ChannelConfig::new("node");
        config.connection = self.limits.config();
        if self.few_events {
            Arc::make_mut(&mut config.connection).max_events = NonZeroUsize::MIN.saturating_add(3);
        }
        config.strategy = self.chooses.strategy();
        config.direction = self.prefers;
        config.min_connections = self.warm;
        config.retry_ratio = self.budget.then_some(Ratio::percent(10));
        config.accept_while_draining = self.accepts_while_draining;
        if self.limits == Limits::Tight {
            let size = |size| NonZeroUsize::new(size).unwrap_or(NonZeroUsize::MIN);
            config.limits.max_pending = Some(size(20));
            config.limits.max_pending_for_service = Some(size(15));
            config.limits.max_incoming_total = size(6);
            config.limits.max_connections_accepted = size(3);
            config.limits.max_connections_per_address = Some(size(2));
            config.limits.max_handshakes = size(2);
        }
        config
    }
}

/// One thing that the scenario does.
#[derive(Clone, Debug)]
#[allow(missing_docs, reason = "each field is named after what it holds")]
pub enum Step {
    /// `count` calls at one moment.
    Calls {
        ask: Ask,
        count: usize,
    },
    /// The caller cancels.
    Cancel {
        call: usize,
    },
    /// The caller ends a request that it had left open.
    Finish {
        call: usize,
    },
    Advance {
        time: Duration,
    },
    /// How a node takes requests from here on.
    Mood {
        node: usize,
        mood: Mood,
    },
    /// How a node takes connections from here on.
    Door {
        node: usize,
        door: Door,
    },
    /// The process is gone; with its host, if nobody is told.
    Die {
        node: usize,
        quietly: bool,
    },
    /// A process like the one that died or drained, with nothing of it left.
    Restart {
        node: usize,
    },
    /// The whole channel; no time at all closes it.
    Drain {
        node: usize,
        within: Duration,
    },
    /// The `nth` connection of a node is closed by its owner.
    Hangup {
        node: usize,
        nth: usize,
    },
    /// All streams between two nodes are reset.
    Cut {
        node: usize,
        peer: usize,
    },
    /// Nothing passes on the streams that two nodes have now, and neither is told.
    Dark {
        node: usize,
        peer: usize,
    },
    /// Nothing that the node sends arrives for a while.
    Stall {
        node: usize,
        time: Duration,
    },
    /// To the list of `own`, or to the root list.
    Add {
        node: usize,
        peer: Who,
        own: bool,
    },
    Remove {
        node: usize,
        peer: Who,
        own: bool,
    },
    /// The root list becomes the nodes whose bits are set.
    List {
        node: usize,
        peers: u64,
    },
    /// The service `own` gets a list of its own.
    Isolate {
        node: usize,
    },
    /// Bytes that look as if the peer at the `nth` connection had sent them.
    Inject {
        node: usize,
        nth: usize,
        bytes: Bytes,
    },
}

/// A node by one of its names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Who {
    /// Which node.
    pub node: usize,
    /// By a name that resolves to its address.
    pub by_name: bool,
}

/// How a node takes requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mood {
    /// As each call says.
    Well,
    /// Never answers.
    Hangs,
    /// Answers all with this error.
    Refuses(ErrorCode),
    /// Answers all with an application error.
    NotOk,
    /// As each call says, later.
    Slow(Duration),
}

/// How a node takes connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    /// It takes them.
    Open,
    /// Nobody listens.
    Refuses,
    /// Nothing answers at all.
    Hangs,
    /// They are reset at once.
    Slams,
    /// They are taken, and then nobody speaks.
    Silent,
}

/// A call to make.
#[derive(Clone, Copy)]
pub struct Ask {
    /// Who calls.
    pub node: usize,
    /// Which service.
    pub service: Service,
    /// How the request is written.
    pub way: Way,
    /// The endpoint reads in parts.
    pub parts: bool,
    /// Bytes of arg2 and arg3.
    pub sizes: [usize; 2],
    /// The caller's patience.
    pub timeout: Duration,
    /// Longest time of an attempt.
    pub per_attempt: Option<Duration>,
    /// Attempts in all.
    pub attempts: u32,
    /// Which failures are retried.
    pub flags: RetryFlags,
    /// Never after a call that may have run.
    pub strict: bool,
    /// What the application says to answers that are not ok; `None`: it is not asked.
    pub word: Option<Word>,
    /// Tried peers may be tried again.
    pub same_peer: bool,
    /// The call names its peer.
    pub direct: Option<Who>,
    /// The call goes over the connection of this number.
    pub over: Option<usize>,
    /// It has an `sk` header.
    pub shard: Option<u8>,
    /// It counts in the load.
    pub tracked: bool,
    /// Made in the style of the request documents.
    pub document: bool,
    /// What the handler does.
    pub serve: Serve,
    /// The handler makes such a call itself first, this many levels deep.
    pub hops: u8,
    /// How a response in parts is read.
    pub takes: Takes,
}

impl Ask {
    /// A small echo with ten seconds of patience.
    pub const PLAIN: Ask = Ask {
        node: 0,
        service: Service::Common,
        way: Way::Whole,
        parts: false,
        sizes: [3, 20],
        timeout: Duration::from_secs(10),
        per_attempt: None,
        attempts: 5,
        flags: RetryFlags { connection: true, timeout: false },
        strict: false,
        word: None,
        same_peer: false,
        direct: None,
        over: None,
        shard: None,
        tracked: true,
        document: false,
        serve: Serve::Echo { after: Duration::ZERO },
        hops: 0,
        takes: Takes::AtOnce,
    };
}

impl Default for Ask {
    fn default() -> Self {
        Ask::PLAIN
    }
}

/// The service that is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Service {
    /// One that every node has, over the root list.
    Common,
    /// One that every node has, over a list of its own if the caller made one.
    Own,
    /// One that nobody has.
    Unknown,
}

/// How a request is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// All at once.
    Whole,
    /// In pieces; an open one is not finished before a step, or the end of the run, says so.
    Parts {
        /// Bytes of one write.
        piece: usize,
        /// Left open.
        open: bool,
    },
}

/// What the application says to an answer that is not ok.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Word {
    /// Try another.
    Retry,
    /// It is the answer.
    Accept,
    /// The caller gets an error.
    Fail,
    /// Nothing for a while, then try another.
    Later(Duration),
    /// Nothing.
    Silence,
}

/// What a handler does with a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each field is named after what it holds")]
pub enum Serve {
    /// Sends it back; as it arrives, if the endpoint reads in parts.
    Echo { after: Duration },
    /// The same, as an application error.
    NotOk { after: Duration },
    /// An error frame.
    Refuse { code: ErrorCode, after: Duration },
    /// Begins an answer, and takes it back with an error frame.
    Regret { code: ErrorCode, after: Duration },
    /// Neither reads nor answers.
    Ignore,
}

/// How a response in parts is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takes {
    /// Whatever is there.
    AtOnce,
    /// From some time after its beginning.
    Late(Duration),
}
