use alloc::{string::String, vec, vec::Vec};

use bytes::{Bytes, BytesMut};
use proptest::prelude::*;

use super::*;
use crate::{
    Checksum, ChecksumKind, Chunks, ErrorCode, HeaderBlock, Route, Tracing,
    worked::{ALL, CANCEL, decode, encode, frame, hex},
};

#[test]
fn every_worked_frame_decodes_and_encodes_to_the_same_bytes() {
    for text in ALL {
        let message = decode(text);
        assert_eq!(message.frame_type().byte(), frame(text).kind);
        assert_eq!(encode(&message, frame(text).id), hex(text));
    }
}

#[test]
fn body_that_ends_early_is_malformed_and_names_the_frame() {
    for text in ALL {
        let Frame { kind, id, body } = frame(text);
        for len in 0..body.len() {
            let cut = Frame { kind, id, body: body.slice(..len) };
            match Message::decode(&cut) {
                Err(malformed) => assert_eq!(malformed.frame.map(FrameType::byte), Some(kind)),
                // Some cuts fall between two chunks, and a cancel may be empty.
                Ok(Some(message)) => match message {
                    Message::CallReq(CallReq { chunks, .. })
                    | Message::CallRes(CallRes { chunks, .. })
                    | Message::CallReqContinue(Continue { chunks, .. })
                    | Message::CallResContinue(Continue { chunks, .. }) => {
                        assert!(body[..len].ends_with(chunks.as_bytes()));
                    }
                    Message::Cancel(cancel) => {
                        assert_eq!((text, len, cancel), (CANCEL, 0, Cancel::default()));
                    }
                    Message::InitReq(_)
                    | Message::InitRes(_)
                    | Message::Claim(_)
                    | Message::PingReq
                    | Message::PingRes
                    | Message::Error(_) => panic!("{len} bytes of {text}"),
                },
                Ok(None) => panic!("the type is known"),
            }
        }
    }
}

#[test]
fn unnamed_frame_type_is_none() {
    for kind in (0..=255).filter(|&byte| FrameType::from_byte(byte).is_none()) {
        let frame = Frame { kind, id: 1, body: Bytes::from_static(&[1, 2, 3]) };
        assert_eq!(Message::decode(&frame), Ok(None));
    }
}

#[test]
fn ping_with_a_body_is_a_ping() {
    let frame = Frame { kind: 0xD0, id: 3, body: Bytes::from_static(&[1]) };
    assert_eq!(Message::decode(&frame), Ok(Some(Message::PingReq)));
}

fn tracing() -> impl Strategy<Value = Tracing> {
    any::<(u64, u64, u64, u8)>().prop_map(|(span_id, parent_id, trace_id, flags)| Tracing {
        span_id,
        parent_id,
        trace_id,
        flags,
    })
}

fn headers() -> impl Strategy<Value = Vec<(String, String)>> {
    prop::collection::btree_map("[a-zA-Z0-9é]{1,7}", "\\PC{0,60}", 0..10)
        .prop_map(|pairs| pairs.into_iter().collect())
}

const KINDS: [ChecksumKind; 4] =
    [ChecksumKind::None, ChecksumKind::Crc32, ChecksumKind::FarmHash, ChecksumKind::Crc32c];

fn checksum() -> impl Strategy<Value = Checksum> {
    (prop::sample::select(&KINDS), any::<u32>()).prop_map(|(kind, value)| match kind {
        ChecksumKind::None => Checksum { kind, value: 0 },
        ChecksumKind::Crc32 | ChecksumKind::FarmHash | ChecksumKind::Crc32c => Checksum { kind, value },
    })
}

fn bytes(longest: usize) -> impl Strategy<Value = Bytes> {
    prop_oneof![
        9 => prop::collection::vec(any::<u8>(), 0..40),
        1 => prop::collection::vec(any::<u8>(), 0..longest),
    ]
    .prop_map(Bytes::from)
}

fn chunks() -> impl Strategy<Value = Chunks> {
    prop::collection::vec(bytes(15_000), 1..5).prop_map(|parts| Chunks::encode(parts).unwrap())
}

fn call_req() -> impl Strategy<Value = CallReq> {
    let route =
        ("\\PC{1,60}", headers()).prop_map(|(service, pairs)| Route::encode(&service, pairs).unwrap());
    (any::<u8>(), any::<u32>(), tracing(), route, checksum(), chunks()).prop_map(
        |(flags, ttl, tracing, route, checksum, chunks)| {
            let flags = Flags(flags);
            CallReq { flags, ttl, tracing, route, checksum, chunks }
        },
    )
}

fn call_res() -> impl Strategy<Value = CallRes> {
    let headers = headers().prop_map(|pairs| HeaderBlock::encode(pairs).unwrap());
    (any::<u8>(), any::<u8>(), tracing(), headers, checksum(), chunks()).prop_map(
        |(flags, code, tracing, headers, checksum, chunks)| {
            let (flags, code) = (Flags(flags), ResponseCode(code));
            CallRes { flags, code, tracing, headers, checksum, chunks }
        },
    )
}

