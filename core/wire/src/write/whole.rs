//! Call frames that carry a whole message, written in one go.

use bytes::BytesMut;

use super::{head, length_field};
use crate::{
    Checksum, ChecksumKind, Flags, FrameHeader, FrameType, HeaderBlock, ResponseCode, Route, Tracing,
};

/// The arguments of a message that is whole in one frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WholeArgs<'a> {
    /// arg1, arg2 and arg3.
    pub args: [&'a [u8]; 3],
    /// How they are summed.
    pub checksum: ChecksumKind,
    /// The bytes of arg3 leave behind the frame's other bytes, not copied to them.
    pub arg3_beside: bool,
}

/// Appends a call req, the only frame of its message.
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
    args: &WholeArgs<'_>,
) {
    put(out, route.as_bytes(), args, |size| {
        let header = FrameHeader { size, kind: FrameType::CallReq.byte(), id };
        head::call_req(header, Flags::NONE, ttl, tracing)
    });
}

/// Appends a call res, the only frame of its message.
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
    args: &WholeArgs<'_>,
) {
    put(out, headers.as_bytes(), args, |size| {
        let header = FrameHeader { size, kind: FrameType::CallRes.byte(), id };
        head::call_res(header, Flags::NONE, code, tracing)
    });
}

/// `head` makes the part before the headers, once the frame's size is known.
#[inline]
fn put<const N: usize>(
    out: &mut BytesMut,
    headers: &[u8],
    args: &WholeArgs<'_>,
    head: impl FnOnce(u16) -> [u8; N],
) {
    let WholeArgs { args, checksum: kind, arg3_beside } = *args;
    let [arg1, arg2, arg3] = args;
    let payload = 6 + arg1.len() + arg2.len() + arg3.len();
    let size = N + headers.len() + head::checksum_len(kind) + payload;
    let head = head(u16::try_from(size).expect("the caller stays within the frame"));
    let copied = if arg3_beside { size - arg3.len() } else { size };
    let start = out.len();
    out.resize(start + copied, 0);
    let mut rest = Rest(&mut out[start..]);
    rest.put(&head);
    rest.put(headers);
    let value = args.iter().fold(0, |running, arg| kind.update(running, arg));
    rest.put(&head::checksum(Checksum { kind, value })[..head::checksum_len(kind)]);
    for arg in [arg1, arg2] {
        rest.put(&length_field(arg.len()));
        rest.put(arg);
    }
    rest.put(&length_field(arg3.len()));
    if !arg3_beside {
        rest.put(arg3);
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
