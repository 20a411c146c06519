//! Records the calls of a test once, and answers them from the file ever after.
//!
//! A [`Cassette`] sits between whoever makes calls and the channel that would carry them. It is asked before a call goes
//! out, and told the answer of each call that it let through:
//!
//! ```text
//!  call ──on_call──→ Replay: here is the answer, nothing is sent
//!                  → Forward: make the call ──→ its answer ──on_response──→ recorded
//!                  → Refuse: the call fails, and its error names the recording that came nearest
//! ```
//!
//! There is no I/O here. Whoever owns the file hands its text to [`Cassette::parse`], or starts with
//! [`Cassette::missing`] if there is none, and writes [`Cassette::to_yaml`] back when [`Cassette::is_unsaved`] says so.
//! The file is the one that tchannel-python's `vcr` module reads and writes, down to the line breaks.
//!
//! ```
//! use tchannel_cassette::{ArgScheme, Cassette, OnCall, RecordMode, Request, Response};
//!
//! let mut request = Request::new("keyvalue", "get", ArgScheme::Raw);
//! request.body = "k".into();
//!
//! let mut cassette = Cassette::missing();
//! assert_eq!(cassette.on_call(&request), OnCall::Forward);
//! cassette.on_response(request.clone(), Response::ok("", "v"));
//! let file = cassette.to_yaml();
//!
//! let mut cassette = Cassette::parse(&file)?.mode(RecordMode::None).path("get.yaml");
//! assert_eq!(cassette.on_call(&request), OnCall::Replay(Response::ok("", "v")));
//! let OnCall::Refuse(refused) = cassette.on_call(&request) else { panic!("each recording is used once") };
//! assert!(refused.to_string().contains("interaction 1 is this call, but was played already"));
//! # Ok::<(), tchannel_cassette::ParseError>(())
//! ```
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod blob;
mod cassette;
mod interaction;
mod matching;
mod mode;
mod plain;
mod read;
mod write;

pub use blob::{Blob, Style};
pub use cassette::{CannotRecord, Cassette, OnCall};
pub use interaction::{ArgScheme, Interaction, Request, Response, TransportHeader, UnknownScheme};
pub use matching::{Difference, Matcher, Matchers, Nearest, UnknownMatcher};
pub use mode::{RecordMode, UnknownRecordMode};
pub use read::{MAX_DEPTH, MAX_NODES, ParseError, Problem};
