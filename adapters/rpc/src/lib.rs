//! TChannel clients and servers: many calls over one connection, with deadlines and cancellation.
//!
//! A [`Channel`] makes calls and answers them. Everything about the protocol lives in [`tchannel_proto`], which does no
//! I/O; this crate gives it sockets, time and tasks.
//!
//! ```no_run
//! use tchannel_rpc::{Reject, Reply, Request};
//!
//! async fn greet(request: Request) -> Result<Reply, Reject> {
//!     let name = request.body();
//!     Ok(Reply::ok("", [b"hello, ", &name[..]].concat()))
//! }
//!
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! let server = tchannel_rpc::tokio::channel("greeter")?;
//! server.service("greeter")?.register("greet", greet);
//! let address = server.listen("127.0.0.1:0").await?;
//!
//! let client = tchannel_rpc::tokio::channel("visitor")?;
//! let answer = client.call("greeter", "greet").host(address).arg3("world").send().await?;
//! assert_eq!(answer.body(), "hello, world");
//! # Ok(())
//! # }
//! ```
//!
//! Dropping a [`Call`] cancels it. A handler is an async function; its future is dropped when nobody waits for the
//! answer any more. [`Channel::drain`] ends a channel without losing an answer.
#![forbid(unsafe_code)]

#[cfg(feature = "async-std")]
pub mod async_std;
#[cfg(feature = "blocking")]
pub mod blocking;
#[cfg(any(feature = "async-std", feature = "smol"))]
pub mod futures_io;
#[cfg(feature = "http")]
pub mod http;
#[cfg(feature = "idl")]
pub mod idl;
#[cfg(feature = "json")]
pub mod json;
#[cfg(feature = "metrics")]
pub mod metrics;
mod shared;
#[cfg(feature = "smol")]
pub mod smol;
#[cfg(feature = "sthrift")]
pub mod sthrift;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
#[cfg(feature = "thrift")]
pub mod thrift;
#[cfg(feature = "tokio")]
pub mod tokio;
#[cfg(feature = "tracing")]
pub mod trace_events;

pub use bytes::{Bytes, BytesMut};
pub use shared::call::{Call, NotOk, Response};
pub use shared::channel::{Builder, Channel};
pub use shared::clock::Clock;
pub use shared::error::{BuildError, CallError, Drained, ListenError, SubChannelError};
pub use shared::host::Host;
pub use shared::notice::{Notice, PeerNews};
pub use shared::observe::{Measurement, TraceSpan};
pub use shared::outbound::Outbound;
pub use shared::peers::{Peer, PeerFileError, Peers};
#[cfg(any(feature = "json", feature = "thrift"))]
pub use shared::schemes::{Context, Rejected};
pub use shared::serve::{
    Connection, Handler, Reject, Reply, Request, Responder, StreamedHandler, StreamedRequest,
};
pub use shared::stream::{
    Arg3Reader, Arg3Writer, BodyError, BodyReader, BodyWriter, StreamedCall, StreamedResponse,
};
pub use shared::subchannel::{SubChannel, SubChannelBuilder};
pub use shared::wait::Wait;
pub use tchannel_mesh::retry::{RETRY_RATIO, RetryPolicy, Verdict};
pub use tchannel_mesh::{
    CallOptions, ChannelConfig, ConfigError, HostPort, HostPortError, Limits, ListError, OpenError, Parent,
    Phase, Ratio, Refused, ServiceError, Setting, TRACE_SAMPLE,
};
pub use tchannel_proto::wire::{ChecksumKind, ErrorCode, ResponseCode, RetryFlags, Scheme, Tracing};
pub use tchannel_proto::{Arg, Args, CloseReason, Config, Health, Origin, Remote, Retry};

/// Measurements, and what a channel looks like inside.
pub mod introspection {
    pub use tchannel_mesh::stats::Value;
    pub use tchannel_mesh::{
        ChannelState, ConnectionSnapshot, ConnectionState, Exchange, Live, PeerScore, PeerSnapshot, Role,
        Snapshot, SpanReport, SubChannelSnapshot,
    };
}

/// Cassettes: the calls of a test are recorded once, and answered from a file ever after.
///
/// The files are those of tchannel-python's `vcr` module: each side replays what the other recorded.
///
/// ```no_run
/// use tchannel_rpc::cassette::{RecordMode, use_cassette};
///
/// # async fn run() -> Result<(), Box<dyn std::error::Error>> {
/// let channel = tchannel_rpc::tokio::channel("visitor")?;
/// let recorder = use_cassette("tests/cassettes/greet.yaml").mode(RecordMode::Once).on(&channel)?;
/// let answer = channel.call("greeter", "greet").host("10.0.0.7:4040").arg3("world").send().await?;
/// recorder.finish()?;
/// # Ok(())
/// # }
/// ```
#[cfg(feature = "cassette")]
pub mod cassette {
    pub use crate::shared::cassette::{CassetteError, Recorder, UseCassette, use_cassette};
    pub use tchannel_cassette::{
        ArgScheme, Blob, Interaction, Matcher, Matchers, ParseError, RecordMode, Request, Response,
        TransportHeader,
    };
}

/// Hyperbahn, a mesh of routers that calls services by name.
///
/// ```no_run
/// use tchannel_rpc::hyperbahn::Routers;
///
/// # async fn run() -> Result<(), Box<dyn std::error::Error>> {
/// let channel = tchannel_rpc::tokio::channel("keyvalue")?;
/// let mesh = channel.hyperbahn(&Routers::from_json(r#"["10.0.0.1:21300", "10.0.0.2:21300"]"#)?);
/// mesh.advertise().start().await?;
/// let answer = mesh.client("moe")?.call("ask").arg3("who?").send().await?;
/// # Ok(())
/// # }
/// ```
pub mod hyperbahn {
    pub use crate::shared::hyperbahn::{
        Advertise, AdvertiseError, Advertised, DiscoverError, Hyperbahn, UnadvertiseError, read_routers,
    };
    pub use tchannel_mesh::hyperbahn::{
        DiscoverError as RouterRefusal, RouterError, Routers, RoutersError, StartError,
    };
}

/// Servers that refuse what is too much: so many requests in a second, and endpoints that fail.
pub mod guard {
    pub use tchannel_mesh::circuit::{CircuitConfig, CircuitName, Health};
    pub use tchannel_mesh::rate::{KillSwitch, RateLimits};
}

/// How one of many peers is chosen.
pub use tchannel_mesh::peers;

/// Frames and headers, for those who look at bytes.
pub use tchannel_proto::wire;

/// What a runtime and its byte streams have to offer, for those who bring their own.
pub mod runtime {
    pub use crate::shared::input::Input;
    pub use crate::shared::output::{write_once, write_to};
    pub use crate::shared::runtime::{Accepted, Identity, Io, ReadInTurns, Runtime};
    pub use tchannel_proto::Transmit;
}

/// The examples of the readme are compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;
