//! A run written down: typed steps, made by hand, from a seed or from a fuzzer's bytes.

use std::fmt;
use std::num::{NonZeroU32, NonZeroUsize};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tchannel_proto::wire::{ChecksumKind, ErrorCode};
use tchannel_proto::{Config, Health};

use crate::laws::Language;
use crate::link::Shape;

mod generate;
mod hostile;
mod run;
mod shrink;

pub use generate::{Menu, generate};
pub use hostile::hostile;
pub use run::{Report, Style, check, compare, from_seed, run};
pub use shrink::{explain, shrink, shrink_by};

/// What happens, in order. Numbers of nodes and calls are taken modulo how many there are; a step that finds nothing to
/// act on does nothing, so any list of steps is a scenario.
#[derive(Clone, Debug, Default)]
pub struct Scenario {
    /// The steps.
    pub steps: Vec<Step>,
}

impl fmt::Display for Scenario {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.steps.iter().try_for_each(|step| writeln!(f, "    {step:?},"))
    }
}

/// One thing that the scenario does. `node` counts ends of links: node 0 dials node 1, node 2 dials node 3.
#[derive(Clone, Debug)]
#[allow(missing_docs, reason = "each field is named after what it holds")]
pub enum Step {
    /// Two more nodes with a link between them.
    Connect(Wiring),
    /// A whole call.
    Call(Ask),
    /// A streamed call: written in pieces of `piece` bytes by itself, or by later steps.
    Open {
        ask: Ask,
        piece: Option<usize>,
        flush: bool,
    },
    /// Something about one call.
    On {
        call: usize,
        act: Act,
    },
    Drain {
        node: usize,
        within: Duration,
    },
    Close {
        node: usize,
    },
    /// The link of this node is lost, and everything on it.
    Cut {
        node: usize,
    },
    /// The stream from this node ends after what is under way; the other direction goes on.
    HalfClose {
        node: usize,
    },
    /// Nothing that this node sends arrives for a while.
    Stall {
        node: usize,
        time: Duration,
    },
    Advance {
        time: Duration,
    },
    /// Bytes that look as if this node's peer had sent them.
    Inject {
        node: usize,
        bytes: Bytes,
        aligned: bool,
    },
}

/// What can be done to a call by a step.
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs, reason = "each field is named after what it holds")]
pub enum Act {
    /// Writes to a call opened without `piece`, as the next two do.
    Write {
        len: usize,
    },
    Flush,
    FinishArg,
    /// Reads at most `parts` of a response that is left to the steps.
    Read {
        parts: usize,
    },
    Collect,
    /// The caller cancels.
    Cancel,
    /// The side that serves the call stops reading its request.
    DropReader,
    /// The side that serves the call answers with an error, whatever else it does.
    Reject {
        code: ErrorCode,
    },
}

/// A call to make.
#[derive(Clone, Copy, Debug)]
pub struct Ask {
    /// Who calls; its peer serves.
    pub node: usize,
    /// Length of arg2 and arg3.
    pub sizes: [Size; 2],
    /// From now to the deadline.
    pub timeout: Duration,
    /// How arguments are protected.
    pub checksum: ChecksumKind,
    /// What the peer's handler does.
    pub serve: Serve,
    /// What the caller does with a response that comes in parts.
    pub take: Take,
}

/// Length of an argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Size {
    /// So many bytes.
    Bytes(usize),
    /// What ends the argument exactly at a frame's end, and so many bytes more or less.
    Edge(i8),
}

/// What a handler does with a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each field is named after what it holds")]
pub enum Serve {
    /// Collects it, and sends it back after a while.
    Echo { after: Duration },
    /// Sends back what arrives as it arrives.
    Relay,
    /// Responds with arguments of its own after a while, without reading.
    Answer { ok: bool, sizes: [usize; 2], after: Duration },
    /// Reads everything; replies in pieces after a while.
    Stream { sizes: [usize; 2], piece: usize, after: Duration },
    /// Rejects after a while, without reading.
    Refuse { code: ErrorCode, after: Duration },
    /// Begins a reply, and rejects after a while.
    Regret { code: ErrorCode, after: Duration },
    /// Reads everything, says nothing.
    Sink,
    /// Neither reads nor answers.
    Ignore,
}

/// What a caller does with a response in parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each field is named after what it holds")]
pub enum Take {
    /// Collects it.
    Collect,
    /// Reads whatever is there.
    Read,
    /// Reads one part at a time.
    Slow { every: Duration },
    /// Leaves it to steps; in the end reads whatever is there.
    ByStep,
}

/// A link and the two nodes at its ends, dialler first.
#[derive(Clone, Copy, Debug)]
pub struct Wiring {
    /// Both directions.
    pub shape: Shape,
    /// Configuration of each node.
    pub limits: [Limits; 2],
    /// What each node's init frame is made to say.
    pub language: [Language; 2],
}

impl Default for Wiring {
    fn default() -> Self {
        Wiring { shape: Shape::PLAIN, limits: [Limits::Default; 2], language: [Language::Rust; 2] }
    }
}

/// A configuration by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limits {
    /// As it comes.
    Default,
    /// Frames so small that most arguments need several.
    SmallFrames,
    /// All limits low enough to be met.
    Tight,
    /// Pings every two seconds, silence in streams ends them.
    Watchful,
}

fn size(bytes: usize) -> NonZeroUsize {
    NonZeroUsize::new(bytes).unwrap_or(NonZeroUsize::MIN)
}

fn count(number: u32) -> NonZeroU32 {
    NonZeroU32::new(number).unwrap_or(NonZeroU32::MIN)
}

impl Limits {
    /// Spells it out.
    pub fn config(self) -> Arc<Config> {
        let mut config = Config::default();
        match self {
            Limits::Default => {}
            Limits::SmallFrames => {
                config.frame_size = 300;
                config.pin_threshold = 32;
                config.max_transmit = size(900);
            }
            Limits::Tight => {
                config.max_incoming_calls = count(4);
                config.max_outgoing_calls = count(8);
                config.max_message = size(100_000);
                config.max_held = size(200_000);
                config.unread_high = size(8_192);
                config.unread_high_total = size(16_384);
                config.max_events = size(8);
                config.unsent_high = size(4_096);
                config.max_unsent = size(150_000);
                config.max_transmit = size(4_096);
                config.patience = count(50);
                config.patience_per_second = 5;
                config.max_tombstones = count(2);
                config.assembly_timeout = Duration::from_secs(3);
            }
            Limits::Watchful => {
                let (interval, timeout) = (Duration::from_secs(2), Duration::from_secs(1));
                config.health = Some(Health { interval, timeout, failures: count(5) });
                config.stream_idle_timeout = Some(Duration::from_secs(20));
                config.max_ttl = Duration::from_secs(60);
            }
        }
        Arc::new(config)
    }
}
