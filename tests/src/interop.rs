//! What the program `tchannel-peer` does: a server with the endpoints of the reference peers, and a client that tries
//! them one by one at any server.
//!
//! `tests/peers/README.md` describes the endpoints. A scenario is named after what it sends, as those of the reference
//! clients are; [`table::all`] has them all. Where implementations may differ, what counts as good depends on the
//! language that the server names in the handshake; what a peer gets wrong counts as wrong.

mod bench;
mod caller;
mod client;
mod command;
mod expect;
mod language;
mod probe;
mod runtime;
mod scenario;
mod server;
pub mod table;
mod typed;

pub use self::bench::{BenchError, Cell, bench};
pub use self::caller::Caller;
pub use self::client::{ClientError, Selection, run};
pub use self::command::{BenchOptions, ClientOptions, Command, ServerOptions, UsageError};
pub use self::expect::Expect;
pub use self::language::Language;
pub use self::probe::{Probe, ProbeError};
pub use self::runtime::{Plain, Runtime, Setup};
pub use self::scenario::{Failure, Scenario, Verdict};
pub use self::server::{ServerError, serve};
pub use self::typed::serve as serve_typed;

/// The service that is called.
pub const SERVICE: &str = "echo";
/// The service that calls, and that is called back.
pub const CALLER: &str = "interop-client";
