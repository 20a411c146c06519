//! Frames without arguments, written whole.

use bytes::BytesMut;

use super::head;
use crate::{
    EncodeError, ErrorCode, FRAME_HEADER, FrameHeader, FrameType, MAX_CANCEL_WHY, MAX_ERROR_MESSAGE,
    MAX_FRAME, MAX_INIT_HEADERS, Tracing,
};

/// Appends a ping req.
pub fn put_ping_req(out: &mut BytesMut, id: u32) {
    header(out, FrameType::PingReq, id, 0);
}

/// Appends a ping res.
pub fn put_ping_res(out: &mut BytesMut, id: u32) {
    header(out, FrameType::PingRes, id, 0);
}

/// Appends an error. A text of more than 65491 bytes is cut between characters; an unknown code goes out as
/// [`ErrorCode::Unexpected`], since there are peers that an unknown one kills.
pub fn put_error(out: &mut BytesMut, id: u32, code: ErrorCode, tracing: &Tracing, message: &str) {
    let code = code.known_byte().unwrap_or(ErrorCode::Unexpected.byte());
    error(out, id, code, tracing, cut(message, MAX_ERROR_MESSAGE).as_bytes());
}

/// Appends a cancel. A reason of more than 255 bytes is cut between characters.
pub fn put_cancel(out: &mut BytesMut, id: u32, ttl: u32, tracing: &Tracing, why: &str) {
    cancel(out, id, ttl, tracing, cut(why, MAX_CANCEL_WHY).as_bytes());
}

/// Appends a claim.
pub fn put_claim(out: &mut BytesMut, id: u32, ttl: u32, tracing: &Tracing) {
    header(out, FrameType::Claim, id, 4 + Tracing::LEN);
    out.extend_from_slice(&ttl.to_be_bytes());
    out.extend_from_slice(&tracing.encode());
}

/// Appends an init req or init res. On error `out` is as before.
pub fn put_init(
    out: &mut BytesMut,
    kind: FrameType,
    id: u32,
    version: u16,
    pairs: &[(&str, &str)],
) -> Result<(), EncodeError> {
    init(out, kind, id, version, pairs.iter().copied())
}

pub(crate) fn init<'a>(
    out: &mut BytesMut,
    kind: FrameType,
    id: u32,
    version: u16,
    pairs: impl Clone + ExactSizeIterator<Item = (&'a str, &'a str)>,
) -> Result<(), EncodeError> {
    if !matches!(kind, FrameType::InitReq | FrameType::InitRes) {
        return Err(EncodeError::NoInit { kind });
    }
    if pairs.len() > MAX_INIT_HEADERS {
        return Err(EncodeError::InitHeaders { count: pairs.len() });
    }
    let count = u16::try_from(pairs.len()).expect("at most 128");
    let body = pairs.clone().fold(4_usize, |size, (key, value)| {
        size.saturating_add(4).saturating_add(key.len()).saturating_add(value.len())
    });
    if body > MAX_FRAME - FRAME_HEADER {
        return Err(EncodeError::FrameSize { size: body.saturating_add(FRAME_HEADER) });
    }
    header(out, kind, id, body);
    out.extend_from_slice(&version.to_be_bytes());
    out.extend_from_slice(&count.to_be_bytes());
    for (key, value) in pairs {
        put_long(out, key.as_bytes());
        put_long(out, value.as_bytes());
    }
    Ok(())
}

/// `why` fits the frame.
pub(crate) fn cancel(out: &mut BytesMut, id: u32, ttl: u32, tracing: &Tracing, why: &[u8]) {
    header(out, FrameType::Cancel, id, head::CANCEL + why.len());
    out.extend_from_slice(&ttl.to_be_bytes());
    out.extend_from_slice(&tracing.encode());
    put_long(out, why);
}

/// `message` fits the frame.
pub(crate) fn error(out: &mut BytesMut, id: u32, code: u8, tracing: &Tracing, message: &[u8]) {
    header(out, FrameType::Error, id, head::ERROR + message.len());
    out.extend_from_slice(&[code]);
    out.extend_from_slice(&tracing.encode());
    put_long(out, message);
}

fn header(out: &mut BytesMut, kind: FrameType, id: u32, body: usize) {
    let size = u16::try_from(FRAME_HEADER + body).expect("checked by the caller");
    out.reserve(usize::from(size));
    out.extend_from_slice(&FrameHeader { size, kind: kind.byte(), id }.encode());
}

fn put_long(out: &mut BytesMut, bytes: &[u8]) {
    let len = u16::try_from(bytes.len()).expect("a part of a frame that was checked");
    out.extend_from_slice(&len.to_be_bytes());
    out.extend_from_slice(bytes);
}

/// At most `limit` bytes of `text`, ending between characters.
fn cut(text: &str, limit: usize) -> &str {
    let mut end = limit.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

#[cfg(test)]
mod tests;
