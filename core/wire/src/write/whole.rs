//! Call frames that carry a whole message, written in one go.

use bytes::BytesMut;

use super::{head, length_field};
use crate::{
    Checksum, ChecksumKind, Flags, FrameHeader, FrameType, HeaderBlock, ResponseCode, Route, Tracing,
};

/// Appends a call req with all three arguments: the only frame of its message.
///
/// # Panics
///
/// If the frame would have more than 65535 bytes.
pub fn put_call_req(
    out: &mut BytesMut,
    id: u32,
    ttl: u32,
    tracing: &Tracing,
    route: &Route,
    kind: ChecksumKind,
    args: [&[u8]; 3],
) {
    put(out, route.as_bytes(), kind, args, |size| {
        let header = FrameHeader { size, kind: FrameType::CallReq.byte(), id };
        head::call_req(header, Flags::NONE, ttl, tracing)
    });
}

/// Appends a call res with all three arguments: the only frame of its message.
///
/// # Panics
///
/// If the frame would have more than 65535 bytes.
pub fn put_call_res(
    out: &mut BytesMut,
    id: u32,
    code: ResponseCode,
    tracing: &Tracing,
    headers: &HeaderBlock,
    kind: ChecksumKind,
    args: [&[u8]; 3],
) {
    put(out, headers.as_bytes(), kind, args, |size| {
        let header = FrameHeader { size, kind: FrameType::CallRes.byte(), id };
        head::call_res(header, Flags::NONE, code, tracing)
    });
}

/// `head` makes the part before the headers, once the frame's size is known.
#[inline]
fn put<const N: usize>(
    out: &mut BytesMut,
    headers: &[u8],
    kind: ChecksumKind,
    args: [&[u8]; 3],
    head: impl FnOnce(u16) -> [u8; N],
) {
    let payload: usize = args.iter().map(|arg| 2 + arg.len()).sum();
    let size = N + headers.len() + head::checksum_len(kind) + payload;
    let head = head(u16::try_from(size).expect("the caller stays within the frame"));
    let start = out.len();
    out.resize(start + size, 0);
    let mut rest = Rest(&mut out[start..]);
    rest.put(&head);
    rest.put(headers);
    let value = args.iter().fold(0, |running, arg| kind.update(running, arg));
    rest.put(&head::checksum(Checksum { kind, value })[..head::checksum_len(kind)]);
    for arg in args {
        rest.put(&length_field(arg.len()));
        rest.put(arg);
    }
}

/// What is left to fill of a frame.
struct Rest<'a>(&'a mut [u8]);

impl Rest<'_> {
    #[inline]
    fn put(&mut self, bytes: &[u8]) {
        let (front, rest) = core::mem::take(&mut self.0).split_at_mut(bytes.len());
        front.copy_from_slice(bytes);
        self.0 = rest;
    }
}

#[cfg(test)]
mod tests;
