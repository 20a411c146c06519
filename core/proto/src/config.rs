//! Limits and habits of a connection.

use alloc::string::String;
use alloc::vec::Vec;
use core::num::{NonZeroU32, NonZeroUsize};
use core::time::Duration;

const MIB: usize = 1 << 20;

macro_rules! non_zero {
    ($kind:ident, $value:expr) => {
        match $kind::new($value) {
            Some(value) => value,
            None => $kind::MIN,
        }
    };
}

/// Limits and habits of a connection; each default is safe towards strangers.
///
/// Make one with `Config::default()`, change fields, share it by `Arc` among connections.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Config {
    /// Name of this process, shown to peers. Default `tchannel`; adapters set `EXECUTABLE[PID]`.
    pub process_name: String,
    /// Longest time from the first moment to a finished handshake. Default 5 s, as python and go; node waits 2 s.
    pub handshake_timeout: Duration,
    /// Calls of the peer that may be live at once; more are answered `busy`. Default 4,096.
    pub max_incoming_calls: NonZeroU32,
    /// Calls of ours that may be live at once; more are refused. Default 65,536.
    pub max_outgoing_calls: NonZeroU32,
    /// Argument bytes of one whole message, either direction. Default 64 MiB.
    pub max_message: NonZeroUsize,
    /// Received, not yet read argument bytes, with 64 bytes of bookkeeping for each part. Default 128 MiB.
    pub max_held: NonZeroUsize,
    /// Unread bytes of one streamed call, bookkeeping included, past which the connection stops reading. Default 4 MiB.
    pub unread_high: NonZeroUsize,
    /// The same over all streamed calls of the connection. Default 16 MiB.
    pub unread_high_total: NonZeroUsize,
    /// How long reading may stay stopped with nobody reading before the fullest call fails. Default 1 s.
    pub stall_timeout: Duration,
    /// Undelivered events past which the connection stops reading. Default 1,024.
    pub max_events: NonZeroUsize,
    /// Unsent bytes of one streamed call past which writing is blocked. Default 256 KiB.
    pub unsent_high: NonZeroUsize,
    /// Unsent argument bytes over all calls of the connection. Default 256 MiB.
    pub max_unsent: NonZeroUsize,
    /// How long bytes may wait with the transport taking none; `None`: for ever. Default 30 s. What a transport took
    /// is known by the next `poll_transmit` or `handle_written`.
    pub write_stall_timeout: Option<Duration>,
    /// Bytes handed out by one `poll_transmit`, give or take a frame. Default 1 MiB, 16 full frames.
    pub max_transmit: NonZeroUsize,
    /// Frames that serve no call which a peer may send in a burst. Default 1,000.
    pub patience: NonZeroU32,
    /// How many more such frames each second allows. Default 100.
    pub patience_per_second: u32,
    /// Parts shorter than this are copied, out of the read buffer and into the write buffer; longer ones are shared.
    /// Default 1 KiB: a copy that short costs less than the memory that a small slice would pin. Received parts of up to
    /// 16 KiB are copied, too, into memory of their own.
    pub pin_threshold: usize,
    /// Ids of abandoned calls remembered in each direction. Default 16,384.
    pub max_tombstones: NonZeroU32,
    /// Longest ttl believed from a peer. Default 10 min.
    pub max_ttl: Duration,
    /// Longest silence in the middle of a request that is not read in parts. Default 30 s.
    pub assembly_timeout: Duration,
    /// Longest silence, either direction, in a streamed call once its response began. Default `None`.
    pub stream_idle_timeout: Option<Duration>,
    /// Two own calls that time out further apart than this, with no frame read between, close the connection.
    /// Default 1.5 s, as node.
    pub stale_after: Option<Duration>,
    /// Pings. Default `None`.
    pub health: Option<Health>,
    /// Size of frames sent; a first frame that needs more takes what it needs. Default 65,535, the protocol's limit.
    pub frame_size: u16,
    /// Tell the peer when a call of ours is cancelled, if the peer can take it. Default on.
    pub send_cancel: bool,
    /// Stop a call of the peer's when it cancels. Default on.
    pub honor_cancel: bool,
    /// Report the peer's claims as events. Default off: nobody sends them.
    pub claims: bool,
    /// Refuse requests without the headers `as` and `cn`, as node does. Default off.
    pub require_caller_headers: bool,
    /// Services still served while draining. Default none.
    pub exempt_services: Vec<String>,
}

impl Default for Config {
    fn default() -> Self {
        Config {
            process_name: "tchannel".into(),
            handshake_timeout: Duration::from_secs(5),
            max_incoming_calls: non_zero!(NonZeroU32, 4_096),
            max_outgoing_calls: non_zero!(NonZeroU32, 65_536),
            max_message: non_zero!(NonZeroUsize, 64 * MIB),
            max_held: non_zero!(NonZeroUsize, 128 * MIB),
            unread_high: non_zero!(NonZeroUsize, 4 * MIB),
            unread_high_total: non_zero!(NonZeroUsize, 16 * MIB),
            stall_timeout: Duration::from_secs(1),
            max_events: non_zero!(NonZeroUsize, 1_024),
            unsent_high: non_zero!(NonZeroUsize, 256 << 10),
            max_unsent: non_zero!(NonZeroUsize, 256 * MIB),
            write_stall_timeout: Some(Duration::from_secs(30)),
            max_transmit: non_zero!(NonZeroUsize, MIB),
            patience: non_zero!(NonZeroU32, 1_000),
            patience_per_second: 100,
            pin_threshold: 1_024,
            max_tombstones: non_zero!(NonZeroU32, 16_384),
            max_ttl: Duration::from_secs(600),
            assembly_timeout: Duration::from_secs(30),
            stream_idle_timeout: None,
            stale_after: Some(Duration::from_millis(1_500)),
            health: None,
            frame_size: u16::MAX,
            send_cancel: true,
            honor_cancel: true,
            claims: false,
            require_caller_headers: false,
            exempt_services: Vec::new(),
        }
    }
}

/// When to ping, and when to give up on a peer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Health {
    /// Time between pings.
    pub interval: Duration,
    /// Longest wait for an answer. 1 s is usual.
    pub timeout: Duration,
    /// Missed answers in a row after which the connection closes. 5 is usual.
    pub failures: NonZeroU32,
}