fn resume() -> impl Strategy<Value = Continue> {
    (any::<u8>(), checksum(), chunks()).prop_map(|(flags, checksum, chunks)| Continue {
        flags: Flags(flags),
        checksum,
        chunks,
    })
}

fn init() -> impl Strategy<Value = Init> {
    let pairs = prop::collection::vec(("\\PC{0,20}", "\\PC{0,200}"), 0..20);
    (any::<u16>(), pairs).prop_map(|(version, pairs)| Init { version, headers: pairs.into_iter().collect() })
}

fn error() -> impl Strategy<Value = ErrorFrame> {
    let code = prop::sample::select(&[1, 2, 3, 4, 5, 6, 7, 8, 0xFF]).prop_map(ErrorCode::from_byte);
    (code, tracing(), bytes(MAX_ERROR_MESSAGE + 1)).prop_map(|(code, tracing, message)| ErrorFrame {
        code,
        tracing,
        message,
    })
}

fn message() -> impl Strategy<Value = Message> {
    prop_oneof![
        init().prop_map(Message::InitReq),
        init().prop_map(Message::InitRes),
        call_req().prop_map(Message::CallReq),
        call_res().prop_map(Message::CallRes),
        resume().prop_map(Message::CallReqContinue),
        resume().prop_map(Message::CallResContinue),
        (any::<u32>(), tracing(), bytes(60_000)).prop_map(|(ttl, tracing, why)| Message::Cancel(Cancel {
            ttl,
            tracing,
            why
        })),
        (any::<u32>(), tracing()).prop_map(|(ttl, tracing)| Message::Claim(Claim { ttl, tracing })),
        Just(Message::PingReq),
        Just(Message::PingRes),
        error().prop_map(Message::Error),
    ]
}

proptest! {
    #[test]
    fn every_message_comes_back_from_its_frame(message in message(), id: u32, before in "[ab]{0,9}") {
        let mut stream = BytesMut::from(before.as_bytes());
        prop_assert_eq!(message.encode(id, &mut stream), Ok(()));
        let mut encoded = stream.split_off(before.len());
        prop_assert_eq!(stream, before.as_bytes(), "what was there before stays");
        let frame = Frame::take(&mut encoded).unwrap().unwrap();
        prop_assert!(encoded.is_empty());
        prop_assert_eq!((frame.kind, frame.id), (message.frame_type().byte(), id));
        prop_assert_eq!(Message::decode(&frame), Ok(Some(message)));
    }

    #[test]
    fn any_bytes_decode_or_are_refused(
        kind in prop::sample::select(&FrameType::ALL),
        body in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        let frame = Frame { kind: kind.byte(), id: 1, body: body.into() };
        if let Ok(message) = Message::decode(&frame) {
            use_everything(&message.expect("the type is known"));
        }
    }

    #[test]
    fn damaged_frames_decode_or_are_refused(
        text in prop::sample::select(&ALL),
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        let Frame { kind, id, body } = frame(text);
        let mut body = body.to_vec();
        for (at, byte) in damage {
            if !body.is_empty() {
                let at = at.index(body.len());
                body[at] = byte;
            }
        }
        let frame = Frame { kind, id, body: body.into() };
        if let Ok(message) = Message::decode(&frame) {
            let message = message.expect("the type is known");
            use_everything(&message);
            let mut out = BytesMut::new();
            if message.encode(id, &mut out).is_ok() {
                let again = Frame::take(&mut out).unwrap().unwrap();
                prop_assert_eq!(Message::decode(&again), Ok(Some(message)));
            } else {
                prop_assert!(out.is_empty());
            }
        }
    }
}

/// Reads all that can be read: what decoding let through must not panic later.
fn use_everything(message: &Message) {
    assert!(!alloc::format!("{message:?}").is_empty());
    match message {
        Message::CallReq(call) => {
            assert!(!call.route.service().is_empty());
            assert_eq!(call.route.headers().iter().count(), call.route.headers().len());
            let _ = (call.route.headers().speculative(), call.checksum.verify(&call.chunks, 0));
        }
        Message::CallRes(call) => {
            assert_eq!(call.headers.headers().iter().count(), call.headers.headers().len());
            let _ = call.checksum.verify(&call.chunks, 0);
        }
        Message::CallReqContinue(part) | Message::CallResContinue(part) => {
            assert_eq!(part.chunks.iter().map(|chunk| chunk.len()).sum::<usize>(), part.chunks.total_len());
            assert_eq!(part.chunks.iter().count(), part.chunks.count());
        }
        Message::Error(error) => assert!(error.text().len() >= error.message.len()),
        Message::InitReq(_)
        | Message::InitRes(_)
        | Message::Cancel(_)
        | Message::Claim(_)
        | Message::PingReq
        | Message::PingRes => {}
    }
}
