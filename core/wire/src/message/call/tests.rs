use alloc::vec::Vec;

use bytes::BytesMut;

use super::*;
use crate::{
    ChecksumKind, Problem,
    worked::{CALL_REQ, CALL_REQ_NO_CHECKSUM, CALL_RES, TRACING, body, hex},
};

fn fault(frame: FrameType, field: Field, offset: usize, problem: Problem) -> Malformed {
    Malformed { frame: Some(frame), field, offset, problem }
}

/// The worked call req with other bytes from `at` on.
fn call_req_from(at: usize, tail: &str) -> Result<CallReq, Malformed> {
    let mut bytes = body(CALL_REQ).to_vec();
    bytes.truncate(at);
    bytes.extend(hex(tail));
    CallReq::decode(&bytes.into())
}

const SERVICE_AT: usize = 30;
const CHECKSUM_AT: usize = 51;

#[test]
fn worked_call_req_decodes() {
    let call = CallReq::decode(&body(CALL_REQ)).unwrap();
    assert_eq!(call.flags, Flags::NONE);
    assert_eq!(call.ttl, 1000);
    assert_eq!(call.tracing, TRACING);
    assert_eq!(call.route, Route::encode("echo", [("cn", "demo"), ("as", "raw")]).unwrap());
    assert_eq!(call.checksum, Checksum { kind: ChecksumKind::Crc32c, value: 0x9FEF_EEA0 });
    assert_eq!(call.chunks.iter().collect::<Vec<_>>(), ["echo", "head", "hello world"]);
    assert_eq!(call.checksum.verify(&call.chunks, 0), Ok(0x9FEF_EEA0));
}

#[test]
fn worked_call_req_without_checksum_decodes() {
    let call = CallReq::decode(&body(CALL_REQ_NO_CHECKSUM)).unwrap();
    assert_eq!(call.checksum, Checksum { kind: ChecksumKind::None, value: 0 });
    assert_eq!(call.chunks.iter().collect::<Vec<_>>(), ["echo", "", ""]);
}

#[test]
fn worked_call_res_decodes() {
    let call = CallRes::decode(&body(CALL_RES)).unwrap();
    assert_eq!((call.flags, call.code, call.tracing), (Flags::NONE, ResponseCode::OK, TRACING));
    assert_eq!(call.headers, HeaderBlock::encode([("as", "raw")]).unwrap());
    assert_eq!(call.chunks.iter().collect::<Vec<_>>(), ["", "head", "hello world"]);
    assert_eq!(call.checksum.verify(&call.chunks, 0), Ok(0x1D89_B6F9));
}

#[test]
fn views_show_the_body_and_become_what_decoding_gives() {
    let (request, response) = (body(CALL_REQ), body(CALL_RES));
    let view = CallReqView::decode(&request).unwrap();
    assert_eq!((view.route.service(), view.route.headers().get("cn")), ("echo", Some("demo")));
    assert_eq!(view.chunks.iter().collect::<Vec<_>>(), [b"echo".as_slice(), b"head", b"hello world"]);
    let call = CallReq::decode(&request).unwrap();
    assert_eq!((view.route.share(&request), view.chunks.share(&request)), (call.route, call.chunks));
    let view = CallResView::decode(&response).unwrap();
    let mut chunk = BytesMut::new();
    let copied = view.headers.copy_into(&mut chunk);
    let call = CallRes::decode(&response).unwrap();
    assert_eq!((copied, view.chunks.share(&response)), (call.headers, call.chunks));
}

#[test]
fn decoded_parts_are_slices_of_the_body() {
    let body = body(CALL_REQ);
    let call = CallReq::decode(&body).unwrap();
    assert_eq!(call.route.as_bytes().as_ptr(), body[SERVICE_AT..].as_ptr());
    assert_eq!(call.chunks.as_bytes().as_ptr(), body[CHECKSUM_AT + 5..].as_ptr());
}

