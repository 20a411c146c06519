//! One TChannel connection as a pure state machine: bytes and timestamps in, frames and events out.
//!
//! [`Connection`] has no socket, clock, thread or randomness. A driver reads a socket into a `BytesMut`, hands it
//! in, writes what comes out, and sleeps until the time that the connection names:
//!
//! ```text
//!             ┌─────────┐  init req, good   ┌────────┐  drain(), or the peer drains  ┌──────────┐
//!  accept() → │ Waiting │ ────────────────→ │ Active │ ────────────────────────────→ │ Draining │
//!             └────┬────┘    (init res out) └───┬────┘                               └────┬─────┘
//!             ┌────┴────┐  init res, good   ↑   │ lost, fatal, stale,                     │ last call over and
//! connect() → │ Opening │ ──────────────────┘   │ stalled, unhealthy                      │ flushed, or deadline
//!             └────┬────┘ (init req out)        ↓                                         ↓
//!                  └── handshake timer, ────→ ┌──────────────────────────────────────────────┐
//!                      anything else          │ Closed: one last event, every handle is Gone │
//!                                             └──────────────────────────────────────────────┘
//! ```
//!
//! # The contract
//!
//! After any `&mut` call, drain what you like, in any order: [`poll_event`](Connection::poll_event),
//! [`poll_transmit`](Connection::poll_transmit). Sleep until [`poll_timeout`](Connection::poll_timeout). Read the
//! socket while [`wants_input`](Connection::wants_input) is not 0; when it reopens, offer the bytes that were left
//! first, without waiting for new ones. After `Closed`, write what `poll_transmit` still gives, then shut the socket.
//!
//! `handle_*` never fails: faults of the peer and of the transport come out as events. Local misuse comes back from
//! the call that did it, and leaves the state as it was.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod body;
mod calls;
mod config;
mod connection;
mod error;
mod event;
mod remote;
mod time;
mod transmit;

pub use calls::{CallId, Incoming, Outgoing};
pub use config::{Config, Health};
pub use connection::{Connection, Stats, TimeoutCause};
pub use error::{CallError, CloseReason, Gone, Lost, OpenError, Origin, Retry, WriteError};
pub use event::{Arg, Args, Event, Read, Request, RequestHead, Response, ResponseHead, endpoint_text};
pub use remote::{IMPLEMENTATION_VERSION, LANGUAGE, LANGUAGE_VERSION, Remote};
pub use tchannel_wire as wire;
pub use time::Timestamp;
pub use transmit::Transmit;

/// Longest arg1 in bytes, either direction: what node accepts.
pub const MAX_ARG1: usize = 16_384;
