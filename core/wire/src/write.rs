//! Frames written piece by piece, for a sender that decides late how much goes into each.

pub(crate) mod control;
pub(crate) mod head;
mod whole;

pub(crate) use control::{cancel, error, init};
pub use control::{put_cancel, put_claim, put_error, put_init, put_ping_req, put_ping_res};
pub use whole::{WholeArgs, put_call_req, put_call_res};

use bytes::BytesMut;

use crate::{
    Checksum, ChecksumKind, FRAME_HEADER, Flags, FrameHeader, FrameType, HeaderBlock, ResponseCode, Route,
    Tracing,
};

/// A call frame under construction at the end of a buffer.
///
/// Header bytes go to the `out` given; the bytes of a chunk follow there by [`copy`](Self::copy), or leave beside it and are only
/// counted by [`share`](Self::share). The buffer may hold earlier frames, but between the start and
/// [`finish`](Self::finish) it must be neither split nor written to by anybody else.
///
/// Nothing here stops a frame from growing past the limit: stay within [`room`](Self::room).
#[derive(Debug)]
#[must_use = "an unfinished frame has no size yet"]
pub struct Fragment {
    /// Where the frame begins in `out`.
    start: usize,
    /// Where the checksum's type byte is in `out`.
    checksum_at: usize,
    kind: ChecksumKind,
    /// Bytes of the frame so far, shared ones included.
    len: usize,
    chunk: Option<OpenChunk>,
}

#[derive(Debug)]
struct OpenChunk {
    /// Where its length field is in `out`.
    at: usize,
    /// `Fragment::len` behind that field.
    from: usize,
}

impl Fragment {
    /// Starts a call req.
    #[inline]
    pub fn call_req(
        out: &mut BytesMut,
        id: u32,
        ttl: u32,
        tracing: &Tracing,
        route: &Route,
        kind: ChecksumKind,
    ) -> Self {
        let start = out.len();
        let route = route.as_bytes();
        out.reserve(head::CALL_REQ + route.len() + head::MAX_CHECKSUM);
        out.extend_from_slice(&head::call_req(
            unsized_header(FrameType::CallReq, id),
            Flags::NONE,
            ttl,
            tracing,
        ));
        out.extend_from_slice(route);
        Self::at_checksum(out, start, kind)
    }

    /// Starts a call res.
    #[inline]
    pub fn call_res(
        out: &mut BytesMut,
        id: u32,
        code: ResponseCode,
        tracing: &Tracing,
        headers: &HeaderBlock,
        kind: ChecksumKind,
    ) -> Self {
        let start = out.len();
        let headers = headers.as_bytes();
        out.reserve(head::CALL_RES + headers.len() + head::MAX_CHECKSUM);
        out.extend_from_slice(&head::call_res(
            unsized_header(FrameType::CallRes, id),
            Flags::NONE,
            code,
            tracing,
        ));
        out.extend_from_slice(headers);
        Self::at_checksum(out, start, kind)
    }

    /// Starts a further frame of a request.
    #[inline]
    pub fn call_req_continue(out: &mut BytesMut, id: u32, kind: ChecksumKind) -> Self {
        Self::resume(out, FrameType::CallReqContinue, id, kind)
    }

    /// Starts a further frame of a response.
    #[inline]
    pub fn call_res_continue(out: &mut BytesMut, id: u32, kind: ChecksumKind) -> Self {
        Self::resume(out, FrameType::CallResContinue, id, kind)
    }

    fn resume(out: &mut BytesMut, frame_type: FrameType, id: u32, kind: ChecksumKind) -> Self {
        let start = out.len();
        out.reserve(head::RESUME + head::MAX_CHECKSUM);
        out.extend_from_slice(&head::resume(unsized_header(frame_type, id), Flags::NONE));
        Self::at_checksum(out, start, kind)
    }

    #[inline]
    fn at_checksum(out: &mut BytesMut, start: usize, kind: ChecksumKind) -> Self {
        let checksum_at = out.len();
        head::put_checksum(out, Checksum { kind, value: 0 });
        Self { start, checksum_at, kind, len: out.len() - start, chunk: None }
    }

    /// Bytes of the frame so far: frame header and shared payload included.
    #[allow(clippy::len_without_is_empty, reason = "a frame is never empty")]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Bytes that still fit into a frame of `frame_size` bytes.
    pub fn room(&self, frame_size: usize) -> usize {
        frame_size.saturating_sub(self.len)
    }

    /// Starts a chunk, with its 2-byte length, and ends the one before. In a frame's middle that also ends its argument.
    #[inline]
    pub fn open_chunk(&mut self, out: &mut BytesMut) {
        self.close_chunk(out);
        let at = out.len();
        out.extend_from_slice(&[0; 2]);
        self.len += 2;
        self.chunk = Some(OpenChunk { at, from: self.len });
    }

    /// Adds a whole chunk, copied behind what `out` holds; ends the chunk before.
    ///
    /// # Panics
    ///
    /// If `bytes` has outgrown 65535 bytes.
    #[inline]
    pub fn chunk(&mut self, out: &mut BytesMut, bytes: &[u8]) {
        self.close_chunk(out);
        out.reserve(2 + bytes.len());
        out.extend_from_slice(&length_field(bytes.len()));
        out.extend_from_slice(bytes);
        self.len += 2 + bytes.len();
    }

    /// Adds payload to the open chunk, copied behind what `out` holds.
    #[inline]
    pub fn copy(&mut self, out: &mut BytesMut, bytes: &[u8]) {
        debug_assert!(self.chunk.is_some(), "payload belongs to a chunk");
        out.extend_from_slice(bytes);
        self.len += bytes.len();
    }

    /// Adds payload of `len` bytes to the open chunk, which leaves behind what `out` holds now, but not in it.
    #[inline]
    pub fn share(&mut self, len: usize) {
        debug_assert!(self.chunk.is_some(), "payload belongs to a chunk");
        self.len += len;
    }

    /// Fills in size, flags, checksum and the last chunk's length; gives the size of the frame in bytes.
    ///
    /// # Panics
    ///
    /// If the frame has outgrown 65535 bytes.
    #[inline]
    pub fn finish(mut self, out: &mut BytesMut, more: bool, checksum: u32) -> usize {
        debug_assert!(
            self.checksum_at + head::checksum_len(self.kind) < out.len(),
            "a call frame needs a chunk"
        );
        self.close_chunk(out);
        patch(out, self.start, length_field(self.len));
        if more {
            patch(out, self.start + FRAME_HEADER, [Flags::MORE.0]);
        }
        if self.kind != ChecksumKind::None {
            patch(out, self.checksum_at + 1, checksum.to_be_bytes());
        }
        self.len
    }

    #[inline]
    fn close_chunk(&mut self, out: &mut BytesMut) {
        if let Some(OpenChunk { at, from }) = self.chunk.take() {
            patch(out, at, length_field(self.len - from));
        }
    }
}

#[inline]
fn length_field(len: usize) -> [u8; 2] {
    u16::try_from(len).expect("the caller stays within the frame").to_be_bytes()
}

#[inline]
fn patch<const N: usize>(out: &mut BytesMut, at: usize, bytes: [u8; N]) {
    out[at..at + N].copy_from_slice(&bytes);
}

/// The size comes when it is known.
fn unsized_header(kind: FrameType, id: u32) -> FrameHeader {
    FrameHeader { size: 0, kind: kind.byte(), id }
}

#[cfg(test)]
mod tests;
