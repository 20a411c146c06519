//! Byte layouts of the TChannel protocol: frames, transport headers, tracing, checksums, chunks.
//!
//! Nothing here knows about connections, calls in flight or time. Decoding is total: any bytes give a value or a
//! [`Malformed`], never a panic, and nothing is allocated because a length field says so. Decoded call frames are
//! slices of the buffer that they arrived in. Encoding checks first and writes nothing when it refuses.
//!
//! ```
//! use bytes::BytesMut;
//! use tchannel_wire::{Frame, Message, put_ping_req};
//!
//! let mut stream = BytesMut::new();
//! put_ping_req(&mut stream, 3);
//! let frame = Frame::take(&mut stream)?.expect("the whole frame is there");
//! assert_eq!(Message::decode(&frame)?, Some(Message::PingReq));
//! # Ok::<(), tchannel_wire::Malformed>(())
//! ```
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;
#[cfg(test)]
extern crate std;

mod args;
mod checksum;
mod cursor;
mod error_code;
mod frame;
mod headers;
mod malformed;
mod message;
mod tracing;
#[cfg(test)]
mod worked;
mod write;

pub use args::{Chunks, ChunksView};
pub use checksum::{Checksum, ChecksumKind, fingerprint32};
pub use error_code::{ErrorCode, UnknownErrorName};
pub use frame::{FRAME_HEADER, Frame, FrameHeader, FrameType, MAX_BODY, MAX_FRAME, NO_MESSAGE};
pub use headers::{
    HeaderBlock, HeaderError, HeaderPairs, HeaderValueError, Headers, MAX_HEADER_KEY, MAX_HEADER_VALUE,
    MAX_HEADERS, MAX_RECEIVED_HEADER_KEY, MAX_SERVICE, RetryFlags, Route, RouteView, Scheme, Speculative,
    header_keys,
};
pub use malformed::{Field, Malformed, Problem};
pub use message::{
    CallReq, CallReqView, CallRes, CallResView, Cancel, Claim, Continue, ContinueView, EncodeError,
    ErrorFrame, Flags, Init, InitHeaders, MAX_ARG1, MAX_CANCEL_WHY, MAX_ERROR_MESSAGE, MAX_INIT_HEADERS,
    Message, PROTOCOL_VERSION, ResponseCode, init_keys, salvage_more, salvage_tracing,
};
pub use tracing::Tracing;
pub use write::{
    Fragment, WholeArgs, put_call_req, put_call_res, put_cancel, put_claim, put_error, put_init,
    put_ping_req, put_ping_res,
};
