//! Messages to whole frames. Everything is checked before the first byte is written.

use bytes::BytesMut;

use super::{CallReq, CallRes, Cancel, Continue, ErrorFrame, Message};
use crate::{
    Checksum, ChecksumKind, FRAME_HEADER, FrameHeader, FrameType, HeaderError, MAX_ERROR_MESSAGE, MAX_FRAME,
    headers::sendable,
    write::{self, head},
};

/// A message that cannot be sent as it is. Nothing has been written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EncodeError {
    /// The frame would be larger than the protocol allows.
    #[error("the frame would have {size} bytes or more, at most {MAX_FRAME} are allowed")]
    FrameSize {
        /// Bytes counted before giving up.
        size: usize,
    },
    /// A call frame has a chunk at least.
    #[error("a call frame needs a chunk")]
    NoChunks,
    /// A checksum value without a checksum type.
    #[error("a frame without a checksum cannot carry the checksum value {value}")]
    ChecksumValue {
        /// The value.
        value: u32,
    },
    /// An error code that the protocol does not name.
    #[error("error code {code} has no meaning")]
    ErrorCode {
        /// The code's byte.
        code: u8,
    },
    /// More headers than a receiver keeps.
    #[error("{count} init headers, at most {} are allowed", super::MAX_INIT_HEADERS)]
    InitHeaders {
        /// How many there are.
        count: usize,
    },
    /// The frame type is neither init req nor init res.
    #[error("a {kind} frame is no init")]
    NoInit {
        /// The type that was asked for.
        kind: FrameType,
    },
    /// Headers that were received, but must not be sent.
    #[error(transparent)]
    Header(#[from] HeaderError),
}

impl Message {
    /// Appends the whole frame, its 16-byte header included, to `out`. On error `out` is as before.
    pub fn encode(&self, id: u32, out: &mut BytesMut) -> Result<(), EncodeError> {
        match self {
            Self::InitReq(init) => {
                write::init(out, FrameType::InitReq, id, init.version, init.headers.iter())
            }
            Self::InitRes(init) => {
                write::init(out, FrameType::InitRes, id, init.version, init.headers.iter())
            }
            Self::CallReq(call) => call_req(call, id, out),
            Self::CallRes(call) => call_res(call, id, out),
            Self::CallReqContinue(part) => resume(part, FrameType::CallReqContinue, id, out),
            Self::CallResContinue(part) => resume(part, FrameType::CallResContinue, id, out),
            Self::Cancel(cancel) => put_whole_cancel(cancel, id, out),
            Self::Claim(claim) => {
                write::put_claim(out, id, claim.ttl, &claim.tracing);
                Ok(())
            }
            Self::PingReq => {
                write::put_ping_req(out, id);
                Ok(())
            }
            Self::PingRes => {
                write::put_ping_res(out, id);
                Ok(())
            }
            Self::Error(error) => put_whole_error(error, id, out),
        }
    }
}

fn call_req(call: &CallReq, id: u32, out: &mut BytesMut) -> Result<(), EncodeError> {
    sendable(call.route.headers())?;
    check_checksum(call.checksum)?;
    let (route, chunks) = (call.route.as_bytes(), call.chunks.as_bytes());
    let len = head::CALL_REQ + route.len() + head::checksum_len(call.checksum.kind) + chunks.len();
    let header = header(FrameType::CallReq, id, len)?;
    out.reserve(len);
    out.extend_from_slice(&head::call_req(header, call.flags, call.ttl, &call.tracing));
    out.extend_from_slice(route);
    head::put_checksum(out, call.checksum);
    out.extend_from_slice(chunks);
    Ok(())
}

fn call_res(call: &CallRes, id: u32, out: &mut BytesMut) -> Result<(), EncodeError> {
    sendable(call.headers.headers())?;
    check_checksum(call.checksum)?;
    let (headers, chunks) = (call.headers.as_bytes(), call.chunks.as_bytes());
    let len = head::CALL_RES + headers.len() + head::checksum_len(call.checksum.kind) + chunks.len();
    let header = header(FrameType::CallRes, id, len)?;
    out.reserve(len);
    out.extend_from_slice(&head::call_res(header, call.flags, call.code, &call.tracing));
    out.extend_from_slice(headers);
    head::put_checksum(out, call.checksum);
    out.extend_from_slice(chunks);
    Ok(())
}

fn resume(part: &Continue, kind: FrameType, id: u32, out: &mut BytesMut) -> Result<(), EncodeError> {
    check_checksum(part.checksum)?;
    let chunks = part.chunks.as_bytes();
    let len = head::RESUME + head::checksum_len(part.checksum.kind) + chunks.len();
    let header = header(kind, id, len)?;
    out.reserve(len);
    out.extend_from_slice(&head::resume(header, part.flags));
    head::put_checksum(out, part.checksum);
    out.extend_from_slice(chunks);
    Ok(())
}

fn put_whole_cancel(cancel: &Cancel, id: u32, out: &mut BytesMut) -> Result<(), EncodeError> {
    let size = FRAME_HEADER + head::CANCEL + cancel.why.len();
    header(FrameType::Cancel, id, size)?;
    write::cancel(out, id, cancel.ttl, &cancel.tracing, &cancel.why);
    Ok(())
}

fn put_whole_error(error: &ErrorFrame, id: u32, out: &mut BytesMut) -> Result<(), EncodeError> {
    let Some(code) = error.code.known_byte() else {
        return Err(EncodeError::ErrorCode { code: error.code.byte() });
    };
    if error.message.len() > MAX_ERROR_MESSAGE {
        return Err(EncodeError::FrameSize { size: FRAME_HEADER + head::ERROR + error.message.len() });
    }
    write::error(out, id, code, &error.tracing, &error.message);
    Ok(())
}

fn check_checksum(checksum: Checksum) -> Result<(), EncodeError> {
    match checksum {
        Checksum { kind: ChecksumKind::None, value: 1.. } => {
            Err(EncodeError::ChecksumValue { value: checksum.value })
        }
        Checksum { .. } => Ok(()),
    }
}

fn header(kind: FrameType, id: u32, len: usize) -> Result<FrameHeader, EncodeError> {
    let size = u16::try_from(len).map_err(|_| EncodeError::FrameSize { size: len })?;
    Ok(FrameHeader { size, kind: kind.byte(), id })
}

#[cfg(test)]
mod tests;