#[test]
fn unknown_flags_and_codes_are_kept() {
    let mut bytes = body(CALL_RES).to_vec();
    bytes[..2].copy_from_slice(&[0xFE, 0xFF]);
    let call = CallRes::decode(&bytes.into()).unwrap();
    assert_eq!((call.flags, call.code), (Flags(0xFE), ResponseCode(0xFF)));
    assert!(!call.flags.more() && call.flags.streaming() && !call.code.is_ok());
}

#[test]
fn ttl_0_is_decoded() {
    let mut bytes = body(CALL_REQ).to_vec();
    bytes[1..5].fill(0);
    assert_eq!(CallReq::decode(&bytes.into()).unwrap().ttl, 0);
}

#[test]
fn empty_service_is_malformed() {
    let error = call_req_from(SERVICE_AT, "00 00 00 0000").unwrap_err();
    assert_eq!(error, fault(FrameType::CallReq, Field::Service, SERVICE_AT, Problem::Empty));
}

#[test]
fn service_that_is_not_utf8_is_malformed() {
    let error = call_req_from(SERVICE_AT, "02 c328 00 00 0000").unwrap_err();
    assert_eq!(error, fault(FrameType::CallReq, Field::Service, SERVICE_AT, Problem::NotUtf8));
}

#[test]
fn checksum_type_4_is_malformed() {
    let error = call_req_from(CHECKSUM_AT, "04 00000000 0000").unwrap_err();
    assert_eq!(
        error,
        fault(FrameType::CallReq, Field::ChecksumType, CHECKSUM_AT, Problem::Unknown { value: 4 })
    );
}

#[test]
fn head_without_chunks_is_malformed() {
    let error = call_req_from(CHECKSUM_AT, "03 00000000").unwrap_err();
    assert_eq!(error, fault(FrameType::CallReq, Field::Chunk, CHECKSUM_AT + 5, Problem::Missing));
}

#[test]
fn one_spare_byte_behind_the_chunks_is_malformed() {
    let error = call_req_from(CHECKSUM_AT, "00 0000 0000 0000 00").unwrap_err();
    let problem = Problem::Truncated { needed: 2, left: 1 };
    assert_eq!(error, fault(FrameType::CallReq, Field::Chunk, CHECKSUM_AT + 7, problem));
}

#[test]
fn each_field_is_named_when_the_body_ends_in_it() {
    let body = body(CALL_REQ);
    let ends = [
        (0, Field::Flags),
        (4, Field::Ttl),
        (29, Field::Tracing),
        (33, Field::Service),
        (35, Field::HeaderCount),
        (37, Field::HeaderKey),
        (42, Field::HeaderValue),
        (51, Field::ChecksumType),
        (55, Field::Checksum),
        (57, Field::Chunk),
    ];
    for (end, field) in ends {
        let error = CallReq::decode(&body.slice(..end)).unwrap_err();
        assert_eq!((error.frame, error.field), (Some(FrameType::CallReq), field), "{end} bytes: {error}");
    }
}

#[test]
fn code_of_a_call_res_is_named() {
    let error = CallRes::decode(&Bytes::from_static(&[0])).unwrap_err();
    let problem = Problem::Truncated { needed: 1, left: 0 };
    assert_eq!(error, fault(FrameType::CallRes, Field::Code, 1, problem));
}

#[test]
fn tracing_is_salvaged_from_a_broken_request() {
    let whole = body(CALL_REQ);
    assert_eq!(salvage_tracing(&whole), TRACING);
    assert_eq!(salvage_tracing(&whole[..30]), TRACING);
    for len in 0..30 {
        assert_eq!(salvage_tracing(&whole[..len]), Tracing::ZERO);
    }
}

#[test]
fn more_bit_is_salvaged_from_a_broken_frame() {
    assert!(salvage_more(&[0x01]) && salvage_more(&[0xFF, 0]));
    assert!(!salvage_more(&[0xFE]) && !salvage_more(&[]));
}
