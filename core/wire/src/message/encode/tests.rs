use alloc::vec;

use bytes::Bytes;

use super::*;
use crate::{
    Chunks, Claim, ErrorCode, Flags, Frame, HeaderBlock, Init, InitHeaders, MAX_BODY, ResponseCode, Route,
    Tracing,
    worked::{CALL_REQ, CALL_RES, TRACING, decode, frame, hex},
};

/// Encodes behind some bytes and gives the refusal; checks that the bytes before are all that is left.
fn refused(message: &Message) -> EncodeError {
    let mut out = BytesMut::from("before");
    let error = message.encode(1, &mut out).unwrap_err();
    assert_eq!(out, "before");
    error
}

fn call_req() -> CallReq {
    let Message::CallReq(call) = decode(CALL_REQ) else { panic!("a call req") };
    call
}

fn one_chunk(len: usize) -> Chunks {
    Chunks::encode([vec![0; len]]).unwrap()
}

#[test]
fn continuation_holds_65511_bytes_in_one_chunk() {
    let checksum = Checksum { kind: ChecksumKind::Crc32c, value: 0 };
    let part = |len| Continue { flags: Flags::NONE, checksum, chunks: one_chunk(len) };
    let mut out = BytesMut::new();
    Message::CallReqContinue(part(65_511)).encode(1, &mut out).unwrap();
    assert_eq!(out.len(), MAX_FRAME);
    let too_large = EncodeError::FrameSize { size: 65_536 };
    assert_eq!(refused(&Message::CallReqContinue(part(65_512))), too_large);
    assert_eq!(refused(&Message::CallResContinue(part(65_512))), too_large);
}

#[test]
fn worked_first_frame_holds_65455_bytes_of_arg2() {
    let with_arg2 = |len| {
        let chunks = Chunks::encode(["echo".as_bytes(), &vec![0; len]]).unwrap();
        Message::CallReq(CallReq { chunks, ..call_req() })
    };
    let mut out = BytesMut::new();
    with_arg2(65_455).encode(1, &mut out).unwrap();
    assert_eq!(out.len(), MAX_FRAME);
    assert_eq!(refused(&with_arg2(65_456)), EncodeError::FrameSize { size: 65_536 });
}

#[test]
fn oversized_call_res_is_refused() {
    let Message::CallRes(call) = decode(CALL_RES) else { panic!("a call res") };
    let message = Message::CallRes(CallRes { chunks: one_chunk(MAX_BODY - 2), ..call });
    assert!(matches!(refused(&message), EncodeError::FrameSize { .. }));
}

#[test]
fn value_without_a_checksum_type_is_refused() {
    let checksum = Checksum { kind: ChecksumKind::None, value: 7 };
    let message = Message::CallReq(CallReq { checksum, ..call_req() });
    assert_eq!(refused(&message), EncodeError::ChecksumValue { value: 7 });
}

#[test]
fn key_of_16_bytes_is_received_but_not_sent() {
    let key = "10 7369787465656e2d62797465732d3136 00";
    let call = CallReq::decode(
        &hex(&alloc::format!("00 00000001 {} 01 73 01 {key} 00 0000", "00".repeat(25))).into(),
    );
    let expected = HeaderError::KeyLength { key: "sixteen-bytes-16".into(), len: 16 };
    assert_eq!(refused(&Message::CallReq(call.unwrap())), EncodeError::Header(expected.clone()));
    let call = CallRes::decode(&hex(&alloc::format!("00 00 {} 01 {key} 00 0000", "00".repeat(25))).into());
    assert_eq!(refused(&Message::CallRes(call.unwrap())), EncodeError::Header(expected));
}

#[test]
fn unknown_error_codes_are_refused() {
    for byte in [0, 9, 66, 0xFE, 3] {
        let code = ErrorCode::Unknown(byte);
        let message = Message::Error(ErrorFrame { code, tracing: TRACING, message: Bytes::new() });
        assert_eq!(refused(&message), EncodeError::ErrorCode { code: byte });
    }
}

#[test]
fn error_text_of_65491_bytes_fills_the_frame() {
    let with_text = |len| {
        let message = Bytes::from(vec![b'x'; len]);
        Message::Error(ErrorFrame { code: ErrorCode::Busy, tracing: TRACING, message })
    };
    let mut out = BytesMut::new();
    with_text(65_491).encode(1, &mut out).unwrap();
    assert_eq!(out.len(), MAX_FRAME);
    assert_eq!(refused(&with_text(65_492)), EncodeError::FrameSize { size: 65_536 });
    assert!(matches!(refused(&with_text(70_000)), EncodeError::FrameSize { .. }));
}

#[test]
fn oversized_cancel_is_refused() {
    let with_why = |len| Message::Cancel(Cancel { why: Bytes::from(vec![0; len]), ..Cancel::default() });
    let mut out = BytesMut::new();
    with_why(65_488).encode(1, &mut out).unwrap();
    assert_eq!(out.len(), MAX_FRAME);
    assert_eq!(refused(&with_why(65_489)), EncodeError::FrameSize { size: 65_536 });
}

#[test]
fn init_of_more_than_128_headers_is_refused() {
    let with_headers = |count: usize| Init { version: 2, headers: (0..count).map(|n| (n, "v")).collect() };
    let mut out = BytesMut::new();
    Message::InitReq(with_headers(128)).encode(1, &mut out).unwrap();
    let too_many = EncodeError::InitHeaders { count: 129 };
    assert_eq!(refused(&Message::InitReq(with_headers(129))), too_many);
    assert_eq!(refused(&Message::InitRes(with_headers(129))), too_many);
}

#[test]
fn oversized_init_is_refused() {
    let with_value = |len| {
        let headers = InitHeaders::from_iter([("k", "v".repeat(len))]);
        Message::InitRes(Init { version: 2, headers })
    };
    let mut out = BytesMut::new();
    with_value(65_510).encode(1, &mut out).unwrap();
    assert_eq!(out.len(), MAX_FRAME);
    assert_eq!(refused(&with_value(65_511)), EncodeError::FrameSize { size: 65_536 });
    assert!(matches!(refused(&with_value(70_000)), EncodeError::FrameSize { .. }));
}

#[test]
fn unusual_flags_codes_and_ids_are_encoded_as_they_are() {
    let call = CallRes {
        flags: Flags(0xFF),
        code: ResponseCode(0xFF),
        tracing: Tracing::ZERO,
        headers: HeaderBlock::empty(),
        checksum: Checksum { kind: ChecksumKind::FarmHash, value: 0xDC56_D17A },
        chunks: one_chunk(0),
    };
    let mut out = BytesMut::new();
    Message::CallRes(call.clone()).encode(u32::MAX, &mut out).unwrap();
    let frame = Frame::take(&mut out).unwrap().unwrap();
    assert_eq!(frame.id, u32::MAX);
    assert_eq!(CallRes::decode(&frame.body), Ok(call));
}

#[test]
fn frames_are_appended_one_behind_the_other() {
    let mut out = BytesMut::new();
    let route = Route::encode("echo", [("cn", "demo"), ("as", "raw")]).unwrap();
    Message::CallReq(CallReq { route, ..call_req() }).encode(2, &mut out).unwrap();
    Message::PingReq.encode(3, &mut out).unwrap();
    Message::Claim(Claim::default()).encode(4, &mut out).unwrap();
    assert_eq!(Frame::take(&mut out).unwrap().unwrap(), frame(CALL_REQ));
    assert_eq!(Frame::take(&mut out).unwrap().unwrap().id, 3);
    assert_eq!(Frame::take(&mut out).unwrap().unwrap().id, 4);
    assert!(out.is_empty());
}
