//! Bytes that no good peer sends at this moment: well-formed frames out of place, bent frames, and noise.

use bytes::{Bytes, BytesMut};
use tchannel_proto::wire::{
    CallReq, CallRes, Cancel, Checksum, ChecksumKind, Chunks, Claim, Continue, ErrorCode, ErrorFrame, Flags,
    FrameType, HeaderBlock, Message, NO_MESSAGE, ResponseCode, Route, Tracing, put_init,
};

use crate::source::Source;

/// A run of hostile bytes: some frames, or no frame at all.
pub fn hostile(source: &mut impl Source) -> Bytes {
    let mut out = BytesMut::new();
    match source.below(8) {
        0 => {
            let len = source.below(40);
            out.extend_from_slice(&source.run(len));
        }
        1 => flood(source, &mut out),
        _ => {
            for _ in 0..=source.below(4) {
                frame(source, &mut out);
            }
        }
    }
    if source.chance(60) && !out.is_empty() {
        let at = source.below(out.len());
        out[at] ^= source.byte();
    }
    out.freeze()
}

/// Many copies of one frame.
fn flood(source: &mut impl Source, out: &mut BytesMut) {
    let mut one = BytesMut::new();
    frame(source, &mut one);
    for _ in 0..source.pick(&[17, 60, 300]) {
        out.extend_from_slice(&one);
    }
}

fn frame(source: &mut impl Source, out: &mut BytesMut) {
    let id = source.pick(&[2, 1, 3, 4, 5, 6, 7, 8, 0, 77, NO_MESSAGE]);
    let before = out.len();
    let written = match source.below(16) {
        0 => Message::PingReq.encode(id, out).is_ok(),
        1 => Message::PingRes.encode(id, out).is_ok(),
        2 => Message::Cancel(Cancel { ttl: 0, tracing: Tracing::default(), why: Bytes::from_static(b"no") })
            .encode(id, out)
            .is_ok(),
        3 => Message::Claim(Claim::default()).encode(id, out).is_ok(),
        4 => error(source).encode(id, out).is_ok(),
        5 => {
            let kind = source.pick(&[FrameType::InitReq, FrameType::InitRes]);
            let version = source.pick(&[2, 0, 3]);
            put_init(out, kind, id, version, &[("host_port", "1.2.3.4:5"), ("process_name", "x")]).is_ok()
        }
        6..=9 => call_req(source).encode(id, out).is_ok(),
        10 | 11 => call_res(source).encode(id, out).is_ok(),
        12 | 13 => resume(source).encode(id, out).is_ok(),
        _ => {
            let kind = source.pick(&[0xFF, 0x03, 0x04, 0x13, 0x14, 0xC0, 0xC1, 0x01, 0x02, 0x42, 0x00]);
            let len = source.below(48);
            raw(kind, id, &source.run(len), out)
        }
    };
    if !written {
        out.truncate(before);
    }
}

/// A frame with a sound header and any body.
fn raw(kind: u8, id: u32, body: &[u8], out: &mut BytesMut) -> bool {
    let Ok(size) = u16::try_from(body.len() + 16) else { return false };
    out.extend_from_slice(&size.to_be_bytes());
    out.extend_from_slice(&[kind, 0]);
    out.extend_from_slice(&id.to_be_bytes());
    out.extend_from_slice(&[0; 8]);
    out.extend_from_slice(body);
    true
}

fn error(source: &mut impl Source) -> Message {
    let byte = source.pick(&[0x06, 0x01, 0x02, 0x03, 0x04, 0x05, 0x07, 0x08, 0xFF]);
    let message = source.pick(&[&b"so"[..], b"draining: now", b"closed channel", b"\xFF\xFE"]);
    Message::Error(ErrorFrame {
        code: ErrorCode::from_byte(byte),
        tracing: Tracing::default(),
        message: Bytes::from_static(message),
    })
}

fn call_req(source: &mut impl Source) -> Message {
    let (flags, checksum, chunks) = body(source);
    let route =
        Route::encode("svc", [("cn", "x"), ("as", "raw")]).unwrap_or_else(|_| unreachable!("it is short"));
    let tracing = Tracing { trace_id: u64::from(source.byte()), ..Tracing::default() };
    Message::CallReq(CallReq {
        flags,
        ttl: source.pick(&[1_000, 0, 1, 50, u32::MAX]),
        tracing,
        route,
        checksum,
        chunks,
    })
}

fn call_res(source: &mut impl Source) -> Message {
    let (flags, checksum, chunks) = body(source);
    let code = ResponseCode(source.pick(&[0, 1, 2, 255]));
    Message::CallRes(CallRes {
        flags,
        code,
        tracing: Tracing::default(),
        headers: HeaderBlock::empty(),
        checksum,
        chunks,
    })
}

fn resume(source: &mut impl Source) -> Message {
    let (flags, checksum, chunks) = body(source);
    if source.chance(128) {
        Message::CallResContinue(Continue { flags, checksum, chunks })
    } else {
        Message::CallReqContinue(Continue { flags, checksum, chunks })
    }
}

/// Flags, a checksum that is mostly right for a first frame, and a few chunks.
fn body(source: &mut impl Source) -> (Flags, Checksum, Chunks) {
    let flags = Flags(source.pick(&[0, 1, 2, 3]));
    let count = source.pick(&[3, 1, 2, 4, 5]);
    let parts: Vec<Vec<u8>> = (0..count)
        .map(|_| {
            let len = source.pick(&[1, 0, 2, 40, 2_000]);
            vec![source.byte(); len]
        })
        .collect();
    let chunks = Chunks::encode(parts).unwrap_or_else(|_| unreachable!("a few short parts fit a frame"));
    let kind =
        source.pick(&[ChecksumKind::None, ChecksumKind::Crc32c, ChecksumKind::Crc32, ChecksumKind::FarmHash]);
    let value = if kind == ChecksumKind::None { 0 } else { chunks.checksum(kind, 0) };
    let value = if kind != ChecksumKind::None && source.chance(30) { !value } else { value };
    (flags, Checksum { kind, value }, chunks)
}

#[cfg(test)]
mod tests {
    use tchannel_proto::wire::Frame;

    use super::*;
    use crate::source::Rng;

    fn frames(bytes: &[u8]) -> usize {
        let mut stream = BytesMut::from(bytes);
        std::iter::from_fn(|| Frame::take(&mut stream).ok().flatten()).count()
    }

    #[test]
    fn most_of_it_is_made_of_frames() {
        let some = (0..100).filter(|seed| frames(&hostile(&mut Rng::new(*seed))) > 0).count();
        assert!(some > 70, "{some}");
    }
}
