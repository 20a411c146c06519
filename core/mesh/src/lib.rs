//! What a process that speaks TChannel owns beside its connections, as pure state machines.
//!
//! Nothing here has a socket, a clock, a thread or randomness of its own: time comes in as [`Timestamp`], chance from one
//! seeded [`Rng`], and the same inputs give the same outputs. Each part stands alone and knows no other:
//!
//! ```text
//!  CallOptions ──Layers::plan──→ CallPlan ──→ Admission, Budget
//!                                   │
//!                                   ↓ Rules
//!      ┌──────────────────────→ Attempts ──→ Give: an answer, or the last error
//!      │                            │ Choose, TryAgain
//!      │                            ↓
//!      │  Candidates ──────────→ choose ──→ PeerKey: call it, or dial it first (Backoff, Load)
//!      │                                       │
//!      └── answered, failed ←── connection ←───┘ Span: trace and span id of the attempt
//!
//!  RequestHead ──Services::dispatch──→ Endpoint, or the error that answers it
//!
//!  Stat ──→ name, tags, statsd key (Labels)
//! ```
//!
//! ```
//! use tchannel_mesh::{CallOptions, Layers, Style};
//!
//! let mut options = CallOptions::new().retry_limit(2).header("trace-me", "1");
//! options.service = Some("moe".into());
//! let defaults = CallOptions::new();
//! let layers = Layers {
//!     call: &options,
//!     subchannel: None,
//!     channel: &defaults,
//!     channel_name: "curly",
//!     style: Style::Python,
//! };
//! let plan = layers.plan()?;
//! assert_eq!((plan.route.service(), plan.rules.max_attempts.get()), ("moe", 3));
//! assert_eq!(plan.route.headers().caller(), Some("curly"));
//! # Ok::<(), tchannel_mesh::OpenError>(())
//! ```
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod channel;
pub mod circuit;
mod dispatch;
mod error;
mod host_port;
pub mod hyperbahn;
mod limits;
mod options;
pub mod peers;
pub mod rate;
mod ratio;
mod recent;
pub mod relay;
pub mod retry;
mod rng;
mod services;
pub mod slots;
pub mod stats;
mod trace;
mod window;

pub use channel::{
    Action, Call, Channel, ChannelConfig, ChannelState, ConfigError, ConnKey, ConnectionSnapshot,
    ConnectionState, DRAIN_TIMEOUT, Event, Exchange, Failure, Inbound, ListError, Live, Party, PeerScore,
    PeerSnapshot, Phase, Snapshot, SubChannelSnapshot, Ticket,
};
pub use dispatch::{BUILT_IN, Endpoint, META, NotServed};
pub use error::{NotSent, OpenError};
pub use host_port::{HostPort, HostPortError};
pub use limits::{Admission, Limits, Overloaded, Places, Refused};
pub use options::{CallOptions, CallPlan, Direct, Layers, Parent, Setting, Sizes, Style, Text};
pub use peers::PeerKey;
pub use ratio::Ratio;
pub use rng::Rng;
pub use services::{EndpointKey, Handling, ServiceError, ServiceKey, Services, WILDCARD, check_name};
pub use tchannel_proto as proto;
pub use tchannel_proto::Timestamp;
pub use trace::{Lineage, Role, Span, SpanReport, TRACE_SAMPLE, Trace};
pub use window::{MAX_BUCKETS, Window};
