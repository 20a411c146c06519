//! The parts of call frames that have a fixed length, each in one piece.

use bytes::BytesMut;

use crate::{Checksum, ChecksumKind, FRAME_HEADER, Flags, FrameHeader, ResponseCode, Tracing};

/// Frame header, flags, ttl, tracing.
pub(crate) const CALL_REQ: usize = FRAME_HEADER + 1 + 4 + Tracing::LEN;
/// Frame header, flags, code, tracing.
pub(crate) const CALL_RES: usize = FRAME_HEADER + 1 + 1 + Tracing::LEN;
/// Frame header, flags.
pub(crate) const RESUME: usize = FRAME_HEADER + 1;
/// Type and value.
pub(crate) const MAX_CHECKSUM: usize = 5;
/// Body of a cancel without its reason.
pub(crate) const CANCEL: usize = 4 + Tracing::LEN + 2;
/// Body of an error without its text.
pub(crate) const ERROR: usize = 1 + Tracing::LEN + 2;

#[inline]
pub(crate) fn call_req(header: FrameHeader, flags: Flags, ttl: u32, tracing: &Tracing) -> [u8; CALL_REQ] {
    let mut head = [0; CALL_REQ];
    head[..FRAME_HEADER].copy_from_slice(&header.encode());
    head[FRAME_HEADER] = flags.0;
    head[FRAME_HEADER + 1..FRAME_HEADER + 5].copy_from_slice(&ttl.to_be_bytes());
    head[FRAME_HEADER + 5..].copy_from_slice(&tracing.encode());
    head
}

#[inline]
pub(crate) fn call_res(
    header: FrameHeader,
    flags: Flags,
    code: ResponseCode,
    tracing: &Tracing,
) -> [u8; CALL_RES] {
    let mut head = [0; CALL_RES];
    head[..FRAME_HEADER].copy_from_slice(&header.encode());
    head[FRAME_HEADER] = flags.0;
    head[FRAME_HEADER + 1] = code.0;
    head[FRAME_HEADER + 2..].copy_from_slice(&tracing.encode());
    head
}

#[inline]
pub(crate) fn resume(header: FrameHeader, flags: Flags) -> [u8; RESUME] {
    let mut head = [0; RESUME];
    head[..FRAME_HEADER].copy_from_slice(&header.encode());
    head[FRAME_HEADER] = flags.0;
    head
}

pub(crate) const fn checksum_len(kind: ChecksumKind) -> usize {
    1 + kind.field_len()
}

/// The field, padded to its longest form.
#[inline]
pub(crate) fn checksum(checksum: Checksum) -> [u8; MAX_CHECKSUM] {
    let [a, b, c, d] = checksum.value.to_be_bytes();
    [checksum.kind.byte(), a, b, c, d]
}

#[inline]
pub(crate) fn put_checksum(out: &mut BytesMut, checksum: Checksum) {
    out.extend_from_slice(&self::checksum(checksum)[..checksum_len(checksum.kind)]);
}
