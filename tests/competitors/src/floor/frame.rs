//! Frames of calls: call req and call res with everything that they have, and their continuations.

use bytes::{BufMut, Bytes, BytesMut};
use crc_fast::{CrcAlgorithm, Digest, checksum};

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Request,
    Response,
}

/// Argument bytes of one frame at most.
const FULL: usize = 65_000;

const HEADER: usize = 16;
const CRC32C: u8 = 3;
const MORE: u8 = 1;
/// Service, caller and scheme, as a client has them encoded once.
const ROUTE: &[u8] = b"\x04echo\x02\x02cn\x06client\x02as\x03raw";
const SCHEME: &[u8] = b"\x01\x02as\x03raw";

/// Writes a message: heads into `out`, which gives them as parts, and bodies as they are.
pub(crate) fn put(kind: Kind, id: u32, body: &[Bytes], out: &mut BytesMut, mut part: impl FnMut(Bytes)) {
    let mut first = true;
    let mut pieces = body
        .iter()
        .flat_map(|piece| (0..piece.len().max(1)).step_by(FULL).map(move |at| (piece, at)))
        .peekable();
    while let Some((piece, at)) = pieces.next() {
        let chunk = piece.slice(at..piece.len().min(at + FULL));
        let more = pieces.peek().is_some();
        let start = out.len();
        out.put_bytes(0, HEADER);
        out.put_u8(if more { MORE } else { 0 });
        let arg1: &[u8] = match (first, kind) {
            (true, Kind::Request) => {
                out.put_u32(30_000);
                out.put_bytes(1, 25);
                out.put_slice(ROUTE);
                b"echo"
            }
            (true, Kind::Response) => {
                out.put_u8(0);
                out.put_bytes(1, 25);
                out.put_slice(SCHEME);
                b""
            }
            (false, _) => b"",
        };
        let sum = if arg1.is_empty() {
            checksum(CrcAlgorithm::Crc32Iscsi, &chunk)
        } else {
            let mut digest = Digest::new(CrcAlgorithm::Crc32Iscsi);
            digest.update(arg1);
            digest.update(&chunk);
            digest.finalize()
        };
        out.put_u8(CRC32C);
        out.put_u32(u32::try_from(sum).expect("a crc of 32 bits"));
        if first {
            out.put_u16(arg1.len() as u16);
            out.put_slice(arg1);
            out.put_u16(0);
        }
        out.put_u16(chunk.len() as u16);
        let size = out.len() - start + chunk.len();
        let mut header = &mut out[start..start + HEADER];
        header.put_u16(size as u16);
        header.put_u8(match (kind, first) {
            (Kind::Request, true) => 0x03,
            (Kind::Response, true) => 0x04,
            (Kind::Request, false) => 0x13,
            (Kind::Response, false) => 0x14,
        });
        header.put_u8(0);
        header.put_u32(id);
        if chunk.len() < 1_024 {
            out.put_slice(&chunk);
        } else {
            part(out.split().freeze());
            part(chunk);
        }
        first = false;
    }
}

/// One frame's share of a message.
pub(crate) struct Share {
    pub(crate) id: u32,
    pub(crate) body: Bytes,
    pub(crate) more: bool,
}

/// Takes a whole frame, if there is one. The peer is this very program: what does not fit is a bug.
pub(crate) fn take(input: &mut BytesMut) -> Option<Share> {
    let size = usize::from(u16::from_be_bytes(input.get(..2)?.try_into().ok()?));
    if input.len() < size {
        return None;
    }
    let frame = input.split_to(size).freeze();
    let (kind, id) = (frame[2], u32::from_be_bytes(frame[4..8].try_into().ok()?));
    let more = frame[HEADER] & MORE != 0;
    let mut at = HEADER + 1;
    if kind & 0x10 == 0 {
        at += if kind == 0x03 { 4 } else { 1 } + 25;
        if kind == 0x03 {
            at += 1 + usize::from(frame[at]);
        }
        let headers = frame[at];
        at += 1;
        for _ in 0..2 * headers {
            at += 1 + usize::from(frame[at]);
        }
    }
    let sum = u32::from_be_bytes(frame[at + 1..at + 5].try_into().ok()?);
    at += 5;
    let mut digest = Digest::new(CrcAlgorithm::Crc32Iscsi);
    let mut chunk = Bytes::new();
    while at < frame.len() {
        let len = usize::from(u16::from_be_bytes(frame[at..at + 2].try_into().ok()?));
        chunk = frame.slice(at + 2..at + 2 + len);
        digest.update(&chunk);
        at += 2 + len;
    }
    assert_eq!(digest.finalize(), u64::from(sum), "a frame arrived as it was sent");
    Some(Share { id, body: chunk, more })
}
