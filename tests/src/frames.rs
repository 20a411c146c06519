//! Messages written by hand, for peers that are only bytes. All of them go without checksums.

use bytes::Bytes;
use tchannel_proto::wire::{
    CallReq, CallRes, Cancel, Checksum, ChecksumKind, Chunks, Continue, ErrorCode, ErrorFrame, Flags,
    HeaderBlock, Message, ResponseCode, Route, Tracing,
};

const NO_CHECKSUM: Checksum = Checksum { kind: ChecksumKind::None, value: 0 };

fn chunks(parts: &[&[u8]]) -> Chunks {
    Chunks::encode(parts).expect("short parts fit a frame")
}

/// A call req for the service `svc`. The first part is arg1.
pub fn call_req(ttl: u32, more: bool, parts: &[&[u8]]) -> Message {
    call_req_with(&[("cn", "x"), ("as", "raw")], ttl, more, parts)
}

/// The same with other headers.
pub fn call_req_with(headers: &[(&str, &str)], ttl: u32, more: bool, parts: &[&[u8]]) -> Message {
    Message::CallReq(CallReq {
        flags: Flags(u8::from(more)),
        ttl,
        tracing: Tracing::default(),
        route: Route::encode("svc", headers.iter().copied()).expect("headers within limits"),
        checksum: NO_CHECKSUM,
        chunks: chunks(parts),
    })
}

/// A call req continue.
pub fn call_req_continue(more: bool, parts: &[&[u8]]) -> Message {
    let flags = Flags(u8::from(more));
    Message::CallReqContinue(Continue { flags, checksum: NO_CHECKSUM, chunks: chunks(parts) })
}

/// A call res with code 0. The first part is arg1, and empty in good responses.
pub fn call_res(more: bool, parts: &[&[u8]]) -> Message {
    Message::CallRes(CallRes {
        flags: Flags(u8::from(more)),
        code: ResponseCode::OK,
        tracing: Tracing::default(),
        headers: HeaderBlock::encode([("as", "raw")]).expect("one short header"),
        checksum: NO_CHECKSUM,
        chunks: chunks(parts),
    })
}

/// A call res continue.
pub fn call_res_continue(more: bool, parts: &[&[u8]]) -> Message {
    let flags = Flags(u8::from(more));
    Message::CallResContinue(Continue { flags, checksum: NO_CHECKSUM, chunks: chunks(parts) })
}

/// A cancel.
pub fn cancel() -> Message {
    Message::Cancel(Cancel { ttl: 0, tracing: Tracing::default(), why: Bytes::from_static(b"enough") })
}

/// An error frame.
pub fn error(code: ErrorCode, text: &'static str) -> Message {
    let message = Bytes::from_static(text.as_bytes());
    Message::Error(ErrorFrame { code, tracing: Tracing::default(), message })
}
